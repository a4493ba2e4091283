//! `connprobe export`.

use super::args::ExportArguments;
use super::exit::Exit;

pub(super) fn run(_arguments: &ExportArguments) -> Exit {
    Exit::Broken
}
