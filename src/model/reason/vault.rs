//! Vault as a source of definitions: its failures, and their messages and hints. Vault's own text is never quoted.

use super::{ReasonCode as Code, Words};

/// Why Vault returned no definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Vault {
    /// Vault rejects the token.
    TokenRefused,
    /// The request was throttled.
    Throttled,
    /// Vault is sealed.
    Sealed,
    /// Vault is temporarily unavailable.
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// Vault rejects the request.
    NotTaken {
        /// The HTTP status.
        status: u16,
    },
    /// Vault failed.
    Failed {
        /// The HTTP status.
        status: u16,
    },
    /// The token lacks a capability.
    NotPermitted {
        /// The capability.
        verb: &'static str,
        /// The path that needs it.
        path: String,
    },
    /// There is no secrets engine at the path, or the token cannot see it.
    NotMounted {
        /// The path.
        path: String,
    },
    /// The secrets engine is not KV.
    NotKv {
        /// The path where it is mounted.
        mount: String,
    },
    /// There are no secrets under the path.
    Nothing {
        /// The mount, with a trailing slash.
        mount: String,
        /// The path within the mount.
        path: String,
    },
    /// There are more secrets than connprobe reads.
    TooMany {
        /// The maximum number of secrets.
        most: usize,
        /// The maximum depth of folders.
        depth: usize,
    },
    /// The token contains characters that cannot be sent.
    BadToken,
    /// The namespace or path contains characters that cannot be sent.
    BadPath,
}

impl Vault {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::TokenRefused => Words::new(Code::TokenInvalid, "Vault does not accept the token").hint(
                "it may have expired or been revoked, or belong to another namespace: set `VAULT_TOKEN` to a valid one, and `VAULT_NAMESPACE` to its namespace",
            ),
            Self::Throttled => Words::new(Code::SlowDown, "Vault asks for fewer requests (HTTP 429)")
                .hint("try again later, or raise the rate limit quota of the path"),
            Self::Sealed => Words::new(Code::Unavailable, "Vault is sealed (HTTP 503)")
                .hint("it gives nothing until it is unsealed, which takes its operators' keys"),
            Self::Unavailable { status } => {
                Words::new(Code::Unavailable, format!("Vault takes no requests at the moment (HTTP {status})"))
                    .hint("it may be starting or electing a leader: try again later")
            }
            Self::NotTaken { status } => {
                Words::new(Code::ServerError, format!("Vault does not take the request (HTTP {status})"))
                    .hint("check that the path names secrets, and that Vault is not older than version 0.10")
            }
            Self::Failed { status } => {
                Words::new(Code::ServerError, format!("Vault failed on its own account (HTTP {status})"))
                    .hint("try again; if it stays, Vault's log says why")
            }
            Self::NotPermitted { verb, path } => {
                Words::new(Code::PrivilegeMissing, format!("the token may not {verb} `{path}`"))
                    .hint(format!("grant it the capability `{verb}` on that path in one of its policies"))
            }
            Self::NotMounted { path } => Words::new(
                Code::PrivilegeMissing,
                format!("no secrets engine is mounted at `{path}`, or the token may not use it"),
            )
            .hint(
                "PATH begins with the mount, as in `vault:secret/connections`; the token needs `list` and `read` below it",
            ),
            Self::NotKv { mount } => {
                Words::new(Code::SourceUnusable, format!("what is mounted at `{mount}` is no KV secrets engine"))
                    .hint("name a path of an engine of type `kv`, of version 1 or 2")
            }
            Self::Nothing { mount, path } => {
                let branch = path.split('/').any(|step| matches!(step, "data" | "metadata"));
                Words::new(Code::PathNotFound, format!("there are no secrets below `{mount}{path}`")).hint(if branch {
                    "name the path as `vault kv list` takes it: without `data/` or `metadata/`"
                } else {
                    "check the path with `vault kv list`; Airflow's own is `secret/connections`"
                })
            }
            Self::TooMany { most, depth } => Words::new(
                Code::TooManyEntries,
                format!("there are more than {most} secrets, or folders nest deeper than {depth}"),
            )
            .hint("name a narrower path"),
            Self::BadToken => Words::new(
                Code::SourceUnusable,
                "the token has a line end or another character in it that none can have",
            )
            .hint("check `VAULT_TOKEN`, or the file that `VAULT_TOKEN_FILE` names"),
            Self::BadPath => {
                Words::new(Code::SourceUnusable, "`VAULT_NAMESPACE` or the path cannot be part of a request")
                    .hint("write them as Vault shows them")
            }
        }
    }
}
