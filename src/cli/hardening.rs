//! Process settings that are applied before anything else. Exceeding the limit of file sizes fails a write instead of
//! ending the process. In a release build no memory of the process gets into a core file, where passwords could be
//! found; debug builds stay open to debuggers.

use std::sync::Arc;

use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

use super::signals::is_ignored;

/// Applies all settings of this module. In a release build, core files are disabled, and only root's debuggers can read
/// the memory of the process.
pub(super) fn apply() {
    outlive_limits_of_files();
    if cfg!(debug_assertions) {
        return;
    }
    let hard = rustix::process::getrlimit(rustix::process::Resource::Core).maximum;
    // The hard limit stays: a program that replaces this process (`exec`) can raise its own limit again.
    let none = rustix::process::Rlimit { current: Some(0), maximum: hard };
    let _where_it_is_not_known = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _where_it_is_not_permitted =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Makes a write beyond the limit of file sizes (`ulimit -f`) fail like a write to a full disk, so that the failure is
/// reported and cleaned up. The default action of the signal would end the process.
fn outlive_limits_of_files() {
    // Ignored, it does the same, and stays as it was found.
    if is_ignored(SIGXFSZ) {
        return;
    }
    // Nothing reads the flag. Unlike an ignored signal, a caught one is not inherited by children.
    let _where_it_cannot_be_caught = flag::register(SIGXFSZ, Arc::default());
}
