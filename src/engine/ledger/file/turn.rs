//! The access of processes, and of the logins of this process, to the file. A login that writes while the file is
//! locked adds its lines to the same write. Logins that ask at the same moment wait for each other, and one write
//! serves all of them.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::opening::FileLedger;
use super::state::State;

/// How long this process waits for the lock, over the whole run, before it gives the file up.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// After this time without waiting, the full patience is available again.
const FORGIVEN: Duration = Duration::from_mins(1);
/// At most this much counts between two attempts to lock the file: there may have been no login that wanted it.
const LOOKED_AWAY: Duration = Duration::from_millis(250);
/// The pause between two attempts to lock the file.
pub(super) const PAUSE: Duration = Duration::from_millis(2);

/// How long this process has waited for the file so far.
pub(super) struct Waits {
    most: Duration,
    last: Option<Instant>,
    spent: Duration,
}

impl Waits {
    /// Nothing waited so far, of `most`.
    pub(super) fn with(most: Duration) -> Self {
        Self { most, last: None, spent: Duration::ZERO }
    }

    /// Another process has the file. Returns whether to stop waiting for it.
    pub(super) fn is_enough(&mut self, now: Instant) -> bool {
        match self.last.replace(now).map(|last| now.saturating_duration_since(last)) {
            Some(pause) if pause < FORGIVEN => self.spent += pause.min(LOOKED_AWAY),
            _ => self.spent = Duration::ZERO,
        }
        self.spent > self.most
    }
}

/// Lines that are not written yet, under the lock. They are written when this is dropped, even if the future that waits
/// was dropped.
struct Unwritten<'a> {
    ledger: &'a FileLedger,
    /// The number of writes before these lines.
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
    /// Does `work` under the lock of the file, or without it once nothing is saved any more. The lines that it queues
    /// are written when this returns.
    pub(super) async fn locked<T: Send>(&self, mut work: impl FnMut(&mut State) -> T + Send) -> T {
        loop {
            if let Some((done, unwritten)) = self.attempt(&mut work) {
                if unwritten.is_some() {
                    // Logins that have come equally far write together.
                    tokio::task::yield_now().await;
                }
                return done;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Same as `locked`, on the caller's thread. It waits for other processes only.
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

    /// Does `work` if the file is free or no longer waited for.
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
    /// Whether `self` may be used: the file is locked and read, or nothing is saved any more.
    fn lock(&mut self) -> bool {
        let may_work = self.is_locked || self.broken.is_some() || self.lock_file();
        if may_work {
            self.take_acceptances();
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

    /// The number of attempts, `pause` milliseconds apart, until the file is no longer waited for.
    fn looks(waits: &mut Waits, from: Instant, pause: u64) -> Option<u64> {
        (0..10_000).find(|look| waits.is_enough(from + Duration::from_millis(look * pause)))
    }

    #[test]
    fn a_file_that_others_keep_is_waited_for_once_in_a_run_and_not_for_each_login() {
        let begun = Instant::now();
        for (pause, most) in [(2, 2501), (100, 51), (250, 21), (5_000, 21)] {
            let mut waits = Waits::with(PATIENCE);
            assert_eq!(looks(&mut waits, begun, pause), Some(most), "each {pause} ms");
            // The next login no longer waits.
            assert!(waits.is_enough(begun + Duration::from_millis(most * pause + 1)));
        }
        // Meeting another process now and then adds up to no waiting time.
        assert_eq!(looks(&mut Waits::with(PATIENCE), begun, 61_000), None);
    }
}
