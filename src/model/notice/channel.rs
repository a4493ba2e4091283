//! Warnings about insufficient protection of a login in transit.

use super::Notice;
use crate::model::reason::Weakness;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelNotice {
    /// A channel that is not encrypted, or whose server is not verified.
    Weak(Weakness),
    /// A password that can be read in transit.
    PasswordInClear(ReadablePassword),
}

/// How the password is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadablePassword {
    /// By the SASL mechanism PLAIN.
    Plain,
    /// In clear, on the PostgreSQL server's request.
    Asked,
    /// Obfuscated by SQL Server's protocol.
    Disguised,
    /// In a command.
    Command,
    /// In an HTTP header.
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
