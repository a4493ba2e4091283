//! *Try once*: a person at a terminal may let through one login that is held.

use std::time::Instant;

use super::question;
use super::signals::Caught;
use crate::engine::ledger::Ledger;
use crate::model::redact::escape_control;
use crate::model::result::{CheckResult, Held};

/// Whether a question about the only login of a run is possible: a terminal is there, and a login is held.
pub(super) fn may_be_asked(ledger: &dyn Ledger) -> bool {
    question::somebody_is_there() && ledger.lines().iter().any(|line| line.until.is_some())
}

/// Whether the login of `result`, the only one of the run, is to be made although it is held. It asks only a person at
/// a terminal, only if the ledger would let the login through, and waits no longer than `until`.
pub(super) fn is_wanted(result: &CheckResult, until: Option<Instant>, caught: &Caught) -> bool {
    let Some(Held { since, until: held_until, refusals, once: true }) = result.held else { return false };
    if !question::somebody_is_there() {
        return false;
    }
    let account = escape_control(result.account.as_deref().unwrap_or_default());
    let logins = if refusals == 1 { "1 login".to_owned() } else { format!("{refusals} logins") };
    let question = format!(
        "{logins} of {account} refused or not answered, the last at {since:.0}; held until {held_until:.0}.\nA server may lock the account after more of them. Try once now? [y/N] "
    );
    // If the question cannot be asked, the answer is no.
    question::yes(&question, until, || caught.exit().is_some()).unwrap_or(false)
}
