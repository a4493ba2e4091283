//! `Lane`: the two threads that jobs are directed from. On the *clock* deadlines strike, and no probe is ever polled there;
//! on the other one results are made, whose texts may take long to judge.
//!
//! An engine has one for all of its jobs; a job that is large has its own, so that what is linear in it delays no other.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::workers::Workers;
use crate::threads;

/// Both end when this is dropped: what runs there is dropped where it is.
pub(super) struct Lane {
    clock: Handle,
    results: Handle,
    ends_clock: Option<oneshot::Sender<Option<Workers>>>,
    _ends_results: oneshot::Sender<()>,
}

impl Lane {
    /// Two threads.
    ///
    /// # Errors
    ///
    /// When a thread or runtime cannot be had.
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

    /// Where deadlines strike.
    pub(super) fn clock(&self) -> &Handle {
        &self.clock
    }

    /// Where results are made.
    pub(super) fn results(&self) -> &Handle {
        &self.results
    }

    /// Ends it, and the `workers` once all checks on it have been dropped.
    pub(super) fn end_with(&mut self, workers: Workers) {
        if let Some(ends) = self.ends_clock.take() {
            // Where the thread broke the workers are let go of here.
            drop(ends.send(Some(workers)));
        }
    }
}

/// A thread that runs tasks until `ended`; all of these are dropped before it does the `last` thing.
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
