//! The dialogue between the crate and the server: forwards only the messages of a login, records when a credential is
//! sent, and takes facts and refusals from the server's own messages.
//!
//! No document of the server reaches the crate: each is replaced by one made here, with the values that the crate
//! needs.

use std::io;

use mongodb::bson::{Bson, Document, doc};
use tokio::io::{AsyncWriteExt, BufReader};

use super::expected::{self, Collection};
use super::greeting::Meant;
use super::refusal::{self, Asker, Stage};
use super::reply::{Reply, binary};
use super::sniff::PROTOCOL;
use super::wire::{Malformed, Message};
use super::{greeting, scram};
use crate::driver::kit::sasl::Challenge;
use crate::driver::kit::wire::Stream;
use crate::driver::{Attempt, Evidence};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{self, Machine};

use crate::net::fault;
use crate::net::guard::Tap;

/// The definition's expectations of the server.
pub(super) struct Expected {
    /// The login, for the text of a refusal.
    pub(super) asker: Asker,
    /// The deployment that the server must belong to.
    pub(super) meant: Meant,
    /// Whether the channel is encrypted.
    pub(super) encrypted: bool,
    /// Whether the server was verified.
    pub(super) verified: bool,
    /// Whether SCRAM-SHA-256 cannot carry the password.
    pub(super) unprepared: bool,
}

/// The dialogue on one connection.
pub(super) struct Dialogue<'a> {
    attempt: &'a Attempt,
    expected: Expected,
    tap: Tap,
    login: Login,
}

/// The state of the login.
#[derive(Default)]
struct Login {
    /// The mechanism, as the crate names it on the wire.
    mechanism: Option<String>,
    /// The client's nonce, until the server has answered it.
    nonce: Option<String>,
    /// Whether the server has accepted the login.
    accepted: bool,
}

impl Login {
    fn is_scram(&self) -> bool {
        self.mechanism.as_deref().is_some_and(|name| name.starts_with("SCRAM-"))
    }

