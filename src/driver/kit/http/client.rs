//! `Client`: a few requests of one login to one origin, over one guarded connection as long as the server keeps it. It
//! only sends GET requests, and never repeats one.

use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Request, Uri};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use tokio::task::JoinSet;

use super::{AGENT, Answer, Connector, Origin, broken, handshake};
use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::driver::kit::wire::Channel;
use crate::model::failure::Failure;
use crate::model::notice::ReadablePassword;
use crate::model::phase::Phase;
use crate::model::reason::{Dialogue, ReasonCode, Resolve};
use crate::model::result::Address;
use crate::net::guard::Tap;

/// How long connprobe checks whether a server closes a connection that it announced to keep.
const LOOK: Duration = Duration::from_millis(5);

/// Sends the requests of one attempt to one origin.
pub struct Client<'a> {
    attempt: &'a Attempt,
    connector: &'a dyn Connector,
    origin: &'a Origin,
    idle: Option<Line>,
    /// Whether the server has answered a request.
    answered: bool,
    /// Drives the connections; ends with the client.
    connections: JoinSet<()>,
}

/// A connection.
struct Line {
    sender: SendRequest<Empty<Bytes>>,
    tap: Tap,
    address: Address,
    protection: Protection,
}

impl<'a> Client<'a> {
    /// A client of `origin`, without a connection yet.
    pub fn new(attempt: &'a Attempt, connector: &'a dyn Connector, origin: &'a Origin) -> Self {
        Self { attempt, connector, origin, idle: None, answered: false, connections: JoinSet::new() }
    }

    /// Requests `path` with `headers` and, if there is one, the `credential`.
    ///
    /// # Errors
    ///
    /// Why there is no response.
    pub async fn get(
        &mut self,
        path: &PathAndQuery,
        headers: &HeaderMap,
        credential: Option<&HeaderMap>,
    ) -> Result<Answer, Failure> {
        let request = self.request(path, headers, credential)?;
        let mut line = self.line().await?;
        if credential.is_some() {
            let how = ReadablePassword::Header;
            self.attempt.warn_of_readable_password(&line.address, line.protection, how);
            self.attempt.credential_sent();
        }
        let answer = self.attempt.phase(Phase::Auth, line.sender.send_request(request)).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Answer::unasked(&line.tap).ok_or_else(|| self.ended(broken(&error, &line.tap))),
        };
        self.answered = true;
        let (answer, whole) = Answer::read(answer).await;
        self.idle = (whole && answer.keeps_connection()).then_some(line);
        Ok(answer)
    }

    /// `failure`, for a connection that ended without a response. A server that has answered an earlier request is there
    /// and speaks HTTP, so `host` and `port` are right.
    fn ended(&self, failure: Failure) -> Failure {
        if self.answered && failure.reason == ReasonCode::ClosedBeforeGreeting {
            return Failure::of(Dialogue::ClosedDuringLogin);
        }
        failure
    }

    /// The definition's headers override the client's usual ones. The host is always the one that is connected to, and
    /// no response is compressed.
    fn request(
        &self,
        path: &PathAndQuery,
        headers: &HeaderMap,
        credential: Option<&HeaderMap>,
    ) -> Result<Request<Empty<Bytes>>, Failure> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = Uri::from(path.clone());
        let lines = request.headers_mut();
        lines.insert(USER_AGENT, AGENT);
        lines.insert(ACCEPT, HeaderValue::from_static("*/*"));
        for (name, value) in headers.iter().chain(credential.into_iter().flatten()) {
            lines.insert(name, value.clone());
        }
        lines.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let host = HeaderValue::from_str(&self.origin.authority());
        lines.insert(HOST, host.map_err(|_no_name| Resolve::HalfAnAddress { host: self.origin.host.clone() })?);
        Ok(request)
    }

    /// The open connection, or a new one, protected as the definition and the run require.
    async fn line(&mut self) -> Result<Line, Failure> {
        // Requests are never repeated, so none may be sent over a connection that may have ended.
        if let Some(mut line) = self.idle.take()
            && tokio::time::timeout(LOOK, self.connections.join_next()).await.is_err()
            && line.sender.ready().await.is_ok()
        {
            return Ok(line);
        }
        if !self.origin.tls {
            self.attempt.admit_in_clear(&self.origin.endpoint())?;
        }
        let Channel { stream, tap, address, protection } = self.connector.open(self.origin).await?;
        self.attempt.admit(&address, protection)?;
        self.attempt.learn(|facts| facts.server_proved = Some(protection == Protection::Verified));
        let (sender, connection) = handshake(stream).await.map_err(|error| broken(&error, &tap))?;
        // The error of the connection reaches the caller through the sender.
        self.connections.spawn(async { drop(connection.await) });
        Ok(Line { sender, tap, address, protection })
    }
}
