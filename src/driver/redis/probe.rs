//! One attempt: dial the first node that answers, start TLS, log in, send PING and select the database.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use super::auth::{Judgement, Stage, judge, refusal};
use super::codes::{NO_TLS, tls_only};
use super::expected;
use super::notices::RedisNotice;
use super::options::{FILES, Options, SSL};
use super::sniff::PROTOCOL;
use super::wire::{Reply, Wire};
use crate::driver::attempt::Protection;
use crate::driver::kit::hosts::{Turns, shown};
use crate::driver::kit::lines::malformed;
use crate::driver::kit::tls_options::{Material, TlsOptions};
use crate::driver::kit::wire::{Channel, Stream};
use crate::driver::{Answer, Attempt, Probe};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::notice::ReadablePassword;
use crate::model::phase::Phase;
use crate::model::reason::{Deployment, Field, ReasonCode, Resolve};
use crate::model::secret::Secret;
use crate::net::dial::Endpoint;
use crate::net::fault;
use crate::net::guard::Tap;

/// How long a server that has accepted the login may take to answer HELLO.
const PATIENCE: Duration = Duration::from_millis(250);

/// The login of one definition.
pub(super) struct Login(pub(super) Options);

#[async_trait]
impl Probe for Login {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let material = self.0.tls.as_ref().map(TlsOptions::read).transpose()?;
        let mut turns = Turns::new(attempt, &self.0.endpoints);
        while let Some((node, part)) = turns.next() {
            match self.log_in(&part, node, material.as_ref()).await {
                Err(failure) if turns.pass_over(node, &failure, does_not_answer) => {}
                verdict => return verdict,
            }
        }
        Err(Failure::of(Resolve::NoHost))
    }
}

impl Login {
    async fn log_in(&self, attempt: &Attempt, node: &Endpoint, material: Option<&Material>) -> Result<(), Failure> {
        let Endpoint::Tcp { host, .. } = node else { unreachable!("a node has a name") };
        let tls = material.map(|material| material.settings(attempt, host));
        if tls.is_none() && self.0.auth().is_some() {
            attempt.admit_in_clear(node)?;
        }
        attempt.if_silent(if tls.is_some() { NO_TLS } else { tls_only(host) });
        let opened = Channel::open(attempt, node, tls, broken).await;
        let Channel { stream, tap, address, protection } = opened.map_err(|failure| match &self.0.tls {
            Some(tls) => at_extras(tls.blame(failure)),
            None => failure,
        })?;
        let mut session = Session { wire: Wire::new(stream), tap, options: &self.0, attempt, node: shown(node) };
        let logging_in = async {
            let Some(command) = self.0.auth() else {
                attempt.phase(Phase::Auth, session.prove()).await?;
                attempt.warn(RedisNotice::LoginNotDemanded);
                return attempt.phase(Phase::Query, expected::look_for(&mut session)).await;
            };
            attempt.learn(|facts| facts.server_proved = Some(protection == Protection::Verified));
            attempt.admit(&address, protection)?;
            attempt.phase(Phase::Auth, session.greet()).await?;
            attempt.warn_of_readable_password(&address, protection, ReadablePassword::Command);
            attempt.phase(Phase::Auth, session.authenticate(command)).await?;
            attempt.phase(Phase::Query, session.prove()).await?;
            expected::look_for(&mut session).await
        };
        logging_in.await.map_err(|failure| match failure.reason {
            ReasonCode::ClosedBeforeGreeting if protection == Protection::Plain => {
                let mut failure = failure.hint(tls_only(host));
                failure.point_at([Field::extra(SSL)]);
                failure
            }
            _ => failure,
        })?;
        session.wire.leave().await;
        Ok(())
    }
}

/// A session in progress.
pub(super) struct Session<'a> {
    wire: Wire<Box<dyn Stream>>,
    tap: Tap,
    pub(super) options: &'a Options,
    pub(super) attempt: &'a Attempt,
    pub(super) node: String,
}

