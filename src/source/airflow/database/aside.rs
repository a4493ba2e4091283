//! Work on a thread of its own, waited for no longer than it may take: a driver crate may spin, a file
//! system may hang, and neither can be given a deadline.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::threads;

/// How long after its deadline work is still waited for: it knows better itself what it waited for.
const GRACE: Duration = Duration::from_millis(50);

/// Why there is no outcome.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// It is not done, and was left behind.
    Late,
    /// It panicked.
    Broken,
    /// This machine gives no thread.
    NoThread,
}

/// The outcome of `work`, unless it takes much longer than until `deadline`.
pub(super) fn aside<T: Send + 'static>(
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Lost> {
    let (sender, done) = mpsc::channel();
    // Work that came too late has nobody to tell.
    threads::spawn("database", move || drop(sender.send(work()))).map_err(|_reason| Lost::NoThread)?;
    let left = (deadline + GRACE).saturating_duration_since(Instant::now());
    done.recv_timeout(left).map_err(|error| match error {
        RecvTimeoutError::Timeout => Lost::Late,
        RecvTimeoutError::Disconnected => Lost::Broken,
    })
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn nobody_waits_for_what_hangs() {
        let soon = || Instant::now() + Duration::from_millis(50);
        assert_eq!(aside(soon(), || 1), Ok(1));
        assert_eq!(aside(soon(), || thread::sleep(Duration::from_secs(2))), Err(Lost::Late));
        assert_eq!(aside(soon(), || std::panic::resume_unwind(Box::new("broken"))), Err(Lost::Broken));
    }
}
