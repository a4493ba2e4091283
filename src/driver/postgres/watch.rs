//! `Watch`: follows the server's requests, and stops the dialogue before an answer that must not be sent.
//!
//! It answers SCRAM itself and hides it from the driver crate; the crate sends the other answers.

use std::io;
use std::sync::atomic::Ordering;

use tokio_postgres::config::ChannelBinding;

use super::auth::Method;
use super::failure::{Login, Peer};
use super::lacking::{self, OAUTH};
use super::notices::PostgresNotice;
use super::refused::Refused;
use super::wire::{Frame, Frames, HEADER, answer, nonsense, sasl_opening};
use crate::driver::attempt::Protection;
use crate::driver::kit::sasl::{Awaited, Binding, Exchange, Hash, ROUNDS, ScramError};
use crate::driver::{Attempt, Evidence};
use crate::model::class::Status;
use crate::model::failure::Failure;
use crate::model::notice::ReadablePassword;
use crate::model::reason::{self, Dialogue, Tls};

/// The hash function of the one SCRAM that PostgreSQL has.
const HASH: Hash = Hash::Sha256;

/// The length of the salt of an MD5 digest.
const SALT: usize = 4;

/// Why the dialogue was stopped; the payload of the `io::Error` that the driver crate returns.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(super) struct Stopped(pub(super) Failure);

fn stop(failure: Failure) -> io::Error {
    io::Error::other(Stopped(failure))
}

/// The state of the SCRAM exchange.
enum Scram {
    /// The server's challenge is awaited.
    Opened(Exchange),
    /// The server's proof that it knows the password too is awaited.
    Answered(Awaited),
    /// The server's proof was valid.
    Proved,
}

