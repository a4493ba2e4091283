//! Loads a source on a thread of its own, because files, file systems and SQLite block. Whatever hangs on the thread, the
//! caller gets an answer at the limit, and the thread is abandoned.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::SourceError;
use super::settings::Settings;
use crate::beside::{CallersRuntime, callers_runtime};
use crate::engine::Logins;
use crate::model::failure::Failure;
use crate::model::reason::unusable::Entries;
use crate::model::reason::{Machine, Shortage, Source};
use crate::threads;

/// How long the caller waits beyond the limit. The thread knows better what it waited for, so its own error is preferred.
const GRACE: Duration = Duration::from_millis(100);

/// The longest limit that counts, so that a moment can always be computed.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// How the thread of a source waits for servers.
pub(super) struct Waiter {
    pub(super) runtime: CallersRuntime,
    /// The end of the source's limit.
    pub(super) deadline: Instant,
    /// The logins that the source makes.
    pub(super) logins: Arc<Logins>,
}

/// Runs `load` on a thread of its own, within the limit of `settings`. `name` is the name of the source. If the caller
/// drops this future, servers are no longer waited for.
pub(super) async fn load_beside<T: Send + 'static>(
    name: &str,
    settings: &Arc<Settings>,
    load: impl FnOnce(&Settings, &Waiter) -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    let (runtime, _caller) = callers_runtime();
    let limit = settings.limit;
    let waiter =
        Waiter { runtime, deadline: Instant::now() + limit.min(LONGEST), logins: Arc::clone(&settings.logins) };
    let (sender, loaded) = oneshot::channel();
    let own = Arc::clone(settings);
    let spawned = threads::spawn("load", move || drop(sender.send(load(&own, &waiter))));
    if spawned.is_err() {
        let failure = Box::new(Failure::of(Machine::Short(Shortage::Threads)));
        return Err(SourceError::Server { name: name.to_owned(), failure });
    }
    let end = Instant::now() + limit.min(LONGEST) + GRACE;
    tokio::select! {
        biased;
        loaded = loaded => loaded.unwrap_or_else(|_panicked| Err(SourceError::unusable(name, Entries::Broken))),
        () = settings.logins.until_answered(end) => Err(SourceError::Own(Source::Endless { file: name.to_owned(), limit })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn load(work: fn(&Waiter) -> Result<u8, SourceError>) -> Result<u8, SourceError> {
        let settings = Settings { limit: Duration::from_millis(20), ..Settings::default() };
        load_beside("s", &settings.into(), move |_settings, waiter| work(waiter)).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_source_that_hangs_or_breaks_is_an_error_of_its_own() {
        assert_eq!(load(|_waiter| Ok(1)).await.unwrap(), 1);
        let hangs = |_waiter: &Waiter| {
            std::thread::sleep(Duration::from_secs(1));
            Ok(1)
        };
        assert!(matches!(load(hangs).await, Err(SourceError::Own(Source::Endless { .. }))));
        let breaks = |_waiter: &Waiter| std::panic::resume_unwind(Box::new("broken"));
        let Err(SourceError::Own(broken)) = load(breaks).await else { panic!() };
        assert_eq!(broken, Source::unusable("s", Entries::Broken));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_source_waits_for_servers_until_its_caller_is_gone() {
        let (sender, ended) = oneshot::channel();
        let settings = Settings::default().into();
        let load = load_beside("s", &settings, move |_settings, waiter| {
            let waited = waiter.runtime.block_on(async { tokio::time::sleep(Duration::from_mins(1)).await });
            sender.send(waited.is_some()).unwrap();
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), load).await.is_err());
        assert_eq!(ended.await, Ok(false));
    }
}
