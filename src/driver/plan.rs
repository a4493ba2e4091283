//! `Plan`: how one connection would be logged in to. `Refusal`: why it cannot be.

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

/// How one connection would be logged in to.
pub struct Plan {
    /// What the user asked for, for results.
    pub target: Target,
    /// Everything that may be dialled, in order of trial. The engine limits by the first one's host,
    /// and resolves all of them to know the account. Empty where only the network knows: see [`Probe::locate`].
    pub endpoints: Vec<Endpoint>,
    /// By which names others may reach the same servers: they make the account too.
    pub aliases: Vec<Alias>,
    /// What, besides driver, address and port, makes the account: the login as the server folds it, and where it
    /// keeps logins apart also the authentication database or key id.
    pub account: String,
    /// A digest of the secret that will be sent; `None` when none is.
    pub credential: Option<Fingerprint>,
    /// What besides the secret could change the server's answer to it: TLS or not, a client certificate, the method.
    pub circumstances: Circumstances,
    /// The login as it may be shown (S3 key ids are shortened).
    pub login: Option<String>,
    /// The definition's own limit for the probe, which may only shorten the run's.
    pub timeout: Option<Duration>,
    /// What is odd about the definition, but usable.
    pub warnings: Vec<Warning>,
    /// The attempt itself.
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
    /// Which of [`Plan::endpoints`] it is.
    pub of: Endpoint,
    /// How others may name it.
    pub name: Endpoint,
}

/// What the user asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Host as it will be used (an S3 endpoint's host; a socket's directory).
    pub host: Option<String>,
    /// The port that will be used.
    pub port: Option<u16>,
    /// The database, authentication database or bucket.
    pub database: Option<String>,
}

impl fmt::Display for Target {
    /// `host:port/database`, with brackets around an IPv6 address.
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
    /// What was odd besides.
    pub warnings: Vec<Warning>,
}

impl Refusal {
    /// What a definition with `problems` of its own comes to: one whose secret cannot be read is
    /// perhaps complete.
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
