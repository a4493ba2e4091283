//! Threads of a stack that no variable of the environment makes too small (`RUST_MIN_STACK`).

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
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

/// As [`spawn`]; where this machine gives no thread, the work is done here, without whatever bounds it there.
pub fn spawn_or_do(name: &str, work: impl FnOnce() + Send + 'static) {
    let slot = Arc::new(Mutex::new(Some(work)));
    let taken = Arc::clone(&slot);
    let take = |slot: &Mutex<Option<_>>| slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    let spawned = spawn(name, move || take(&taken).map(|work| work()));
    if spawned.is_err()
        && let Some(work) = take(&slot)
    {
        work();
    }
}
