//! Problems of the variables that configure a secrets backend, and their messages and hints. Values are never quoted.

use std::fmt;

use super::unusable::Said;

/// What is wrong with the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Required variables are not set.
    Unset {
        /// For each missing value, the variables that can provide it.
        variables: Vec<Vec<&'static str>>,
    },
    /// The backend's address is invalid.
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

/// Why a text is not a valid service address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadServiceUrl {
    /// It contains no `://`.
    NoScheme,
    /// It is not a valid URL.
    NotAUrl,
    /// It contains a user or password.
    HoldsLogin,
    /// It ends with a query or fragment.
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

/// A clause to follow the name of the variable.
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
