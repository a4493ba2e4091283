//! A server's answer, extracted from the SDK's errors: status, code, text, region, and the product. Must not judge it.

use std::borrow::Cow;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::product;
use super::wire::Stopped;
use crate::driver::kit::http::wants_tls;
use crate::model::failure::Failure;
use crate::net::fault;

/// An error of the SDK, independent of its operation.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The connector stopped it.
    Stopped(Failure),
    /// The server answered.
    Answered(Answer),
    /// Neither of them; must not occur.
    Lost,
}

/// What a server answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// `None` if the answer is not in the form of S3.
    pub(super) code: Option<String>,
    /// The server's own text: `<Message>`, then `<Details>`.
    pub(super) text: String,
    pub(super) date: Option<String>,
    /// The region that the server names as the right one: from `x-amz-bucket-region` here, from `<Region>` below.
    pub(super) region_header: Option<String>,
    pub(super) region_element: Option<String>,
    /// The product, if it can be recognised.
    pub(super) product: Option<&'static str>,
    /// Whether the answer is an HTTP server's complaint that the request did not come over TLS.
    pub(super) wants_tls: bool,
}

impl Refusal {
    /// A success without the requested data.
    pub(super) fn empty() -> Self {
        Self::Answered(Answer { status: 200, ..Answer::default() })
    }
}

impl<E: ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for Refusal {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let SdkError::DispatchFailure(failure) = &error {
            let stopped = failure.as_connector_error().and_then(|error| fault::find::<Stopped>(error));
            return stopped.map_or(Self::Lost, |Stopped(failure)| Self::Stopped(failure.clone()));
        }
        let Some(raw) = error.raw_response() else { return Self::Lost };
        let header = |name: &str| raw.headers().get(name);
        let body = raw.body().bytes().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
        let answer = Answer {
            status: raw.status().as_u16(),
            date: header("date").map(str::to_owned),
            region_header: header("x-amz-bucket-region").map(str::to_owned),
            product: product::of_headers(header),
            wants_tls: raw.status().as_u16() == 400 && wants_tls(body),
            ..Answer::default()
        };
        // A success that could not be parsed has no code, and the SDK makes one up for an empty body.
        if raw.status().is_success() || body.is_empty() {
            return Self::Answered(answer);
        }
        let (code, message) = match error.code() {
            Some(code) => (Some(code), error.message()),
            None => (wrapped(body, "Code"), wrapped(body, "Message")),
        };
        let details = element(body, "Details");
        let texts = [message.map(Cow::Borrowed), details];
        let text = texts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        let region_element = element(body, "Region").map(Cow::into_owned);
        Self::Answered(Answer { code: code.map(str::to_owned), text, region_element, ..answer })
    }
}

/// The text of `element` in an STS error that has one level of wrapping more than AWS's, which the SDK cannot parse.
fn wrapped<'a>(body: &'a str, element: &str) -> Option<&'a str> {
    let (_, error) = body.split_once("<ErrorResponse")?.1.split_once("<Error>")?;
    between(error, element)
}

/// The text of the first element `name` in an S3 error, which the SDK does not parse.
fn element<'a>(body: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let (_, error) = body.split_once("<Error>")?;
    between(error, name).map(unescaped)
}

fn between<'a>(text: &'a str, element: &str) -> Option<&'a str> {
    let (_, inner) = text.split_once(&format!("<{element}>"))?;
    inner.split_once(&format!("</{element}>")).map(|(text, _)| text)
}

/// `text` with XML's five predefined entities decoded.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = text.to_owned();
    // `&amp;` last: its result must not be decoded again.
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_read_without_its_entities() {
        let body =
            "<?xml version=\"1.0\"?><Error><Code>A</Code><Details>a &lt;b&gt; &amp;lt; &quot;c&quot;</Details></Error>";
        assert_eq!(element(body, "Details").as_deref(), Some("a <b> &lt; \"c\""));
        assert_eq!(element(body, "Region"), None);
        assert_eq!(element("<Details>not in an error</Details>", "Details"), None);
        assert_eq!(element("<Error><Details>half", "Details"), None);
    }
}