/// Watches one login.
pub(super) struct Watch<'a> {
    peer: Peer<'a>,
    /// The certificate hash for SCRAM's channel binding, if there is one.
    end_point: Option<Vec<u8>>,
    frames: Frames,
    asked: Option<Method>,
    scram: Option<Scram>,
    /// The bytes for the crate to read.
    pub(super) pass: Vec<u8>,
    /// The bytes to send to the server before the crate reads on.
    pub(super) reply: Vec<u8>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(peer: Peer<'a>, end_point: Option<Vec<u8>>) -> Self {
        let wanted = peer.login.options.channel_binding != ChannelBinding::Disable;
        let end_point = end_point.filter(|_| wanted);
        let frames = Frames::within(peer.login.attempt.network.budget().read);
        Self { peer, end_point, frames, asked: None, scram: None, pass: Vec::new(), reply: Vec::new() }
    }

    /// Processes bytes that the server sent.
    pub(super) fn observe(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.frames.next(&mut bytes, &mut self.pass)? {
                Some(Frame::Request(message)) => self.authentication(&message)?,
                Some(Frame::Negotiation(_)) if self.asked.is_some() => {
                    return Err(nonsense("an offer of a version after the request for proof"));
                }
                Some(Frame::Negotiation(message)) => {
                    self.peer.login.options.versions.negotiated(&message)?.map_err(stop)?;
                }
                Some(Frame::Key(message)) => self.pass.extend(self.peer.login.options.versions.key(&message)?),
                Some(Frame::OldError(text)) => return Err(self.old_error(&text)),
                None => {}
            }
        }
        Ok(())
    }

    /// The error for the end of the stream.
    pub(super) fn ended(&mut self) -> io::Error {
        match self.frames.ended() {
            Some(Frame::OldError(text)) => self.old_error(&text),
            // The crate would report this as "connection closed" or "bytes remaining on stream".
            _ => io::ErrorKind::UnexpectedEof.into(),
        }
    }

    /// The failure of a refusal in the form before protocol 3.0, by the server or by a peer that does not support 3.0.
    fn old_error(&self, text: &[u8]) -> io::Error {
        let failure = Refused::old(text).and_then(|refused| self.peer.old_refusal(&refused));
        failure.map_or_else(|| nonsense("a message of an impossible length"), stop)
    }

    fn authentication(&mut self, message: &[u8]) -> io::Result<()> {
        let Some((kind, body)) = message[HEADER..].split_first_chunk() else {
            return Err(nonsense("a request without a kind"));
        };
        match u32::from_be_bytes(*kind) {
            // A password was sent by then, and its outcome would remain unknown.
            2 | 6 | 7 | 9 | 10 if self.asked.is_some() => return Err(nonsense("a second request for proof")),
            0 => self.accepted()?,
            2 | 7 | 9 => return Err(stop(unsupported("a Kerberos (GSSAPI or SSPI) login"))),
            3 => self.asked_for(Method::Password, false)?,
            5 if body.len() != SALT => return Err(nonsense("a salt of the wrong length")),
            5 => self.asked_for(Method::Md5, false)?,
            6 => return Err(stop(unsupported("a login by the credentials of its unix socket (SCM)"))),
            10 => return self.asked_for_sasl(body),
            11 => return self.challenged(body),
            12 => return self.proved(body),
            _ => return Err(nonsense("a request of an unknown kind")),
        }
        self.pass.extend_from_slice(message);
        Ok(())
    }

    /// The server accepts the proof so far, or requires none.
    fn accepted(&mut self) -> io::Result<()> {
        if self.asked.is_none() {
            self.asked_for(Method::None, false)?;
            let Login { attempt, options, .. } = &self.peer.login;
            if options.password.is_some() {
                attempt.warn(PostgresNotice::PasswordNotChecked);
            } else if options.tls.identity.is_none() {
                attempt.warn(PostgresNotice::LoginNotDemanded);
            }
        }
        let scram = self.asked == Some(Method::Scram);
        if scram && !matches!(self.scram, Some(Scram::Proved)) {
            return Err(stop(unproved()));
        }
        if self.peer.login.was_sent() {
            self.peer.login.attempt.credential_accepted();
        }
        let proved = scram || self.peer.channel == Protection::Verified;
        self.peer.login.attempt.learn(|facts| facts.server_proved = Some(proved));
        Ok(())
    }

    fn asked_for_sasl(&mut self, mechanisms: &[u8]) -> io::Result<()> {
        let offered: Vec<_> =
            mechanisms.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(String::from_utf8_lossy).collect();
        let offers = |mechanism| offered.iter().any(|name| name == mechanism);
        let binding = match self.end_point.take() {
            Some(hash) if offers(HASH.mechanism_plus()) => Binding::EndPoint(hash),
            Some(_) => Binding::NotOffered,
            None => Binding::None,
        };
        let exchange = Exchange::new(HASH, "", binding).map_err(|_| io::Error::other("no random numbers"))?;
        let mechanism = exchange.mechanism();
        if !offers(mechanism) && offers(OAUTH) {
            return Err(stop(lacking::oauth(&self.peer.login.options)));
        }
        if !offers(mechanism) {
            return Err(stop(unsupported("a SASL login other than SCRAM-SHA-256").detail(offered.join(", "))));
        }
        let bound = mechanism == HASH.mechanism_plus();
        self.asked_for(Method::Scram, bound)?;
        if bound {
            self.peer.login.attempt.learn(|facts| facts.auth_method = Some("scram-sha-256-plus".to_owned()));
        }
        self.reply.extend(sasl_opening(mechanism, &exchange.opening()));
        self.scram = Some(Scram::Opened(exchange));
        Ok(())
    }

    /// Checks whether the definition admits an answer to a request for `method`; `bound` tells whether it is bound to
    /// the TLS channel.
    fn asked_for(&mut self, method: Method, bound: bool) -> io::Result<()> {
        if self.asked.is_some() {
            return Err(nonsense("a second request for proof"));
        }
        let Peer { login: Login { attempt, options, .. }, channel, .. } = &self.peer;
        self.asked = Some(method);
        if attempt.only_looks() && method != Method::Scram {
            return Err(stop(Attempt::looked()));
        }
        attempt.learn(|facts| facts.auth_method = Some(method.as_str().to_owned()));
        if options.require_auth.as_ref().is_some_and(|admitted| !admitted.contains(&method)) {
            return Err(stop(not_admitted(method)));
        }
        if options.channel_binding == ChannelBinding::Require && !bound {
            return Err(stop(Failure::of(Tls::ChannelBindingMissing)));
        }
        if method == Method::None {
            return Ok(());
        }
        if options.password.is_none() {
            return Err(stop(Failure::of(crate::model::reason::Login::PasswordMissing)));
        }
        if method == Method::Password {
            attempt.warn_of_readable_password(&self.peer.address, *channel, ReadablePassword::Asked);
        }
        Ok(())
    }

    fn challenged(&mut self, message: &[u8]) -> io::Result<()> {
        let Some(Scram::Opened(exchange)) = self.scram.take() else { return Err(nonsense("a challenge out of turn")) };
        // As libpq, which takes no extensions.
        let Some(challenge) = exchange.challenge(message).ok().filter(|challenge| !challenge.has_extensions) else {
            return Err(nonsense("a SCRAM challenge that does not fit what was said"));
        };
        let attempt = self.peer.login.attempt;
        attempt.evidence(Evidence::Salt(challenge.salt_text()));
        if attempt.only_looks() {
            return Err(stop(Attempt::looked()));
        }
        self.bound_rounds(challenge.rounds.get())?;
        let Some(password) = &self.peer.login.options.password else {
            unreachable!("without a password the login was stopped when the server asked for it")
        };
        let (proof, awaited) = exchange.prove(&challenge, password);
        self.reply.extend(answer(proof.as_bytes()));
        self.scram = Some(Scram::Answered(awaited));
        Ok(())
    }

    /// Limits the rounds of key derivation, which the server sets: too many would be work done for an attacker, too few
    /// make it easy to guess the password from what is sent.
    fn bound_rounds(&self, rounds: u32) -> io::Result<()> {
        let (fewest, most) = (*ROUNDS.start(), *ROUNDS.end());
        if rounds > most {
            return Err(stop(Failure::of(Dialogue::TooManyRounds { most })));
        }
        if rounds < fewest {
            self.peer.login.attempt.warn(PostgresNotice::FewRounds { rounds, fewest });
        }
        Ok(())
    }

    fn proved(&mut self, message: &[u8]) -> io::Result<()> {
        match self.scram.take() {
            // A server signs only a proof that it has found right, so this proves as much as `AuthenticationOk`.
            // Poolers that refuse afterwards, for a missing database, have sent it by then.
            Some(Scram::Answered(awaited)) if awaited.is_met_by(message) => {
                self.scram = Some(Scram::Proved);
                self.peer.login.attempt.credential_accepted();
            }
            Some(Scram::Answered(_)) if ScramError::read(message).is_some_and(ScramError::refuses) => {
                let login = self.peer.login.options.user.clone();
                return Err(stop(Failure::of(reason::Login::RefusedUnknown { login, code: None })));
            }
            Some(Scram::Answered(_)) => return Err(stop(unproved())),
            _ => return Err(nonsense("a proof out of turn")),
        }
        Ok(())
    }

    /// The crate's startup message, if it must be changed; no other message has its form.
    pub(super) fn startup(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.peer.login.options.versions.startup(bytes).filter(|_| self.asked.is_none())
    }

    /// Records what is about to be sent, by the crate or by the watch.
    pub(super) fn sending(&self, bytes: &[u8]) {
        // Passwords, digests and both messages of SCRAM share this tag, and no other message has it; SCRAM's first one
        // holds no proof.
        if bytes.first() == Some(&b'p') && !matches!(self.scram, Some(Scram::Opened(_))) {
            self.peer.login.sent.store(true, Ordering::Relaxed);
            self.peer.login.attempt.credential_sent();
        }
    }
}

