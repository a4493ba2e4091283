//! `Lane`: the two threads that direct jobs. On the *clock* deadlines expire, and no probe is ever polled there. On the
//! other thread results are made, whose texts may take long to search.
//!
//! An engine has one lane for all of its jobs. A large job has its own, so that work that is linear in its size delays
//! no other job.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::workers::Workers;
use crate::threads;

/// Both threads end when this is dropped, and the tasks on them are dropped where they stand.
pub(super) struct Lane {
    clock: Handle,
    results: Handle,
    ends_clock: Option<oneshot::Sender<Option<Workers>>>,
    _ends_results: oneshot::Sender<()>,
}

impl Lane {
    /// Starts both threads.
    ///
    /// # Errors
    ///
    /// When the system cannot provide a thread or a runtime.
    pub(super) fn open() -> io::Result<Self> {
        let (ends_results, ended) = oneshot::channel();
        let results = begin("results", async move { drop(ended.await) }, drop)?;
        let (ends_clock, ended) = oneshot::channel::<Option<Workers>>();
        let last = |workers: Option<Workers>| {
            if let Some(workers) = workers {
                workers.end();
            }
        };
        let clock = begin("clock", async move { ended.await.ok().flatten() }, last)?;
        Ok(Self { clock, results, ends_clock: Some(ends_clock), _ends_results: ends_results })
    }

    /// The thread on which deadlines expire.
    pub(super) fn clock(&self) -> &Handle {
        &self.clock
    }

    /// The thread on which results are made.
    pub(super) fn results(&self) -> &Handle {
        &self.results
    }

    /// Ends the lane, and then the `workers` once all checks on it have been dropped.
    pub(super) fn end_with(&mut self, workers: Workers) {
        if let Some(ends) = self.ends_clock.take() {
            // If the clock's thread has panicked, the workers are dropped here.
            drop(ends.send(Some(workers)));
        }
    }
}

/// Starts a thread that runs tasks until `ended` resolves. All tasks are dropped before it calls `last`.
fn begin<T: Send + 'static>(
    name: &str,
    ended: impl Future<Output = T> + Send + 'static,
    last: impl FnOnce(T) + Send + 'static,
) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let handle = runtime.handle().clone();
    threads::spawn(name, move || {
        let ended = runtime.block_on(ended);
        drop(runtime);
        last(ended);
    })?;
    Ok(handle)
}
