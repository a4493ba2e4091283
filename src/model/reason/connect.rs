//! Failures to connect to the server, and their messages and hints.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Field, Machine, ReasonCode as Code, Shortage, Words};
use crate::model::class::Class;
use crate::model::several;

/// The maximum number of addresses in a message.
const NAMED: usize = 3;

/// Why the connection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connect {
    /// The server's machine refused the connection.
    Refused {
        /// The addresses that were tried; never empty.
        addresses: Vec<SocketAddr>,
    },
    /// The connection request was not answered.
    Silent {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
    },
    /// There is no route to the addresses.
    NoRoute {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
    },
    /// A packet filter on the way prohibits the connection.
    Prohibited {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
    },
    /// A packet filter on this machine prohibits the connection.
    Forbidden {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
    },
    /// This machine lacks a resource for the attempt.
    Short {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
        /// The resource.
        shortage: Shortage,
    },
    /// Any other error of the operating system.
    Failed {
        /// The addresses that were tried.
        addresses: Vec<SocketAddr>,
        /// The kind of the error.
        kind: std::io::ErrorKind,
    },
    /// The socket does not exist.
    SocketMissing(PathBuf),
    /// No process accepts connections at the socket.
    SocketRefused(PathBuf),
    /// The socket's queue of pending connections is full.
    SocketBusy(PathBuf),
    /// The socket's queue stayed full until the deadline.
    SocketSilent(PathBuf),
    /// The socket's permissions forbid the connection.
    SocketForbidden(PathBuf),
    /// The path cannot be that of a socket.
    SocketPath(PathBuf),
    /// This machine lacks a resource for the attempt.
    SocketShort(PathBuf, Shortage),
    /// Any other error of the operating system.
    SocketFailed(PathBuf, std::io::ErrorKind),
}

impl Connect {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Refused { addresses } => {
                let here = addresses.iter().all(|address| address.ip().to_canonical().is_loopback());
                let hint = if here {
                    "this is connprobe's own machine or container: check that the server runs and its port is published, or name the server's own host (in a container network, its service name)"
                } else {
                    "check that the server runs and listens on that address, not only on its own localhost, and that the port is right"
                };
                let message = format!("connection refused: nothing accepts connections at {}", names(addresses));
                Words::new(Code::ConnectionRefused, message).hint(hint)
            }
            Self::Silent { addresses } => {
                let message = format!("connection timed out: no answer from {}", names(addresses));
                Words::new(Code::ConnectTimeout, message)
                    .hint("a firewall or a wrong network drops packets silently: check host, port and the way there")
            }
            Self::NoRoute { addresses } => Words::new(
                Code::NoRoute,
                format!("no route to host: this machine knows no way to {}", names(addresses)),
            )
            .hint("check the address, and that this machine is in the right network (VPN, IPv6)"),
            Self::Prohibited { addresses } => {
                let message =
                    format!("connection prohibited: a firewall on the way forbids connections to {}", names(addresses));
                Words::new(Code::ConnectionProhibited, message)
                    .hint("ask whoever runs the firewall to allow this machine, or run from one that is allowed")
            }
            Self::Forbidden { addresses } => {
                let message =
                    format!("permission denied: this machine does not let connprobe connect to {}", names(addresses));
                Words::new(Code::ConnectForbidden, message)
                    .hint("look at its firewall and at the sandbox that connprobe runs in")
            }
            Self::Short { addresses, shortage } => {
                let to = names(addresses);
                Machine::words_of(*shortage, format!("this machine could not open a connection to {to}: {shortage}"))
            }
            Self::Failed { addresses, kind } => {
                Words::new(Code::ConnectFailed, format!("could not connect to {}: {kind}", names(addresses)))
                    .hint("check host, port and the network between")
            }
            Self::SocketMissing(path) => {
                Words::new(Code::SocketMissing, format!("no such file: there is no socket `{}`", path.display()))
                    .hint("check the path, and that the server runs on this machine and in the same container")
            }
            Self::SocketRefused(path) => {
                let message =
                    format!("connection refused: nothing accepts connections at the socket `{}`", path.display());
                Words::new(Code::ConnectionRefused, message)
                    .fields([Field::HOST])
                    .hint("start the server: it is not running, or left a stale socket behind")
            }
            Self::SocketBusy(path) => {
                Words::new(Code::SocketBusy, format!("the queue of the socket `{}` is full", path.display()))
                    .hint("the server runs, but does not accept connections: look at its load")
            }
            Self::SocketSilent(path) => {
                Words::new(Code::SocketBusy, format!("no answer at the socket `{}`", path.display()))
                    .class(Class::Timeout)
                    .hint("the server runs, but does not accept connections: look at its load")
            }
            Self::SocketForbidden(path) => {
                let message =
                    format!("permission denied: this user may not connect to the socket `{}`", path.display());
                Words::new(Code::ConnectForbidden, message)
                    .hint("run as a user who may, or change the permissions of the socket and its directories")
            }
            Self::SocketPath(path) => {
                Words::new(Code::BadField, format!("the socket path `{}` cannot be used", path.display()))
                    .fields([Field::HOST])
                    .hint("shorten it: about 100 bytes is the limit")
            }
            Self::SocketShort(path, shortage) => Machine::words_of(
                *shortage,
                format!("this machine could not open a connection to the socket `{}`: {shortage}", path.display()),
            ),
            Self::SocketFailed(path, kind) => {
                Words::new(Code::ConnectFailed, format!("could not connect to the socket `{}`: {kind}", path.display()))
                    .fields([Field::HOST])
                    .hint("check that it is the server's stream socket")
            }
        }
    }
}

fn names(addresses: &[SocketAddr]) -> String {
    let shown = several::named(addresses.len(), NAMED);
    let mut names: Vec<String> = addresses[..shown].iter().map(|address| format!("`{address}`")).collect();
    if addresses.len() > shown {
        names.push(format!("{} more", addresses.len() - shown));
    }
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_of_many_addresses_are_named() {
        let addresses: Vec<SocketAddr> = (1..=9).map(|n| SocketAddr::from(([10, 0, 0, n], 1))).collect();
        assert_eq!(names(&addresses), "`10.0.0.1:1`, `10.0.0.2:1`, `10.0.0.3:1` and 6 more");
        assert_eq!(names(&addresses[..4]), "`10.0.0.1:1`, `10.0.0.2:1`, `10.0.0.3:1` and `10.0.0.4:1`");
        assert_eq!(names(&addresses[..3]), "`10.0.0.1:1`, `10.0.0.2:1` and `10.0.0.3:1`");
        assert_eq!(names(&addresses[..2]), "`10.0.0.1:1` and `10.0.0.2:1`");
        assert_eq!(names(&addresses[..1]), "`10.0.0.1:1`");
    }
}
