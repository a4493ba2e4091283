//! `Cause`: failures that have one root, as they stand in the summary of a run.

use serde::{Deserialize, Serialize};

use crate::model::class::Class;
use crate::model::reason::ReasonCode;

/// Failures that have one root, as twenty connections behind one dead host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cause {
    /// Their class.
    pub class: Class,
    /// What happened, as a stable word.
    pub reason: ReasonCode,
    /// What they have in common: a zone, a host, a host and port, or an authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The first one's message, or one for all.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The results, in the order they came.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub ids: Vec<String>,
}
