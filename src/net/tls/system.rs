//! `System`: the system's authorities, read on first use, and again when their files have changed.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// The minimum interval between checks for changed files.
const LOOKED: Duration = Duration::from_secs(1);

/// The authorities of this machine. `SSL_CERT_FILE` and `SSL_CERT_DIR` override their location, as for other programs.
static SYSTEM: System = System(Mutex::new(None));

struct System(Mutex<Option<Known>>);

struct Known {
    authorities: Arc<RootCertStore>,
    files: Vec<Stamp>,
    looked: Instant,
}

/// A file's path and metadata, which reveal a change.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Stamp(PathBuf, Option<[i64; 6]>);

/// The system's authorities; empty if it has no store.
pub(super) fn authorities() -> Arc<RootCertStore> {
    let places = || {
        let found = openssl_probe::probe();
        found.cert_file.into_iter().chain(found.cert_dir).collect()
    };
    SYSTEM.authorities(Instant::now(), places, || rustls_native_certs::load_native_certs().certs)
}

impl System {
    /// The authorities that `load` reads, from the cache if the files at `places` have not changed by `now`.
    fn authorities(
        &self,
        now: Instant,
        places: impl FnOnce() -> Vec<PathBuf>,
        load: impl FnOnce() -> Vec<CertificateDer<'static>>,
    ) -> Arc<RootCertStore> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*known
            && now.saturating_duration_since(known.looked) < LOOKED
        {
            return Arc::clone(&known.authorities);
        }
        // Stamped before the files are read: a change meanwhile then causes another read.
        let files = stamps(&places());
        let authorities = match known.take() {
            Some(known) if known.files == files => known.authorities,
            _ => {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(load());
                Arc::new(store)
            }
        };
        *known = Some(Known { authorities: Arc::clone(&authorities), files, looked: now });
        authorities
    }
}

/// The stamps of `places`, and of the entries of those that are directories.
fn stamps(places: &[PathBuf]) -> Vec<Stamp> {
    let inside = |place: &Path| fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
    let paths = places.iter().flat_map(|place| std::iter::once(place.clone()).chain(inside(place)));
    let mut stamps: Vec<Stamp> = paths
        .map(|path| {
            let stamp = path.metadata().ok().map(|found: Metadata| {
                let size = i64::try_from(found.size()).unwrap_or(i64::MAX);
                let inode = i64::from_ne_bytes(found.ino().to_ne_bytes());
                [inode, size, found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()]
            });
            Stamp(path, stamp)
        })
        .collect();
    stamps.sort_unstable();
    stamps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(name: &str) -> Vec<u8> {
        rcgen::generate_simple_self_signed([name.to_owned()]).unwrap().cert.der().to_vec()
    }

    #[test]
    fn they_are_read_again_when_they_have_changed_and_only_then() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().to_owned();
        let system = System(Mutex::new(None));
        let (mut now, mut reads) = (Instant::now(), 0);
        let mut count = |later: Duration| {
            now += later;
            let load = || {
                reads += 1;
                let files = fs::read_dir(&place).unwrap().flatten();
                files.map(|file| CertificateDer::from(fs::read(file.path()).unwrap())).collect()
            };
            let store = system.authorities(now, || vec![place.clone()], load);
            (store.len(), reads)
        };
        assert_eq!(count(Duration::ZERO), (0, 1), "an empty store");
        fs::write(directory.path().join("a"), certificate("a")).unwrap();
        assert_eq!(count(LOOKED / 2), (0, 1), "it is not looked at all the time");
        assert_eq!(count(LOOKED), (1, 2), "one was added");
        assert_eq!(count(LOOKED), (1, 2), "nothing has changed");
        fs::write(directory.path().join("a"), [certificate("a or another"), certificate("b")].concat()).unwrap();
        assert_eq!(count(LOOKED).1, 3, "its file was written anew");
        fs::remove_file(directory.path().join("a")).unwrap();
        assert_eq!(count(LOOKED), (0, 4), "it was removed");
    }
}
