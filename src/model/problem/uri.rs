//! Problems of the URI of an entry, and their messages. No part of it is quoted.

use super::Flaw;
use crate::model::reason::{ReasonCode as Code, Words};

/// What is wrong with a URI. Host and port may contain a password, so they are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriFlaw {
    /// It does not begin with a type and `://`.
    NoType,
    /// It has a URL in place of the host.
    HostIsUrl,
    /// It has more than one reading.
    Ambiguous,
    /// Its port is not a number.
    PortNotANumber,
    /// Its port is a placeholder.
    PortPlaceholder,
    /// Its port is not a number from 1 to 65535.
    PortOutOfRange,
    /// Its brackets do not match.
    Brackets,
}

impl Flaw for UriFlaw {
    fn words(&self) -> Words {
        let (message, hint) = match self {
            Self::NoType => (
                "the URI does not begin with a type and `://`",
                "write `TYPE://LOGIN:PASSWORD@HOST:PORT/DATABASE`, special characters percent-encoded",
            ),
            Self::HostIsUrl => ("the host in the URI is itself a URL", "put only its name there"),
            Self::Ambiguous => (
                "the URI can be read in more than one way: an `@` stands behind the host",
                "in login and password write `/` as %2F, `?` as %3F, `#` as %23 and `@` as %40; behind the host `@` as %40 too",
            ),
            Self::PortNotANumber => (
                "the port in the URI is not a number",
                "in login and password write `/` as %2F, `?` as %3F and `#` as %23; an IPv6 address stands in brackets",
            ),
            Self::PortPlaceholder => (
                "the port in the URI looks like a placeholder that was never filled in",
                "write the port itself, or leave it out for the type's usual one",
            ),
            Self::PortOutOfRange => (
                "the port in the URI is not within 1 and 65535",
                "correct the port, or leave it out for the type's usual one",
            ),
            Self::Brackets => (
                "the brackets in the host of the URI do not match",
                "write an IPv6 address as `[::1]`, and a bracket in a password as %5B or %5D",
            ),
        };
        Words::new(Code::BadUri, message).hint(hint)
    }
}
