//! The threads that probes run on. They are never joined: a stuck crate blocks nothing.

use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::threads;

/// The default maximum. More threads would only hand work to each other.
const MOST: usize = 16;

/// With this number of threads, a crate that computes leaves two to the others.
const FEW: usize = 3;

/// How long tasks that driver crates left behind may take to end by themselves: a crate may panic if one of its own
/// tasks is gone.
const ENDING: Duration = Duration::from_secs(2);

/// The interval at which the tasks are counted.
const BEAT: Duration = Duration::from_millis(5);

/// The runtime. Its threads are abandoned on drop.
pub(super) struct Workers(Option<Runtime>);

impl Workers {
    /// Starts `count` threads, at least 1.
    ///
    /// # Errors
    ///
    /// When the system cannot start a thread.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let count = count.max(1);
        // One more is for the planning of a job.
        threads::try_to_start(count + 1)?;
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(count)
            .thread_name("connprobe-probe")
            .thread_stack_size(threads::STACK)
            .enable_io()
            .enable_time();
        Ok(Self(Some(builder.build()?)))
    }

    /// The handle that spawns on them.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.0.as_ref().map(Runtime::handle)
    }

    /// Waits up to [`ENDING`] until no task runs on them, then abandons them. This blocks its thread.
    pub(super) fn end(self) {
        let Some(handle) = self.handle() else { return };
        let (metrics, until) = (handle.metrics(), Instant::now() + ENDING);
        while metrics.num_alive_tasks() > 0 && Instant::now() < until {
            thread::sleep(BEAT);
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The number of threads that serve any number of probes on this machine: one more than there are processors, so that a
/// crate that computes does not stop the others.
pub(super) fn usual() -> usize {
    thread::available_parallelism().map_or(FEW, |processors| (processors.get() + 1).clamp(FEW, MOST))
}

/// The number of threads that serve `probes`: for one or two probes, one more than these.
pub(super) fn serving(probes: usize) -> usize {
    match probes.saturating_add(1) {
        few @ ..=FEW => few,
        _ => usual(),
    }
}
