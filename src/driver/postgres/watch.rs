//! `Watched`: the stream between the driver crate and the channel. It reads along what the server
//! asks for, and stops the dialogue before the crate answers what must not be answered.
//!
//! Does not know what the right answers are: those are the crate's.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::auth::Method;
use super::failure::{Login, Peer};
use super::frames::{Frames, Message, nonsense};
use crate::driver::attempt::Channel;
use crate::model::class::{Class, Status};
use crate::model::failure::Failure;

const PLUS: &[u8] = b"SCRAM-SHA-256-PLUS";

/// The fewest rounds of key derivation that RFC 7677 knows, and the most that we spend on a server.
const ROUNDS: (u32, u32) = (4_096, 100_000);

/// Why the dialogue was stopped; the payload of the `io::Error` that the driver crate carries out.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(super) struct Stopped(pub(super) Failure);

fn stop(failure: Failure) -> io::Error {
    io::Error::other(Stopped(failure))
}

/// What is done to the stream that the crate speaks through.
pub(super) struct Watch<'a> {
    peer: Peer<'a>,
    /// What binds SCRAM to the TLS channel, where there is one.
    end_point: Option<Vec<u8>>,
    frames: Frames,
    asked: Option<Method>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(peer: Peer<'a>, end_point: Option<Vec<u8>>) -> Self {
        Self { peer, end_point, frames: Frames::default(), asked: None }
    }

    /// Reads along what the server sent.
    fn observe(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if let Some(Message::Authentication(body)) = self.frames.next(&mut bytes)? {
                self.authentication(&body)?;
            }
        }
        Ok(())
    }

    fn authentication(&mut self, body: &[u8]) -> io::Result<()> {
        let Some((kind, body)) = body.split_first_chunk() else { return Err(nonsense("a request without a kind")) };
        match u32::from_be_bytes(*kind) {
            0 => self.accepted(),
            2 | 7 | 9 => Err(stop(lacking("a Kerberos (GSSAPI or SSPI) login"))),
            3 => self.asked_for(Method::Password, false),
            5 => self.asked_for(Method::Md5, false),
            6 => Err(stop(lacking("a login by the credentials of its unix socket (SCM)"))),
            10 => self.asked_for_sasl(body),
            11 => self.derivation(body),
            12 => Ok(()),
            _ => Err(nonsense("a request of an unknown kind")),
        }
    }

    /// The server has had enough proof, or wanted none.
    fn accepted(&mut self) -> io::Result<()> {
        if self.asked.is_none() {
            self.asked_for(Method::None, false)?;
            if self.peer.login.options.password.is_some() {
                self.peer.login.attempt.warn(
                    "password_not_checked",
                    "the server did not ask for the password, so nothing is known about whether it is right",
                );
            }
        }
        // SCRAM proves both sides. The crate checks the server's proof when it reads this message.
        let proved = self.asked == Some(Method::Scram) || self.peer.channel == Channel::Verified;
        self.peer.login.attempt.learn(|facts| facts.server_proved = Some(proved));
        Ok(())
    }

    fn asked_for_sasl(&mut self, mechanisms: &[u8]) -> io::Result<()> {
        let offered: Vec<&[u8]> = mechanisms.split(|byte| *byte == 0).filter(|name| !name.is_empty()).collect();
        if !offered.iter().any(|name| name.starts_with(b"SCRAM-SHA-256")) {
            let names: Vec<String> = offered.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            return Err(stop(lacking("a SASL login other than SCRAM-SHA-256").detail(names.join(", "))));
        }
        self.asked_for(Method::Scram, offered.contains(&PLUS))
    }

    /// Whether the definition lets us answer a request for `method`; `plus`: bound to the channel.
    fn asked_for(&mut self, method: Method, plus: bool) -> io::Result<()> {
        let Peer { login: Login { attempt, options, .. }, channel, .. } = &self.peer;
        self.asked = Some(method);
        attempt.learn(|facts| facts.auth_method = Some(method.as_str().to_owned()));
        if options.require_auth.as_ref().is_some_and(|admitted| !admitted.contains(&method)) {
            return Err(stop(not_admitted(method)));
        }
        let bound = plus && self.end_point.is_some();
        if options.channel_binding == config::ChannelBinding::Require && !bound {
            return Err(stop(
                Failure::new(Class::Tls, "the server offers no channel binding, which extra `channel_binding` requires")
                    .hint("channel binding needs TLS and a SCRAM-SHA-256 password; another server, or a proxy, may be answering"),
            ));
        }
        if method == Method::None {
            return Ok(());
        }
        if options.password.is_none() {
            return Err(stop(
                Failure::new(Class::Auth, "the definition has no password, and the server asks for one")
                    .hint("store the password of this login in `password`"),
            ));
        }
        if method == Method::Password && *channel == Channel::Plain && !self.peer.address.is_local() {
            attempt.warn(
                "password_in_clear",
                "the server asked for the password itself over an unencrypted connection: whoever listens can read it",
            );
        }
        Ok(())
    }

    /// The server names the rounds of key derivation: too many would be work done for an attacker,
    /// too few make what we send easy to guess the password from.
    fn derivation(&self, body: &[u8]) -> io::Result<()> {
        let (fewest, most) = ROUNDS;
        match rounds(body) {
            None | Some(0) => Err(nonsense("SCRAM without rounds of key derivation")),
            Some(rounds) if rounds > most => Err(stop(
                Failure::new(
                    Class::Protocol,
                    format!("the server demands more than {most} rounds of SCRAM key derivation"),
                )
                .hint("something else may be answering, or `scram_iterations` was very high when the password was set"),
            )),
            Some(rounds) => {
                if rounds < fewest {
                    self.peer.login.attempt.warn(
                        "scram_weak",
                        format!("the server derives the key in {rounds} rounds; fewer than {fewest} make the password easy to guess"),
                    );
                }
                Ok(())
            }
        }
    }

    /// Notes what the crate is about to send.
    fn sending(&self, bytes: &[u8]) {
        // Passwords, digests and both SASL messages have the same tag; nothing else does.
        if self.asked.is_none() || bytes.first() != Some(&b'p') {
            return;
        }
        self.peer.login.sent.store(true, Ordering::Relaxed);
        self.peer.login.attempt.credential_sent();
        if bytes.get(5..).is_some_and(|body| body.starts_with(PLUS)) {
            self.peer.login.attempt.learn(|facts| facts.auth_method = Some("scram-sha-256-plus".to_owned()));
        }
    }
}

