//! The `connprobe` command: parses, runs, exits. No logic lives here.

use std::process::ExitCode;

fn main() -> ExitCode {
    connprobe::cli::run(std::env::args_os()).into()
}
