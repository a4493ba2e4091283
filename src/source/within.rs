//! Loading on a thread of its own: whatever hangs in it, as a file system may, ends by the limit.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::error::SourceError;
use crate::model::reason::Source;
use crate::model::reason::unusable::Entries;
use crate::threads;

/// How long after its limit loading is still waited for: it knows better itself what it waited for.
const GRACE: Duration = Duration::from_millis(50);

/// What `load` gives of the source called `name`, unless it takes longer than `limit`; then it is left behind.
///
/// # Errors
///
/// Those of `load`, and that it took too long.
pub fn within<T: Send + 'static>(
    name: &str,
    limit: Duration,
    load: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    let (sender, done) = mpsc::channel();
    threads::spawn_or_do("load", move || drop(sender.send(load())));
    done.recv_timeout(limit + GRACE).unwrap_or_else(|lost| {
        Err(match lost {
            RecvTimeoutError::Timeout => SourceError::Own(Source::Endless { file: name.to_owned(), limit }),
            RecvTimeoutError::Disconnected => SourceError::unusable(name, Entries::Broken),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_hangs_or_breaks_is_an_error_of_its_own() {
        let load = |work: fn() -> Result<u8, SourceError>| within("s", Duration::from_millis(20), work);
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
}
