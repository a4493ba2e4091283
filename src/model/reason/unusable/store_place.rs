//! Problems of the location of connprobe's own store, and their messages and hints.

use std::borrow::Cow;

use super::unusable::Said;

/// Why the store cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorePlace {
    /// No location is given, and there is no default one.
    NoHome,
    /// The variable for the server's URL is not set.
    VariableUnset,
    /// The server's URL would be an unusable definition.
    BadUrl {
        /// The message for such a definition.
        message: String,
        /// The hint.
        hint: Option<String>,
    },
    /// The location is neither a file nor a PostgreSQL server.
    OtherKind,
    /// The store cannot be opened.
    Store {
        /// The message of the store's own error.
        message: String,
        /// The hint of the store's own error.
        hint: Option<String>,
    },
    /// The store does not exist.
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
