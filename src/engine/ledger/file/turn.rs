//! The turns of processes, and of the logins of this one, at the file. Who wants to write while it is locked adds to
//! what is written; who asks at the same moment waits for the others, and one write is for all of them.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::opening::FileLedger;
use super::state::State;

/// How long other processes may have the file, in all of a run, before it is given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Who has not waited for so long has its patience anew.
const FORGIVEN: Duration = Duration::from_mins(1);
/// Between two looks whether it is free no more than this counts: nobody may have wanted it.
const LOOKED_AWAY: Duration = Duration::from_millis(250);
/// The pause between two looks whether it is free.
pub(super) const PAUSE: Duration = Duration::from_millis(2);

/// How long the file was waited for so far.
pub(super) struct Waits {
    most: Duration,
    last: Option<Instant>,
    spent: Duration,
}

impl Waits {
    /// Nothing, of `most`.
    pub(super) fn with(most: Duration) -> Self {
        Self { most, last: None, spent: Duration::ZERO }
    }

    /// Another process has the file: whether it is not waited for any more.
    pub(super) fn is_enough(&mut self, now: Instant) -> bool {
        match self.last.replace(now).map(|last| now.saturating_duration_since(last)) {
            Some(pause) if pause < FORGIVEN => self.spent += pause.min(LOOKED_AWAY),
            _ => self.spent = Duration::ZERO,
        }
        self.spent > self.most
    }
}

/// Lines that are not written yet, with the file locked. They are once this is dropped, whatever became of who waits.
struct Unwritten<'a> {
    ledger: &'a FileLedger,
    /// How often was written before them.
    written: u64,
}

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        let mut state = self.ledger.state();
        if state.written == self.written {
            state.write();
        }
    }
}

impl FileLedger {
    /// Does `work` under the lock of the file; without it, once nothing is kept any more. What it leaves to be written
    /// is written when this returns.
    pub(super) async fn locked<T: Send>(&self, mut work: impl FnMut(&mut State) -> T + Send) -> T {
        loop {
            if let Some((done, unwritten)) = self.attempt(&mut work) {
                if unwritten.is_some() {
                    // Others that are as far as this write with it.
                    tokio::task::yield_now().await;
                }
                return done;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same on the caller's thread, which waits for nobody but other processes.
    pub(super) fn locked_at_once<T>(&self, mut work: impl FnMut(&mut State) -> T) -> T {
        loop {
            let mut state = self.state();
            if state.lock() {
                let done = work(&mut state);
                state.write();
                return done;
            }
            drop(state);
            thread::sleep(PAUSE);
        }
    }

    /// Does `work` if the file is free, or is not waited for any more.
    fn attempt<T>(&self, work: impl FnOnce(&mut State) -> T) -> Option<(T, Option<Unwritten<'_>>)> {
        let mut state = self.state();
        let before = state.unwritten.count();
        if !state.lock() {
            return None;
        }
        let done = work(&mut state);
        let (after, written) = (state.unwritten.count(), state.written);
        if after == 0 {
            state.write();
        }
        drop(state);
        Some((done, (after > before).then_some(Unwritten { ledger: self, written })))
    }
}

impl State {
    /// Whether `self` may be worked with: the file is locked and read, or nothing is kept any more.
    fn lock(&mut self) -> bool {
        let may_work = self.is_locked || self.broken.is_some() || self.lock_file();
        if may_work {
            self.take_ends();
        }
        may_work
    }

    fn lock_file(&mut self) -> bool {
        let locked = match self.journal.try_lock() {
            Ok(false) if !self.waits.is_enough(Instant::now()) => return false,
            Ok(false) => Err(io::Error::other("another process keeps it locked")),
            Ok(true) => self.refresh(),
            Err(error) => Err(error),
        };
        match locked {
            Ok(()) => self.is_locked = true,
            Err(error) => {
                self.give_up(&error);
                self.journal.unlock();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks of every `pause` milliseconds it takes until the file is not waited for any more.
    fn looks(waits: &mut Waits, from: Instant, pause: u64) -> Option<u64> {
        (0..10_000).find(|look| waits.is_enough(from + Duration::from_millis(look * pause)))
    }

    #[test]
    fn a_file_that_others_keep_is_waited_for_once_in_a_run_and_not_for_each_login() {
        let begun = Instant::now();
        for (pause, most) in [(2, 2501), (100, 51), (250, 21), (5_000, 21)] {
            let mut waits = Waits::with(PATIENCE);
            assert_eq!(looks(&mut waits, begun, pause), Some(most), "each {pause} ms");
            // The next login waits for it no more.
            assert!(waits.is_enough(begun + Duration::from_millis(most * pause + 1)));
        }
        // Who meets another process now and then has waited for nothing.
        assert_eq!(looks(&mut Waits::with(PATIENCE), begun, 61_000), None);
    }
}
