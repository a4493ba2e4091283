//! Words on stderr: errors with their hints, for people.

use std::fmt::Display;
use std::io;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;
use super::{repeated, stderr};
use crate::model::failure::Failure;
use crate::model::os_error::in_words;
use crate::model::result::CheckResult;
use crate::model::step::Step;
use crate::report::steps;
use crate::source::SourceError;

/// Says what is wrong, and on a line of its own what to do about it.
pub(super) fn error(message: impl Display, hint: Option<&str>) {
    line(&format!("error: {message}"));
    if let Some(hint) = hint {
        line(&format!("  hint: {hint}"));
    }
}

/// Says what is odd, but no reason to stop.
pub(super) fn warning(message: impl Display) {
    line(&format!("warning: {message}"));
}

/// One step of a check, for who follows it.
pub(super) fn step(step: &Step) {
    line(&steps::line(step));
}

/// The result of a check whose steps were shown.
pub(super) fn end_of_steps(result: &CheckResult) {
    line(&steps::end(result));
}

/// Says that `what` could not be written, and how a command ends then.
pub(super) fn unwritten(what: &str, reason: &io::Error) -> Exit {
    // Whoever closed the pipe knows; anybody else wants to.
    if reason.kind() != io::ErrorKind::BrokenPipe {
        error(format!("{what} cannot be written: {}", in_words(reason)), None);
    }
    Exit::Broken
}

/// Says what is wrong with a server, what it says itself, and what to do: in the order of the table.
pub(super) fn failed(message: impl Display, failure: &Failure) {
    error(message, None);
    if let Some(said) = failure.said() {
        line(&format!("  {said}"));
    }
    if let Some(hint) = &failure.hint {
        line(&format!("  hint: {hint}"));
    }
}

/// Says why a source cannot be read.
pub(super) fn source(error: &SourceError) {
    failed(error, &error.failure());
}

/// A panic's text may hold anything, a secret too: only its place is shown.
pub(super) fn panics_without_their_text() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        line(&format!("internal error at {place}: this is a bug, please report it"));
    }));
}

fn line(text: &str) {
    stderr::tell(format!("{}\n", repeated::shown(text)).into_bytes());
}

/// `error` with what it repeats of the arguments as it may be said.
pub(super) fn escaped(mut error: clap::Error) -> clap::Error {
    let of_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    let repeated: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match (kind, value) {
            (ContextKind::Usage, _) => None,
            // The option's own name, not what was typed.
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
    // No source begins with `--`: whoever types an unknown option means an option, not a value.
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Suggested);
    }
    error
}
