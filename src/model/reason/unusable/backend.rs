//! The variables that name a secrets backend: what is wrong with them, and the words for it. Values are never quoted.

use std::fmt;

use super::unusable::Said;

/// What is wrong with the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Variables that are needed and not set.
    Unset {
        /// For each value that is missing, the variables of which one gives it.
        variables: Vec<Vec<&'static str>>,
    },
    /// What should be the backend's address cannot be one.
    BadUrl {
        /// The variable.
        variable: String,
        /// What is wrong with the address.
        why: BadServiceUrl,
    },
    /// The file that a variable names cannot be used.
    BadFile {
        /// The variable.
        variable: String,
    },
    /// AWS has no such region.
    BadRegion {
        /// The variable.
        variable: &'static str,
    },
}

/// Why a text is not the address of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadServiceUrl {
    /// No `://`.
    NoScheme,
    /// Not of the form of a URL.
    NotAUrl,
    /// A user or password in it.
    HoldsLogin,
    /// A query or fragment behind it.
    HoldsQuery,
}

impl Backend {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::Unset { variables } => {
                let either =
                    |names: &Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
                let missing: Vec<String> = variables.iter().map(either).collect();
                let (message, what) = match &missing[..] {
                    [one] => (format!("the variable {one} is not set"), "it"),
                    _ => (format!("variables are not set: {}", missing.join("; ")), "each of them"),
                };
                Said::new(
                    message,
                    format!(
                        "set {what} in the environment of this process; profiles, metadata services and files at home are not looked at"
                    ),
                )
            }
            Self::BadUrl { variable, why } => {
                Said::new(format!("`{variable}` {why}"), "write it as `https://host:port`, with nothing secret in it")
            }
            Self::BadFile { variable } => Said::new(
                format!("the file that `{variable}` names cannot be used"),
                "name a regular, readable text file of up to 1 MiB",
            ),
            Self::BadRegion { variable } => {
                Said::new(format!("`{variable}` is not a region of AWS"), "write it as `eu-central-1`")
            }
        }
    }
}

/// What is wrong, behind the name of what holds it.
impl fmt::Display for BadServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "has no scheme: write `https://host:port` or `http://host:port`",
            Self::NotAUrl => "is not a URL of the form `https://host:port`",
            Self::HoldsLogin => "holds a user or password, which do not belong there",
            Self::HoldsQuery => "has a query or fragment, which an endpoint cannot have",
        })
    }
}
