//! The warnings in the report of a run about a ledger that does not remember everything that it should.

use super::rules::DAY;
use super::seam::Ledger;
use crate::model::notice::LedgerNotice;
use crate::model::warning::Warning;

/// The warnings about `ledger`.
pub(in crate::engine) fn warnings(ledger: &dyn Ledger) -> Vec<Warning> {
    let not_kept = ledger.not_kept().map(|why| LedgerNotice::NotKept { why });
    let lost = ledger.lost().map(|at| LedgerNotice::Lost { until: at.after(DAY).timestamp() });
    not_kept.into_iter().chain(lost).map(Warning::from).collect()
}
