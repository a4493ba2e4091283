//! The phases of a login, and how long each took.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::written::as_seconds;

/// Where in a login a probe stands. A phase that was not observed is absent from a result, never invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Name to addresses (also SRV records, and SQL Browser for a named instance).
    Resolve,
    /// TCP or unix socket connect.
    Connect,
    /// From the request for TLS to the end of its handshake.
    Tls,
    /// Protocol greeting and login.
    Auth,
    /// The cheapest proof that the session works.
    Query,
}

impl Phase {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Query => "query",
        }
    }
}

/// One phase of the last probe of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PhaseTiming {
    /// Which phase.
    pub phase: Phase,
    /// How long it took, or has taken so far when it is open.
    #[serde(rename = "seconds", with = "as_seconds")]
    #[cfg_attr(test, schemars(with = "super::schema::Seconds"))]
    pub elapsed: Duration,
    /// The probe ended before this phase did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
}
