//! A ledger whose clock the test sets, and its decisions.

use std::path::Path;
use std::time::Duration;

use super::super::testing::end;
use super::super::*;

pub(super) const MINUTE: u64 = 60;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// The start of the clocks in these tests.
pub(super) fn start() -> Moment {
    let start: jiff::Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    start.into()
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// A ledger with a clock that the test sets, and a runtime.
pub(super) struct Bench<L> {
    pub(super) ledger: L,
    pub(super) clock: Clock,
    pub(super) runtime: tokio::runtime::Runtime,
}

/// The decision about a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Tried,
    /// `failed/auth` without an attempt, until this many seconds after the start.
    Again(u64),
    /// `withheld`, until this many seconds after the start.
    Withheld(u64),
    Taken,
}

impl Bench<FileLedger> {
    pub(super) fn in_file(directory: &Path) -> Self {
        let clock = Clock::standing_at(start());
        Self { ledger: FileLedger::open(&directory.join("ledger"), clock.clone()).unwrap(), clock, runtime: runtime() }
    }
}

impl<L: Ledger> Bench<L> {
    pub(super) fn at(&self, seconds: u64) {
        self.clock.set(start().after(Duration::from_secs(seconds)));
    }

    pub(super) fn begin(&self, login: &Login) -> (Came, bool) {
        let seconds = |moment: Moment| moment.since(start()).as_secs();
        match self.runtime.block_on(self.ledger.begin(login)) {
            Begin::Go { early } => (Came::Tried, early),
            Begin::Held(hold) if hold.why == Why::Refused => (Came::Again(seconds(hold.until)), false),
            Begin::Held(hold) => (Came::Withheld(seconds(hold.until)), false),
            Begin::Taken { .. } => (Came::Taken, false),
        }
    }

    pub(super) fn end(&self, login: &Login, end: &End) {
        self.runtime.block_on(self.ledger.end(login, end));
    }

    /// A login that ends with `ending` if it may go.
    pub(super) fn log_in(&self, login: &Login, ending: Ending) -> Came {
        self.log_in_with(login, &end(ending))
    }

    pub(super) fn log_in_with(&self, login: &Login, end: &End) -> Came {
        let (came, early) = self.begin(login);
        if came == Came::Tried {
            self.ledger.leaves(login);
            self.end(login, &End { early, ..end.clone() });
        }
        came
    }
}
