//! Starts threads. Their stack size is fixed, so that the environment variable `RUST_MIN_STACK` cannot make it too small.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Builder, JoinHandle};

/// The stack size of Rust's threads by default.
pub const STACK: usize = 2 << 20;

/// Starts `work` on a thread called `connprobe-NAME`.
///
/// # Errors
///
/// When the thread cannot be spawned.
pub fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    Builder::new().name(format!("connprobe-{name}")).stack_size(STACK).spawn(work)
}

/// Checks whether the system can start `count` more threads. A runtime panics if it gets no thread, and may wait forever for
/// one that it did not get; so this is called before one is built.
///
/// # Errors
///
/// When one of the threads cannot be spawned.
pub fn try_to_start(count: usize) -> io::Result<()> {
    let tried: Vec<_> = (0..count).map(|_| spawn("tried", thread::park)).collect();
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
    obtained
}

/// Like [`spawn`]. If the thread cannot be spawned, does the work in the calling thread, where the caller's time limit
/// does not apply to it.
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
