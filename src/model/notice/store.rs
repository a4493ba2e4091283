//! Warnings about connprobe's own store.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreNotice {
    /// Another program changed rows.
    Changed,
    /// Results of checks cannot be read.
    ResultsUnreadable {
        /// The number of definitions concerned.
        definitions: usize,
    },
    /// Without the key, changes by other programs cannot be detected.
    NoKey,
    /// An earlier version wrote the store, so changes by other programs cannot be detected.
    Unsealed,
}

impl Notice for StoreNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::Changed => Warning::new(
                Code::StoreChanged,
                "rows of the store were put back, added or removed by something else than connprobe: see `connprobe store check`",
            ),
            Self::ResultsUnreadable { definitions } => Warning::new(
                Code::StoreChanged,
                format!(
                    "what checks of {definitions} connection{} came to cannot be read, and counts as never checked: see `connprobe store check`",
                    if *definitions == 1 { "" } else { "s" }
                ),
            ),
            Self::NoKey => Warning::new(
                Code::StoreUnverified,
                "without the key of the store nothing tells whether its rows are as they were stored",
            ),
            Self::Unsealed => Warning::new(
                Code::StoreUnverified,
                "an earlier version wrote the store, and nothing tells whether its rows are as they were stored; the next command that writes to it with its key mends that",
            ),
        }
    }
}
