//! The words for the steps of a check that is under way, one line each (`--verbose`).

use std::fmt::{self, Display, Write as _};

use crate::model::phase::Phase;
use crate::model::redact::escape_control;
use crate::model::result::CheckResult;
use crate::model::step::{Step, StepKind};

/// `step` as a line, without its end.
#[must_use]
pub fn line(step: &Step) -> String {
    let mut line = head(step.elapsed.as_secs_f64(), step.conn_id.as_deref(), &step.target);
    if matches!(step.kind, StepKind::Resolving) && step.definitions > 1 {
        let _infallible = write!(line, "one login for {} definitions; ", step.definitions);
    }
    line + &words(&step.kind)
}

/// The line of a result, which ends the steps of its check.
#[must_use]
pub fn end(result: &CheckResult) -> String {
    let seconds = (result.queued + result.elapsed).as_secs_f64();
    let target = result.target.as_deref().unwrap_or_default();
    let line = head(seconds, result.conn_id.as_deref(), target);
    match &result.failure {
        None => line + "ok",
        Some(failure) => {
            let phase = failure.phase.map(|phase| format!(" in {}", phase.as_str())).unwrap_or_default();
            let code = failure.code.as_deref().map(|code| format!(" ({})", escape_control(code))).unwrap_or_default();
            format!(
                "{line}{} {}{phase}: {}{code}",
                result.status.as_str(),
                failure.class.as_str(),
                failure.reason.as_str()
            )
        }
    }
}

fn head(seconds: f64, name: Option<&str>, target: &str) -> String {
    let name = escape_control(name.unwrap_or("(no name)"));
    let target = escape_control(target);
    if target.is_empty() {
        format!("{seconds:8.3} s  {name}: ")
    } else {
        format!("{seconds:8.3} s  {name} ({target}): ")
    }
}

fn words(kind: &StepKind) -> String {
    match kind {
        StepKind::Resolving => "looks up the names of its servers".to_owned(),
        StepKind::Resolved(addresses) if addresses.is_empty() => "has no name to look up".to_owned(),
        StepKind::Resolved(addresses) => format!("the addresses are {}", List(addresses)),
        StepKind::Waiting => "waits for its turn".to_owned(),
        StepKind::Attempt(number) => format!("attempt {number}"),
        StepKind::Connecting(addresses) => format!("connects to {}", List(addresses)),
        StepKind::Connected(address) => format!("is connected to {address}"),
        StepKind::Entered(Phase::Tls) => "phase tls: negotiates encryption".to_owned(),
        StepKind::Entered(Phase::Auth) => "phase auth: logs in".to_owned(),
        StepKind::Entered(Phase::Query) => "phase query: runs the test query".to_owned(),
        StepKind::Entered(phase) => format!("phase {}", phase.as_str()),
        StepKind::CredentialSent => "sends the credential".to_owned(),
        StepKind::CredentialAccepted => "the server has accepted the credential".to_owned(),
        StepKind::Accepted => "the login was accepted, and is made again".to_owned(),
        StepKind::NotReady(reason) => format!("not ready: {}", reason.as_str()),
        StepKind::Retrying { pause, reason } => {
            format!("{}: tries again in {:.3} s", reason.as_str(), pause.as_secs_f64())
        }
    }
}

/// The first few of a list, and how many more there are.
struct List<'a, T>(&'a [T]);

/// More are not named.
const NAMED: usize = 8;

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, item) in self.0.iter().take(NAMED).enumerate() {
            write!(f, "{}{item}", if number > 0 { ", " } else { "" })?;
        }
        if self.0.len() > NAMED { write!(f, " and {} more", self.0.len() - NAMED) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::reason::ReasonCode;
    use crate::model::result::Address;

    #[test]
    fn each_step_is_one_line() {
        let address = Address::Ip(([10, 0, 0, 7], 5432).into());
        let addresses = (1..=9).map(|last| Address::Ip(([10, 0, 0, last], 5432).into())).collect();
        for (kind, expected) in [
            (StepKind::Resolving, "one login for 2 definitions; looks up the names of its servers"),
            (StepKind::Resolved(vec![]), "has no name to look up"),
            (
                StepKind::Resolved(addresses),
                "the addresses are 10.0.0.1:5432, 10.0.0.2:5432, 10.0.0.3:5432, 10.0.0.4:5432, 10.0.0.5:5432, 10.0.0.6:5432, 10.0.0.7:5432, 10.0.0.8:5432 and 1 more",
            ),
            (StepKind::Connecting(vec![address.clone()]), "connects to 10.0.0.7:5432"),
            (StepKind::Connected(address), "is connected to 10.0.0.7:5432"),
            (
                StepKind::Retrying { pause: Duration::from_millis(250), reason: ReasonCode::ConnectionRefused },
                "connection_refused: tries again in 0.250 s",
            ),
        ] {
            let step = Step {
                elapsed: Duration::from_millis(1),
                kind,
                ..Step::new("0".into(), Some("ware\x1bhouse".into()), "db:5432/sales".into(), 2)
            };
            assert_eq!(line(&step), format!("   0.001 s  ware\\u{{1b}}house (db:5432/sales): {expected}"));
        }
    }
}
