//! The only runtime of the command line. The commands are synchronous, and wait in it for the asynchronous calls of the
//! library. It is started when it is first needed, and kept until the process ends: threads that were abandoned may still
//! use it.

use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::threads;

/// With two threads, a driver crate that spins in a task does not hold the others.
const WORKERS: usize = 2;

/// The threads of one source: the one that loads it, and the one that waits for a database.
const OF_A_SOURCE: usize = 2;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime.
///
/// # Errors
///
/// When this machine lacks threads or descriptors for it.
pub(super) fn runtime() -> io::Result<&'static Runtime> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    threads::try_to_start(WORKERS + OF_A_SOURCE)?;
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(WORKERS).thread_name("connprobe-wait").thread_stack_size(threads::STACK);
    let runtime = builder.enable_io().enable_time().build()?;
    Ok(RUNTIME.get_or_init(|| runtime))
}

/// Blocks this thread until `future` is done, and returns its output.
///
/// # Errors
///
/// When this machine lacks threads or descriptors for the runtime.
pub(super) fn wait<T>(future: impl Future<Output = T>) -> io::Result<T> {
    Ok(runtime()?.block_on(future))
}
