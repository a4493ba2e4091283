//! `Rule`: what the user allows or denies: a range of addresses, unix sockets, or everything.

use std::fmt;
use std::str::FromStr;

use super::Range;

/// A range, `unix`, or `all`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A range of addresses.
    Range(Range),
    /// Unix sockets.
    Unix,
    /// Every address, unix sockets, and name lookups.
    All,
}

impl Rule {
    /// The addresses that the rule covers.
    pub(super) fn ranges(&self) -> Vec<Range> {
        match self {
            Self::Range(range) => vec![range.clone()],
            Self::Unix => Vec::new(),
            Self::All => Range::all("all"),
        }
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "unix" => Ok(Self::Unix),
            "all" => Ok(Self::All),
            range => range.parse().map(Self::Range).map_err(|error| format!("{error}; or unix, or all")),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => range.fmt(f),
            Self::Unix => f.write_str("unix"),
            Self::All => f.write_str("all"),
        }
    }
}
