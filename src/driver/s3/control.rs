//! The control: the request of a login, sent once more with keys that do not exist. The server's answer to it tells
//! what its answer to the stored keys proves. Used everywhere except at AWS, which answers `AccessDenied` to valid keys
//! only.
//!
//! Owns the conclusions. Must not look at texts: the code table has the meaning of a code and a text.

use crate::driver::controls::Control;
use crate::model::class::Class;
use crate::model::reason::ReasonCode;

/// The server's answer to the stored keys, by the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// Success, or that there is no such bucket: a server that checks keys answers so to valid keys only.
    Accepted,
    /// Something is not allowed.
    Denied(Meaning<'a>),
}

/// A server's code and its meaning there; both are compared to tell whether two answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning<'a> {
    pub(super) code: &'a str,
    /// `None` if no table has it.
    pub(super) reason: Option<ReasonCode>,
}

impl Meaning<'_> {
    /// The form in which it is remembered.
    fn text(self) -> String {
        format!("{} {}", self.code, self.reason.map_or("unknown", ReasonCode::as_str))
    }
}

/// What the answer proves, compared with the control's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conclusion {
    /// The keys are valid.
    Proved,
    /// Any keys would have got the same answer: the server does not check them.
    NotChecked,
    /// Unknown keys are denied with the same answer.
    Unproved,
    /// The control got no answer, so the server may not check keys.
    Unknown,
}

/// What `said` proves if the made-up keys got the answer `control`.
pub(super) fn conclude(said: Said<'_>, control: Option<&Control>) -> Conclusion {
    match (said, control) {
        (Said::Accepted, Some(Control::Taken)) => Conclusion::NotChecked,
        (Said::Accepted, Some(Control::Refused(_))) | (Said::Denied(_), Some(Control::Taken)) => Conclusion::Proved,
        // An unknown code may be a refusal of the secret.
        (Said::Denied(meaning), Some(Control::Refused(control)))
            if meaning.reason.is_some() && meaning.text() != *control =>
        {
            Conclusion::Proved
        }
        (Said::Accepted, None) => Conclusion::Unknown,
        (Said::Denied(_), _) => Conclusion::Unproved,
    }
}

/// The meaning of an answer to made-up keys, with this `status` and `meaning`; `None` if it says nothing about keys.
/// Refusals are those of the table and, for codes that it does not have, those of HTTP (RFC 9110, 15.5.2 and 15.5.4).
/// Any other answer may have another cause, such as a busy server.
pub(super) fn control(status: u16, meaning: Meaning<'_>, class: Option<Class>) -> Option<Control> {
    match class {
        Some(Class::NotFound) => Some(Control::Taken),
        Some(Class::Auth | Class::Denied) if status < 500 => Some(Control::Refused(meaning.text())),
        None if matches!(status, 401 | 403) => Some(Control::Refused(meaning.text())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use ReasonCode::{BucketDenied, KeysUnknown, ServiceNotEnabled, SignatureMismatch};

    #[test]
    fn only_another_answer_than_unknown_keys_get_is_a_proof() {
        let denied = |code, reason| Said::Denied(Meaning { code, reason: Some(reason) });
        let refused = |code, reason| Some(Control::Refused(Meaning { code, reason: Some(reason) }.text()));
        let unknown = || refused("InvalidAccessKeyId", KeysUnknown);
        let same = || refused("AccessDenied", BucketDenied);
        let bucket = denied("AccessDenied", BucketDenied);
        for (said, control, conclusion) in [
            (Said::Accepted, unknown(), Conclusion::Proved),
            (Said::Accepted, same(), Conclusion::Proved),
            (Said::Accepted, Some(Control::Taken), Conclusion::NotChecked),
            (Said::Accepted, None, Conclusion::Unknown),
            (bucket, unknown(), Conclusion::Proved),
            (bucket, refused("SignatureDoesNotMatch", SignatureMismatch), Conclusion::Proved),
            (bucket, refused("AccessDenied", KeysUnknown), Conclusion::Proved),
            (bucket, Some(Control::Taken), Conclusion::Proved),
            (bucket, same(), Conclusion::Unproved),
            (denied("Odd", ServiceNotEnabled), refused("Odd", ServiceNotEnabled), Conclusion::Unproved),
            (bucket, None, Conclusion::Unproved),
        ] {
            assert_eq!(conclude(said, control.as_ref()), conclusion, "{said:?} beside {control:?}");
        }
    }

    #[test]
    fn what_says_nothing_of_keys_is_no_control() {
        let refused = |code: &str| Some(Control::Refused(format!("{code} unknown")));
        for (status, row, class, expected) in [
            (403, "InvalidAccessKeyId", Some(Class::Auth), refused("InvalidAccessKeyId")),
            (400, "InvalidToken", Some(Class::Auth), refused("InvalidToken")),
            (403, "AccessDenied", Some(Class::Denied), refused("AccessDenied")),
            (401, "Unauthorized", None, refused("Unauthorized")),
            (403, "Odd", None, refused("Odd")),
            (404, "NoSuchBucket", Some(Class::NotFound), Some(Control::Taken)),
            (503, "SlowDown", Some(Class::Busy), None),
            (200, "SlowDown", Some(Class::Busy), None),
            (500, "InternalError", Some(Class::Server), None),
            (503, "AccessDenied", Some(Class::Denied), None),
            (403, "RequestTimeTooSkewed", Some(Class::Local), None),
            (400, "AuthorizationHeaderMalformed", Some(Class::Definition), None),
            (405, "MethodNotAllowed", Some(Class::Server), None),
            (400, "RequestTimeout", None, None),
            (400, "ThrottlingException", None, None),
            (400, "RequestLimitExceeded", None, None),
            (400, "Odd", None, None),
            (409, "OperationAborted", None, None),
            (429, "TooManyRequests", None, None),
            (503, "Busy", None, None),
            (404, "NoSuchKey", None, None),
        ] {
            assert_eq!(control(status, Meaning { code: row, reason: None }, class), expected, "{status} {row}");
        }
    }
}
