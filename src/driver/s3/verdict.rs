//! Turns a server's answers into failures. An answer that is not in the form of S3 is never taken for one of S3,
//! whatever its status.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::answer::{Answer, Refusal};
use super::codes::CODES;
use super::control::{self, Meaning, Said};
use crate::driver::aws::is_aws_region;
use crate::driver::controls::Control;
use crate::driver::kit::refusal_text::refuses_credentials;
use crate::model::class::Class;
use crate::model::codes::refinement;
use crate::model::codes::{CheckedCredential, CodeEntry, Context};
use crate::model::failure::Failure;
use crate::model::reason::{Http, Machine};

/// Servers refuse signatures that are older than five (STS) or fifteen minutes (S3).
const TOLERATED_SKEW: u64 = 5 * 60;

/// The request, as far as the text of its failure needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// `S3` or `STS`.
    pub(super) service: &'static str,
    /// Whether it was for a role.
    pub(super) role: bool,
    /// Whether it was sent in clear.
    pub(super) plain: bool,
    pub(super) context: Context<'a>,
}

impl Refusal {
    /// What it says about keys that the server regards as valid; `None` if it says nothing like that.
    pub(super) fn said(&self) -> Option<Said<'_>> {
        let Self::Answered(answer) = self else { return None };
        let meaning = answer.meaning()?;
        match answer.entry().map(|entry| entry.class) {
            Some(Class::NotFound) => Some(Said::Accepted),
            Some(Class::Denied) if !refuses_credentials(&answer.text) => Some(Said::Denied(meaning)),
            None if answer.status == 403 => Some(Said::Denied(meaning)),
            _ => None,
        }
    }

    /// Its meaning as the answer to made-up keys; `None` if it says nothing about keys.
    pub(super) fn control(&self) -> Option<Control> {
        let Self::Answered(answer) = self else { return None };
        control::control(answer.status, answer.meaning()?, answer.entry().map(|entry| entry.class))
    }

    /// Whether the server is known to send it before it checks the keys; an unknown code may be a refusal of them.
    pub(super) fn says_nothing_of_keys(&self) -> bool {
        let Self::Answered(answer) = self else { return false };
        let Some(entry) = answer.entry() else { return false };
        matches!(entry.class, Class::Local | Class::Definition | Class::Protocol)
            || matches!(entry.code, "NotImplemented" | "MethodNotAllowed" | "MalformedXML")
    }

    /// Whether the table has its code.
    pub(super) fn is_known(&self) -> bool {
        matches!(self, Self::Answered(answer) if answer.entry().is_some())
    }

    /// The region that boto3 would sign for next, if the answer says that `asked` is the wrong one. At AWS, where a
    /// region becomes part of a host name, it must have the form of one.
    pub(super) fn elsewhere(&self, asked: &str, aws: bool) -> Option<&str> {
        let Self::Answered(answer) = self else { return None };
        let moved = match answer.code.as_deref()? {
            "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException" => true,
            "AuthorizationHeaderMalformed" => aws || answer.region_element.is_some(),
            _ => matches!(answer.status, 301 | 302 | 307),
        };
        let region = answer.region().filter(|_| moved)?;
        let usable = if aws { is_aws_region(region) } else { is_region(region) };
        (usable && region != asked).then_some(region)
    }

    /// The failure.
    pub(super) fn into_failure(self, asked: Asked<'_>) -> Failure {
        match self {
            Self::Stopped(failure) => failure,
            Self::Answered(answer) => answer.into_failure(asked, SystemTime::now()),
            Self::Lost => Failure::of(Machine::Bug { what: "the S3 library gave up without a reason".to_owned() }),
        }
    }

    /// The failure, if unknown keys are denied with the same answer.
    pub(super) fn into_unproved(self, asked: Asked<'_>) -> Failure {
        let code = match &self {
            Self::Answered(answer) => answer.code.clone(),
            Self::Stopped(_) | Self::Lost => None,
        };
        let failure = self.into_failure(asked);
        match (CODES.failure("AccessDenied/Unproved", asked.context), code) {
            (Some(unproved), Some(code)) => Failure { detail: failure.detail, ..unproved }.code_of(&CODES, code),
            _ => failure,
        }
    }
}

