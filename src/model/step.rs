//! `Step`: one step of a check that is under way, for who follows it. It holds no text of a server's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::phase::Phase;
use super::reason::ReasonCode;
use super::result::Address;
use super::written::as_seconds;

/// One step of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// The id of the check's result: of its first one, where several definitions share a login.
    pub id: String,
    /// The connection's name, which is not a key.
    pub conn_id: Option<String>,
    /// What is logged in to, as in the result.
    pub target: String,
    /// How many definitions share the login, this one included.
    pub definitions: usize,
    /// The time since the check began to wait for its turn.
    #[serde(rename = "seconds", with = "as_seconds")]
    pub elapsed: Duration,
    /// What happened.
    pub kind: StepKind,
}

impl Step {
    /// The first step of a check, from which the others are made.
    #[must_use]
    pub fn new(id: String, conn_id: Option<String>, target: String, definitions: usize) -> Self {
        Self { id, conn_id, target, definitions, elapsed: Duration::ZERO, kind: StepKind::Resolving }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepKind {
    /// The names of the servers are looked up.
    Resolving,
    /// They have these addresses.
    Resolved(Vec<Address>),
    /// The check waits for the turn of its account, and for a permit of its host.
    Waiting,
    /// An attempt begins, the first one with 1.
    Attempt(u32),
    /// A connection is made to one of these addresses.
    Connecting(Vec<Address>),
    /// A connection is there.
    Connected(Address),
    /// A phase begins.
    Entered(Phase),
    /// The credential is sent.
    CredentialSent,
    /// The server has taken the credential.
    CredentialAccepted,
    /// An attempt of a wait was accepted, and more have to be.
    Accepted,
    /// The attempts of a wait now fail for this reason.
    NotReady(ReasonCode),
    /// Another attempt follows after a pause.
    Retrying {
        /// The pause.
        #[serde(rename = "seconds", with = "as_seconds")]
        pause: Duration,
        /// Why the last one failed.
        reason: ReasonCode,
    },
}
