//! `--format nagios` on standard output: the command is a plugin, of which only standard output and the exit status are
//! seen. Whatever keeps it from its report is said there too.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};

use super::exit::Exit;
use super::format::FormatArgument;
use super::{diagnostics, patient};
use crate::report::nagios;

/// Runs `command`, and ends it as a plugin if `formats` ask for one.
pub(super) fn ending(formats: &[FormatArgument], command: impl FnOnce() -> Exit) -> Exit {
    let exit = command();
    if !is_plugin(formats) {
        return exit;
    }
    let ended = exit.of_plugin();
    if ended != exit {
        say_unknown(diagnostics::first_error().unwrap_or("the run ended without a report"));
    }
    ended
}

/// Whether the command is a plugin.
pub(super) fn is_plugin(formats: &[FormatArgument]) -> bool {
    formats.iter().any(FormatArgument::is_plugin)
}

/// Whether `arguments`, which cannot be understood as a whole, ask for a plugin.
pub(super) fn is_asked(arguments: &[OsString]) -> bool {
    let is = |argument: &OsString, text: &str| argument == OsStr::new(text);
    let apart = arguments.windows(2).any(|pair| is(&pair[0], "--format") && is(&pair[1], "nagios"));
    apart || arguments.iter().any(|argument| is(argument, "--format=nagios"))
}

/// Writes that nothing is known, because of `message`.
pub(super) fn say_unknown(message: &str) {
    let text = format!("{}\n", nagios::unknown(message));
    // The status says the same, whether or not the line can be written.
    let _written = patient::within(patient::LIMIT.now(), move || {
        let mut out = io::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()
    });
}
