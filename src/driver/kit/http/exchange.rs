//! Prepares a stream for HTTP requests, and classifies the errors of an exchange.

use std::error::Error as _;

use http::HeaderValue;
use hyper::body::Body;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use crate::driver::kit::CLIENT_NAME;
use crate::driver::kit::wire::Stream;
use crate::driver::registry::protocols;
use crate::model::failure::Failure;
use crate::model::reason::Dialogue;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::{self, Protocol};

/// HTTP, distinguished from all other protocols.
pub static PROTOCOL: Protocol = sniff::HTTP.among(protocols);

/// The `User-Agent` of connprobe.
pub const AGENT: HeaderValue = HeaderValue::from_static(CLIENT_NAME);

/// Bounds of a response's head, which usually has a dozen short lines. The usual client of Python takes 100 lines.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_LINES: usize = 256;

/// Prepares `stream` for requests, which are sent while the returned connection is polled.
///
/// # Errors
///
/// The error that broke the stream.
pub async fn handshake<B>(
    stream: Box<dyn Stream>,
) -> hyper::Result<(SendRequest<B>, Connection<TokioIo<Box<dyn Stream>>, B>)>
where
    B: Body + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Builder::new().max_buf_size(HEAD_BYTES).max_headers(HEAD_LINES).handshake(TokioIo::new(stream)).await
}

/// The failure of an exchange that ended without a response.
#[must_use]
pub fn broken(error: &hyper::Error, tap: &Tap) -> Failure {
    // A request that could not be sent is reported as canceled; the cause is the source of the error.
    let reason = error.source().and_then(|source| source.downcast_ref()).unwrap_or(error);
    if reason.is_incomplete_message() || reason.is_canceled() {
        return fault::hung_up(tap, &PROTOCOL);
    }
    let failure = fault::classify(reason, tap, &PROTOCOL);
    // hyper distinguishes these errors only by their log text.
    match reason.to_string().as_str() {
        "message head is too large" if reason.is_parse() => {
            Failure::of(Dialogue::TooMuchReceived { kib: HEAD_BYTES as u64 >> 10, product: PROTOCOL.name() })
        }
        "invalid content-length parsed" => failure.remark("the `Content-Length` of its answer is no length"),
        _ => failure,
    }
}
