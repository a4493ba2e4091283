//! Reads along in the relay between the crate and the server: checks every message before the crate
//! sees it, notes when a credential leaves, and learns facts and refusals at first hand.

use std::io;

use tokio::sync::oneshot;

use super::framing::{Framer, Malformed};
use super::refusal::{self, Asker};
use super::reply::Reply;
use super::{hello, scram};
use crate::driver::Attempt;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::relay::{Inspect, Stop};
use crate::net::sniff::Protocol;

/// The dialogue on one connection.
pub(super) struct Dialogue {
    attempt: Attempt,
    expected: Expected,
    tap: Tap,
    from_client: Framer,
    from_server: Framer,
    /// Told why the server's side ended, which the crate cannot see.
    ended: Option<oneshot::Sender<Failure>>,
    /// What the server has not answered yet.
    asked: Option<Asked>,
    login: LoginState,
}

/// What the definition expects of the server.
pub(super) struct Expected {
    /// Who asks, for the words of a refusal.
    pub(super) asker: Asker,
    /// The replica set that the server must be a member of.
    pub(super) replica_set: Option<String>,
    /// Whether the channel is encrypted to the server of that name.
    pub(super) verified: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Hello,
    Login,
    Query,
    Farewell,
}

#[derive(Default)]
struct LoginState {
    /// As the crate names it on the wire.
    mechanism: Option<String>,
    /// Our nonce, until the server has answered it.
    nonce: Option<String>,
    /// The server has accepted the login.
    accepted: bool,
}

impl LoginState {
    fn is_scram(&self) -> bool {
        self.mechanism.as_deref().is_some_and(|name| name.starts_with("SCRAM-"))
    }
}

impl Inspect for Dialogue {
    fn from_server(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.from_server.extend(bytes);
        while let Some(document) = self.from_server.next().map_err(|malformed| Stop(self.nonsense(&malformed)))? {
            self.answered(&document).map_err(Stop)?;
        }
        Ok(())
    }

    fn from_client(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.from_client.extend(bytes);
        while let Ok(Some(document)) = self.from_client.next() {
            self.asking(&document).map_err(Stop)?;
        }
        Ok(())
    }

    fn server_closed(&mut self, error: Option<&io::Error>) {
        let failure = match error {
            Some(error) => fault::classify(error, &self.tap, Protocol::Mongodb),
            None => fault::hung_up(&self.tap, Protocol::Mongodb),
        };
        if let Some(ended) = self.ended.take() {
            // Nobody listens any more when the crate has hung up first.
            ended.send(failure).ok();
        }
    }
}

impl Dialogue {
    /// A dialogue on the connection that `tap` belongs to; the receiver is told why the server's side
    /// ended.
    pub(super) fn new(attempt: Attempt, tap: Tap, expected: Expected) -> (Self, oneshot::Receiver<Failure>) {
        let (ended, why) = oneshot::channel();
        let dialogue = Self {
            attempt,
            expected,
            tap,
            from_client: Framer::default(),
            from_server: Framer::default(),
            ended: Some(ended),
            asked: None,
            login: LoginState::default(),
        };
        (dialogue, why)
    }

    /// A command of the crate's leaves.
    fn asking(&mut self, document: &[u8]) -> Result<(), Failure> {
        let Some(command) = Reply::read(document) else { return Ok(()) };
        let asked = match command.first() {
            Some("isMaster" | "hello") => {
                if let Some(speculative) = command.document("speculativeAuthenticate") {
                    self.login_begins(speculative);
                }
                Asked::Hello
            }
            Some("saslStart" | "authenticate") => {
                self.login_begins(command);
                Asked::Login
            }
            Some("saslContinue") => {
                self.attempt.credential_sent();
                Asked::Login
            }
            Some("endSessions") => Asked::Farewell,
            _ => {
                self.query_begins()?;
                Asked::Query
            }
        };
        self.asked = Some(asked);
        Ok(())
    }

    fn login_begins(&mut self, command: Reply<'_>) {
        self.login.mechanism = command.text("mechanism").map(str::to_owned);
        // SCRAM's first message holds a name and a nonce; the others hold the credential itself.
        if self.login.is_scram() {
            self.login.nonce = command.bytes("payload").and_then(scram::client_nonce);
        } else {
            self.attempt.credential_sent();
        }
    }

    fn query_begins(&mut self) -> Result<(), Failure> {
        if self.expected.asker.logs_in && !self.login.accepted {
            return Err(Failure::new(Class::Protocol, "the server did not ask for the login"));
        }
        self.attempt.recorder.enter(Phase::Query);
        // The crate has checked the server's signature by now.
        let proved = self.expected.verified || self.login.is_scram();
        self.attempt.learn(|facts| facts.server_proved = Some(proved));
        Ok(())
    }

    /// An answer of the server's, before the crate sees it.
    fn answered(&mut self, document: &[u8]) -> Result<(), Failure> {
        let reply = Reply::read(document).ok_or_else(|| self.nonsense(&Malformed::Fields))?;
        let asked = self.asked.take().ok_or_else(|| self.nonsense(&Malformed::Unasked))?;
        if asked == Asked::Farewell {
            return Ok(());
        }
        if reply.number("ok") != Some(1) {
            return Err(refusal::of_reply(reply, &self.expected.asker, asked == Asked::Query));
        }
        match asked {
            Asked::Hello => self.greeted(reply),
            Asked::Login => self.login_answered(reply),
            Asked::Query => {
                self.attempt.learn(|facts| hello::learn_build(reply, facts));
                Ok(())
            }
            Asked::Farewell => Ok(()),
        }
    }

    fn greeted(&mut self, reply: Reply<'_>) -> Result<(), Failure> {
        self.attempt.learn(|facts| hello::learn(reply, facts));
        hello::check(reply, &self.expected.asker.host, self.expected.replica_set.as_deref())?;
        if reply.has("speculativeAuthenticate") {
            let speculative = reply.document("speculativeAuthenticate").ok_or_else(|| self.nonsense(&Malformed::Fields))?;
            self.login_answered(speculative)?;
        }
        Ok(())
    }

    fn login_answered(&mut self, reply: Reply<'_>) -> Result<(), Failure> {
        if let Some(nonce) = self.login.nonce.take() {
            let payload = reply.bytes("payload").unwrap_or_default();
            return scram::check_server_first(payload, &nonce).map_err(|why| {
                Failure::new(Class::Protocol, format!("the server's part of the SCRAM login is refused: {why}"))
                    .hint("no MongoDB asks so; check that host and port lead to the server that is meant")
            });
        }
        self.login.accepted = reply.flag("done") || self.login.mechanism.as_deref() == Some("MONGODB-X509");
        if self.login.accepted {
            let method = self.login.mechanism.clone();
            let user = reply.text("user").map(str::to_owned).or_else(|| self.expected.asker.user.clone());
            self.attempt.learn(|facts| (facts.auth_method, facts.user) = (method, user));
        }
        Ok(())
    }

    /// What answers there is not MongoDB, or does not behave as it.
    fn nonsense(&self, malformed: &Malformed) -> Failure {
        fault::classify(malformed, &self.tap, Protocol::Mongodb)
    }
}
