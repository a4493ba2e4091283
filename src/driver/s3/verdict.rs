//! From the SDK's errors to failures in our words. What is not an answer in S3's own language is
//! never taken for one, whatever its status.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::connector::Stopped;
use crate::driver::aws::is_aws_region;
use crate::model::class::Class;
use crate::model::codes::{self, Context};
use crate::model::failure::Failure;
use crate::net::fault;

/// Servers refuse signatures that are older than five (STS) or fifteen minutes (S3).
const TOLERATED_SKEW: u64 = 5 * 60;

/// How the refusal of a wrong clock begins, whatever its code.
const CLOCK: &str = "The difference between the request time";

/// What a request was, for the words of its failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// `S3` or `STS`.
    pub(super) service: &'static str,
    /// It was for a role.
    pub(super) role: bool,
    pub(super) context: Context<'a>,
}

/// An error of the SDK, free of its operation.
pub(super) enum Refusal {
    /// The connector stopped it.
    Stopped(Failure),
    /// The server said something.
    Answered(Answer),
    /// Neither, which cannot be.
    Lost,
}

/// What a server answered.
#[derive(Default)]
pub(super) struct Answer {
    status: u16,
    code: Option<String>,
    message: Option<String>,
    date: Option<String>,
    region: Option<String>,
}

impl<E: ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for Refusal {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let SdkError::DispatchFailure(failure) = &error {
            let stopped = failure.as_connector_error().and_then(|error| fault::find::<Stopped>(error));
            return stopped.map_or(Self::Lost, |Stopped(failure)| Self::Stopped(failure.clone()));
        }
        let Some(raw) = error.raw_response() else { return Self::Lost };
        let header = |name| raw.headers().get(name).map(str::to_owned);
        let answer = Answer {
            status: raw.status().as_u16(),
            date: header("date"),
            region: header("x-amz-bucket-region"),
            ..Answer::default()
        };
        let body = raw.body().bytes().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
        // A success that could not be read has no code, and for an empty body the SDK makes one up.
        if raw.status().is_success() || body.is_empty() {
            return Self::Answered(answer);
        }
        let (code, message) = match error.code() {
            Some(code) => (Some(code), error.message()),
            None => (wrapped(body, "Code"), wrapped(body, "Message")),
        };
        Self::Answered(Answer { code: code.map(str::to_owned), message: message.map(str::to_owned), ..answer })
    }
}

impl Refusal {
    /// A success that holds nothing of what was asked for.
    pub(super) fn empty() -> Self {
        Self::Answered(Answer { status: 200, ..Answer::default() })
    }

    /// The region of AWS that the bucket is in, where the answer is that it is not in `asked`.
    pub(super) fn elsewhere(&self, asked: &str) -> Option<&str> {
        let Self::Answered(Answer { code: Some(code), region: Some(region), .. }) = self else { return None };
        let moved = matches!(
            code.as_str(),
            "PermanentRedirect"
                | "TemporaryRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException"
        );
        (moved && region != asked && is_aws_region(region)).then_some(region)
    }

    /// Whether the keys were accepted, and only their rights are wanting.
    pub(super) fn is_denied(&self) -> bool {
        let Self::Answered(answer) = self else { return false };
        answer.code.as_deref() == Some("AccessDenied")
            && !answer.message.as_deref().is_some_and(|text| text.starts_with(CLOCK))
    }

    /// In our words.
    pub(super) fn into_failure(self, asked: Asked<'_>) -> Failure {
        match self {
            Self::Stopped(failure) => failure,
            Self::Answered(answer) => answer.into_failure(asked, SystemTime::now()),
            Self::Lost => Failure::new(Class::Internal, "the S3 library gave up without a reason"),
        }
    }
}

impl Answer {
    fn into_failure(self, asked: Asked<'_>, now: SystemTime) -> Failure {
        let Some(code) = self.code else { return foreign(self.status, asked.service) };
        let message = self.message.unwrap_or_default();
        let failure = codes::failure("s3", row(&code, &message, asked), asked.context)
            .unwrap_or_else(|| unknown(self.status, asked.service).code(code));
        let failure = match self.date.and_then(|date| skew(&date, now)) {
            Some(skew) => clocked(failure, skew),
            None => failure,
        };
        if message.is_empty() { failure } else { failure.detail(message) }
    }
}

/// An element of an STS error that is wrapped once more than AWS does it, which the SDK cannot read.
fn wrapped<'a>(body: &'a str, element: &str) -> Option<&'a str> {
    let (_, error) = body.split_once("<ErrorResponse")?.1.split_once("<Error>")?;
    let (_, inner) = error.split_once(&format!("<{element}>"))?;
    inner.split_once(&format!("</{element}>")).map(|(text, _)| text)
}

