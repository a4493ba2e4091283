//! `Loading`: a source that is read on a thread of its own: whatever hangs in it, as a file system may, ends by the limit.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::error::SourceError;
use crate::model::reason::Source;
use crate::model::reason::unusable::Entries;
use crate::threads;

/// How long after its limit loading is still waited for: it knows better itself what it waited for.
const GRACE: Duration = Duration::from_millis(50);

/// What a source gives, being loaded. When it is dropped, the thread is left behind.
pub struct Loading<T> {
    name: String,
    limit: Duration,
    until: Option<Instant>,
    done: Receiver<Result<T, SourceError>>,
}

impl<T: Send + 'static> Loading<T> {
    /// Begins to `load` the source called `name`, which may take `limit`.
    pub fn begin(name: &str, limit: Duration, load: impl FnOnce() -> Result<T, SourceError> + Send + 'static) -> Self {
        let (sender, done) = mpsc::channel();
        let until = Instant::now().checked_add(limit.saturating_add(GRACE));
        threads::spawn_or_do("load", move || drop(sender.send(load())));
        Self { name: name.to_owned(), limit, until, done }
    }

    /// What it gives, unless neither that nor the end of its limit comes within `patience`.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> Option<Result<T, SourceError>> {
        let left = self.until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
        match self.done.recv_timeout(left.min(patience)) {
            Ok(loaded) => Some(loaded),
            Err(RecvTimeoutError::Timeout) if left > patience => None,
            Err(RecvTimeoutError::Timeout) => {
                Some(Err(SourceError::Own(Source::Endless { file: self.name.clone(), limit: self.limit })))
            }
            Err(RecvTimeoutError::Disconnected) => Some(Err(SourceError::unusable(&self.name, Entries::Broken))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_hangs_or_breaks_is_an_error_of_its_own() {
        let load = |work: fn() -> Result<u8, SourceError>| {
            Loading::begin("s", Duration::from_millis(20), work).wait(Duration::MAX).unwrap()
        };
        assert_eq!(load(|| Ok(1)).unwrap(), 1);
        let hangs = || {
            std::thread::sleep(Duration::from_secs(1));
            Ok(1)
        };
        assert!(matches!(load(hangs), Err(SourceError::Own(Source::Endless { .. }))));
        let breaks = || std::panic::resume_unwind(Box::new("broken"));
        let Err(SourceError::Own(broken)) = load(breaks) else { panic!() };
        assert_eq!(broken, Source::unusable("s", Entries::Broken));
    }

    #[test]
    fn loading_is_waited_for_again_until_its_limit() {
        let loading = Loading::begin("s", Duration::from_millis(60), || {
            std::thread::sleep(Duration::from_secs(1));
            Ok(1)
        });
        assert!(loading.wait(Duration::ZERO).is_none());
        assert!(matches!(loading.wait(Duration::MAX), Some(Err(SourceError::Own(Source::Endless { .. })))));
    }
}
