//! The events that a run sends to its reports, in order.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::result::{CheckResult, SourceSummary, Summary};
use super::step::Step;

/// One step of a run. In JSON, `kind` distinguishes the variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The run begins.
    Started {
        /// The number of results to expect.
        total: usize,
        /// The sources that were read.
        sources: Vec<SourceSummary>,
    },
    /// One step of a check, where the settings ask for steps. No report holds it.
    Step(Box<Step>),
    /// The result of one connection.
    Result(Arc<CheckResult>),
    /// All results have been sent.
    #[serde(rename = "summary")]
    Finished(Box<Summary>),
}
