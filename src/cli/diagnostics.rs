//! Writes messages to stderr: errors with their hints, and warnings.

use std::fmt::Display;
use std::io;
use std::sync::OnceLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;
use super::{repeated, stderr};
use crate::model::failure::Failure;
use crate::model::os_error::in_words;
use crate::model::result::CheckResult;
use crate::model::step::Step;
use crate::report::verbose;
use crate::source::SourceError;

/// The first error of this process.
static FIRST_ERROR: OnceLock<String> = OnceLock::new();

/// The message of the first error that was written, if there is one.
pub(super) fn first_error() -> Option<&'static str> {
    FIRST_ERROR.get().map(String::as_str)
}

/// Writes an error, and its hint on a line of its own.
pub(super) fn error(message: impl Display, hint: Option<&str>) {
    let message = message.to_string();
    line(&format!("error: {message}"));
    FIRST_ERROR.get_or_init(|| repeated::shown(&message));
    if let Some(hint) = hint {
        line(&format!("  hint: {hint}"));
    }
}

/// Writes a warning.
pub(super) fn warning(message: impl Display) {
    line(&format!("warning: {message}"));
}

/// Writes one step of a check (`--verbose`).
pub(super) fn step(step: &Step) {
    line(&verbose::line(step));
}

/// Writes the result of a check whose steps were shown.
pub(super) fn end_of_steps(result: &CheckResult) {
    line(&verbose::end(result));
}

/// Reports that `what` could not be written, and returns the exit status.
pub(super) fn unwritten(what: &str, reason: &io::Error) -> Exit {
    // The one who closed a pipe needs no message.
    if reason.kind() != io::ErrorKind::BrokenPipe {
        error(format!("{what} cannot be written: {}", in_words(reason)), None);
    }
    Exit::Broken
}

/// Writes an error about a server, the server's own text, and the hint, in the order of the table.
pub(super) fn failed(message: impl Display, failure: &Failure) {
    error(message, None);
    if let Some(said) = failure.said() {
        line(&format!("  {said}"));
    }
    if let Some(hint) = &failure.hint {
        line(&format!("  hint: {hint}"));
    }
}

/// Reports why a source cannot be read.
pub(super) fn source(error: &SourceError) {
    failed(error, &error.failure());
}

/// Replaces the panic message, which may hold secrets, by the place of the panic.
pub(super) fn panics_without_their_text() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        line(&format!("internal error at {place}: this is a bug, please report it"));
    }));
}

fn line(text: &str) {
    stderr::tell(format!("{}\n", repeated::shown(text)).into_bytes());
}

/// Returns `error` with the repeated arguments made safe to show.
pub(super) fn escaped(mut error: clap::Error) -> clap::Error {
    let of_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    let repeated: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match (kind, value) {
            (ContextKind::Usage, _) => None,
            // The name of the option, not what the user typed.
            (ContextKind::InvalidArg, _) if of_value => None,
            (_, ContextValue::String(text)) => Some((kind, ContextValue::String(repeated::shown(text)))),
            (_, ContextValue::Strings(texts)) => {
                Some((kind, ContextValue::Strings(texts.iter().map(|text| repeated::shown(text)).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in repeated {
        error.insert(kind, value);
    }
    // No source begins with `--`: a user who types an unknown option does not mean it as a value.
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Suggested);
    }
    error
}