/// The row of the code table: some codes mean more than one thing.
fn row<'a>(code: &'a str, message: &str, asked: Asked<'_>) -> &'a str {
    match code {
        // What STS, and servers other than AWS, say to a clock that is wrong.
        "SignatureDoesNotMatch"
            if message.starts_with("Signature expired") || message.starts_with("Signature not yet") =>
        {
            "SignatureDoesNotMatch/Clock"
        }
        "AccessDenied" if message.starts_with(CLOCK) => "AccessDenied/Clock",
        "AccessDenied" if asked.role => "AccessDenied/AssumeRole",
        "AccessDenied" if asked.service == "STS" => "AccessDenied/CallerIdentity",
        _ => code,
    }
}

/// An answer that is not S3's, or STS's: told by its status alone, since its text is anybody's.
fn foreign(status: u16, service: &str) -> Failure {
    let (class, message, hint) = match status {
        200..=299 => (
            Class::Protocol,
            format!("an HTTP server answers, but not with what {service} would answer (HTTP {status})"),
            "a web console, portal or proxy may own this address; the endpoint must be that of the API",
        ),
        300..=399 => (
            Class::Protocol,
            format!(
                "an HTTP server answers with a redirect (HTTP {status}) that is not {service}'s; it was not followed"
            ),
            "check scheme, host and port of the endpoint; keys are never sent to where a redirect points",
        ),
        407 | 511 => (
            Class::Protocol,
            format!("a proxy or portal on the way wants a login of its own (HTTP {status})"),
            "let this machine reach the endpoint directly",
        ),
        429 | 503 => (
            Class::Busy,
            format!("the server takes no requests at the moment (HTTP {status})"),
            "try again later; if it stays, a load balancer may have no healthy server behind it",
        ),
        500..=599 => (
            Class::Server,
            format!("the server, or a gateway before it, failed (HTTP {status})"),
            "look into the logs of the server and of what stands before it",
        ),
        _ if service == "STS" => (
            Class::Protocol,
            format!("an HTTP server answers, but does not speak STS (HTTP {status})"),
            "where the server has no STS, remove extra `role_arn`, or name an STS in `service_config.sts.endpoint_url`",
        ),
        400 => (
            Class::Protocol,
            "an HTTP server answers, but does not speak S3 (HTTP 400)".to_owned(),
            "check the endpoint: a server that expects `https://` answers so to `http://`",
        ),
        _ => (
            Class::Protocol,
            format!("an HTTP server answers, but does not speak {service} (HTTP {status})"),
            "check host, port and path of the endpoint; the port may belong to another service",
        ),
    };
    Failure::new(class, message).hint(hint)
}

/// S3's own answer with a code that the table lacks.
fn unknown(status: u16, service: &str) -> Failure {
    let class = match status {
        401 => Class::Auth,
        403 => Class::Denied,
        429 | 503 => Class::Busy,
        _ => Class::Server,
    };
    Failure::new(class, format!("{service} refused the request (HTTP {status})"))
        .hint("the code and the detail are the server's own; its documentation explains them")
}

/// How far a server's clock is from ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skew {
    /// Ours is behind by so many seconds.
    Behind(u64),
    /// Ours is ahead by so many seconds.
    Ahead(u64),
}

/// The skew that an answer's `Date` shows, where it is large enough to matter.
fn skew(date: &str, now: SystemTime) -> Option<Skew> {
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?.secs();
    let ours = i64::try_from(now.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let seconds = theirs.abs_diff(ours);
    (seconds > TOLERATED_SKEW).then_some(if theirs > ours { Skew::Behind(seconds) } else { Skew::Ahead(seconds) })
}

/// Says the measured skew where it explains the refusal, or may.
fn clocked(failure: Failure, skew: Skew) -> Failure {
    let (seconds, direction) = match skew {
        Skew::Behind(seconds) => (seconds, "behind"),
        Skew::Ahead(seconds) => (seconds, "ahead of"),
    };
    let offset = humantime::format_duration(Duration::from_secs(seconds));
    match failure.class {
        Class::Local => Failure { message: format!("this machine's clock is {offset} {direction} the server's"), ..failure },
        Class::Auth | Class::Denied => failure.hint(format!(
            "this machine's clock is {offset} {direction} the server's, for which alone a signature is refused: correct it first"
        )),
        _ => failure,
    }
}
