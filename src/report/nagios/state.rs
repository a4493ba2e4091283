//! `State`: what a run means to the plugin API, decided for the text and for the exit status alike.

use std::time::Duration;

use super::range::Range;
use crate::model::result::{CheckResult, Summary};
use crate::report::verdict::Verdict;

/// The state of a service, in the words and with the numbers of the plugin API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 0
    Ok,
    /// 1
    Warning,
    /// 2
    Critical,
    /// 3
    Unknown,
}

impl State {
    /// The word in the first line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The exit status.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

/// What is demanded of a run.
#[derive(Clone, Debug, Default)]
pub struct Demands {
    /// The range of the slowest login, in seconds, outside of which the state is at least a warning.
    pub warning: Option<Range>,
    /// The range outside of which it is critical.
    pub critical: Option<Range>,
    /// Whether a skipped connection is one too many.
    pub strict: bool,
    /// Whether it is fine that nothing was tried.
    pub allow_empty: bool,
}

/// How many results mean what, and which login was the slowest.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Logins that work, or connections that are ready.
    pub passed: usize,
    /// Those that the target refused or did not answer, or that are not ready.
    pub failed: usize,
    /// Those that could not be tried.
    pub error: usize,
    /// Those that nothing is known about.
    pub skipped: usize,
    /// The time of the slowest login that worked, or of the longest wait.
    pub(super) slowest: Option<Duration>,
}

impl Tally {
    /// Counts one more result. Returns whether it is the slowest so far.
    pub fn add(&mut self, result: &CheckResult) -> bool {
        let verdict = Verdict::of(result);
        *match verdict {
            Verdict::Passed => &mut self.passed,
            Verdict::Failed => &mut self.failed,
            Verdict::Error => &mut self.error,
            Verdict::Skipped => &mut self.skipped,
        } += 1;
        let waited = result.waited.as_ref().and_then(|waited| waited.ready);
        let took = waited.or((result.attempts > 0).then_some(result.elapsed));
        let is_slowest = verdict == Verdict::Passed && took > self.slowest;
        if is_slowest {
            self.slowest = took;
        }
        is_slowest
    }

    pub(super) fn total(&self) -> usize {
        self.passed + self.failed + self.error + self.skipped
    }

    /// Whether the slowest login raises the alert of `range`.
    pub(super) fn is_slow(&self, range: Option<&Range>) -> bool {
        range.zip(self.slowest).is_some_and(|(range, slowest)| range.alerts(slowest.as_secs_f64()))
    }

    /// The state of the run with these results: the worst that one of them asks for, in the order of the plugin API.
    #[must_use]
    pub fn state(&self, summary: &Summary, demands: &Demands) -> State {
        let is_blind = summary.sources.iter().any(|source| source.problem.is_some());
        if self.failed > 0 || self.is_slow(demands.critical.as_ref()) {
            State::Critical
        } else if self.is_slow(demands.warning.as_ref()) {
            State::Warning
        } else if self.error > 0
            || is_blind
            || (demands.strict && self.skipped > 0)
            || (self.passed == 0 && !demands.allow_empty)
        {
            State::Unknown
        } else {
            State::Ok
        }
    }
}
