//! `Answer`: what a server said to one request, as far as a login needs it.

use hyper::body::{Bytes, Incoming};
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, SERVER};
use http_body_util::BodyExt as _;

use crate::net::guard::Tap;

/// As much of a body is read: complaints and refusals are short.
const BODY: usize = 16 << 10;

/// So long a body is waited for, once the head is there: it only adds to what the status says.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a server answered.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The head.
    pub headers: HeaderMap,
    /// The beginning of the body, nothing of that of a success.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads `answer`; with whether its end was seen, so that the connection is ready for another request.
    pub(super) async fn read(answer: http::Response<Incoming>) -> (Self, bool) {
        let (head, body) = answer.into_parts();
        let mut answer = Self { status: head.status.as_u16(), headers: head.headers, body: Vec::new() };
        if answer.is_success() {
            return (answer, false);
        }
        let whole = tokio::time::timeout(PATIENCE, read(body, &mut answer.body)).await;
        (answer, whole.unwrap_or(false))
    }

    /// What a server says that does not wait for a request: that it gives up waiting, or serves nobody now. No such word
    /// is an answer to credentials. None where it has said more.
    pub(super) fn unasked(tap: &Tap) -> Option<Self> {
        let first = tap.first_bytes();
        let (version, status) = (first.get(..9)?, std::str::from_utf8(first.get(9..12)?).ok()?);
        let said = version.starts_with(b"HTTP/1.") && first.get(12).is_some_and(|next| b" \r\n".contains(next));
        let status = status.parse().ok().filter(|status| said && [408, 429, 503].contains(status))?;
        Some(Self { status, ..Self::default() })
    }

    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The text of a line of the head; nothing of one that is no text.
    #[must_use]
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the server calls itself, and its version.
    #[must_use]
    pub fn product(&self) -> Option<(&str, Option<&str>)> {
        let first = self.header(SERVER)?.split_whitespace().next()?;
        Some(first.split_once('/').map_or((first, None), |(name, version)| (name, Some(version))))
    }

    /// Whether it is a complaint that the server was not spoken to in TLS.
    #[must_use]
    pub fn wants_tls(&self) -> bool {
        self.status == 400 && wants_tls(&String::from_utf8_lossy(&self.body))
    }
}

/// Whether the end of `body` was reached; what was read stands in `into`, also of one that breaks.
async fn read(mut body: Incoming, into: &mut Vec<u8>) -> bool {
    while into.len() < BODY {
        match body.frame().await {
            Some(Ok(piece)) => {
                let data = piece.into_data().unwrap_or_else(|_trailers| Bytes::new());
                into.extend_from_slice(&data[..data.len().min(BODY - into.len())]);
            }
            Some(Err(_)) => return false,
            None => return true,
        }
    }
    false
}

/// How servers answer plain HTTP on a port of TLS: Go's (`net/http/server.go`), nginx and Amazon's load balancers
/// (`src/http/ngx_http_special_response.c`, status 497), Apache (`modules/ssl/ssl_engine_kernel.c`), Tomcat and Spring Boot
/// (`org.apache.tomcat.util.net.TLSClientHelloExtractor`).
#[must_use]
pub fn wants_tls(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    [
        "http request to an https server",
        "plain http request was sent to https port",
        "speaking plain http to an ssl",
        "combination of host and port requires tls",
    ]
    .iter()
    .any(|complaint| body.contains(complaint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_about_missing_tls_is_recognised() {
        for (body, expected) in [
            ("Client sent an HTTP request to an HTTPS server.\n", true),
            ("<h1>400 Bad Request</h1>\n<center>The plain HTTP request was sent to HTTPS port</center>", true),
            ("Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", true),
            ("Bad Request\r\nThis combination of host and port requires TLS.\r\n", true),
            ("<Error><Code>InvalidArgument</Code></Error>", false),
            ("", false),
        ] {
            assert_eq!(wants_tls(body), expected, "{body}");
        }
    }

    #[test]
    fn a_server_is_called_by_its_first_word() {
        for (line, expected) in [
            ("nginx/1.22.1", Some(("nginx", Some("1.22.1")))),
            ("Apache/2.4.57 (Debian) OpenSSL/3.0", Some(("Apache", Some("2.4.57")))),
            ("cloudflare", Some(("cloudflare", None))),
            ("", None),
        ] {
            let headers = [(SERVER, line.parse().unwrap())].into_iter().collect();
            assert_eq!(Answer { headers, ..Answer::default() }.product(), expected, "{line}");
        }
    }
}
