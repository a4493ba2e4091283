//! `connprobe completions` and `connprobe man`: generates shell completions and manual pages from the argument
//! definitions.

use std::fs;
use std::io::{self, Write};

use clap::CommandFactory;

use super::args::{Arguments, CompletionsArguments, ManArguments};
use super::diagnostics;
use super::exit::Exit;

/// The name of the program, in the manual pages and in completions.
const NAME: &str = "connprobe";

/// Writes the completion script for a shell to stdout.
pub(super) fn run(arguments: &CompletionsArguments) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    match io::stdout().lock().write_all(&script) {
        Ok(()) => Exit::Success,
        Err(error) => diagnostics::unwritten("the completions", &error),
    }
}

/// Writes a page for each command into a directory, which is created if needed.
pub(super) fn write_pages(arguments: &ManArguments) -> Exit {
    let directory = &arguments.directory;
    let command = Arguments::command().disable_help_subcommand(true);
    match fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(command, directory)) {
        Ok(()) => Exit::Success,
        Err(error) => diagnostics::unwritten(&format!("the manual pages in `{}`", directory.display()), &error),
    }
}
