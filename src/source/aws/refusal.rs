//! Interprets refusals by AWS's services, by their code. The service's own text is never repeated.

use crate::model::failure::Failure;
use crate::model::reason::{Aws, AwsSays};
use crate::source::aws::account::Service;
use crate::source::backend::{self, Answer};

/// The failure for an answer that is not a success.
pub(super) fn failure(answer: &Answer, service: &Service) -> Failure {
    let document = answer.json();
    let field = |names: [&str; 2]| names.iter().find_map(|name| document.as_ref()?.value.get(name)?.scalar());
    let Some(code) = field(["__type", "code"]).or_else(|| element(answer.text(), "Code")) else {
        return backend::foreign(answer.status, "AWS");
    };
    // The code is `com.amazonaws.secretsmanager#ResourceNotFoundException`, or in an older form `Code:http://…`.
    let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let text = field(["message", "Message"]).or_else(|| element(answer.text(), "Message")).unwrap_or_default();
    let says = meaning(code, text, answer.status.as_u16());
    let known = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let code = if known { code } else { answer.status.as_str() };
    // A code with a meaning here is known to connprobe, not only to the server.
    let known_code = !matches!(says, AwsSays::Unknown);
    let refused = Failure::of(Aws::Refused { says, code: code.to_owned(), product: service.product }).code(code);
    Failure { known_code, ..refused }
}

/// An element of an error in XML. Some services that are compatible with AWS refuse keys in this format.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, error) = text.split_once("<ErrorResponse")?;
    let (_, inner) = error.split_once(&format!("<{name}>"))?;
    inner.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

fn meaning(code: &str, text: &str, status: u16) -> AwsSays {
    let clock = text.starts_with("Signature expired") || text.starts_with("Signature not yet");
    match code.strip_suffix("Exception").unwrap_or(code) {
        "InvalidSignature" | "SignatureDoesNotMatch" if clock => AwsSays::ClockSkew,
        "RequestExpired" | "RequestTimeTooSkewed" => AwsSays::ClockSkew,
        "UnrecognizedClient" | "InvalidClientTokenId" | "InvalidAccessKeyId" | "AuthFailure" => AwsSays::KeyUnknown,
        "InvalidSignature" | "SignatureDoesNotMatch" | "IncompleteSignature" => AwsSays::SecretWrong,
        "ExpiredToken" => AwsSays::KeysExpired,
        "InvalidToken" | "MissingAuthenticationToken" => AwsSays::TokenRefused,
        "AccessDenied" | "NotAuthorized" | "OptInRequired" => AwsSays::NotPermitted,
        "DecryptionFailure" | "InvalidKeyId" | "KMSAccessDenied" | "KMSDisabled" | "KMSInvalidState"
        | "KMSNotFound" => AwsSays::NotDecrypted,
        "ResourceNotFound" | "ParameterNotFound" | "InvalidRequest" => AwsSays::NoValue,
        "Throttling" | "Throttled" | "TooManyRequests" | "RequestLimitExceeded" | "ServiceUnavailable" | "SlowDown" => {
            AwsSays::Throttled
        }
        _ if status == 503 || status == 429 => AwsSays::Unavailable,
        "Validation" | "InvalidParameter" | "InvalidFilter" | "InvalidFilterKey" | "InvalidFilterValue" => {
            AwsSays::BadName
        }
        "UnknownOperation" => AwsSays::OtherService,
        _ => AwsSays::Unknown,
    }
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