fn unproved() -> Failure {
    Failure::of(Dialogue::ServerUnproved)
}

fn unsupported(what: &'static str) -> Failure {
    Failure::of(reason::Login::MethodUnsupported {
        what: what.into(),
        hint: "use a role that logs in with a password or a client certificate",
    })
}

fn not_admitted(method: Method) -> Failure {
    let asked = (method != Method::None).then(|| method.as_str());
    // The real clients fail here as well: the server does not fit the definition.
    Failure::of(reason::Policy::MethodNotAdmitted { asked }).status(Status::Failed)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;
    use crate::driver::postgres::options;
    use crate::driver::postgres::tests::connection;
    use crate::driver::{Policy, Recorder};
    use crate::model::result::Address;
    use crate::net::Network;
    use crate::net::guard::{Budget, Guarded};

    /// The warnings after a server at `address` sends a request of `kind`.
    fn warned(kind: u8, address: &str, channel: Protection, password: &str) -> Vec<&'static str> {
        let deadline = Instant::now() + Duration::from_secs(1);
        let attempt = Attempt {
            network: Arc::new(Network::new()),
            policy: Policy::default(),
            deadline,
            recorder: Arc::new(Recorder::default()),
            controls: Arc::default(),
            expected: Arc::default(),
        };
        let definition = connection(&json!({"host": "db", "login": "etl", "password": password}));
        let options = Arc::new(options::read(&definition).unwrap().0);
        let host = options.hosts[0].clone();
        let login = Login { attempt: &attempt, options, host, sent: Arc::default() };
        let address = Address::Ip(address.parse::<SocketAddr>().unwrap());
        let (_, tap) = Guarded::new(tokio::io::empty(), Budget::default(), deadline);
        let mut watch = Watch::new(Peer { login, address, channel, tap }, None);
        watch.observe(&[b'R', 0, 0, 0, 8, 0, 0, 0, kind]).unwrap();
        attempt.recorder.snapshot().warnings.iter().map(|warning| warning.code.as_str()).collect()
    }

    #[test]
    fn a_password_in_clear_to_another_machine_is_a_warning() {
        const CLEARTEXT: u8 = 3;
        for (address, channel, expected) in [
            ("10.0.0.7:5432", Protection::Plain, vec!["password_in_clear"]),
            ("10.0.0.7:5432", Protection::Unverified, vec![]),
            ("127.0.0.1:5432", Protection::Plain, vec![]),
        ] {
            assert_eq!(warned(CLEARTEXT, address, channel, "hunter2"), expected, "{address} {channel:?}");
        }
    }

    #[test]
    fn a_password_that_nobody_asked_for_is_a_warning() {
        const OK: u8 = 0;
        for (password, code) in [("hunter2", "password_not_checked"), ("", "login_not_demanded")] {
            assert_eq!(warned(OK, "127.0.0.1:5432", Protection::Plain, password), [code]);
        }
    }
}
