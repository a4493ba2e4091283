//! Blocking work on a thread of its own, beside an asynchronous caller. The thread polls futures itself, with
//! [`CallersRuntime::block_on`]; the runtime of the caller drives their sockets and timers. This module starts no
//! thread and builds no runtime.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// How long dropping a [`Caller`] waits for polls that are under way. A poll takes microseconds, unless a driver crate
/// computes in it or blocks.
const LAST_POLL: Duration = Duration::from_millis(50);

/// The runtime of the caller, for the threads beside it.
#[derive(Clone)]
pub struct CallersRuntime {
    handle: Handle,
    shared: Arc<Shared>,
}

/// The asynchronous caller. When this is dropped, its threads no longer wait for futures.
pub struct Caller(Arc<Shared>);

#[derive(Default)]
struct Shared {
    gone: CancellationToken,
    /// The number of polls that are under way.
    polls: Mutex<usize>,
    poll_ended: Condvar,
}

/// The runtime that this function is called in, and its caller.
///
/// # Panics
///
/// Outside of a runtime.
pub fn callers_runtime() -> (CallersRuntime, Caller) {
    let shared = Arc::<Shared>::default();
    (CallersRuntime { handle: Handle::current(), shared: Arc::clone(&shared) }, Caller(shared))
}

impl CallersRuntime {
    /// Blocks this thread until `future` is done, and returns its output; `None` if the caller is gone before.
    ///
    /// # Panics
    ///
    /// On a thread of a runtime.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.block_on_boxed(Box::pin(future))
    }

    fn block_on_boxed<T>(&self, future: Pin<Box<dyn Future<Output = T> + '_>>) -> Option<T> {
        // A future may need the runtime also when it is dropped: driver crates start tasks then.
        let _context = self.handle.enter();
        let mut future = future;
        let mut gone = Box::pin(self.shared.gone.cancelled());
        self.handle.block_on(poll_fn(|context| {
            if gone.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            match Polling::begin(&self.shared) {
                Some(_polling) => future.as_mut().poll(context).map(Some),
                None => Poll::Ready(None),
            }
        }))
    }
}

impl Drop for Caller {
    /// Ends the waiting of the threads. The runtime may be dropped right afterwards, and a poll of a timer would panic
    /// there; so this waits for the polls that are under way.
    fn drop(&mut self) {
        self.0.gone.cancel();
        drop(self.0.poll_ended.wait_timeout_while(self.0.polls(), LAST_POLL, |polls| *polls > 0));
    }
}

impl Shared {
    fn polls(&self) -> MutexGuard<'_, usize> {
        self.polls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A poll that is under way.
struct Polling<'a>(&'a Shared);

impl<'a> Polling<'a> {
    /// Begins a poll, unless the caller is gone.
    fn begin(shared: &'a Shared) -> Option<Self> {
        let mut polls = shared.polls();
        if shared.gone.is_cancelled() {
            return None;
        }
        *polls += 1;
        Some(Self(shared))
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        *self.0.polls() -= 1;
        self.0.poll_ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use tokio::sync::oneshot;
    use tokio::time::sleep;

    use super::*;
    use crate::threads;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test(flavor = "current_thread")]
    async fn the_callers_runtime_drives_what_a_thread_waits_for() {
        let (runtime, _caller) = callers_runtime();
        let (sender, done) = oneshot::channel();
        let wait = move || runtime.block_on(async { sleep(Duration::from_millis(20)).await });
        threads::spawn("test", move || sender.send(wait())).unwrap();
        assert_eq!(done.await, Ok(Some(())));
    }

    #[test]
    fn a_thread_stops_waiting_when_its_caller_is_gone_and_the_runtime_may_be_dropped() {
        for _ in 0..50 {
            let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let entered = tokio.enter();
            let (runtime, caller) = callers_runtime();
            drop(entered);
            let (sender, ended) = mpsc::channel();
            // It sets timers all the time, and one of them first after the runtime is gone.
            let waits = move || {
                let first = runtime.block_on(async {
                    loop {
                        let _elapsed = tokio::time::timeout(Duration::from_micros(50), sleep(LONG)).await;
                    }
                });
                let second = runtime.block_on(async { sleep(LONG).await });
                sender.send((first, second)).unwrap();
            };
            let thread = threads::spawn("test", waits).unwrap();
            tokio.block_on(async { sleep(Duration::from_millis(2)).await });
            drop(caller);
            drop(tokio);
            let outcome: (Option<()>, Option<()>) = ended.recv_timeout(Duration::from_secs(5)).unwrap();
            assert_eq!(outcome, (None, None));
            thread.join().unwrap();
        }
    }

    #[test]
    fn a_poll_that_does_not_end_holds_nobody() {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let entered = tokio.enter();
        let (runtime, caller) = callers_runtime();
        let (sender, begun) = mpsc::channel();
        let spins = move || {
            let _done = runtime.block_on(async move {
                sender.send(()).unwrap();
                std::thread::sleep(Duration::from_secs(2));
            });
        };
        threads::spawn("test", spins).unwrap();
        begun.recv().unwrap();
        let since = Instant::now();
        drop(caller);
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
        drop(entered);
    }
}