impl Session<'_> {
    /// The reply to one command.
    pub(super) async fn ask(&mut self, command: &[&str]) -> Result<Reply, Failure> {
        self.wire.ask(&[command.to_vec()]).await.map_err(|error| broken(&error, &self.tap))
    }

    /// Sends PING before the credential. A server that takes no commands for now says so, and a server of another kind
    /// shows itself: neither sees the credential, and the next attempt is free.
    async fn greet(&mut self) -> Result<(), Failure> {
        match self.ask(&["PING"]).await? {
            Reply::Text(text) if text == "PONG" => Ok(()),
            Reply::Text(_) | Reply::Values(_) => Err(self.nonsense()),
            Reply::Refused(text) => {
                let failure = refusal(&text, Stage::Greeting, self.options, &self.node);
                match failure.class {
                    Class::Busy => Err(failure),
                    Class::Denied if failure.reason != ReasonCode::PrivilegeMissing => Err(failure),
                    // It wants a login first, or has no PING.
                    _ => Ok(()),
                }
            }
        }
    }

    async fn authenticate(&mut self, command: Vec<&str>) -> Result<(), Failure> {
        match self.ask_for_admission(command).await? {
            // A server without users has not looked at what it was sent.
            Judgement::WithoutUser => {
                self.attempt.warn(RedisNotice::UserNotKnown);
                let password = self.options.password.as_ref().map_or("", Secret::expose);
                self.ask_for_admission(vec!["AUTH", password]).await?.verdict()
            }
            judgement => judgement.verdict(),
        }
        .unwrap_or_else(|| Err(self.nonsense()))
    }

    async fn ask_for_admission(&mut self, command: Vec<&str>) -> Result<Judgement, Failure> {
        self.attempt.credential_sent();
        let reply = self.wire.ask(&[command]).await.map_err(|error| broken(&error, &self.tap))?;
        Ok(judge(&reply, self.options, &self.node, self.attempt))
    }

    /// Sends PING, selects the database, and asks for the product with HELLO, which older servers do not support.
    async fn prove(&mut self) -> Result<(), Failure> {
        let Options { db, .. } = self.options;
        let number = db.to_string();
        let mut commands = vec![vec!["PING"], vec!["SELECT", &number], vec!["HELLO"]];
        if *db == 0 {
            commands.remove(1);
        }
        match self.wire.ask(&commands).await.map_err(|error| broken(&error, &self.tap))? {
            Reply::Text(text) if text == "PONG" => {}
            Reply::Text(_) | Reply::Values(_) => return Err(self.nonsense()),
            Reply::Refused(text) => {
                let failure = refusal(&text, Stage::Ping, self.options, &self.node);
                // A user without permission for PING is logged in nevertheless. So is one whose password was accepted,
                // at a server that does not have PING.
                let was_accepted = self.attempt.recorder.credential().answer == Some(Answer::Accepted);
                let is_admitted = was_accepted && text.starts_with("ERR unknown command");
                if failure.reason != ReasonCode::PrivilegeMissing && !is_admitted {
                    // Some proxies look at the password only now.
                    if was_accepted && failure.class == Class::Auth {
                        self.attempt.credential_refused();
                    }
                    return Err(failure);
                }
                self.attempt.warn(RedisNotice::FewRights);
            }
        }
        if *db != 0 {
            match self.wire.reply().await.map_err(|error| broken(&error, &self.tap))? {
                Reply::Text(text) if text == "OK" => {
                    self.attempt.learn(|facts| facts.database = Some(number));
                }
                Reply::Text(_) | Reply::Values(_) => return Err(self.nonsense()),
                Reply::Refused(text) => {
                    let failure = refusal(&text, Stage::Select, self.options, &self.node);
                    if failure.class == Class::Auth {
                        self.attempt.credential_refused();
                    }
                    return Err(failure);
                }
            }
        }
        // The login is proved: the answer to HELLO is optional, unless another one follows.
        let patience = if self.attempt.expected.is_empty() { PATIENCE } else { self.attempt.remaining() };
        match timeout(patience, self.wire.reply()).await {
            Ok(Ok(Reply::Values(values))) => self.learn(&values),
            Ok(Ok(Reply::Text(_) | Reply::Refused(_)) | Err(_)) | Err(_) => Ok(()),
        }
    }

    /// Records the product, which the server reports in pairs.
    fn learn(&self, values: &[String]) -> Result<(), Failure> {
        let value = |key: &str| values.chunks_exact(2).find(|pair| pair[0] == key).map(|pair| pair[1].as_str());
        self.attempt.learn(|facts| {
            facts.server = value("server").map(|server| match server {
                "redis" => "Redis".to_owned(),
                "valkey" => "Valkey".to_owned(),
                other => other.to_owned(),
            });
            facts.version = value("version").map(str::to_owned);
        });
        match value("mode") {
            Some("sentinel") => Err(Failure::of(Deployment::Sentinel { host: self.node.clone() })),
            Some("standalone") if self.options.cluster => {
                Err(Failure::of(Deployment::NoCluster { host: self.node.clone() }))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn nonsense(&self) -> Failure {
        broken(&malformed("an answer to another question"), &self.tap)
    }
}

/// Adds to the `failure` of a handshake the extras that caused it.
fn at_extras(mut failure: Failure) -> Failure {
    let [authorities, certificate, key] = FILES;
    let extras: &[&str] = match failure.reason {
        ReasonCode::TlsNotSpoken | ReasonCode::ClosedDuringTls => &[SSL],
        ReasonCode::UnknownIssuer => &[authorities],
        ReasonCode::WrongName => &["ssl_check_hostname"],
        ReasonCode::ClientCertificateRequired | ReasonCode::ClientCertificateRefused => &[certificate, key],
        _ => &[],
    };
    failure.point_at(extras.iter().map(|extra| Field::extra(extra)));
    failure
}

/// Whether the next node is tried: only if this one does not answer.
fn does_not_answer(failure: &Failure) -> bool {
    matches!(failure.class, Class::Resolve | Class::Unreachable | Class::Timeout)
}

fn broken(error: &io::Error, tap: &Tap) -> Failure {
    fault::classify(error, tap, &PROTOCOL)
}
