//! Waits for asynchronous calls in tests that are not asynchronous themselves.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

/// Lives as long as the tests, since threads that were abandoned may still use it.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// Blocks this thread until `future` is done, and returns its output.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}
