//! `Client`: sends requests to one service over a few guarded connections, which it reuses. Every request only reads, so a
//! request that was lost with an old connection is sent once more.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http::header::{HOST, HeaderValue, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use zeroize::Zeroizing;

use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::driver::kit;
use crate::driver::kit::http::{Connector, NetworkConnector, Origin};
use crate::driver::kit::wire::Channel;
use crate::model::class::Class;
use crate::model::document::Node;
use crate::model::failure::Failure;
use crate::model::json;
use crate::model::phase::Phase;
use crate::model::reason::{Policy, Resolve, Source};
use crate::model::result::Address;
use crate::net::guard::Tap;
use crate::net::tls::Verification;

/// The most bytes of all answers together.
const BYTES: usize = 64 << 20;

/// Sends requests to one origin.
pub(in crate::source) struct Client {
    attempt: Attempt,
    opener: Arc<dyn Connector>,
    origin: Origin,
    idle: Mutex<Vec<Line>>,
    left: AtomicUsize,
    /// Whether the server granted a request, which shows that the credentials are good.
    accepted: AtomicBool,
}

/// Opens no connection in clear to another machine, whatever address is tried.
struct Foreseeing(NetworkConnector);

#[async_trait]
impl Connector for Foreseeing {
    async fn open(&self, origin: &Origin) -> Result<Channel, Failure> {
        let attempt = &self.0.attempt;
        if !origin.tls {
            let resolved = attempt.network.resolve(&origin.host, attempt.remaining());
            let resolved = attempt.phase(Phase::Resolve, resolved).await?;
            // `open` refuses the denied addresses.
            let allowed = |ip: &&IpAddr| attempt.policy.egress.denies(**ip, origin.port).is_none();
            let address = |ip: &IpAddr| Address::Ip(SocketAddr::new(*ip, origin.port));
            let mut addresses = resolved.addresses.iter().filter(allowed).map(address).peekable();
            let is_allowed = addresses.peek().is_some();
            if is_allowed && !addresses.any(|address| attempt.would_be_here(&origin.endpoint(), &address)) {
                return Err(exposed(Protection::Plain).at(Phase::Connect));
            }
        }
        self.0.open(origin).await
    }
}

/// A connection without a request under way.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    tap: Tap,
}

/// The answer of a server.
pub(in crate::source) struct Answer {
    pub(in crate::source) status: StatusCode,
    body: Zeroizing<Vec<u8>>,
}

impl Client {
    /// A client for `origin`. `own` are the authorities that it trusts, instead of those of the run. A `verification` below
    /// `Full` is for this machine only. `plain_hint` is the hint about a server without TLS.
    pub(in crate::source) fn new(
        attempt: Attempt,
        origin: Origin,
        verification: Verification,
        own: Option<Vec<u8>>,
        plain_hint: &'static str,
    ) -> Self {
        let roots = attempt.roots(own);
        let opener = NetworkConnector { attempt: attempt.clone(), verification, roots, certificate: None, plain_hint };
        Self::through(Arc::new(Foreseeing(opener)), attempt, origin)
    }

    /// A client for `origin` whose connections `opener` opens.
    fn through(opener: Arc<dyn Connector>, attempt: Attempt, origin: Origin) -> Self {
        let (left, accepted) = (AtomicUsize::new(BYTES), AtomicBool::new(false));
        Self { attempt, opener, origin, idle: Mutex::default(), left, accepted }
    }

    /// Sends `request`, whose URI is a path, and reads the whole answer.
    pub(in crate::source) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let host = HeaderValue::from_str(&self.origin.authority());
        request.headers_mut().insert(HOST, host.map_err(|_invalid| no_name(&self.origin))?);
        request.headers_mut().insert(USER_AGENT, kit::http::AGENT);
        while let Some(line) = self.idle_line().await? {
            match self.exchange(line, request.clone()).await {
                // The server had closed the connection, as servers do with idle ones.
                Err(failure) if matches!(failure.class, Class::Closed | Class::Unreachable) => {}
                outcome => return outcome,
            }
        }
        let line = self.open().await?;
        self.exchange(line, request).await
    }

    /// An idle connection that is still open. A connection whose answer was just read becomes ready a moment later.
    async fn idle_line(&self) -> Result<Option<Line>, Failure> {
        loop {
            let popped = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut line) = popped else { return Ok(None) };
            match line.sender.ready().await {
                Ok(()) => return Ok(Some(line)),
                // The limit that ended it would end another one as well.
                Err(error) if line.tap.stopped().is_some() => return Err(kit::http::broken(&error, &line.tap)),
                Err(_hung_up) => {}
            }
        }
    }

    /// A new connection that is safe enough for the secrets of all definitions.
    async fn open(&self) -> Result<Line, Failure> {
        let way = self.opener.open(&self.origin).await?;
        if way.protection != Protection::Verified && !self.attempt.is_here(&way.address) {
            return Err(exposed(way.protection));
        }
        let (sender, connection) =
            kit::http::handshake(way.stream).await.map_err(|error| kit::http::broken(&error, &way.tap))?;
        // The sender reports how the connection ended.
        tokio::task::spawn_local(async { drop(connection.await) });
        Ok(Line { sender, tap: way.tap })
    }

    async fn exchange(&self, mut line: Line, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let phase = if self.accepted.load(Ordering::Relaxed) { Phase::Query } else { Phase::Auth };
        self.attempt.recorder.enter(phase);
        self.attempt.credential_sent();
        let answer = line.sender.send_request(request).await.map_err(|error| kit::http::broken(&error, &line.tap))?;
        let (status, mut incoming) = (answer.status(), answer.into_body());
        let mut body = Zeroizing::new(Vec::new());
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|error| kit::http::broken(&error, &line.tap))?;
            let Ok(bytes) = frame.into_data() else { continue };
            let enough = |left: usize| left.checked_sub(bytes.len());
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enough).map_err(|_left| too_much())?;
            body.extend_from_slice(&bytes);
        }
        if status.is_success() {
            self.accepted.store(true, Ordering::Relaxed);
            self.attempt.recorder.enter(Phase::Query);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// The text of the body; empty if the body is no text.
    pub(in crate::source) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The JSON document in the body, if it is one.
    pub(in crate::source) fn json(&self) -> Option<Node<'_>> {
        json::parse(self.text()).ok()
    }

    /// An answer for tests.
    #[cfg(test)]
    pub(in crate::source) fn of(status: u16, text: &str) -> Self {
        Self { status: StatusCode::from_u16(status).unwrap(), body: Zeroizing::new(text.as_bytes().to_vec()) }
    }
}

fn no_name(origin: &Origin) -> Failure {
    Failure::of(Resolve::HalfAnAddress { host: origin.host.clone() })
}

/// Everything that a backend sends is secret, so no flag turns this into a warning.
fn exposed(protection: Protection) -> Failure {
    Failure::of(Policy::SourceExposed { encrypted: protection != Protection::Plain })
}

fn too_much() -> Failure {
    Failure::of(Source::AnswersTooLarge { mib: BYTES >> 20 })
}

#[cfg(test)]
mod tests;
