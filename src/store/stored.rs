//! What the store holds, as its users see it: definitions, what their checks came to, and changes.

use std::fmt;

use jiff::Timestamp;

use crate::model::class::{Class, Status};
use crate::model::connection::{Connection, Origin};
use crate::model::fingerprint::Fingerprint;
use crate::model::result::CheckResult;

/// The name that origins in the store begin with.
const SOURCE: &str = "store";

/// Which definition: its number, which is never given to another. Shown as `store#12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub(super) i64);

impl RowId {
    /// The definition that an origin, as results show it (`store#12`), names.
    #[must_use]
    pub fn of_origin(origin: &str) -> Option<Self> {
        origin.strip_prefix(SOURCE)?.strip_prefix('#')?.parse().ok().map(Self)
    }

    /// The id of the definition's results, for life: whatever it is called, and under whatever label it is read.
    #[must_use]
    pub fn id(self) -> String {
        Fingerprint::of(&[SOURCE, &self.0.to_string()]).id()
    }

    /// Where connections of the store say that they come from.
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
    /// Which.
    pub id: RowId,
    /// Counts its changes. A change names the version that it was made from.
    pub version: i64,
    /// The definition. A secret that cannot be decrypted is among its problems.
    pub connection: Connection,
    /// It was saved although its check failed.
    pub failing: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// What its checks came to, if there were any.
    pub history: Option<History>,
}

/// What the checks of a definition came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The last of them.
    pub last: Remembered,
    /// When it last worked.
    pub last_ok: Option<Timestamp>,
    /// When the login was last refused (class `auth`).
    pub last_refused: Option<Timestamp>,
    /// How often the login was refused (class `auth`) since it last worked or was changed. Of a
    /// login that never works only the last results count.
    pub refusals: u32,
}

/// What is kept of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// When the check began.
    pub started_at: Timestamp,
    /// What came of it.
    pub status: Status,
    /// Why it is not ok.
    pub class: Option<Class>,
    /// The server's code.
    pub code: Option<String>,
    /// The message, in connprobe's words.
    pub message: Option<String>,
}

impl Remembered {
    /// What is worth keeping of `result`: nothing where no verdict fell (`withheld`, `cancelled`, or a secret that is held since it was refused).
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
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// A new definition.
    Add {
        /// The definition.
        connection: &'a Connection,
        /// Its check failed.
        failing: bool,
        /// Refuse it when there is another of its name.
        unique: bool,
    },
    /// Another definition in the place of one that is there: every field of it.
    Update {
        /// Which.
        id: RowId,
        /// The version that was read.
        version: i64,
        /// The definition.
        connection: &'a Connection,
        /// Its check failed.
        failing: bool,
    },
    /// One definition less, and its history.
    Remove {
        /// Which.
        id: RowId,
        /// The version that was read.
        version: i64,
    },
}

/// What a look at the whole store found.
#[derive(Debug, Default)]
pub struct Health {
    /// How many definitions there are.
    pub connections: usize,
    /// How many secrets were decrypted.
    pub secrets: usize,
    /// The id of the key that the store is encrypted under.
    pub key: Option<String>,
    /// How many changes led to what there is; known only where its rows are what these changes left.
    pub changes: Option<u64>,
    /// A change of keys that is not at its end.
    pub rotation: Option<Rotation>,
    /// What is wrong, as lower-case fragments; empty for a store in order.
    pub faults: Vec<String>,
    /// How many of them only the store's key is missing for.
    pub for_want_of_key: usize,
}

/// A change of keys that is under way, or was interrupted: both keys are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The id of the key that is to be left.
    pub from: String,
    /// The id of the next one.
    pub to: String,
    /// How many definitions are not under the next one yet.
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
