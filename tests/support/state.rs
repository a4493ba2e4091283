//! A state file for each run of connprobe: tests remember nothing of each other, and touch nobody's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What a run is given as `CONNPROBE_STATE`: a file that is not there yet, under `target/`.
pub fn anew() -> PathBuf {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static SWEPT: Once = Once::new();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("state");
    fs::create_dir_all(&directory).unwrap();
    SWEPT.call_once(|| sweep(&directory));
    directory.join(format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed)))
}

/// Removes what test runs of an hour ago and before left.
fn sweep(directory: &Path) {
    for file in fs::read_dir(directory).unwrap().flatten() {
        let age = file.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed().unwrap_or_default());
        let own = file.file_name().to_string_lossy().starts_with(&format!("{}-", std::process::id()));
        if own || age.is_ok_and(|age| age > Duration::from_hours(1)) {
            // Another test process may have been quicker.
            drop(fs::remove_file(file.path()));
        }
    }
}