    fn is_x509(&self) -> bool {
        self.mechanism.as_deref() == Some("MONGODB-X509")
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Asked {
    Greeting,
    Login,
    Query,
    /// Whether a collection exists.
    Collection(Collection),
}

impl<'a> Dialogue<'a> {
    /// A dialogue on the connection that `tap` belongs to.
    pub(super) fn new(attempt: &'a Attempt, tap: Tap, expected: Expected) -> Self {
        Self { attempt, expected, tap, login: Login::default() }
    }

    /// Forwards commands and answers until the crate closes its connection, which is success.
    ///
    /// # Errors
    ///
    /// What the server refused or did wrong; the crate's connection is closed then.
    pub(super) async fn run(mut self, near: impl Stream, server: Box<dyn Stream>) -> Result<(), Failure> {
        // Buffered, so that all of the first bytes are available for recognising the peer.
        let mut server = BufReader::new(server);
        let ended = self.converse(near, &mut server).await;
        // An error at closing does not change the outcome.
        server.shutdown().await.ok();
        ended
    }

    async fn converse(&mut self, mut near: impl Stream, server: &mut dyn Stream) -> Result<(), Failure> {
        while let Ok(command) = Message::read(&mut near).await {
            let answer = self.pass_on(&command, server).await?;
            if near.write_all(Message::new(&encoded(&answer), Some(&command)).bytes()).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Sends one command to the server, and returns the answer for the crate.
    async fn pass_on(&mut self, command: &Message, server: &mut dyn Stream) -> Result<Document, Failure> {
        let asked = self.asking(command)?;
        let answer = self.ask(command, server).await?;
        let reply = self.read(&answer, &asked)?;
        match asked {
            Asked::Greeting => self.greeted(reply),
            Asked::Login if self.ends_with_nothing(reply) => {
                let rest = Message::new(&encoded(&empty_exchange(command, reply)), None);
                let last = self.ask(&rest, server).await?;
                self.accept(self.read(&last, &Asked::Login)?);
                self.login_answer(reply)
            }
            Asked::Login => {
                self.login_answered(reply)?;
                self.login_answer(reply)
            }
            Asked::Query => {
                self.attempt.learn(|facts| greeting::learn_build(reply, facts));
                Ok(doc! { "ok": 1 })
            }
            Asked::Collection(collection) => collection.check(reply).map(|()| doc! { "ok": 1 }),
        }
    }

    async fn ask(&self, command: &Message, server: &mut dyn Stream) -> Result<Message, Failure> {
        let asked = async {
            server.write_all(command.bytes()).await?;
            server.flush().await?;
            Message::read(&mut &mut *server).await
        };
        asked.await.map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &io::Error) -> Failure {
        let failure = fault::classify(error, &self.tap, &PROTOCOL);
        if failure.class == Class::Unreachable && !self.expected.encrypted {
            return failure.hint(
                "a server that demands TLS does this (extra `tls`), and so does a proxy without a live server behind it",
            );
        }
        failure
    }

    fn read<'m>(&self, answer: &'m Message, asked: &Asked) -> Result<Reply<'m>, Failure> {
        let reply = Reply::read(answer.document()).ok_or_else(|| self.damaged())?;
        match reply.number("ok") {
            Some(1) => Ok(reply),
            _ => Err(refusal::of_reply(reply, &self.expected.asker, self.stage(asked))),
        }
    }

    /// The stage of the dialogue; a greeting that carries a whole credential is a login.
    fn stage(&self, asked: &Asked) -> Stage {
        match asked {
            Asked::Greeting if !self.attempt.recorder.credential().sent => Stage::Greeting,
            Asked::Greeting | Asked::Login => Stage::Login,
            Asked::Query | Asked::Collection(_) => Stage::Query,
        }
    }

    /// Judges a command of the crate before it is sent.
    fn asking(&mut self, command: &Message) -> Result<Asked, Failure> {
        let Some(command) = Reply::read(command.document()) else {
            return Err(Failure::of(Machine::Bug {
                what: "the MongoDB library sent a command that cannot be read".to_owned(),
            }));
        };
        match command.first() {
            Some("isMaster" | "hello") => {
                if let Some(speculative) = command.document("speculativeAuthenticate") {
                    self.login_begins(speculative)?;
                }
                Ok(Asked::Greeting)
            }
            Some("saslStart" | "authenticate") => {
                self.login_begins(command)?;
                Ok(Asked::Login)
            }
            Some("saslContinue") if self.attempt.only_looks() => Err(Attempt::looked()),
            Some("saslContinue") => {
                if let Some(mechanism) = &self.login.mechanism {
                    self.attempt.admit_method(mechanism)?;
                }
                self.attempt.credential_sent();
                Ok(Asked::Login)
            }
            Some(expected::COMMAND) => {
                self.query_begins()?;
                Collection::of_command(command).map(Asked::Collection).ok_or_else(|| {
                    Failure::of(Machine::Bug { what: "the MongoDB library changed a command".to_owned() })
                })
            }
            _ => {
                self.query_begins()?;
                Ok(Asked::Query)
            }
        }
    }

    fn login_begins(&mut self, command: Reply<'_>) -> Result<(), Failure> {
        self.login.mechanism = command.text("mechanism").map(str::to_owned);
        // SCRAM's first message contains a name and a nonce; the first messages of other mechanisms contain the
        // credential.
        if self.login.is_scram() {
            self.login.nonce = command.bytes("payload").and_then(scram::client_nonce);
        } else if self.attempt.only_looks() {
            return Err(Attempt::looked());
        } else {
            self.attempt.credential_sent();
        }
        Ok(())
    }

    fn query_begins(&self) -> Result<(), Failure> {
        if self.expected.asker.logs_in && !self.login.accepted {
            return Err(Failure::of(reason::Dialogue::LoginNotAsked));
        }
        self.attempt.recorder.enter(Phase::Query);
        // The crate has checked the server's signature by now. Before that, SCRAM's last message is not an acceptance.
        if self.login.is_scram() && self.login.accepted {
            self.attempt.credential_accepted();
        }
        let proved = self.expected.verified || self.login.is_scram();
        self.attempt.learn(|facts| facts.server_proved = Some(proved));
        Ok(())
    }

    fn greeted(&mut self, reply: Reply<'_>) -> Result<Document, Failure> {
        self.attempt.learn(|facts| greeting::learn(reply, facts));
        greeting::check(reply, &self.expected.asker.host, &self.expected.meant)?;
        let mut told = greeting::for_crate();
        told.insert("saslSupportedMechs", reply.texts("saslSupportedMechs"));
        if let Some(service) = reply.object_id("serviceId") {
            told.insert("serviceId", service);
        }
        if reply.has("speculativeAuthenticate") {
            let speculative = reply.document("speculativeAuthenticate").ok_or_else(|| self.damaged())?;
            self.login_answered(speculative)?;
            told.insert("speculativeAuthenticate", self.login_answer(speculative)?);
        }
        Ok(told)
    }

    /// Judges an answer to the login.
    fn login_answered(&mut self, reply: Reply<'_>) -> Result<(), Failure> {
        self.check_scram_error(reply)?;
        if let Some(nonce) = self.login.nonce.take() {
            let payload = reply.bytes("payload").unwrap_or_default();
            let challenge = Challenge::read(payload, &nonce);
            if let Ok(challenge) = &challenge {
                let mechanism = self.login.mechanism.clone().unwrap_or_default();
                self.attempt.evidence(Evidence::SaltOf(mechanism, challenge.salt_text()));
            }
            scram::check(&challenge)
                .map_err(|why| Failure::of(reason::Dialogue::ScramRefused { product: "MongoDB", why }))?;
            // The crate would fail here with SCRAM-SHA-256, but not if the server had chosen SCRAM-SHA-1.
            return match self.login.mechanism.as_deref() {
                Some("SCRAM-SHA-256") if self.expected.unprepared => {
                    Err(Failure::of(reason::Login::PasswordUnprepared))
                }
                _ => Ok(()),
            };
        }
        self.accept(reply);
        Ok(())
    }

    /// Fails if the server ended the SCRAM dialogue with an error, whatever else the answer contains.
    fn check_scram_error(&self, reply: Reply<'_>) -> Result<(), Failure> {
        let message = reply.bytes("payload").filter(|_| self.login.is_scram()).unwrap_or_default();
        match refusal::of_scram(message, &self.expected.asker) {
            Some(failure) if failure.class == Class::Auth && self.attempt.recorder.credential().sent => {
                self.attempt.credential_refused();
                Err(failure)
            }
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    fn accept(&mut self, reply: Reply<'_>) {
        if !self.login.is_x509() && !reply.flag("done") {
            return;
        }
        self.login.accepted = true;
        if !self.login.is_scram() {
            self.attempt.credential_accepted();
        }
        let method = self.login.mechanism.clone();
        let user = reply.text("user").map(str::to_owned).or_else(|| self.expected.asker.user.clone());
        self.attempt.learn(|facts| (facts.auth_method, facts.user) = (method, user));
    }

    /// The crate's version of an answer to the login.
    fn login_answer(&self, reply: Reply<'_>) -> Result<Document, Failure> {
        if self.login.is_x509() {
            return Ok(doc! { "ok": 1 });
        }
        let payload = reply.bytes("payload").ok_or_else(|| self.damaged())?;
        let conversation = reply.value("conversationId").ok_or_else(|| self.damaged())?;
        let done = self.login.accepted;
        Ok(doc! { "conversationId": conversation, "done": done, "payload": binary(payload), "ok": 1 })
    }

    /// Whether SCRAM has to end with an empty message, which servers before MongoDB 4.4 and some similar ones expect
    /// after their last message. The crate no longer sends it.
    fn ends_with_nothing(&self, reply: Reply<'_>) -> bool {
        let last_word = reply.bytes("payload").is_some_and(|payload| payload.starts_with(b"v="));
        self.login.is_scram() && self.login.nonce.is_none() && last_word && !reply.flag("done")
    }

    fn damaged(&self) -> Failure {
        fault::classify(&Malformed::Fields, &self.tap, &PROTOCOL)
    }
}

/// The empty message in the conversation of `command`, whose answer was `reply`.
fn empty_exchange(command: &Message, reply: Reply<'_>) -> Document {
    let database = Reply::read(command.document()).and_then(|command| command.text("$db"));
    doc! {
        "saslContinue": 1, "conversationId": reply.value("conversationId").unwrap_or(Bson::Null),
        "payload": binary(&[]), "$db": database.unwrap_or("admin"),
    }
}

fn encoded(document: &Document) -> Vec<u8> {
    // The document is made here, and all its values can be encoded.
    document.to_vec().unwrap_or_default()
}

/// Answers the crate's monitor in place of the server.
///
/// The crate monitors a server on one connection before it logs in on another. The only result of the first would be
/// that the server is reachable, which is known. So the monitor's connection ends here, and the server sees one
/// connection: the login's.
pub(super) async fn stand_in(mut near: impl Stream) {
    while let Ok(command) = Message::read(&mut near).await {
        let answer = Message::new(&encoded(&greeting::for_crate()), Some(&command));
        if near.write_all(answer.bytes()).await.is_err() {
            return;
        }
    }
}
