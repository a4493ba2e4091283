//! What a run tells its reports, in the order it happens.

use std::sync::Arc;

use super::result::{CheckResult, SourceSummary, Summary};

/// One step of a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins with so many connections.
    Started {
        /// How many results will come.
        total: usize,
        /// What was read.
        sources: Vec<SourceSummary>,
    },
    /// One connection has its verdict.
    Result(Arc<CheckResult>),
    /// Every connection has its verdict.
    Finished(Box<Summary>),
}
