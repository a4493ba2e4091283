//! Threads of a stack that no variable of the environment makes too small (`RUST_MIN_STACK`).

use std::io;
use std::thread::{Builder, JoinHandle};

/// What threads have where nothing is set.
pub const STACK: usize = 2 << 20;

/// Starts `work` on a thread called `connprobe-NAME`.
///
/// # Errors
///
/// When this machine gives no thread.
pub fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    Builder::new().name(format!("connprobe-{name}")).stack_size(STACK).spawn(work)
}
