//! Runs asynchronous calls for commands that have no run of their own.

/// Runs `future` to its end and returns its output; `None` if the machine provides no timer.
pub(super) fn blocking<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().ok().map(|runtime| runtime.block_on(future))
}
