//! Runs work on one more thread, and waits for it no longer than until the deadline of the source. A driver crate may
//! spin, and a file system may hang; then this thread can still tell what was waited for.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::source::loading::Waiter;
use crate::threads;

/// How long the work is waited for after the deadline. The work knows better what it waited for, so its own error is
/// preferred. The caller of the source waits a little longer.
const GRACE: Duration = Duration::from_millis(50);

/// Why there is no outcome.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The work is not done, and was abandoned: it is late, or the caller of the source is gone.
    Late,
    /// The work panicked.
    Broken,
    /// This machine provides no thread.
    NoThread,
}

/// Runs `work` and returns its outcome, unless it takes much longer than until the deadline of `waiter`.
pub(super) fn aside<T: Send + 'static>(waiter: &Waiter, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Lost> {
    let (sender, done) = oneshot::channel();
    // If the work is late, nobody waits for its outcome.
    threads::spawn("database", move || drop(sender.send(work()))).map_err(|_reason| Lost::NoThread)?;
    let outcome = waiter.runtime.block_on(async {
        tokio::select! {
            biased;
            done = done => done.map_err(|_panicked| Lost::Broken),
            () = waiter.logins.until_answered(waiter.deadline + GRACE) => Err(Lost::Late),
        }
    });
    outcome.unwrap_or(Err(Lost::Late))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::beside::callers_runtime;

    #[test]
    fn nobody_waits_for_what_hangs() {
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
        let entered = tokio.enter();
        let (runtime, caller) = callers_runtime();
        drop(entered);
        let within = |limit: Duration| Waiter {
            runtime: runtime.clone(),
            deadline: Instant::now() + limit,
            logins: Arc::default(),
        };
        let soon = || within(Duration::from_millis(50));
        assert_eq!(aside(&soon(), || 1), Ok(1));
        assert_eq!(aside(&soon(), || thread::sleep(Duration::from_secs(2))), Err(Lost::Late));
        assert_eq!(aside(&soon(), || std::panic::resume_unwind(Box::new("broken"))), Err(Lost::Broken));
        let late = within(Duration::from_mins(1));
        drop(caller);
        assert_eq!(aside(&late, || thread::sleep(Duration::from_secs(2))), Err(Lost::Late));
    }
}
