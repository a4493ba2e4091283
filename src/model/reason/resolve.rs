//! Failures of name resolution, and their messages and hints.

use super::{Field, ReasonCode as Code, Words};
use crate::model::class::Class;

const CHECK_SERVERS: &str = "check the DNS servers that this machine uses";

/// Why a name could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolve {
    /// Neither a name nor a complete address, such as `127.1`.
    HalfAnAddress {
        /// The host as written.
        host: String,
    },
    /// The name has no address.
    NameNotFound {
        /// The name.
        name: String,
    },
    /// The DNS servers answered with an error, or could not be queried.
    ResolverFailed {
        /// The name that was queried.
        name: String,
    },
    /// The DNS servers did not answer in time.
    ResolverSilent {
        /// The name that was queried.
        name: String,
    },
    /// Too many other lookups were running to start this one in time.
    NotAskedFor {
        /// The name.
        name: String,
    },
    /// This machine has no DNS server configured.
    ResolverMissing,
    /// The SRV record does not exist.
    SrvNotFound {
        /// The record's name.
        record: String,
    },
    /// The SRV record says that the service is not offered.
    SrvEmpty {
        /// The record's name.
        record: String,
    },
    /// The list of hosts is empty.
    NoHost,
    /// SQL Browser does not answer.
    BrowserSilent {
        /// The name of the instance.
        instance: String,
        /// SQL Browser's port.
        port: u16,
        /// Whether the machine reported that nothing listens at the port.
        refused: bool,
    },
    /// The instance has no TCP port.
    InstanceWithoutTcp {
        /// The instance.
        instance: String,
    },
    /// The answer of SQL Browser is malformed.
    BrowserNonsense {
        /// The name of the instance.
        instance: String,
    },
}

impl Resolve {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::HalfAnAddress { host } => {
                Words::new(Code::BadField, format!("`{host}` is neither a host name nor a complete address"))
                    .hint("write an address in full, as `127.0.0.1`")
                    .fields([Field::HOST])
            }
            Self::NameNotFound { name } => {
                Words::new(Code::NameNotFound, format!("name not found (NXDOMAIN, or no address): `{name}`")).hint(spelling(name))
            }
            Self::ResolverFailed { name } => {
                Words::new(Code::ResolverFailed, format!("the DNS servers gave no usable answer about `{name}`"))
                    .hint("check that this machine's DNS servers work and are reachable")
            }
            Self::ResolverSilent { name } => {
                Words::new(Code::ResolverSilent, format!("no answer from the DNS servers about `{name}`"))
                    .hint(CHECK_SERVERS)
            }
            Self::NotAskedFor { name } => Words::new(
                Code::LookupNotBegun,
                format!("`{name}` was not looked up: too many other names had no answer yet"),
            )
            .hint("nothing is known about the target; find out why the DNS servers do not answer, or raise `--timeout`"),
            Self::ResolverMissing => {
                Words::new(Code::ResolverMissing, "this machine does not say which DNS servers to ask for SRV records")
                    .hint("check `/etc/resolv.conf`")
            }
            Self::SrvNotFound { record } => {
                Words::new(Code::SrvNotFound, format!("there is no SRV record `{record}`"))
                    .hint("check the spelling of `host`; for a server without SRV records, clear `srv`")
            }
            Self::SrvEmpty { record } => {
                Words::new(Code::SrvNotFound, format!("the SRV record `{record}` names no host"))
                    .hint("the service is not offered at that name: check `host`")
            }
            Self::NoHost => Words::new(Code::SrvNotFound, "there is no host to try"),
            Self::BrowserSilent { instance, port, refused } => {
                let message = if *refused {
                    format!("no SQL Browser is running at UDP port {port}, to say where instance `{instance}` listens")
                } else {
                    format!("SQL Browser does not say where instance `{instance}` listens")
                };
                Words::new(Code::InstanceNotFound, message).hint(format!(
                    "check the instance's name, that the service SQL Server Browser runs and UDP port {port} is open, or give the instance's port"
                ))
            }
            Self::InstanceWithoutTcp { instance } => {
                Words::new(Code::InstanceNotFound, format!("instance `{instance}` does not listen on TCP"))
                    .hint("turn on TCP/IP for it in the SQL Server Configuration Manager, and restart it")
            }
            Self::BrowserNonsense { instance } => Words::new(
                Code::NotUnderstood,
                format!("the answer of SQL Browser about instance `{instance}` cannot be read"),
            )
            .class(Class::Protocol)
            .hint(
                "another service may own the port, or somebody answers in its name: give the port instead of the instance",
            ),
        }
    }
}

/// The hint for a name without an address, by its spelling.
fn spelling(name: &str) -> &'static str {
    if !name.is_ascii() {
        "write an internationalised name in its ASCII form, starting with `xn--`"
    } else if name.trim_end_matches('.').contains('.') {
        "check the spelling, and that this machine uses the same DNS servers as the applications do (private zones, VPN)"
    } else {
        "a container or service name resolves only inside its own network, and a short name only with the right search domain: run there, or use the full name"
    }
}
