//! The control: the request of a login once more, signed with keys that nobody has. What a server answers to it tells
//! what its answer to the stored keys proves. Elsewhere than at AWS only, which says `AccessDenied` to valid keys alone.
//!
//! Owns the conclusions. Must not look at texts: what a code and a text mean is the table's (`meaning`).

use crate::driver::controls::Control;
use crate::model::class::Class;

/// What the server's answer to the stored keys is, by the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// What was asked for, or that there is no such bucket: what only valid keys are told where keys are checked.
    Accepted,
    /// That something is not allowed: the row of the table.
    Denied(&'a str),
}

/// What the answer proves, beside the control's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conclusion {
    /// The keys are good.
    Proved,
    /// Any keys would have been told the same: the server checks none.
    NotChecked,
    /// Unknown keys are denied in the same words.
    Unproved,
    /// The control had no answer, so that the server may check no keys.
    Unknown,
}

/// What `said` proves where the made-up keys were answered with `control`.
pub(super) fn conclude(said: Said<'_>, control: Option<&Control>) -> Conclusion {
    match (said, control) {
        (Said::Accepted, Some(Control::Taken)) => Conclusion::NotChecked,
        (Said::Accepted, Some(Control::Refused(_))) | (Said::Denied(_), Some(Control::Taken)) => Conclusion::Proved,
        (Said::Denied(row), Some(Control::Refused(control))) if row != control => Conclusion::Proved,
        (Said::Accepted, None) => Conclusion::Unknown,
        (Said::Denied(_), _) => Conclusion::Unproved,
    }
}

/// What an answer to made-up keys, with this `status`, `row` and `class`, stands for; `None` where it says nothing of
/// keys.
pub(super) fn control(status: u16, row: &str, class: Class) -> Option<Control> {
    match class {
        Class::NotFound => Some(Control::Taken),
        Class::Local | Class::Busy | Class::Definition | Class::Protocol => None,
        _ if (400..500).contains(&status) => Some(Control::Refused(row.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_answer_than_unknown_keys_get_is_a_proof() {
        let refused = |row: &str| Some(Control::Refused(row.to_owned()));
        for (said, control, conclusion) in [
            (Said::Accepted, refused("InvalidAccessKeyId"), Conclusion::Proved),
            (Said::Accepted, refused("AccessDenied"), Conclusion::Proved),
            (Said::Accepted, Some(Control::Taken), Conclusion::NotChecked),
            (Said::Accepted, None, Conclusion::Unknown),
            (Said::Denied("AccessDenied"), refused("InvalidAccessKeyId"), Conclusion::Proved),
            (Said::Denied("AccessDenied"), refused("SignatureDoesNotMatch"), Conclusion::Proved),
            (Said::Denied("AccessDenied"), refused("AccessDenied/UnknownKey"), Conclusion::Proved),
            (Said::Denied("AccessDenied"), Some(Control::Taken), Conclusion::Proved),
            (Said::Denied("AccessDenied"), refused("AccessDenied"), Conclusion::Unproved),
            (Said::Denied("NotSignedUp"), refused("NotSignedUp"), Conclusion::Unproved),
            (Said::Denied("AccessDenied"), None, Conclusion::Unproved),
        ] {
            assert_eq!(conclude(said, control.as_ref()), conclusion, "{said:?} beside {control:?}");
        }
    }

    #[test]
    fn what_says_nothing_of_keys_is_no_control() {
        for (status, row, class, expected) in [
            (403, "InvalidAccessKeyId", Class::Auth, Some(Control::Refused("InvalidAccessKeyId".to_owned()))),
            (403, "AccessDenied", Class::Denied, Some(Control::Refused("AccessDenied".to_owned()))),
            (400, "InvalidCredential", Class::Server, Some(Control::Refused("InvalidCredential".to_owned()))),
            (404, "NoSuchBucket", Class::NotFound, Some(Control::Taken)),
            (503, "SlowDown", Class::Busy, None),
            (500, "InternalError", Class::Server, None),
            (403, "RequestTimeTooSkewed", Class::Local, None),
            (400, "AuthorizationHeaderMalformed", Class::Definition, None),
        ] {
            assert_eq!(control(status, row, class), expected, "{status} {row}");
        }
    }
}
