//! Answers that are not the backend's own: what else answers there.

use http::StatusCode;

use crate::model::failure::Failure;
use crate::model::reason::Http;

/// What an answer means that is not in the language of `service`, by its status alone.
pub(in crate::source) fn foreign(status: StatusCode, service: &'static str) -> Failure {
    Failure::of(Http::NotBackend { service, status: status.as_u16() }).known_code(status.as_str())
}
