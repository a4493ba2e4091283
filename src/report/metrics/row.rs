//! `Row`: what the series of one connection need of its result.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::class::{Class, Status};
use crate::model::connection::normalize_type;
use crate::model::phase::Phase;
use crate::model::result::CheckResult;
use crate::report::verdict::shown;

/// What the series of one connection need.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) position: usize,
    /// Empty if the connection has none.
    pub(super) name: String,
    pub(super) conn_type: String,
    pub(super) id: String,
    /// Whether the name alone does not tell which connection is meant.
    pub(super) has_id: bool,
    pub(super) status: Status,
    pub(super) failure: Option<(Class, Option<Phase>)>,
    /// How long all attempts took, and when they ended; `None` if there was no attempt.
    pub(super) checked: Option<(Duration, Timestamp)>,
    pub(super) attempts: u32,
    pub(super) held_until: Option<Timestamp>,
    /// The earliest end of a certificate.
    pub(super) expiry: Option<Timestamp>,
    /// Whether the run was a wait.
    pub(super) is_awaited: bool,
    /// How long the wait took until the connection was ready.
    pub(super) ready: Option<Duration>,
}

impl Row {
    pub(super) fn of(result: &CheckResult, name: String, conn_type: String) -> Self {
        let chain = result.facts.tls.iter().flat_map(|tls| &tls.chain);
        Self {
            position: result.position,
            name,
            conn_type,
            id: result.id.clone(),
            has_id: false,
            status: result.status,
            failure: result.failure.as_ref().map(|failure| (failure.class, failure.phase)),
            checked: (result.attempts > 0).then(|| {
                // A moment beyond what the calendar has is not reached.
                let end = result.started_at.checked_add(result.elapsed).unwrap_or(result.started_at);
                (result.elapsed, end)
            }),
            attempts: result.attempts,
            held_until: result.held.map(|held| held.until),
            expiry: chain.filter_map(|certificate| certificate.not_after.parse().ok()).min(),
            is_awaited: result.waited.is_some(),
            ready: result.waited.as_ref().and_then(|waited| waited.ready),
        }
    }
}

/// The type of a connection, spelt as for the choice of its driver; empty if it has none.
pub(super) fn type_of(result: &CheckResult) -> String {
    shown(&result.conn_type.as_deref().map(normalize_type).unwrap_or_default())
}
