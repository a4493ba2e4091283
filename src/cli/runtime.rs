//! The only runtime of the command line. The commands are synchronous, and wait in it for the asynchronous calls of the
//! library. It is made when it is first needed, and kept until the process ends: threads that were abandoned may still
//! use it.
//!
//! It has no threads, which would cost each run more than reading a file: the thread that waits drives it. What may
//! block or compute for long, a file system or a driver crate, is on the threads of the library (`beside.rs`); the
//! tasks in here only pass bytes on.

use std::fs::File;
use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

/// The number of descriptors that a runtime needs.
const DESCRIPTORS: usize = 6;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime.
///
/// # Errors
///
/// When this machine lacks descriptors for it.
pub(super) fn runtime() -> io::Result<&'static Runtime> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    // tokio panics without the last of these.
    let spare: Vec<File> = (0..DESCRIPTORS).map(|_| File::open("/dev/null")).collect::<io::Result<_>>()?;
    drop(spare);
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    Ok(RUNTIME.get_or_init(|| runtime))
}

/// Blocks this thread until `future` is done, and returns its output.
///
/// # Errors
///
/// When this machine lacks descriptors for the runtime.
pub(super) fn wait<T>(future: impl Future<Output = T>) -> io::Result<T> {
    Ok(runtime()?.block_on(future))
}
