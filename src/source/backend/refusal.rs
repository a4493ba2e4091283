//! Answers that are not the backend's own: what else answers there.

use http::StatusCode;

use crate::model::failure::Failure;
use crate::model::reason::{ReasonCode, Words};

/// What an answer means that is not in the language of `service`, by its status alone.
pub(in crate::source) fn foreign(status: StatusCode, service: &str) -> Failure {
    let (reason, what, hint) = match status.as_u16() {
        200..=299 => (
            ReasonCode::NotUnderstood,
            format!("an HTTP server answers, but not with what {service} would answer"),
            "a web page, portal or proxy may own this address; it must be that of the API",
        ),
        300..=399 => (
            ReasonCode::NotUnderstood,
            "the server answers with a redirect, which was not followed".to_owned(),
            "name the server that it points to; secrets are never asked for where a redirect points",
        ),
        407 | 511 => (
            ReasonCode::NotUnderstood,
            "a proxy or portal on the way wants a login of its own".to_owned(),
            "let this machine reach the server directly",
        ),
        429 | 502..=504 => (
            ReasonCode::Unavailable,
            "the server, or a gateway before it, takes no requests at the moment".to_owned(),
            "try again later; if it stays, a load balancer may have no healthy server behind it",
        ),
        500..=599 => (
            ReasonCode::ServerError,
            "the server, or a gateway before it, failed".to_owned(),
            "look into the logs of the server and of what stands before it",
        ),
        _ => (
            ReasonCode::NotUnderstood,
            format!("an HTTP server answers, but does not speak as {service} does"),
            "check scheme, host, port and path of its address; the port may belong to another service",
        ),
    };
    Failure::of(Words::new(reason, format!("{what} (HTTP {})", status.as_u16())).fields([]).hint(hint))
        .code(status.as_str())
}
