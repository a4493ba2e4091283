//! Layer 6: the command line. Owns arguments, what goes to stdout and stderr, and exit statuses;
//! one file for each command.

mod args;
mod check;
mod descriptors;
mod exit;
mod explain;
mod list;
mod output;
mod say;
mod signals;
mod sources;
mod store_place;
mod types;

use std::ffi::OsString;

use clap::Parser;

use self::args::{Arguments, Command};
pub use self::exit::Exit;

/// Runs the command line `arguments`, whose first is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    say::panics_without_their_text();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let asked_for = !error.use_stderr();
            let printed = error.print();
            return match printed {
                Ok(()) if asked_for => Exit::Success,
                Ok(()) => Exit::Usage,
                Err(_) => Exit::Broken,
            };
        }
    };
    match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Types(arguments) => types::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
    }
}
