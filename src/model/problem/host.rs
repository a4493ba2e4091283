//! Problems of a host, and their messages.

use super::Flaw;
use super::field::{bad, named};
use crate::model::reason::{Field, Words};

/// What is wrong with a host. The `host` that some variants contain includes no login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostFlaw {
    /// It is a URL.
    Url {
        /// The scheme of the URL.
        scheme: String,
    },
    /// It contains a login before an `@`.
    Login,
    /// It has blanks or line ends around it, which a driver would look up.
    Padded,
    /// It has blanks or line ends around it in the store.
    StoredPadded,
    /// It contains a command-line option.
    Option {
        /// The host as written.
        host: String,
    },
    /// It contains a quote.
    Quote {
        /// The host as written.
        host: String,
    },
    /// It contains an invisible character.
    Unseen {
        /// The host as written.
        host: String,
    },
    /// It contains a blank or control character.
    Blank {
        /// The host as written.
        host: String,
    },
    /// It contains the options of a URI.
    UriOptions,
    /// It contains a `#`.
    Fragment,
    /// It contains a path.
    Path {
        /// The host as written.
        host: String,
    },
    /// It contains a port.
    Port {
        /// The host as written.
        host: String,
    },
}

impl Flaw for HostFlaw {
    fn words(&self) -> Words {
        let shown = |host: &String, what: &str| host_is(format!("`host` `{}` {what}", host.escape_default()));
        match self {
            Self::Url { scheme } => host_is(format!("`host` holds a URL (`{scheme}://…`), not a host name"))
                .hint("put only the name into `host`; the type, port and database have fields of their own"),
            Self::Login => host_is("`host` has a login in it")
                .hint("put only the name into `host`, and the rest into `login` and `password`"),
            Self::Padded => host_is("`host` begins or ends with a blank or a line end")
                .hint("store it without: the clients of applications look for a name that has it"),
            Self::StoredPadded => host_is("`host` has a blank or line end before or after it")
                .hint("remove it: the clients look the name up with it, and find nothing"),
            Self::Option { host } => shown(host, "begins with `-`, as no name does")
                .hint("store the name alone, without the option of a command line (`-h`, `--host`) before it"),
            Self::Quote { host } => shown(host, "has a quote in it")
                .hint("store the name without quotes: those of a shell, YAML or JSON do not belong to it"),
            Self::Unseen { host } => {
                shown(host, "has a character in it that is not seen").hint("type the name instead of pasting it")
            }
            Self::Blank { host } => shown(host, "has a blank or control character in it")
                .hint("store the name alone: a list has commas between its names and no blanks"),
            Self::UriOptions => host_is("`host` has the options of a URI behind a `?` in it")
                .hint("put the name alone into `host`, and each option into `extra`, under its own name"),
            Self::Fragment => host_is("`host` has a `#` in it").hint(
                "remove the `#` and what follows it; if it comes from a password in a URI, write it there as `%23`",
            ),
            Self::Path { host } => {
                shown(host, "has a path in it").hint("put only the name into `host`, and the rest into `schema`")
            }
            Self::Port { host } => {
                shown(host, "has a port in it").hint("put only the name into `host`, and the rest into `port`")
            }
        }
    }
}

/// What is wrong with a list of hosts. Its text may contain a password, so only ports are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadHosts {
    /// It contains a login before an `@`.
    Login,
    /// It has more hosts than one login tries.
    TooMany {
        /// The number of hosts.
        count: usize,
        /// The maximum number.
        most: usize,
    },
    /// It has an empty item between two commas.
    EmptyItem,
    /// It contains a path or options.
    More,
    /// It contains an invalid port.
    Port {
        /// The port as written.
        written: String,
    },
    /// It contains a port without a host.
    PortAlone,
}

impl BadHosts {
    /// The message about the list in `field`.
    pub(crate) fn words(&self, field: &Field) -> String {
        let field = named(field);
        match self {
            Self::Login => format!("{field} holds a login (`…@…`), which belongs in `login` and `password`"),
            Self::TooMany { count, most } => format!("{field} lists {count} hosts, more than {most}"),
            Self::EmptyItem => format!("{field} has an empty item in its list"),
            Self::More => format!("{field} holds more than host names and ports"),
            Self::Port { written } => {
                format!("{field} gives `{}` as a port, which must be 1 to 65535", written.escape_default())
            }
            Self::PortAlone => format!("{field} has a port without a host in its list"),
        }
    }
}

/// The description of a host that cannot be used, with `message`.
pub(crate) fn host_is(message: impl Into<String>) -> Words {
    bad(Field::HOST, message)
}
