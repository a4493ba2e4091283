//! Judges answers of services that are no backend.

use http::StatusCode;

use crate::model::failure::Failure;
use crate::model::reason::Http;

/// The failure for an answer that is not in the format of `service`. Only its status counts.
pub(in crate::source) fn foreign(status: StatusCode, service: &'static str) -> Failure {
    Failure::of(Http::NotBackend { service, status: status.as_u16() }).known_code(status.as_str())
}
