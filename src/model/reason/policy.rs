//! What connprobe refuses to do, and the messages and hints.

use std::fmt;
use std::net::IpAddr;

use super::{Field, ReasonCode as Code, Words};
use crate::model::class::Class;

/// The rule that denies an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EgressRule {
    /// A built-in rule for addresses without databases; the kind of address, such as `a link-local address`.
    Builtin(&'static str),
    /// A rule of the user, as written.
    Denied(String),
}

impl fmt::Display for EgressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin(kind) => f.write_str(kind),
            Self::Denied(rule) => write!(f, "denied by `--egress-deny {rule}`"),
        }
    }
}

/// Why connprobe refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// All of the target's addresses are denied.
    EgressDenied {
        /// The first of the target's addresses.
        address: IpAddr,
        /// The rule that denies it.
        rule: EgressRule,
    },
    /// Unix sockets are denied.
    SocketDenied {
        /// The rule that denies them.
        rule: EgressRule,
    },
    /// Name lookups are denied.
    LookupDenied {
        /// The first name to be looked up.
        host: String,
        /// The rule that denies it.
        rule: EgressRule,
    },
    /// A file that the definition names cannot be used.
    FileUnusable {
        /// The path of the field within `extra`.
        extra: String,
    },
    /// The server redirects the login to another server.
    LoginForwarded,
    /// An SRV record names a host outside its domain.
    SrvOutside {
        /// The name that was queried.
        name: String,
        /// The domain that the hosts must belong to.
        domain: String,
    },
    /// A TXT record contains options that are not allowed there.
    TxtRefused {
        /// The name that was queried.
        name: String,
        /// A clause that says what is wrong.
        why: String,
    },
    /// A login that was already redirected is redirected again.
    ForwardedAgain,
    /// The server asks for an authentication method that the definition does not allow.
    MethodNotAdmitted {
        /// The method; `None` if the server asks for no proof.
        asked: Option<&'static str>,
    },
    /// The channel for a source's credentials and secrets is not secure enough.
    SourceExposed {
        /// Whether it is encrypted, though not verified.
        encrypted: bool,
    },
}

impl Policy {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::EgressDenied { address, rule } => {
                Words::new(Code::EgressDenied, format!("`{address}` is {rule}; nothing was sent")).hint(match rule {
                    EgressRule::Denied(_) => "correct `host`, or the rule",
                    EgressRule::Builtin(_) => {
                        "no database is served at such an address, but whoever made the definition or its DNS name could collect the credentials there: correct `host` (or see --egress-allow)"
                    }
                })
            }
            Self::SocketDenied { rule } => {
                Words::new(Code::EgressDenied, format!("a unix socket is {rule}; nothing was sent"))
                    .hint("name the server's address, or allow sockets with `--egress-allow unix`")
            }
            Self::LookupDenied { host, rule } => {
                Words::new(Code::EgressDenied, format!("looking up `{host}` is {rule}; nothing was sent"))
                    .hint("write addresses instead of names, or allow the DNS server of --dns-server with --egress-allow")
            }
            Self::FileUnusable { extra } => {
                Words::new(Code::FileUnusable, format!("the file that extra `{extra}` names cannot be used"))
                    .fields([Field::extra(extra)])
                    .hint("name a regular, readable PEM file of up to 1 MiB, relative to the definition's file, or put the PEM text itself there")
            }
            Self::LoginForwarded => Words::new(
                Code::LoginForwarded,
                "the server sends the login on to another server, to which the stored secret is not sent",
            )
            .hint("a read-only login to an availability group is sent on to a replica: store the replica's own host to check it"),
            Self::SrvOutside { name, domain } => Words::new(
                Code::RecordNotTrusted,
                format!("the SRV record of `{name}` names a host outside of `{domain}`, and no credential is sent there"),
            )
            .hint("correct the record, or list the hosts in `host` without `srv`"),
            Self::TxtRefused { name, why } => {
                Words::new(Code::RecordNotTrusted, format!("the TXT record of `{name}` {why}")).hint(
                    "it may hold `authSource`, `replicaSet` and `loadBalanced`; correct it, or list the hosts in `host` without `srv`",
                )
            }
            Self::ForwardedAgain => Words::new(
                Code::LoginForwarded,
                "the server that the login was sent on to sends it on once more",
            )
            .class(Class::Protocol)
            .hint("look at the service's state: Azure's gateways send a login on once"),
            Self::MethodNotAdmitted { asked } => {
                let what = asked.map_or_else(|| "no proof".to_owned(), |method| format!("`{method}` authentication"));
                Words::new(
                    Code::MethodNotAdmitted,
                    format!("the server asked for {what}, which extra `require_auth` does not admit"),
                )
                .hint("no credential was sent: another server may be answering, or its pg_hba.conf was changed")
            }
            Self::SourceExposed { encrypted } => {
                let how = if *encrypted { "would go to whoever answers" } else { "would travel unencrypted" };
                Words::new(Code::SecretExposed, format!("the credentials and every secret {how}; nothing was sent"))
                    .hint("use `https://` and a certificate that is verified; `http://`, and certificates that are not, are for this machine only")
            }
        }
    }
}
