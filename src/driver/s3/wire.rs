//! The SDK's HTTP connector: one HTTP/1.1 request over one guarded connection, to the one origin of the plan. No pool,
//! no proxy, no redirect, no second try.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::markup::{self, is_shallow, is_whole};
use super::product;
use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::driver::aws::is_aws_region;
use crate::driver::kit;
use crate::driver::kit::http::{Connector, Origin};
use crate::driver::kit::wire::Channel;
use crate::driver::kit::wire::Stream;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Dialogue, Machine};
use crate::net::guard::Tap;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, SERVER, USER_AGENT};
use http_body_util::BodyExt as _;

/// The most pieces of an answer's body, which usually has one or a few.
const PIECES: usize = 1024;

/// Sends requests to one origin.
#[derive(Clone)]
pub(super) struct SdkConnector {
    pub(super) attempt: Attempt,
    pub(super) opener: Arc<dyn Connector>,
    pub(super) origin: Origin,
    /// Whether the request is signed with the stored keys.
    pub(super) stored: bool,
}

impl fmt::Debug for SdkConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdkConnector").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl HttpConnector for SdkConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            connector.exchange(request).await.map_err(|failure| ConnectorError::other(Stopped(failure).into(), None))
        })
    }
}

impl SdkConnector {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let request = self.prepare(request)?;
        if !self.origin.tls {
            self.attempt.admit_in_clear(&self.origin.endpoint())?;
        }
        let Channel { stream, tap, address, protection } = self.opener.open(&self.origin).await?;
        self.attempt.admit(&address, protection)?;
        self.attempt.learn(|facts| {
            facts.auth_method = Some("SigV4".to_owned());
            facts.server_proved = Some(protection == Protection::Verified);
        });
        if self.stored {
            self.attempt.credential_sent();
        }
        let answer = self.attempt.phase(Phase::Auth, self.converse(stream, request, &tap)).await;
        let answer = answer.map_err(|error| kit::http::broken(&error, &tap))?;
        HttpResponse::try_from(answer.map(SdkBody::from))
            .map_err(|_not_text| Failure::of(Dialogue::NotUnderstood { product: "S3" }))
    }

    /// The request for the wire, after checking that it goes to the planned origin.
    fn prepare(&self, request: HttpRequest) -> Result<http::Request<SdkBody>, Failure> {
        let bug = |what| Failure::of(Machine::Bug { what: format!("the S3 library made a request {what}") });
        let mut request = request.try_into_http1x().map_err(|_invalid| bug("that is not HTTP"))?;
        let (path, host) = {
            let uri = request.uri();
            if Origin::of(uri).as_ref() != Some(&self.origin) {
                return Err(bug("to another place than was planned"));
            }
            // The signature covers the host without the port if that is the scheme's default.
            let own = uri.port_u16().is_none_or(|port| port == if self.origin.tls { 443 } else { 80 });
            let host = if own { uri.host() } else { uri.authority().map(http::uri::Authority::as_str) };
            let host = host.and_then(|host| HeaderValue::from_str(host).ok()).ok_or_else(|| bug("without a host"))?;
            (uri.path_and_query().cloned(), host)
        };
        *request.uri_mut() = path.map_or_else(|| Uri::from_static("/"), Uri::from);
        let headers = request.headers_mut();
        headers.insert(HOST, host);
        headers.insert(USER_AGENT, kit::http::AGENT);
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        Ok(request)
    }

    /// Sends one request and reads the whole answer, within the stream's budget.
    async fn converse(
        &self,
        stream: Box<dyn Stream>,
        request: http::Request<SdkBody>,
        tap: &Tap,
    ) -> Result<http::Response<Vec<u8>>, hyper::Error> {
        let (mut sender, connection) = kit::http::handshake(stream).await?;
        let exchange = async {
            let answer = sender.send_request(request).await;
            drop(sender);
            let (mut head, body) = answer?.into_parts();
            self.learn(&head);
            let success = head.status.is_success();
            if success {
                // The keys were accepted; the rest is reading the data.
                self.attempt.recorder.enter(Phase::Query);
            }
            let body = match read(body).await {
                Ok(body) => body,
                // Servers that refuse a request without reading it reset the connection after their answer.
                Err(_) if !success && tap.stopped().is_none() => Vec::new(),
                Err(error) => return Err(error),
            };
            // An incomplete document is dropped: the SDK would accept it as complete.
            let length = body.len();
            let body = markup::plain(body);
            if body.len() != length {
                // The SDK reports a body as broken if its length differs from the announced one.
                head.headers.remove(CONTENT_LENGTH);
            }
            let body = if success && !is_whole(&body) || !is_shallow(&body) { Vec::new() } else { body };
            Ok(http::Response::from_parts(head, body))
        };
        let (answer, _closed) = tokio::join!(exchange, connection);
        answer
    }

    /// Records what the head of an answer shows about the server.
    fn learn(&self, head: &http::response::Parts) {
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let known = product::of_headers(text).or_else(|| product::of_host(&self.origin.host));
        let product = text(SERVER.as_str()).and_then(|server| server.split_whitespace().next());
        let region = text("x-amz-bucket-region").filter(|region| is_aws_region(region));
        self.attempt.learn(|facts| {
            if let Some(product) = product {
                let (server, version) =
                    product.split_once('/').map_or((product, None), |(name, version)| (name, Some(version)));
                (facts.server, facts.server_said) = (Some(server.to_owned()), true);
                facts.version = version.map(str::to_owned);
            }
            if let Some(known) = known {
                (facts.server, facts.server_said) = (Some(known.to_owned()), false);
            }
            if let Some(region) = region {
                facts.region = Some(region.to_owned());
            }
        });
    }
}

/// Reads the body; empty if it comes in more pieces than any real answer.
async fn read(mut body: hyper::body::Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut whole = Vec::new();
    for _ in 0..PIECES {
        match body.frame().await {
            Some(piece) => whole.extend_from_slice(piece?.data_ref().map_or(&[], AsRef::as_ref)),
            None => return Ok(whole),
        }
    }
    Ok(Vec::new())
}

/// A failure of connprobe inside the SDK's errors.
#[derive(Debug)]
pub(super) struct Stopped(pub(super) Failure);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for Stopped {}
