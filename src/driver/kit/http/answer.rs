//! `Answer`: what a server said to one request, as far as a login needs it.

use hyper::body::{Bytes, Incoming};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, SERVER};
use http_body_util::BodyExt as _;

use crate::model::reason::Tls;
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
    /// The beginning of the body; of a success only where it is a page for people.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads `answer`; with whether its end was seen, so that the connection is ready for another request.
    pub(super) async fn read(answer: http::Response<Incoming>) -> (Self, bool) {
        let (head, body) = answer.into_parts();
        let mut answer = Self { status: head.status.as_u16(), headers: head.headers, body: Vec::new() };
        if answer.is_success() && !answer.is_page() {
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

    /// Whether the server says that it keeps the connection. Without a word it may have ended it already, and what is sent
    /// over it then is lost.
    #[must_use]
    pub(super) fn keeps_connection(&self) -> bool {
        let lines = self.headers.get_all(CONNECTION).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|word| word.trim().eq_ignore_ascii_case("keep-alive"))
    }

    /// Whether it is a page for people, with a form to log in.
    #[must_use]
    pub fn is_login_form(&self) -> bool {
        let body = String::from_utf8_lossy(&self.body).to_ascii_lowercase();
        let body: String = body.chars().filter(|letter| !letter.is_whitespace() && !"\"'".contains(*letter)).collect();
        self.is_page() && body.contains("<form") && body.contains("type=password")
    }

    fn is_page(&self) -> bool {
        self.header(CONTENT_TYPE).is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
    }

    /// Whether it is a complaint about the client's certificate, and which: nginx and what is made of it
    /// (`src/http/ngx_http_special_response.c`: 495 and 496, which it sends as 400), Apache for one place of many
    /// (`modules/ssl/ssl_engine_kernel.c`, with TLS 1.3).
    #[must_use]
    pub fn certificate_complaint(&self) -> Option<Tls> {
        let body = String::from_utf8_lossy(&self.body).to_ascii_lowercase();
        let says = |status: u16, text: &str| self.status == status && body.contains(text);
        if self.status == 496
            || says(400, "no required ssl certificate was sent")
            || says(403, "cannot perform post-handshake authentication")
        {
            return Some(Tls::ClientCertificateRequired);
        }
        (self.status == 495 || says(400, "the ssl certificate error")).then_some(Tls::ClientCertificateRefused)
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
