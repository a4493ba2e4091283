//! The content of the store as its users see it: definitions, the results of their checks, and changes.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::class::{Class, Status};
use crate::model::connection::{Connection, Origin};
use crate::model::fingerprint::Fingerprint;
use crate::model::result::CheckResult;

/// The word that origins in the store begin with.
const SOURCE: &str = "store";

/// The number of a definition, which no other definition ever gets. Shown as `store#12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub(super) i64);

impl RowId {
    /// The definition with this origin, in the form of results (`store#12`).
    #[must_use]
    pub fn of_origin(origin: &str) -> Option<Self> {
        origin.strip_prefix(SOURCE)?.strip_prefix('#')?.parse().ok().map(Self)
    }

    /// The id of the definition's results. It does not depend on the name or the label of the definition, and never changes.
    #[must_use]
    pub fn id(self) -> String {
        Fingerprint::of(&[SOURCE, &self.0.to_string()]).id()
    }

    /// The origin of the connection of this definition.
    #[must_use]
    pub fn origin(self) -> Origin {
        Origin { source: SOURCE.to_owned(), line: None, pointer: self.0.to_string(), occurrence: 0 }
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin().fmt(f)
    }
}

/// One definition in the store.
#[derive(Debug)]
pub struct Stored {
    /// Its number.
    pub id: RowId,
    /// Counts its changes. A change names the version that it was made from.
    pub version: i64,
    /// The definition. A secret that cannot be decrypted is among its problems.
    pub connection: Connection,
    /// Whether it was saved although its check failed.
    pub failing: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The results of its checks, if there were any.
    pub history: Option<History>,
}

/// The results of the checks of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The last result.
    pub last: Remembered,
    /// When it last worked.
    pub last_ok: Option<Timestamp>,
    /// When the login was last refused (class `auth`).
    pub last_refused: Option<Timestamp>,
    /// How often the login was refused (class `auth`) since it last worked or the definition was changed. If the login
    /// never works, only the last results count.
    pub refusals: u32,
}

/// The part of a result that the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// When the check began.
    pub started_at: Timestamp,
    /// Its outcome.
    pub status: Status,
    /// Why it is not ok, if it is not.
    pub class: Option<Class>,
    /// The server's code.
    pub code: Option<String>,
    /// The message of connprobe.
    pub message: Option<String>,
}

impl Remembered {
    /// The part of `result` that is kept; `None` if the result is no verdict (`withheld`, `cancelled`, or a secret that is
    /// held since it was refused).
    #[must_use]
    pub fn of(result: &CheckResult) -> Option<Self> {
        let failure = result.failure.as_ref();
        let class = failure.map(|failure| failure.class);
        if matches!(class, Some(Class::Withheld | Class::Cancelled)) || result.held.is_some() {
            return None;
        }
        Some(Self {
            started_at: result.started_at,
            status: result.status,
            class,
            code: failure.and_then(|failure| failure.code.clone()),
            message: failure.map(|failure| failure.message.clone()),
        })
    }
}

/// A change to the definitions.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new definition.
    Add {
        /// The definition.
        connection: Arc<Connection>,
        /// Whether its check failed.
        failing: bool,
        /// Whether it is refused if the store has another of its name.
        unique: bool,
    },
    /// Replaces every field of a stored definition.
    Update {
        /// Its number.
        id: RowId,
        /// The version that was read.
        version: i64,
        /// The definition.
        connection: Arc<Connection>,
        /// Whether its check failed.
        failing: bool,
    },
    /// Removes a definition and its history.
    Remove {
        /// Its number.
        id: RowId,
        /// The version that was read.
        version: i64,
    },
}

/// The result of checking the whole store.
#[derive(Debug, Default)]
pub struct Health {
    /// How many definitions there are.
    pub connections: usize,
    /// How many secrets were decrypted.
    pub secrets: usize,
    /// The id of the key that the store is encrypted under.
    pub key: Option<String>,
    /// The number of changes so far; known only if the rows are those that these changes left.
    pub changes: Option<u64>,
    /// A rotation that has not ended.
    pub rotation: Option<Rotation>,
    /// The faults, as lower-case fragments; empty for a store in order.
    pub faults: Vec<String>,
    /// The number of faults that are there only because the store's key is missing.
    pub for_want_of_key: usize,
}

/// A rotation that is under way or was interrupted. Both keys are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The id of the old key.
    pub from: String,
    /// The id of the new key.
    pub to: String,
    /// The number of definitions that are not sealed with the new key yet.
    pub left: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_leads_back_to_its_row() {
        assert_eq!(RowId(12).to_string(), "store#12");
        for (origin, row) in [
            ("store#12", Some(RowId(12))),
            ("store", None),
            ("store#x", None),
            ("c.json:12#/store", None),
            ("other#12", None),
        ] {
            assert_eq!(RowId::of_origin(origin), row, "{origin}");
        }
    }
}
