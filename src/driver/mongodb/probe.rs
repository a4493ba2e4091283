//! One attempt: find the servers, dial the first that answers, encrypt, log in.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use rustls::AlertDescription;

use super::dialogue::{Dialogue, Expected};
use super::greeting::Meant;
use super::hosts::{self, TxtOptions};
use super::options::{Login, Mechanism, Options, Seeds, Tls};
use super::refusal::Asker;
use super::session::Session;
use crate::driver::attempt::Protection;
use crate::driver::kit::wire::{Stream, TlsHandshake, TlsRequest};
use crate::driver::tls_file::TlsFile;
use crate::driver::{Attempt, Located, Probe, Shows};
use crate::model::class::{Class, Status};
use crate::model::failure::Failure;
use crate::model::notice::{MongodbNotice, ReadablePassword};
use crate::model::phase::Phase;
use crate::model::reason::{ReasonCode, Resolve};
use crate::model::secret::Secret;
use crate::net::dial::{Endpoint, Wire};
use crate::net::fault;
use crate::net::sniff::Protocol;
use crate::net::tls::{ClientIdentity, Verification, Versions};

/// What a server that speaks nothing but TLS does in clear: it waits, or closes.
/// What a server does that speaks no TLS: it takes the first bytes for a message, and waits for the rest of it.
const NO_TLS: &str = "the server may be overloaded or stopped, or speak no TLS on this port and wait for more: set extra `tls` to false where it has none";
const TLS_ONLY: &str = "the server may speak TLS only, as Atlas, Azure Cosmos DB and Amazon DocumentDB do: set extra `tls` to true; else another service may own the port, or a proxy has no live server behind it";

/// The login that one definition asks for.
pub(super) struct MongodbProbe {
    options: Arc<Options>,
    /// What SRV and TXT records say, once they were asked for.
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
        let keys = self.options.tls.as_ref().map(Keys::read).transpose()?;
        let unrecorded = TxtOptions::default();
        let (hosts, records) = match (&self.found, &self.options.seeds) {
            (Some((hosts, records)), _) => (hosts.as_slice(), records),
            (None, Seeds::Hosts(hosts)) => (hosts.as_slice(), &unrecorded),
            (None, Seeds::Srv { .. }) => (&[][..], &unrecorded),
        };
        let mut left = hosts.len();
        for host in hosts {
            let part = share(attempt, left);
            left -= 1;
            match self.log_in(&part, host, records, keys.as_ref()).await {
                Err(failure) if left > 0 && asks_the_next(&failure, attempt) => {
                    attempt.warn(MongodbNotice::HostSkipped { host: hosts::shown(host), why: failure.message });
                }
                verdict => return verdict,
            }
        }
        Err(Failure::of(Resolve::NoHost))
    }
}

impl MongodbProbe {
    /// The login that `options` ask for.
    pub(super) fn new(options: Options) -> Self {
        Self { options: Arc::new(options), found: None }
    }

    async fn log_in(
        &self,
        attempt: &Attempt,
        host: &Endpoint,
        records: &TxtOptions,
        keys: Option<&Keys>,
    ) -> Result<(), Failure> {
        let options = &self.options;
        let wire = attempt.dial(host).await?;
        let (tap, address) = (wire.tap.clone(), wire.address.clone());
        let (channel, protection) = if let (Endpoint::Tcp { host, .. }, Some(keys)) = (host, keys) {
            keys.encrypt(attempt, host, wire).await.map_err(|failure| match &options.tls {
                Some(tls) => tls.blame(failure),
                None => failure,
            })?
        } else {
            attempt.if_silent(TLS_ONLY);
            (Box::new(wire.stream) as Box<dyn Stream>, Protection::Plain)
        };
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
                host: hosts::shown(host),
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
        let session = Session { login: options.login.as_ref().zip(source), load_balanced };
        let session = session.run(channel, Dialogue::new(attempt, tap, expected));
        let verdict = attempt.phase(Phase::Auth, session).await;
        verdict.map_err(|failure| match failure.reason {
            ReasonCode::ClosedBeforeGreeting if protection == Protection::Plain => failure.hint(TLS_ONLY),
            _ => failure,
        })
    }
}

/// What the TLS of a definition needs, read from its files before anything is dialled.
struct Keys {
    verification: Verification,
    ca: Option<Vec<u8>>,
    identity: Option<Secret>,
}

impl Keys {
    fn read(tls: &Tls) -> Result<Self, Failure> {
        let ca = tls.ca.as_ref().map(TlsFile::read).transpose()?;
        Ok(Self {
            verification: tls.verification,
            ca: ca.map(|pem| pem.expose().as_bytes().to_vec()),
            identity: tls.identity.as_ref().map(TlsFile::read).transpose()?,
        })
    }

    /// Shakes hands over `wire` with the server that the definition calls `host`.
    async fn encrypt(
        &self,
        attempt: &Attempt,
        host: &str,
        wire: Wire,
    ) -> Result<(Box<dyn Stream>, Protection), Failure> {
        let request = TlsRequest {
            verification: self.verification,
            roots: attempt.roots(self.ca.clone()),
            // One file holds both; each is read for the part that it is asked for.
            identity: self.identity.as_ref().map(|pem| ClientIdentity {
                certificates: Secret::new(pem.expose().to_owned()),
                key: Secret::new(pem.expose().to_owned()),
            }),
            server_name: host.to_owned(),
            alpn: Vec::new(),
            versions: Versions::Both,
        };
        let tls = TlsHandshake::prepare(attempt, &wire.address, request)?;
        attempt.if_silent(NO_TLS);
        let shaken = tls.run(wire.stream).await;
        let stream =
            shaken.map_err(|error| turned_away(fault::classify(&error, &wire.tap, Protocol::Mongodb), &error))?;
        Ok((Box::new(stream), tls.protection()))
    }
}

/// What Atlas does with an address that is not on the project's list: it ends the handshake with an alert for an
/// internal error. A paused cluster does the same.
fn turned_away(failure: Failure, error: &std::io::Error) -> Failure {
    match fault::find::<rustls::Error>(error) {
        Some(rustls::Error::AlertReceived(AlertDescription::InternalError)) => failure.hint(
            "Atlas ends the handshake so where this machine's address is not on the project's IP access list: add it in the project's Network Access, and check that the cluster is not paused; for another server, see its log",
        ),
        _ => failure,
    }
}

/// The next host of a list is asked when this one did not answer, or is not the one that is meant;
/// never after a refusal, nor once a credential is on its way.
fn asks_the_next(failure: &Failure, attempt: &Attempt) -> bool {
    let other = match failure.class {
        Class::Resolve | Class::Unreachable | Class::Closed | Class::Timeout | Class::Busy => true,
        Class::Definition => failure.status == Status::Failed,
        _ => false,
    };
    other && !attempt.recorder.look(|trace| trace.credential_sent)
}

/// The attempt with this host's share of the time, so that a silent one leaves some to the others.
fn share(attempt: &Attempt, hosts_left: usize) -> Attempt {
    let parts = u32::try_from(hosts_left).unwrap_or(u32::MAX).max(1);
    Attempt {
        network: Arc::clone(&attempt.network),
        policy: attempt.policy.clone(),
        deadline: Instant::now() + attempt.remaining() / parts,
        recorder: Arc::clone(&attempt.recorder),
        controls: Arc::clone(&attempt.controls),
    }
}
