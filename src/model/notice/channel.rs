//! How well a login is protected on its way: the words for where it is not.

use super::Notice;
use crate::model::reason::Weakness;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelNotice {
    /// A channel that is not encrypted, or leads to whoever answers.
    Weak(Weakness),
    /// A password that can be read on the way.
    PasswordInClear(ReadablePassword),
}

/// How the password leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadablePassword {
    /// As the mechanism PLAIN sends it.
    Plain,
    /// As a PostgreSQL server asks for it.
    Asked,
    /// As SQL Server's protocol disguises it.
    Disguised,
    /// As a command carries it.
    Command,
    /// In a header of HTTP.
    Header,
}

impl Notice for ChannelNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::Weak(weakness) => Warning::new(
                match weakness {
                    Weakness::Plain => Code::TlsAbsent,
                    Weakness::Unverified => Code::TlsUnverified,
                },
                format!("{}: the login could be read or redirected on the way", weakness.clause()),
            ),
            Self::PasswordInClear(how) => Warning::new(
                Code::PasswordInClear,
                format!("{}, over an unencrypted connection: whoever listens can read it", how.words()),
            ),
        }
    }
}

impl ReadablePassword {
    fn words(self) -> &'static str {
        match self {
            Self::Plain => "the mechanism PLAIN sends the password itself",
            Self::Asked => "the server asked for the password itself",
            Self::Command => "the command AUTH sends the password itself",
            Self::Disguised => "a login to SQL Server disguises the password, and does not encrypt it",
            Self::Header => "HTTP sends the password, key or token itself",
        }
    }
}