/// `i=` of a SCRAM server-first message; a number beyond all reason is the largest.
fn rounds(message: &[u8]) -> Option<u32> {
    let digits = message.split(|byte| *byte == b',').find_map(|part| part.strip_prefix(b"i="))?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u32::MAX))
}

fn lacking(what: &str) -> Failure {
    Failure::new(Class::Unsupported, format!("the server demands {what}, which connprobe lacks"))
        .hint("use a role that logs in with a password or a client certificate")
}

fn not_admitted(method: Method) -> Failure {
    let message = match method {
        Method::None => "the server asked for no proof, which extra `require_auth` does not admit".to_owned(),
        _ => format!(
            "the server asked for `{}` authentication, which extra `require_auth` does not admit",
            method.as_str()
        ),
    };
    // The real clients fail here as well: it is the target that does not fit.
    Failure::new(Class::Policy, message)
        .status(Status::Failed)
        .hint("no credential was sent: another server may be answering, or its pg_hba.conf was changed")
}

/// A stream that is watched.
pub(super) struct Watched<'a, S> {
    stream: S,
    watch: Watch<'a>,
    /// Why the dialogue is being stopped.
    stopping: Option<io::Error>,
}

/// The crate asks for TLS, so that it asks for channel binding; the stream has its TLS already.
impl<'a, S: AsyncRead + AsyncWrite + Unpin> TlsConnect<S> for Watch<'a> {
    type Stream = Watched<'a, S>;
    type Error = Infallible;
    type Future = Ready<Result<Watched<'a, S>, Infallible>>;

    fn connect(self, stream: S) -> Self::Future {
        ready(Ok(Watched { stream, watch: self, stopping: None }))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Watched<'_, S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.watch.end_point.clone().map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<'_, S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.stopping.is_none() {
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            let bytes = &buf.filled()[before..];
            if bytes.is_empty() && buf.remaining() > 0 {
                // The crate would call this "connection closed" or "bytes remaining on stream".
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            match this.watch.observe(bytes) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(error) => this.stopping = Some(error),
            }
        }
        // The crate is going to drop the stream; a server that is only hung up on complains in its log.
        let _closed = ready!(Pin::new(&mut this.stream).poll_shutdown(cx));
        Poll::Ready(this.stopping.take().map_or(Ok(()), Err))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<'_, S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.watch.sending(bytes);
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
