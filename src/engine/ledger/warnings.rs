//! What the report of a run says of a ledger that does not remember all that it should.

use super::rules::DAY;
use super::seam::Ledger;
use crate::model::warning::{Warning, WarningCode};

/// What deserves attention.
pub(in crate::engine) fn warnings(ledger: &dyn Ledger) -> Vec<Warning> {
    let not_kept = ledger.not_kept().map(|reason| {
        let message =
            format!("refused logins are remembered for this run only, and an account sees one of them: {reason}");
        Warning::new(WarningCode::LedgerNotKept, message)
    });
    let lost = ledger.lost().map(|at| {
        let until = at.after(DAY).timestamp();
        let message = format!(
            "what was remembered of refused logins was lost, all or a part of it: until {until:.0} an account sees one refused login only"
        );
        Warning::new(WarningCode::LedgerLost, message)
    });
    not_kept.into_iter().chain(lost).collect()
}
