//! `Plan`: how to log in to one connection. `Refusal`: why that is impossible.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Circumstances, Probe};
use crate::model::class::Class;
use crate::model::connection::Problem;
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::reason::{Definition, Field};
use crate::model::warning::Warning;
use crate::net::dial::Endpoint;

/// How to log in to one connection. Made by [`Plan::builder`].
#[non_exhaustive]
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
    /// The fields that hold the credential, where they are not `login` and `password`.
    pub credential_fields: Vec<Field>,
    /// Makes the attempt.
    pub probe: Arc<dyn Probe>,
}

/// Makes a [`Plan`], whose fields explain the methods. What is not set is empty: the definition has no credential, no
/// limit, no warning.
#[must_use]
pub struct PlanBuilder {
    target: Target,
    endpoints: Vec<Endpoint>,
    circumstances: Circumstances,
    aliases: Vec<Alias>,
    account: String,
    credential: Option<Fingerprint>,
    login: Option<String>,
    timeout: Option<Duration>,
    warnings: Vec<Warning>,
    credential_fields: Vec<Field>,
}

impl Plan {
    /// Begins a plan to dial `endpoints`, which results show as `target`.
    pub fn builder(target: Target, endpoints: Vec<Endpoint>, circumstances: Circumstances) -> PlanBuilder {
        PlanBuilder {
            target,
            endpoints,
            circumstances,
            aliases: Vec::new(),
            account: String::new(),
            credential: None,
            login: None,
            timeout: None,
            warnings: Vec::new(),
            credential_fields: Vec::new(),
        }
    }
}

impl PlanBuilder {
    /// Sets [`Plan::aliases`].
    pub fn aliases(mut self, aliases: Vec<Alias>) -> Self {
        self.aliases = aliases;
        self
    }

    /// Sets [`Plan::account`].
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets [`Plan::credential`].
    pub fn credential(mut self, credential: impl Into<Option<Fingerprint>>) -> Self {
        self.credential = credential.into();
        self
    }

    /// Sets [`Plan::login`].
    pub fn login(mut self, login: impl Into<Option<String>>) -> Self {
        self.login = login.into();
        self
    }

    /// Sets [`Plan::timeout`].
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets [`Plan::warnings`].
    pub fn warnings(mut self, warnings: Vec<Warning>) -> Self {
        self.warnings = warnings;
        self
    }

    /// Sets [`Plan::credential_fields`].
    pub fn credential_fields(mut self, fields: Vec<Field>) -> Self {
        self.credential_fields = fields;
        self
    }

    /// The plan, with the `probe` that makes the attempt.
    pub fn build(self, probe: Arc<dyn Probe>) -> Plan {
        let Self { target, endpoints, circumstances, aliases, account, .. } = self;
        let Self { credential, login, timeout, warnings, credential_fields, .. } = self;
        Plan {
            target,
            endpoints,
            aliases,
            account,
            credential,
            circumstances,
            login,
            timeout,
            warnings,
            credential_fields,
            probe,
        }
    }
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
