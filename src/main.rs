//! The `connprobe` command: parses arguments, runs, exits. It contains no other logic.

use std::process::ExitCode;

fn main() -> ExitCode {
    connprobe::cli::run(std::env::args_os()).into()
}
