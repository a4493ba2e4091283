//! The command line as a whole: which command its arguments name, and the status that it ends with.

use std::ffi::OsString;

use clap::Parser;

use super::args::{Arguments, Command};
use super::exit::Exit;
use super::{add, check, explain, export, hardening, import, list, remove, repeated, say, state, store, types};

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
