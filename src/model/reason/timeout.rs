//! Timeouts, and their messages and hints.

use std::time::Duration;

use super::{Field, ReasonCode as Code, Words};
use crate::model::limit::shown;

/// What exceeded its time limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timeout {
    /// The port accepts connections, but the server sends nothing.
    Greeting {
        /// The expected product.
        product: &'static str,
        /// The limit, if known.
        limit: Option<Duration>,
    },
    /// The lookup of the name.
    Resolve {
        /// The limit.
        limit: Duration,
    },
    /// The request for a connection.
    Connect {
        /// The limit.
        limit: Duration,
    },
    /// The TLS handshake.
    Tls {
        /// The limit.
        limit: Duration,
    },
    /// The login.
    Login {
        /// The expected product.
        product: &'static str,
        /// The limit, if known.
        limit: Option<Duration>,
    },
    /// The test query.
    Query {
        /// The limit.
        limit: Duration,
    },
    /// The test query, by the definition's own limit.
    OwnQueryLimit {
        /// The key of `extra` that holds the limit.
        extra: &'static str,
    },
    /// The login at one of several hosts.
    Host {
        /// Its share of the time.
        share: Duration,
    },
    /// Reading from the server of a source.
    Source {
        /// The limit.
        limit: Duration,
    },
    /// Reading the table of the definitions.
    Table {
        /// The limit.
        limit: Duration,
    },
    /// A response of the store's database.
    Store {
        /// The limit.
        limit: Duration,
    },
}

impl Timeout {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Greeting { product, limit } => Words::new(
                Code::GreetingTimeout,
                format!("connected, but no {product} greeting {}", within(*limit)),
            )
            .hint("the port accepts connections and says nothing: another service may own it, or the server (or a proxy before it) is frozen; check `host` and `port`"),
            Self::Resolve { limit } => {
                Words::new(Code::ResolverSilent, format!("no answer from the resolver within {}", shown(*limit)))
                    .hint("check the DNS servers of this machine")
            }
            Self::Connect { limit } => Words::new(
                Code::ConnectTimeout,
                format!("no answer to the connection request within {}", shown(*limit)),
            )
            .hint("a firewall or a wrong network drops packets silently; check host, port and the way there"),
            Self::Tls { limit } => Words::new(
                Code::TlsTimeout,
                format!("connected, but the TLS handshake did not finish within {}", shown(*limit)),
            )
            .hint("the server may not speak TLS on this port, or is overloaded"),
            Self::Login { product, limit } => {
                Words::new(Code::LoginTimeout, format!("connected, but no {product} login {}", within(*limit)))
                    .hint("another service may own this port, or the server is overloaded or frozen")
            }
            Self::Query { limit } => Words::new(
                Code::QueryTimeout,
                format!("logged in, but the test query was not answered within {}", shown(*limit)),
            )
            .hint("the server accepts logins but does not work; look at its load and locks"),
            Self::OwnQueryLimit { extra } => {
                Words::new(Code::QueryTimeout, format!("the test query took longer than extra `{extra}` allows"))
                    .fields([Field::extra(extra)])
                    .hint("the server accepts logins but does not work; look at its load and locks")
            }
            Self::Host { share } => Words::new(
                Code::HostTimeout,
                format!("no login within {:.1} s, its share of the time", share.as_secs_f64()),
            )
            .hint("a firewall may drop the packets, or the server is overloaded"),
            Self::Source { limit } => {
                Words::new(Code::SourceTimeout, format!("not everything was answered within {}", shown(*limit)))
                    .hint("check that the backend can be reached from here; where it has many secrets, raise --timeout")
            }
            Self::Table { limit } => Words::new(
                Code::QueryTimeout,
                format!("logged in, but the table `connection` was not read within {}", shown(*limit)),
            )
            .hint("a migration may hold a lock on it, or the server is overloaded"),
            Self::Store { limit } => {
                Words::new(Code::LoginTimeout, format!("no answer within {}", shown(*limit)))
                    .hint("a firewall may drop the packets, or the server is overloaded")
            }
        }
    }
}

fn within(limit: Option<Duration>) -> String {
    limit.map_or_else(|| "in time".to_owned(), |limit| format!("within {}", shown(limit)))
}
