//! `Plan`: how to log in to one connection. `Refusal`: why that is impossible.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Circumstances, Probe};
use crate::model::class::Class;
use crate::model::connection::Problem;
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::reason::Definition;
use crate::model::warning::Warning;
use crate::net::dial::Endpoint;

/// How to log in to one connection.
pub struct Plan {
    /// What the definition asks for, as results show it.
    pub target: Target,
    /// Everything that may be dialled, in order of trial. The engine applies its limits by the first one's host, and
    /// resolves all of them to identify the account. Empty where only the network can tell: see [`Probe::locate`].
    pub endpoints: Vec<Endpoint>,
    /// Other names of the same servers, which identify the account too.
    pub aliases: Vec<Alias>,
    /// What, besides driver, address and port, identifies the account: the login as the server folds it, and the
    /// authentication database or key id where the server separates logins by it.
    pub account: String,
    /// A digest of the secret that will be sent; `None` if none is.
    pub credential: Option<Fingerprint>,
    /// What, besides the secret, could change the server's answer to it: whether TLS is used, a client certificate, the
    /// method.
    pub circumstances: Circumstances,
    /// The login as it may be shown (S3 key ids are shortened).
    pub login: Option<String>,
    /// The definition's own limit for the probe, which can shorten the run's but not extend it.
    pub timeout: Option<Duration>,
    /// Warnings about a definition that is odd, but usable.
    pub warnings: Vec<Warning>,
    /// Makes the attempt.
    pub probe: Arc<dyn Probe>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("target", &self.target).field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// Another name of a server that may be dialled; it is not dialled itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The endpoint of [`Plan::endpoints`] that has it.
    pub of: Endpoint,
    /// The other name.
    pub name: Endpoint,
}

/// What the definition asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The host as it will be used (an S3 endpoint's host; a socket's directory).
    pub host: Option<String>,
    /// The port that will be used.
    pub port: Option<u16>,
    /// The database, authentication database or bucket.
    pub database: Option<String>,
}

impl fmt::Display for Target {
    /// Writes `host:port/database`, with brackets around an IPv6 address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) if host.contains(':') && !host.contains(',') => write!(f, "[{host}]")?,
            Some(host) => f.write_str(host)?,
            None => {}
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        if let Some(database) = &self.database {
            write!(f, "/{database}")?;
        }
        Ok(())
    }
}

/// Why a connection cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `definition`, `secret` or `unsupported`.
    pub class: Class,
    /// Every problem found, never empty.
    pub problems: Vec<Problem>,
    /// The warnings besides.
    pub warnings: Vec<Warning>,
}

impl Refusal {
    /// The class of a definition with these `problems`: if its secret cannot be read, it may be complete otherwise.
    #[must_use]
    pub fn class_of(problems: &[Problem]) -> Class {
        let secret = problems.iter().any(|problem| problem.class == Class::Secret);
        if secret { Class::Secret } else { Class::Definition }
    }

    /// All problems as the one failure of the result.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        Failure::of(Definition::Problems { class: self.class, problems: self.problems })
    }
}
