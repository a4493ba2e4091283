//! The settings of a run.

use std::time::Duration;

use super::wait::Waiting;
use crate::driver::Policy;

/// Limits and requirements of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The time limit of one probe.
    pub timeout: Duration,
    /// The time limit of the whole run, reports included.
    pub deadline: Option<Duration>,
    /// The number of further attempts after a failure that another attempt may cure.
    pub retries: u32,
    /// The requirements that every login has to meet.
    pub policy: Policy,
    /// Keeps all text of servers out of the results.
    pub no_detail: bool,
    /// Send the steps of each check as events, besides its result.
    pub steps: bool,
    /// Tries each connection again until it is ready.
    pub waiting: Option<Waiting>,
    /// Plans everything and sends nothing.
    pub dry_run: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            deadline: None,
            retries: 0,
            policy: Policy::default(),
            no_detail: false,
            steps: false,
            waiting: None,
            dry_run: false,
        }
    }
}
