//! Interprets refusals by Vault, by their status and by known words. Vault's own text is never repeated.

use http::StatusCode;

use crate::model::document::Value;
use crate::model::failure::Failure;
use crate::model::reason::Vault;
use crate::source::backend::{self, Answer};

/// Why there is no answer to a request.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The token is valid, but not permitted to use this path. If `mounted` is false, there may be no secrets engine at
    /// all.
    Denied { mounted: bool },
    /// Nothing exists at the path.
    Absent,
    /// Any other failure, which is the same for every path.
    Failed(Failure),
}

impl Refusal {
    /// Interprets an answer that is not a success.
    pub(super) fn of(answer: &Answer) -> Self {
        let status = answer.status;
        let document = answer.json();
        let Some(Value::List(errors)) = document.as_ref().and_then(|node| node.value.get("errors")) else {
            // The answer of version 2 for a deleted secret whose history still exists.
            let deleted = document.as_ref().is_some_and(|node| node.value.get("data").is_some());
            return if status == StatusCode::NOT_FOUND && deleted {
                Self::Absent
            } else {
                Self::Failed(backend::foreign(status, "Vault"))
            };
        };
        let says = |words: &str| {
            errors.iter().any(|error| error.value.scalar().is_some_and(|text| text.to_lowercase().contains(words)))
        };
        match status.as_u16() {
            404 => Self::Absent,
            403 if says("preflight capability check") => Self::Denied { mounted: false },
            403 if says("invalid token") || says("bad token") => Self::Failed(refused()),
            403 => Self::Denied { mounted: true },
            _ => Self::Failed(failure(status, &says)),
        }
    }

    /// The failure. `denied` and `absent` make those that depend on the path.
    pub(super) fn into_failure(self, denied: impl FnOnce() -> Failure, absent: impl FnOnce() -> Failure) -> Failure {
        match self {
            Self::Denied { .. } => denied(),
            Self::Absent => absent(),
            Self::Failed(failure) => failure,
        }
    }
}

fn failure(status: StatusCode, says: &dyn Fn(&str) -> bool) -> Failure {
    let code = status.as_u16();
    let reason = match code {
        400 | 500 if says("missing client token") => return refused(),
        429 => return busy(),
        503 if says("sealed") => Vault::Sealed,
        503 => Vault::Unavailable { status: code },
        400 | 405 | 412 => Vault::NotTaken { status: code },
        _ => Vault::Failed { status: code },
    };
    Failure::of(reason).known_code(status.as_str())
}

/// The failure for a token that Vault does not accept.
pub(super) fn refused() -> Failure {
    Failure::of(Vault::TokenRefused).known_code("403")
}

/// The failure for too many requests.
pub(super) fn busy() -> Failure {
    Failure::of(Vault::Throttled).known_code("429")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts are those of Vault 1.1 and of later versions.
    #[test]
    fn a_refusal_is_told_by_its_status_and_never_by_its_text() {
        for (status, body, told) in [
            (403, r#"{"errors":["1 error occurred:\n\t* permission denied CANARY\n\n"]}"#, "Denied { mounted: true }"),
            (
                403,
                r#"{"errors":["preflight capability check returned 403, please ensure CANARY"]}"#,
                "Denied { mounted: false }",
            ),
            (403, r#"{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}"#, "class: Auth"),
            (404, r#"{"errors":[]}"#, "Absent"),
            (404, r#"{"data":{"data":null,"metadata":{"deletion_time":"CANARY"}}}"#, "Absent"),
            (404, "<html>CANARY</html>", "class: Protocol"),
            (400, r#"{"errors":["missing client token"]}"#, "class: Auth"),
            (503, r#"{"errors":["Vault is sealed CANARY"]}"#, "reason: Unavailable"),
            (503, "CANARY", "class: Busy"),
            (500, r#"{"errors":["internal error CANARY"]}"#, "class: Server"),
            (307, "", "class: Protocol"),
        ] {
            let refusal = format!("{:?}", Refusal::of(&Answer::of(status, body)));
            assert!(refusal.contains(told) && !refusal.contains("CANARY"), "{status} {body}: {refusal}");
        }
    }
}
