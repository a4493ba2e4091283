//! Warnings about the URI of an entry, mainly about what Airflow reads differently.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriNotice {
    /// Blanks at the end.
    BlanksAtEnd,
    /// Tabs or line ends within.
    BlanksInside,
    /// An unescaped special character in the password.
    UnescapedPassword,
    /// An unescaped bracket in the login or password.
    UnescapedBracket,
    /// A type that contains `_`.
    Type,
    /// A list of hosts with ports.
    HostList,
    /// Another URL in the query.
    QueryUrl,
    /// A fragment.
    Fragment,
    /// An escape sequence that is not valid UTF-8.
    Escape,
}

impl Notice for UriNotice {
    fn warning(&self) -> Warning {
        let (code, message) = match self {
            Self::BlanksAtEnd => {
                (Code::UriBlank, "blanks at the end of the URI were dropped; Airflow takes them for a part of it")
            }
            Self::BlanksInside => (Code::UriBlank, "tabs and line ends inside the URI were dropped, as Airflow does"),
            Self::UnescapedPassword => (
                Code::UriUnescaped,
                "the password holds an unescaped `/`, `?` or `#`: Airflow cannot read this URI; write %2F, %3F or %23",
            ),
            Self::UnescapedBracket => (
                Code::UriUnescaped,
                "an unescaped bracket in login or password: Airflow cannot read it; write %5B or %5D",
            ),
            Self::Type => (Code::UriType, "a type with `_` is not read by Airflow at the start of a URI: write `-`"),
            Self::HostList => (
                Code::UriHostList,
                "Airflow cannot read a list of hosts with ports in a URI: write `:` as %3A and `,` as %2C",
            ),
            Self::QueryUrl => {
                (Code::UriQueryUrl, "an unescaped `://` behind the host makes Airflow lose the host: write %3A%2F%2F")
            }
            Self::Fragment => {
                (Code::UriFragment, "what follows `#` was dropped, as Airflow does; a `#` that is meant is written %23")
            }
            Self::Escape => {
                (Code::UriEscape, "an escape in the URI is not UTF-8 and was replaced by U+FFFD, as Airflow does")
            }
        };
        Warning::new(code, message)
    }
}
