//! Warnings about a ledger of refused logins that is incomplete.

use super::Notice;
use jiff::Timestamp;

use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LedgerNotice {
    /// The ledger lasts only for this run.
    NotKept {
        /// The reason, as a lower-case fragment.
        why: String,
    },
    /// Earlier entries are lost.
    Lost {
        /// Until when a single refused login holds its account.
        until: Timestamp,
    },
    /// A login was made although its account is held.
    Overlooked {
        /// The number of refusals that count.
        refusals: u32,
        /// When the last of them was.
        since: Timestamp,
        /// Until when the account is held.
        until: Timestamp,
    },
}

impl Notice for LedgerNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::NotKept { why } => Warning::new(
                Code::LedgerNotKept,
                format!("refused logins are remembered for this run only, and an account sees one of them: {why}"),
            ),
            Self::Lost { until } => Warning::new(
                Code::LedgerLost,
                format!(
                    "what was remembered of refused logins was lost, all or a part of it: until {until:.0} one refused login holds its account"
                ),
            ),
            Self::Overlooked { refusals, since, until } => {
                let logins = if *refusals == 1 { "1 login was" } else { &format!("{refusals} logins were") };
                Warning::new(
                    Code::HoldOverlooked,
                    format!(
                        "{logins} refused or not answered, the last at {since:.0}; this one is held until {until:.0}, and `--force` let it go all the same"
                    ),
                )
            }
        }
    }
}
