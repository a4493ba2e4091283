//! `Answer`: a server's response to one request, as far as a login needs it.

use hyper::body::{Bytes, Incoming};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, SERVER};
use http_body_util::BodyExt as _;

use crate::driver::kit::refusal_text::refuses_credentials;
use crate::model::reason::Tls;
use crate::net::guard::Tap;

/// How many bytes of a body are read: complaints and refusals are short, and so are login pages.
const BODY: usize = 64 << 10;

/// How long a body is waited for after the head: it only adds to the status.
const PATIENCE: Duration = Duration::from_millis(500);

/// The same for a page, whose body tells whether it is a login page.
const PATIENCE_WITH_PAGES: Duration = Duration::from_secs(2);

/// The types of pages.
const PAGES: [&str; 2] = ["text/html", "application/xhtml+xml"];

/// What a server answered.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The head.
    pub headers: HeaderMap,
    /// The beginning of the body; for a success only if it is an HTML page.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads `answer`. Also returns whether its end was seen, so that the connection is ready for another request.
    pub(super) async fn read(answer: http::Response<Incoming>) -> (Self, bool) {
        let (head, body) = answer.into_parts();
        let mut answer = Self { status: head.status.as_u16(), headers: head.headers, body: Vec::new() };
        if answer.is_success() && !answer.is_page() {
            return (answer, false);
        }
        let patience = if answer.is_success() { PATIENCE_WITH_PAGES } else { PATIENCE };
        let whole = tokio::time::timeout(patience, read(body, &mut answer.body)).await;
        (answer, whole.unwrap_or(false))
    }

    /// A response that a server sends without waiting for a request: a timeout, a rate limit or that it is unavailable.
    /// None of them answers a credential. `None` if the first bytes are anything else.
    pub(super) fn unasked(tap: &Tap) -> Option<Self> {
        let first = tap.first_bytes();
        let (version, status) = (first.get(..9)?, std::str::from_utf8(first.get(9..12)?).ok()?);
        let said = version.starts_with(b"HTTP/1.") && first.get(12).is_some_and(|next| b" \r\n".contains(next));
        let status = status.parse().ok().filter(|status| said && [408, 429, 503].contains(status))?;
        Some(Self { status, ..Self::default() })
    }

    /// Whether the server announces that it keeps the connection. Otherwise it may have closed it already, and a
    /// request sent over it would be lost.
    #[must_use]
    pub(super) fn keeps_connection(&self) -> bool {
        let lines = self.headers.get_all(CONNECTION).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|word| word.trim().eq_ignore_ascii_case("keep-alive"))
    }

    /// Whether it is an HTML page with a login form.
    #[must_use]
    pub fn is_login_form(&self) -> bool {
        let body = String::from_utf8_lossy(&self.body).to_ascii_lowercase();
        let body: String = body.chars().filter(|letter| !letter.is_whitespace() && !"\"'".contains(*letter)).collect();
        self.is_page() && body.contains("<form") && body.contains("type=password")
    }

    /// Whether it is an HTML page, by its type.
    fn is_page(&self) -> bool {
        self.header(CONTENT_TYPE).is_some_and(|kind| {
            let kind = kind.trim_start().to_ascii_lowercase();
            PAGES.iter().any(|page| kind.starts_with(page))
        })
    }

    /// Whether the body has the same words as that of `other`, without what differs from request to request: numbers,
    /// times, identifiers.
    #[must_use]
    pub fn has_the_words_of(&self, other: &Self) -> bool {
        lasting(&self.body).eq(lasting(&other.body))
    }

    /// Whether it redirects to the same place as `other`, or neither redirects: compared like bodies, since the address
    /// of a login page may have a number for each request.
    #[must_use]
    pub fn leads_where(&self, other: &Self) -> bool {
        let [own, others] = [self, other].map(|answer| answer.headers.get(LOCATION).map(HeaderValue::as_bytes));
        own.is_some() == others.is_some() && lasting(own.unwrap_or_default()).eq(lasting(others.unwrap_or_default()))
    }

    /// Whether its text refuses the credential that was sent. A page may have any words, but Jira says so in a header too
    /// (`com.atlassian.seraph.filter.BaseLoginFilter`).
    #[must_use]
    pub fn refuses_credentials(&self) -> bool {
        self.headers.contains_key("x-authentication-denied-reason")
            || !self.is_page() && refuses_credentials(&String::from_utf8_lossy(&self.body))
    }

    /// The complaint about the client's certificate, if it is one. Sources: nginx and its derivatives
    /// (`src/http/ngx_http_special_response.c`: 495 and 496, which it sends as 400), one of the places in Apache
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

    /// Whether the status is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header; `None` if it is not text.
    #[must_use]
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The product name and version that the server gives.
    #[must_use]
    pub fn product(&self) -> Option<(&str, Option<&str>)> {
        let first = self.header(SERVER)?.split_whitespace().next()?;
        Some(first.split_once('/').map_or((first, None), |(name, version)| (name, Some(version))))
    }

    /// Whether it is a complaint that the request did not come over TLS.
    #[must_use]
    pub fn wants_tls(&self) -> bool {
        self.status == 400 && wants_tls(&String::from_utf8_lossy(&self.body))
    }
}

/// The longest word that is not taken for an identifier.
const WORD: usize = 20;

/// The words of `text` that are neither numbers nor identifiers. The signs of base64 do not divide an identifier.
fn lasting(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let runs = text.split(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"+/=_-".contains(byte));
    let runs = runs.filter(|run| !is_identifier(run));
    let words = runs.flat_map(|run| run.split(|byte| b"+/=_-".contains(byte)));
    words.filter(|word| !word.is_empty() && !is_identifier(word))
}

/// Whether `word` may differ from request to request: it has a digit, is long, or has a capital behind a small letter
/// more than once.
fn is_identifier(word: &[u8]) -> bool {
    let turns = word.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    word.iter().any(u8::is_ascii_digit)
        || word.len() > WORD && !word.iter().any(|byte| b"+/=_-".contains(byte))
        || turns > 1
}

/// Reads `body` into `into`, and returns whether its end was reached. What was read before an error stays.
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

/// Whether `body` is the answer to plain HTTP on a TLS port, by the texts of Go (`net/http/server.go`), nginx and
/// Amazon's load balancers (`src/http/ngx_http_special_response.c`, status 497), Apache
/// (`modules/ssl/ssl_engine_kernel.c`), Tomcat and Spring Boot (`org.apache.tomcat.util.net.TLSClientHelloExtractor`).
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
