//! Layer 6: the command line. Owns arguments, what goes to stdout and stderr, and exit statuses;
//! one file for each command.

mod add;
mod args;
mod check;
mod descriptors;
mod exit;
mod explain;
mod export;
mod hardening;
mod import;
mod ledger;
mod list;
mod memory;
mod once;
mod opening;
mod output;
mod output_file;
mod patient;
mod prompt;
mod remove;
mod repeated;
mod say;
mod signals;
mod sources;
mod state;
mod store;
mod store_place;
mod trial;
mod types;

use std::ffi::OsString;

use clap::Parser;

use self::args::{Arguments, Command};
pub use self::exit::Exit;

/// What comes of `future`, for commands that have no run of their own; `None` where this machine gives no timer.
fn blocking<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().ok().map(|runtime| runtime.block_on(future))
}

/// Runs the command line `arguments`, whose first is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    hardening::apply();
    say::panics_without_their_text();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    repeated::note(&arguments);
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = say::escaped(error);
            return match error.print() {
                // A usage error is one, whether or not anybody reads what it was.
                _ if error.use_stderr() => Exit::Usage,
                Ok(()) => Exit::Success,
                Err(error) => say::unwritten("the help", &error),
            };
        }
    };
    match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Add(arguments) => add::run(&arguments),
        Command::Remove(arguments) => remove::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Store(arguments) => store::run(&arguments),
        Command::State(arguments) => state::run(&arguments),
        Command::Types(arguments) => types::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
    }
}
