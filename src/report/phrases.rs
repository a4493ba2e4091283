//! Phrases for people that several reports use.

use std::time::Duration;

use crate::model::reason::ReasonCode;

/// The message of a connection that is not ready although its logins are accepted: more of them have to be, or none.
pub(super) const ACCEPTED: &str = "not ready: its logins were accepted";

/// A reason in words.
pub(super) fn words(reason: ReasonCode) -> String {
    match reason {
        ReasonCode::ExpectedMissing => "accepts logins, and something expected is missing".to_owned(),
        ReasonCode::ExpectationUnusable => "accepts logins, and what is expected cannot be looked for".to_owned(),
        ReasonCode::GivenUp => "not tried to the end, because another connection cannot become ready".to_owned(),
        _ => reason.as_str().replace('_', " "),
    }
}

/// A duration as people read it.
pub(super) fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}
