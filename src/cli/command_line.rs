//! The command line as a whole: which command its arguments name, and the status that it ends with.

use std::ffi::OsString;

use clap::Parser;

use super::args::{Arguments, Command};
use super::exit::Exit;
use super::{
    add, as_found, check, completions, diagnostics, explain, export, hardening, import, list, patient, plugin, remove,
    repeated, state, stderr, store, types, wait,
};
use crate::source;

/// Runs the command line `arguments`, whose first element is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    as_found::note();
    hardening::apply();
    diagnostics::panics_without_their_text();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    repeated::note(&arguments);
    let is_plugin = plugin::is_asked(&arguments);
    let ends_with_dashes = arguments.last().is_some_and(|last| last == "--");
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = diagnostics::escaped(error);
            if error.use_stderr() {
                let message = error.to_string();
                // The status is that of a usage error, whether or not the message can be written.
                let _printed = patient::within(patient::LIMIT.now(), move || error.print());
                if !is_plugin {
                    return Exit::Usage;
                }
                let line = message.lines().next().unwrap_or_default();
                plugin::say_unknown(line.strip_prefix("error: ").unwrap_or(line));
                return Exit::Usage.of_plugin();
            }
            return error.print().map_or_else(|error| diagnostics::unwritten("the help", &error), |()| Exit::Success);
        }
    };
    let exit = match arguments.command {
        Command::Wait(_) if ends_with_dashes => wait::without_command(),
        command => run_command(command),
    };
    source::end_commands();
    stderr::settle();
    exit
}

fn run_command(command: Command) -> Exit {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Wait(arguments) => wait::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Add(arguments) => add::run(&arguments),
        Command::Remove(arguments) => remove::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Store(arguments) => store::run(&arguments),
        Command::State(arguments) => state::run(&arguments),
        Command::Types(arguments) => types::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => completions::write_pages(&arguments),
    }
}
