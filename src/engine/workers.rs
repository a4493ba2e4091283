//! The threads that probes run on. They are never waited for: a crate that is stuck keeps nobody.

use std::{io, thread};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::threads;

/// As many at the most.
const MOST: usize = 4;

/// With so many of them a crate that computes leaves two to the others.
const FEW: usize = 3;

/// Abandoned on drop.
pub(super) struct Workers {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Workers {
    /// Those for so many probes; none, if there are none.
    ///
    /// # Errors
    ///
    /// When this machine gives no thread.
    pub(super) fn start(probes: usize) -> io::Result<Option<Self>> {
        if probes == 0 {
            return Ok(None);
        }
        let count = threads_for(probes);
        // The runtime panics where it gets no thread, and may wait for ever for one that it did not get: whether
        // there are as many, and one for the clock, is tried before.
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
        let runtime = builder.build()?;
        Ok(Some(Self { handle: runtime.handle().clone(), runtime: Some(runtime) }))
    }

    /// What spawns on them.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

/// One more than there are probes or processors, so that a crate that computes does not stop the others. More would
/// only hand work to each other.
fn threads_for(probes: usize) -> usize {
    match probes + 1 {
        few @ ..=FEW => few,
        _ => thread::available_parallelism().map_or(MOST, |processors| (processors.get() + 1).clamp(FEW, MOST)),
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
