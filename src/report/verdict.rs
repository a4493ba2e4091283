//! What a result means where only passed, failed, error and skipped are known, and its account in a few lines for
//! people who read it in another program.

use std::borrow::Cow;

use super::phrases::{ACCEPTED, seconds, words};
use super::table::layout::shortened;
use crate::model::class::Status;
use crate::model::failure::Failure;
use crate::model::phase::PhaseTiming;
use crate::model::redact::escape_control;
use crate::model::result::{CheckResult, Waited};

/// The most columns of one line.
const WIDTH: usize = 1_000;

/// What a result means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The login works, or what was waited for has come.
    Passed,
    /// The target refused, or did not answer.
    Failed,
    /// It could not be tried.
    Error,
    /// Nothing is known about it.
    Skipped,
}

impl Verdict {
    pub(super) fn of(result: &CheckResult) -> Self {
        match (&result.waited, result.status) {
            (Some(Waited { ready: Some(_), .. }), _) | (None, Status::Ok) => Self::Passed,
            (Some(_), Status::Ok) | (_, Status::Failed) => Self::Failed,
            (_, Status::Error) => Self::Error,
            (_, Status::Skipped) => Self::Skipped,
        }
    }
}

/// The class and the reason of a result that is not [`Verdict::Passed`], as words of connprobe's own.
pub(super) fn class_and_reason(result: &CheckResult) -> (&'static str, &'static str) {
    result
        .failure
        .as_ref()
        .map_or(("not_ready", "accepted"), |failure| (failure.class.as_str(), failure.reason.as_str()))
}

/// The message of a result that is not [`Verdict::Passed`], in one line.
pub(super) fn message(result: &CheckResult) -> String {
    shown(result.failure.as_ref().map_or(ACCEPTED, |failure| &failure.message))
}

/// What follows the message: the server's own words, what to do, and what is at fault.
pub(super) fn explanation(result: &CheckResult) -> Vec<String> {
    let Some(failure) = &result.failure else { return Vec::new() };
    let mut lines = of_failure(failure);
    let mut words = vec![format!("class {}, reason {}", failure.class.as_str(), failure.reason.as_str())];
    words.extend(failure.code.as_ref().map(|code| format!("code {code}")));
    words.extend(failure.phase.map(|phase| format!("phase {}", phase.as_str())));
    if !failure.fields.is_empty() {
        let fields: Vec<Cow<'_, str>> = failure.fields.iter().map(|field| field.to_string().into()).collect();
        words.push(format!("fields {}", fields.join(" ")));
    }
    lines.push(shown(&words.join(", ")));
    lines
}

/// The server's own words and the hint of a failure.
pub(super) fn of_failure(failure: &Failure) -> Vec<String> {
    let hint = failure.hint.as_ref().map(|hint| format!("hint: {hint}"));
    failure.said().into_iter().chain(hint).map(|line| shown(&line)).collect()
}

/// Where the connection leads, where it is defined, and how the check went.
pub(super) fn circumstances(result: &CheckResult) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(target) = &result.target {
        let login = result.login.as_ref().map(|login| format!(", login {login}")).unwrap_or_default();
        lines.push(format!("target {target}{login}"));
    }
    lines.push(format!("defined in {}, id {}", result.origin, result.id));
    lines.extend(timing(result));
    lines.extend(result.held.map(|held| format!("left alone until {:.0}", held.until)));
    lines.iter().map(|line| shown(line)).collect()
}

/// How long the phases of the last attempt took, and how the wait went; nothing if nothing was sent.
pub(super) fn timing(result: &CheckResult) -> Vec<String> {
    let mut lines = Vec::new();
    if !result.phases.is_empty() {
        let phase = |timing: &PhaseTiming| {
            let open = if timing.open { " (not finished)" } else { "" };
            format!("{} {:.6} s{open}", timing.phase.as_str(), timing.elapsed.as_secs_f64())
        };
        let phases: Vec<String> = result.phases.iter().map(phase).collect();
        lines.push(phases.join(", "));
    }
    let attempts = || format!("{} attempt{}", result.attempts, if result.attempts == 1 { "" } else { "s" });
    match &result.waited {
        Some(waited) => {
            let how =
                waited.ready.map_or_else(|| "not ready".to_owned(), |ready| format!("ready after {}", seconds(ready)));
            let met: Vec<String> = waited
                .spent
                .iter()
                .map(|spent| format!(", {} {}", words(spent.reason), seconds(spent.elapsed)))
                .collect();
            lines.push(format!("{how}, {}{}", attempts(), met.concat()));
        }
        None if result.attempts > 1 => lines.push(attempts()),
        None => {}
    }
    lines
}

/// `text` without characters that control a terminal, which include all that XML forbids, and not too long.
pub(super) fn shown(text: &str) -> String {
    shortened(&escape_control(text), WIDTH)
}
