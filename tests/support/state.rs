//! A state file for each run of connprobe: tests share no memory and do not touch the user's own file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The value of `CONNPROBE_STATE` for a run: a file that does not exist yet, under `target/`.
pub fn anew() -> PathBuf {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    static SWEPT: Once = Once::new();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("state");
    fs::create_dir_all(&directory).unwrap();
    SWEPT.call_once(|| sweep(&directory));
    directory.join(format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed)))
}

/// Removes files of test runs that are more than an hour old.
fn sweep(directory: &Path) {
    for file in fs::read_dir(directory).unwrap().flatten() {
        let age = file.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed().unwrap_or_default());
        let own = file.file_name().to_string_lossy().starts_with(&format!("{}-", std::process::id()));
        if own || age.is_ok_and(|age| age > Duration::from_hours(1)) {
            // Another test process may have removed it first.
            drop(fs::remove_file(file.path()));
        }
    }
}
