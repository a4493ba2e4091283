//! The threads that probes run on. They are never waited for: a crate that is stuck keeps nobody.

use std::time::{Duration, Instant};
use std::{io, thread};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::threads;

/// As many at the most where nothing else is set: more would only hand work to each other.
const MOST: usize = 16;

/// With so many of them a crate that computes leaves two to the others.
const FEW: usize = 3;

/// So long what driver crates leave behind may take to end by itself: a crate that finds a task of its own gone may panic.
const ENDING: Duration = Duration::from_secs(2);

/// How often it is looked whether it has ended.
const BEAT: Duration = Duration::from_millis(5);

/// Abandoned on drop.
pub(super) struct Workers(Option<Runtime>);

impl Workers {
    /// So many.
    ///
    /// # Errors
    ///
    /// When this machine gives no thread.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let count = count.max(1);
        // The runtime panics where it gets no thread, and may wait for ever for one that it did not get: whether
        // there are as many, and one for the plan of a job, is tried before.
        let tried: Vec<_> = (0..=count).map(|_| threads::spawn("tried", thread::park)).collect();
        let mut obtained = Ok(());
        for one in tried {
            match one {
                Ok(thread) => {
                    thread.thread().unpark();
                    let _ended = thread.join();
                }
                Err(error) => obtained = Err(error),
            }
        }
        obtained?;
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(count)
            .thread_name("connprobe-probe")
            .thread_stack_size(threads::STACK)
            .enable_io()
            .enable_time();
        Ok(Self(Some(builder.build()?)))
    }

    /// What spawns on them.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.0.as_ref().map(Runtime::handle)
    }

    /// Waits a moment until nothing runs on them any more, then lets go of them. To be called where nobody is kept by it.
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

/// How many serve any number of probes on this machine: one more than there are processors, so that a crate that computes
/// does not stop the others.
pub(super) fn usual() -> usize {
    thread::available_parallelism().map_or(FEW, |processors| (processors.get() + 1).clamp(FEW, MOST))
}

/// How many serve `probes`: for a few of them one more than these is enough.
pub(super) fn serving(probes: usize) -> usize {
    match probes.saturating_add(1) {
        few @ ..=FEW => few,
        _ => usual(),
    }
}
