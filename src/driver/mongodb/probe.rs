//! One attempt: find the servers, dial the first that answers, start TLS, log in.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use rustls::AlertDescription;

use super::auth::Session;
use super::dialogue::{Dialogue, Expected};
use super::expected::Collection;
use super::greeting::Meant;
use super::hosts::{self, TxtOptions};
use super::options::{Login, Mechanism, Options, Seeds};
use super::refusal::Asker;
use super::sniff::PROTOCOL;
use crate::driver::attempt::Protection;
use crate::driver::kit::hosts::{Turns, shown};
use crate::driver::kit::tls_options::{Material, TlsOptions};
use crate::driver::kit::wire::Channel;
use crate::driver::{Attempt, Located, Probe, Shows};
use crate::model::class::{Class, Status};
use crate::model::failure::Failure;
use crate::model::notice::ReadablePassword;
use crate::model::phase::Phase;
use crate::model::reason::{ReasonCode, Resolve};
use crate::net::dial::Endpoint;
use crate::net::fault;
use crate::net::guard::Tap;

/// The likely cause of silence with TLS: a server without it takes the first bytes for a message, and waits for the
/// rest of it.
const NO_TLS: &str = "the server may be overloaded or stopped, or speak no TLS on this port and wait for more: set extra `tls` to false where it has none";
/// The likely cause of silence in clear: a server that expects TLS waits, or closes the connection.
const TLS_ONLY: &str = "the server may speak TLS only, as Atlas, Azure Cosmos DB and Amazon DocumentDB do: set extra `tls` to true; else another service may own the port, or a proxy has no live server behind it";

/// The login of one definition.
pub(super) struct MongodbProbe {
    options: Arc<Options>,
    /// The hosts and options of the SRV and TXT records, once they were looked up.
    found: Option<(Vec<Endpoint>, TxtOptions)>,
}

#[async_trait]
impl Probe for MongodbProbe {
    fn shows(&self) -> Shows {
        let scram = |login: &Login| !matches!(login.mechanism, Mechanism::Plain | Mechanism::X509);
        if self.options.login.as_ref().is_some_and(scram) { Shows::Password } else { Shows::Nothing }
    }

    async fn locate(&self, attempt: &Attempt) -> Result<Option<Located>, Failure> {
        let (Seeds::Srv { name, service, most }, None) = (&self.options.seeds, &self.found) else { return Ok(None) };
        let found = attempt.network.srv(service, name, attempt.remaining()).await?;
        let records = TxtOptions::parse(name, &found.texts)?;
        let hosts = found.targets.iter().map(|(host, _)| host);
        let words = hosts.chain(&records.auth_source).chain(&records.replica_set);
        words.for_each(|word| attempt.heard(word));
        let endpoints = hosts::of_srv(name, found.targets, *most)?;
        let probe = Self { options: Arc::clone(&self.options), found: Some((endpoints.clone(), records)) };
        Ok(Some(Located { endpoints, probe: Arc::new(probe) }))
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        if let Some(located) = attempt.phase(Phase::Resolve, self.locate(attempt)).await? {
            return located.probe.run(attempt).await;
        }
        let material = self.options.tls.as_ref().map(TlsOptions::read).transpose()?;
        let unrecorded = TxtOptions::default();
        let (hosts, records) = match (&self.found, &self.options.seeds) {
            (Some((hosts, records)), _) => (hosts.as_slice(), records),
            (None, Seeds::Hosts(hosts)) => (hosts.as_slice(), &unrecorded),
            (None, Seeds::Srv { .. }) => (&[][..], &unrecorded),
        };
        let mut turns = Turns::new(attempt, hosts);
        while let Some((host, part)) = turns.next() {
            match self.log_in(&part, host, records, material.as_ref()).await {
                Err(failure) if turns.pass_over(host, &failure, is_not_the_one) => {}
                verdict => return verdict,
            }
        }
        Err(Failure::of(Resolve::NoHost))
    }
}

impl MongodbProbe {
    /// A probe for the login with `options`.
    pub(super) fn new(options: Options) -> Self {
        Self { options: Arc::new(options), found: None }
    }

    async fn log_in(
        &self,
        attempt: &Attempt,
        host: &Endpoint,
        records: &TxtOptions,
        material: Option<&Material>,
    ) -> Result<(), Failure> {
        let options = &self.options;
        let tls = match (material, host) {
            (Some(material), Endpoint::Tcp { host, .. }) => Some(material.settings(attempt, host)),
            _ => None,
        };
        if tls.is_none() && options.login.is_some() {
            attempt.admit_in_clear(host)?;
        }
        attempt.if_silent(if tls.is_some() { NO_TLS } else { TLS_ONLY });
        let opened = Channel::open(attempt, host, tls, handshake_broken).await;
        let Channel { stream, tap, address, protection } = opened.map_err(|failure| match &options.tls {
            Some(tls) => tls.blame(failure),
            None => failure,
        })?;
        if let Some(login) = &options.login {
            attempt.admit(&address, protection)?;
            if login.mechanism == Mechanism::Plain {
                attempt.warn_of_readable_password(&address, protection, ReadablePassword::Plain);
            }
        }
        let load_balanced = options.load_balanced.or(records.load_balanced).unwrap_or(false);
        let record = records.auth_source.as_deref();
        let source = options.login.as_ref().map(|login| login.source.database(record));
        let expected = Expected {
            asker: Asker {
                host: shown(host),
                user: options.login.as_ref().and_then(|login| login.user.clone()),
                logs_in: options.login.is_some(),
                source: source.unwrap_or_default().to_owned(),
                source_is_schema: options.login.as_ref().is_some_and(|login| login.source.is_schema(record)),
            },
            meant: Meant {
                replica_set: options.replica_set.clone().or_else(|| records.replica_set.clone()),
                load_balanced,
            },
            encrypted: protection > Protection::Plain,
            verified: protection == Protection::Verified,
            unprepared: options.login.as_ref().is_some_and(Login::is_unprepared),
        };
        if let Some(database) = &options.database {
            attempt.learn(|facts| facts.database = Some(database.clone()));
        }
        let collections = Collection::all(&attempt.expected, options.database.as_deref())?;
        let collections = collections.as_slice();
        let session = Session { login: options.login.as_ref().zip(source), load_balanced, collections };
        let session = session.run(stream, Dialogue::new(attempt, tap, expected));
        let verdict = attempt.phase(Phase::Auth, session).await;
        verdict.map_err(|failure| match failure.reason {
            ReasonCode::ClosedBeforeGreeting if protection == Protection::Plain => failure.hint(TLS_ONLY),
            _ => failure,
        })
    }
}

/// The failure of a handshake, with a hint for Atlas: if an address is not on the project's access list, it ends the
/// handshake with the alert `internal_error`. A paused cluster does the same.
fn handshake_broken(error: &io::Error, tap: &Tap) -> Failure {
    let failure = fault::classify(error, tap, &PROTOCOL);
    match fault::find::<rustls::Error>(error) {
        Some(rustls::Error::AlertReceived(AlertDescription::InternalError)) => failure.hint(
            "Atlas ends the handshake so where this machine's address is not on the project's IP access list: add it in the project's Network Access, and check that the cluster is not paused; for another server, see its log",
        ),
        _ => failure,
    }
}

/// Whether the next host of a list is tried: if this one did not answer, or is not the one that the definition means;
/// never after a refusal.
fn is_not_the_one(failure: &Failure) -> bool {
    match failure.class {
        Class::Resolve | Class::Unreachable | Class::Closed | Class::Timeout | Class::Busy => true,
        Class::Definition => failure.status == Status::Failed,
        _ => false,
    }
}
