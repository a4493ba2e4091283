//! Asynchronous calls of commands that have no run of their own.

/// What comes of `future`, for commands that have no run of their own; `None` where this machine gives no timer.
pub(super) fn blocking<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().ok().map(|runtime| runtime.block_on(future))
}
