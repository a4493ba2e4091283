//! Exit statuses: one documented type, mapped in one place.

use std::process::ExitCode;

use crate::model::result::{Counts, Ended};
use crate::report::nagios::State;

/// How a command ends. The numbers are part of the interface and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: at least one login was tried, and all that were tried succeeded; or the command did what was asked.
    Success,
    /// 1: at least one result is `failed` or `error` (under `--strict`: or `skipped`).
    NotOk,
    /// 2: the command line cannot be used.
    Usage,
    /// 3: a source could not be read, or nothing was left to probe.
    Source,
    /// 4: connprobe itself failed.
    Broken,
    /// 124: the deadline passed before everything was ready (`wait`).
    NotInTime,
    /// 126: the command of `wait` cannot be run.
    CannotRun,
    /// 127: the command of `wait` was not found.
    CommandNotFound,
    /// 130: SIGINT.
    Interrupted,
    /// 143: SIGTERM.
    Terminated,
    /// 129: SIGHUP.
    HungUp,
    /// 0 to 3, as the plugin API of Nagios has them: a run whose report is a plugin's output (`--format nagios`).
    Plugin(State),
}

impl Exit {
    /// The number for the shell.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::NotOk => 1,
            Self::Usage => 2,
            Self::Source => 3,
            Self::Broken => 4,
            Self::NotInTime => 124,
            Self::CannotRun => 126,
            Self::CommandNotFound => 127,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::HungUp => 129,
            Self::Plugin(state) => state.status(),
        }
    }

    /// The exit status of a plugin that ends like this without a report: whatever went wrong, nothing is known about
    /// the logins. The command of a wait has statuses of its own.
    #[must_use]
    pub(super) fn of_plugin(self) -> Self {
        match self {
            Self::Plugin(_) | Self::CannotRun | Self::CommandNotFound => self,
            _ => Self::Plugin(State::Unknown),
        }
    }

    /// The exit status of a run. In order of precedence: a signal, an unreadable source, the results, "nothing to
    /// probe".
    #[must_use]
    pub(super) fn of_run(run: &Verdict<'_>) -> Self {
        let Counts { ok, failed, error, skipped, .. } = *run.counts;
        match run {
            Verdict { ended: Ended::Interrupted, signal: Some(signal), .. } => *signal,
            Verdict { source_failed: true, .. } => Self::Source,
            _ if failed + error > 0 || (run.strict && skipped > 0) => Self::NotOk,
            _ if ok == 0 && !run.allow_empty => Self::Source,
            _ => Self::Success,
        }
    }
}

/// The data that decides a run's exit status.
pub(super) struct Verdict<'a> {
    pub(super) counts: &'a Counts,
    pub(super) ended: Ended,
    pub(super) signal: Option<Exit>,
    pub(super) source_failed: bool,
    pub(super) strict: bool,
    pub(super) allow_empty: bool,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_runs() {
        let counts = |ok, failed, error, skipped| Counts {
            total: ok + failed + error + skipped,
            ok,
            failed,
            error,
            skipped,
            ..Counts::default()
        };
        for (counts, source_failed, strict, allow_empty, status) in [
            (counts(1, 0, 0, 0), false, false, false, 0),
            (counts(1, 0, 0, 1), false, false, false, 0),
            (counts(1, 0, 0, 1), false, true, false, 1),
            (counts(1, 1, 0, 0), false, false, false, 1),
            (counts(1, 0, 1, 0), false, false, false, 1),
            (counts(1, 1, 0, 0), true, false, false, 3),
            (counts(0, 0, 0, 0), false, false, false, 3),
            (counts(0, 0, 0, 2), false, false, false, 3),
            (counts(0, 0, 0, 0), false, false, true, 0),
            (counts(0, 0, 0, 2), false, true, true, 1),
        ] {
            let verdict =
                Verdict { counts: &counts, ended: Ended::Complete, signal: None, source_failed, strict, allow_empty };
            assert_eq!(Exit::of_run(&verdict).status(), status, "{counts:?} {source_failed} {strict} {allow_empty}");
        }
    }
}
