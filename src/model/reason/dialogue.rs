//! Failures of the dialogue, when the peer does not follow the protocol or ends it, and their messages and hints.

use super::{ReasonCode as Code, Words};
use crate::model::class::Class;

/// How the dialogue failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialogue {
    /// Another service answered.
    OtherProtocol {
        /// The service that answered, such as `an SSH server`.
        other: String,
        /// The expected product.
        product: &'static str,
    },
    /// The server expects TLS.
    TlsExpected {
        /// The product whose protocol was sent in clear.
        product: &'static str,
    },
    /// The server speaks HTTP without TLS.
    PlainHttp {
        /// The hint.
        hint: &'static str,
    },
    /// The received data is malformed.
    NotUnderstood {
        /// The expected product.
        product: &'static str,
    },
    /// The server sent more than a login needs.
    TooMuchReceived {
        /// The limit in KiB.
        kib: u64,
        /// The expected product.
        product: &'static str,
    },
    /// The server made connprobe send more than a login needs.
    TooMuchSent {
        /// The limit in KiB.
        kib: u64,
        /// The expected product.
        product: &'static str,
    },
    /// The server accepted the connection and closed it before it sent a byte.
    ClosedBeforeGreeting {
        /// The expected product.
        product: &'static str,
    },
    /// The server closed the connection during the login.
    ClosedDuringLogin,
    /// The server closed the connection during the TLS handshake.
    ClosedDuringTls {
        /// Whether the server had sent anything.
        answered: bool,
    },
    /// The network failed.
    NetworkLost,
    /// The server could not prove that it knows the password.
    ServerUnproved,
    /// The server asked for more rounds of key derivation than a legitimate server does.
    TooManyRounds {
        /// The maximum number of rounds.
        most: u32,
    },
    /// The server asked for a file of this machine.
    FileRequested,
    /// The answer to the test query has no row.
    EmptyAnswer {
        /// The expected product.
        product: &'static str,
    },
    /// The server did not ask for the login.
    LoginNotAsked,
    /// The server's SCRAM message must not be answered.
    ScramRefused {
        /// The expected product.
        product: &'static str,
        /// A clause that says what is wrong with it.
        why: String,
    },
}

impl Dialogue {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::OtherProtocol { other, product } => {
                Words::new(Code::OtherProtocol, format!("{other} answers there, not {product}"))
                    .hint("the port belongs to another service: correct `port` (or `host`)")
            }
            Self::TlsExpected { product } => Words::new(
                Code::TlsExpected,
                format!("the server expects TLS there, and was spoken to in plain {product}"),
            )
            .hint("turn on TLS in the definition, or use the server's plain port"),
            Self::PlainHttp { hint } => {
                Words::new(Code::TlsNotSpoken, "the server speaks plain HTTP there, not HTTPS")
                    .class(Class::Protocol)
                    .hint(*hint)
            }
            Self::NotUnderstood { product } => {
                Words::new(Code::NotUnderstood, format!("what the server sent is not {product}"))
                    .hint("another service may own this port: check host and port")
            }
            Self::TooMuchReceived { kib, product } => {
                let message = format!("the server sent more than any login needs (over {kib} KiB)");
                Words::new(Code::TooMuchData, message).hint(not_working(product))
            }
            Self::TooMuchSent { kib, product } => {
                let message = format!("the server asked for more than any login needs (over {kib} KiB)");
                Words::new(Code::TooMuchData, message).hint(not_working(product))
            }
            Self::ClosedBeforeGreeting { product } => Words::new(
                Code::ClosedBeforeGreeting,
                "connection closed before any data: the server accepted it, and closed it again",
            )
            .hint(format!("a proxy without a live server behind it does this, and so do services that are not {product}: check host and port")),
            Self::ClosedDuringLogin => Words::new(
                Code::ClosedDuringLogin,
                "connection closed by the server in the middle of the login",
            )
            .hint("its log usually says why; proxies and load balancers with no healthy server behind them do this too"),
            Self::ClosedDuringTls { answered } => {
                Words::new(Code::ClosedDuringTls, "connection closed by the server during the TLS handshake")
                    .class(if *answered { Class::Closed } else { Class::Unreachable })
                    .hint("it may not speak TLS on this port, or refuse this machine; its log usually says why")
            }
            Self::NetworkLost => Words::new(Code::NetworkLost, "connection lost: the network broke during the login")
                .hint("check the network between this machine and the server"),
            Self::ServerUnproved => {
                Words::new(Code::ServerUnproved, "the server could not prove that it knows the password (SCRAM)")
                    .hint("another server, or a proxy that does not know the password, may be answering at this address")
            }
            Self::TooManyRounds { most } => Words::new(
                Code::KeyDerivationRefused,
                format!("the server demands more than {most} rounds of SCRAM key derivation"),
            )
            .hint("something else may be answering, or `scram_iterations` was very high when the password was set"),
            Self::FileRequested => Words::new(
                Code::FileRequested,
                "the server asked for a file of this machine instead of answering; nothing was sent",
            )
            .hint("this is not an honest server: check host and port, and change the password"),
            Self::EmptyAnswer { product } => {
                Words::new(Code::EmptyAnswer, "the server answered the test query without a row").hint(format!(
                    "something that only resembles {product}, or a proxy between, may be answering: check host and port"
                ))
            }
            Self::ScramRefused { product, why } => Words::new(
                Code::KeyDerivationRefused,
                format!("the server's part of the SCRAM login is refused: {why}"),
            )
            .hint(format!("no {product} server does that; check that host and port lead to the server that is meant")),
            Self::LoginNotAsked => {
                Words::new(Code::LoginNotAsked, "the server let the login pass without asking for it")
                    .hint("something that only resembles the server may be answering: check host and port")
            }
        }
    }
}

fn not_working(product: &str) -> String {
    format!("what answers there is not a working {product} server: check host and port")
}