/// Whether `region` is valid by botocore's rule.
pub(super) fn is_region(region: &str) -> bool {
    let word = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    word && (1..=63).contains(&region.len()) && !region.starts_with('-') && !region.ends_with('-')
}

impl Answer {
    /// Its code and text; `None` if it is not in the form of S3.
    fn words(&self) -> Option<refinement::Said<'_>> {
        Some(refinement::Said { code: self.code.as_deref()?, product: self.product, text: &self.text })
    }

    /// Its row of the code table.
    fn entry(&self) -> Option<&'static CodeEntry> {
        CODES.row(self.words()?)
    }

    fn meaning(&self) -> Option<Meaning<'_>> {
        Some(Meaning { code: self.code.as_deref()?, reason: self.entry().map(|entry| entry.reason) })
    }

    /// The region that the server names as the right one.
    fn region(&self) -> Option<&str> {
        self.region_header.as_deref().or(self.region_element.as_deref())
    }

    fn into_failure(self, asked: Asked<'_>, now: SystemTime) -> Failure {
        let Some(said) = self.words() else { return troubled(self.status, foreign(&self, asked.service, asked.plain)) };
        let failure = CODES
            .refusal(said, asked.variant(), asked.context)
            .unwrap_or_else(|| troubled(self.status, unknown(self.status, asked.service).code_of(&CODES, said.code)));
        let failure = match self.date.and_then(|date| skew(&date, now)) {
            Some(skew) => clocked(failure, skew),
            None => failure,
        };
        if self.text.is_empty() { failure } else { failure.detail(self.text) }
    }
}

impl Asked<'_> {
    /// The variant of the code for this request: a denial has another meaning for a role.
    fn variant(&self) -> Option<&'static str> {
        match self.service {
            _ if self.role => Some("AssumeRole"),
            "STS" => Some("CallerIdentity"),
            _ => None,
        }
    }
}

/// The hint for an endpoint that requires TLS.
const TLS: &str = "write the endpoint as `https://host:port` in extra `endpoint_url`";

/// The failure of an answer that is not from S3 or STS.
fn foreign(answer: &Answer, service: &str, plain: bool) -> Failure {
    let status = answer.status;
    Failure::of(match (status, service) {
        (400, _) if answer.wants_tls && plain => Http::TlsExpected { hint: TLS },
        (400, _) if answer.wants_tls => Http::TlsExpectedBehind,
        (_, "STS") => Http::NotSts { status },
        _ => Http::NotS3 { status, plain },
    })
}

/// A status of 500 or more is an error of the server or of a gateway in front of it (RFC 9110, 15.6), and does not
/// answer the keys.
fn troubled(status: u16, failure: Failure) -> Failure {
    if status >= 500 { Failure { checked: CheckedCredential::Instead, ..failure } } else { failure }
}

/// The failure of an answer of the service with a code that the table does not have.
fn unknown(status: u16, service: &'static str) -> Failure {
    Failure::of(Http::CodeUnknown { service, status })
}

/// The difference between a server's clock and this machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skew {
    /// This machine is behind by this many seconds.
    Behind(u64),
    /// This machine is ahead by this many seconds.
    Ahead(u64),
}

/// The skew that an answer's `Date` shows, if it is large enough to matter.
fn skew(date: &str, now: SystemTime) -> Option<Skew> {
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?.secs();
    let ours = i64::try_from(now.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let seconds = theirs.abs_diff(ours);
    (seconds > TOLERATED_SKEW).then_some(if theirs > ours { Skew::Behind(seconds) } else { Skew::Ahead(seconds) })
}

/// Adds the measured skew if it explains the refusal, or may explain it.
fn clocked(failure: Failure, skew: Skew) -> Failure {
    let (seconds, ahead) = match skew {
        Skew::Behind(seconds) => (seconds, false),
        Skew::Ahead(seconds) => (seconds, true),
    };
    let off = Failure::of(Machine::ClockOff { by: Duration::from_secs(seconds), ahead });
    match failure.class {
        Class::Local => Failure { message: off.message, ..failure },
        Class::Auth | Class::Denied => {
            failure.hint(format!("{}, for which alone a signature is refused: correct it first", off.message))
        }
        _ => failure,
    }
}
