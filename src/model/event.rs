//! What a run tells its reports, in the order it happens.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::result::{CheckResult, SourceSummary, Summary};
use super::step::Step;

/// One step of a run. Written as JSON, `kind` tells them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run begins with so many connections.
    Started {
        /// How many results will come.
        total: usize,
        /// What was read.
        sources: Vec<SourceSummary>,
    },
    /// One step of a check, where the settings ask for steps. No report holds it.
    Step(Box<Step>),
    /// One connection has its verdict.
    Result(Arc<CheckResult>),
    /// Every connection has its verdict.
    #[serde(rename = "summary")]
    Finished(Box<Summary>),
}
