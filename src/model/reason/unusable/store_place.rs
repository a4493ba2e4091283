//! The place of connprobe's own store: what is wrong with how it is named, and the words for it.

use std::borrow::Cow;

use super::unusable::Said;

/// Why there is no store to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorePlace {
    /// Nobody names one, and there is no usual place.
    NoHome,
    /// The variable that should hold the server's URL.
    VariableUnset,
    /// The server's URL cannot be used, as a definition of it could not.
    BadUrl {
        /// What is said of such a definition.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Neither a file nor a PostgreSQL server.
    OtherKind,
    /// The store cannot be opened: what its own typed error says.
    Store {
        /// Its message.
        message: String,
        /// Its hint.
        hint: Option<String>,
    },
    /// No store is there.
    Missing {
        /// The message of the store's own error.
        message: String,
    },
}

const FORMS: &str = "name a file, or a server as `postgresql://LOGIN@HOST/DATABASE`, `url-env:NAME` or `url-file:PATH`";

impl StorePlace {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::NoHome => {
                Said::new("it is not known where: neither HOME nor XDG_DATA_HOME is set", "name it with --store")
            }
            Self::VariableUnset => Said::new("the variable is not set, or empty", "set it to the URL of the server"),
            Self::BadUrl { message, hint } => {
                Said::new(message.clone(), hint.clone().map_or(Cow::Borrowed(FORMS), Cow::Owned))
            }
            Self::OtherKind => Said::new("a store is a file of SQLite's or a PostgreSQL server", FORMS),
            Self::Store { message, hint } => {
                Said { message: message.clone().into(), hint: hint.clone().map(Cow::Owned) }
            }
            Self::Missing { message } => Said::new(
                message.clone(),
                "name a SOURCE, as a file of connections, or make a store with `connprobe store init`",
            ),
        }
    }
}
