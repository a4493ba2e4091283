//! What the user may set for a run.

use std::time::Duration;

use crate::driver::Policy;

/// Limits and demands of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bounds one probe.
    pub timeout: Duration,
    /// Bounds the whole run.
    pub deadline: Option<Duration>,
    /// More attempts after a failure that another attempt may cure.
    pub retries: u32,
    /// What is demanded of every login.
    pub policy: Policy,
    /// Keep every text of a server's out of the results.
    pub no_detail: bool,
    /// Send the steps of each check as events, besides its result.
    pub steps: bool,
    /// Plan everything, send nothing.
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
            dry_run: false,
        }
    }
}
