//! What AWS's services say instead of an answer, told by code; their own text is never repeated.

use crate::model::failure::Failure;
use crate::model::reason::{ReasonCode, Words};
use crate::source::aws::account::Service;
use crate::source::backend::{self, Answer};

/// What an answer that is no success means.
pub(super) fn failure(answer: &Answer, service: &Service) -> Failure {
    let document = answer.json();
    let field = |names: [&str; 2]| names.iter().find_map(|name| document.as_ref()?.value.get(name)?.scalar());
    let Some(code) = field(["__type", "code"]).or_else(|| element(answer.text(), "Code")) else {
        return backend::foreign(answer.status, "AWS");
    };
    // `com.amazonaws.secretsmanager#ResourceNotFoundException`, and older, `Code:http://…`.
    let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let text = field(["message", "Message"]).or_else(|| element(answer.text(), "Message")).unwrap_or_default();
    let (reason, message, hint) = words(code, text, answer.status.as_u16(), service.product);
    let known = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let code = if known { code } else { answer.status.as_str() };
    Failure::of(Words::new(reason, format!("{message} ({code})")).fields([]).hint(hint)).code(code)
}

/// An element of an error in XML, in which some that speak as AWS does refuse keys.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, error) = text.split_once("<ErrorResponse")?;
    let (_, inner) = error.split_once(&format!("<{name}>"))?;
    inner.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

fn words(code: &str, text: &str, status: u16, product: &str) -> (ReasonCode, String, &'static str) {
    const KEYS: &str =
        "check `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary keys, `AWS_SESSION_TOKEN`";
    let clock = text.starts_with("Signature expired") || text.starts_with("Signature not yet");
    let code = code.strip_suffix("Exception").unwrap_or(code);
    match code {
        "InvalidSignature" | "SignatureDoesNotMatch" if clock => local(),
        "RequestExpired" | "RequestTimeTooSkewed" => local(),
        "UnrecognizedClient" | "InvalidClientTokenId" | "InvalidAccessKeyId" | "AuthFailure" => {
            (ReasonCode::KeysUnknown, "AWS does not know the access key, or its token is wrong".to_owned(), KEYS)
        }
        "InvalidSignature" | "SignatureDoesNotMatch" | "IncompleteSignature" => {
            (ReasonCode::SignatureMismatch, "the secret key does not belong to the access key".to_owned(), KEYS)
        }
        "ExpiredToken" => (
            ReasonCode::TokenExpired,
            "the temporary keys have expired".to_owned(),
            "get new ones, and set `AWS_SESSION_TOKEN` with them",
        ),
        "InvalidToken" | "MissingAuthenticationToken" => {
            (ReasonCode::TokenInvalid, "AWS does not accept the session token".to_owned(), KEYS)
        }
        "AccessDenied" | "NotAuthorized" | "OptInRequired" => (
            ReasonCode::PrivilegeMissing,
            format!("the keys may not do that in {product}"),
            "grant them `secretsmanager:ListSecrets` and `secretsmanager:GetSecretValue`, or `ssm:GetParametersByPath`, and `kms:Decrypt` for keys of your own",
        ),
        "DecryptionFailure" | "InvalidKeyId" | "KMSAccessDenied" | "KMSDisabled" | "KMSInvalidState"
        | "KMSNotFound" => (
            ReasonCode::PrivilegeMissing,
            format!("{product} cannot decrypt it with its key in KMS"),
            "check that the key is enabled, and that the access key may use it (`kms:Decrypt`)",
        ),
        "ResourceNotFound" | "ParameterNotFound" | "InvalidRequest" => (
            ReasonCode::PathNotFound,
            "it has no current value, or is marked for deletion".to_owned(),
            "give it a value, or wait until it is gone",
        ),
        "Throttling"
        | "ThrottledException"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "ServiceUnavailable"
        | "SlowDown" => (
            ReasonCode::SlowDown,
            format!("{product} asks for fewer requests, or takes none"),
            "try again later; others may use up the quota of the account",
        ),
        _ if status == 503 || status == 429 => {
            (ReasonCode::Unavailable, format!("{product} takes no requests at the moment"), "try again later")
        }
        "Validation" | "InvalidParameter" | "InvalidFilter" | "InvalidFilterKey" | "InvalidFilterValue" => (
            ReasonCode::SourceUnusable,
            format!("{product} has no names of that form"),
            "check the prefix: letters, digits and `/_+=.@-`, for the Parameter Store fewer",
        ),
        "UnknownOperation" => (
            ReasonCode::NotUnderstood,
            format!("what answers there does not speak as {product} does"),
            "check the endpoint in the environment",
        ),
        _ => (
            ReasonCode::ServerError,
            format!("{product} refused the request (HTTP {status})"),
            "its documentation explains the code",
        ),
    }
}

fn local() -> (ReasonCode, String, &'static str) {
    (
        ReasonCode::ClockSkew,
        "this machine's clock is too far from that of AWS".to_owned(),
        "set the clock of this machine (NTP), then try again; the keys were not judged",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::source::aws::account::SECRETS_MANAGER;

    #[test]
    fn a_refusal_is_told_by_its_code_and_never_by_its_text() {
        let json = |code: &str, text: &str| format!(r#"{{"__type":"{code}","message":"{text} CANARY"}}"#);
        for (status, body, class, code) in [
            (
                400,
                json("UnrecognizedClientException", "The security token included"),
                Class::Auth,
                "UnrecognizedClientException",
            ),
            (
                400,
                json("com.amazon.coral.service#InvalidSignatureException", "The request signature"),
                Class::Auth,
                "InvalidSignatureException",
            ),
            (
                400,
                json("InvalidSignatureException", "Signature expired: 2026"),
                Class::Local,
                "InvalidSignatureException",
            ),
            (400, json("ExpiredTokenException", "The security token"), Class::Auth, "ExpiredTokenException"),
            (400, json("AccessDeniedException", "User: arn:"), Class::Denied, "AccessDeniedException"),
            (400, json("DecryptionFailure", "Secrets Manager can't"), Class::Denied, "DecryptionFailure"),
            (
                400,
                json("ResourceNotFoundException", "Secrets Manager can't find"),
                Class::NotFound,
                "ResourceNotFoundException",
            ),
            (400, json("ThrottlingException", "Rate exceeded"), Class::Busy, "ThrottlingException"),
            (500, json("InternalServiceError", ""), Class::Server, "InternalServiceError"),
            (400, json("CANARY <b>", ""), Class::Server, "400"),
            (
                403,
                "<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>CANARY</Message>".to_owned(),
                Class::Denied,
                "AccessDenied",
            ),
            (403, "<html>CANARY</html>".to_owned(), Class::Protocol, "403"),
            (302, String::new(), Class::Protocol, "302"),
            (503, "no healthy upstream".to_owned(), Class::Busy, "503"),
        ] {
            let failure = failure(&Answer::of(status, &body), &SECRETS_MANAGER);
            assert_eq!((failure.class, failure.code.as_deref()), (class, Some(code)), "{body}");
            let told = format!("{failure:?}");
            assert!(failure.hint.is_some() && !told.contains("CANARY"), "{told}");
        }
    }
}
