//! What is done before anything else: a limit of files' sizes fails a write and ends nothing. And in a release build no
//! memory of it is left in a core file, where passwords would be found; debug builds are to be debugged.

use std::sync::Arc;

use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

/// Prepares this process: as the module says. Lets nobody read the memory of this process by way of a core file, or of a debugger that is not root's.
pub(super) fn apply() {
    outlive_limits_of_files();
    if cfg!(debug_assertions) {
        return;
    }
    let hard = rustix::process::getrlimit(rustix::process::Resource::Core).maximum;
    // The hard limit stays: what connprobe may become (`exec`) can raise its own again.
    let none = rustix::process::Rlimit { current: Some(0), maximum: hard };
    let _where_it_is_not_known = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _where_it_is_not_permitted =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// A write beyond the limit of files' sizes (`ulimit -f`) fails, as one on a full disk does, and what fails is said and
/// cleared up; the signal that comes with it would end the process.
fn outlive_limits_of_files() {
    // Nothing looks at the flag. (A signal that is caught, unlike one that is ignored, is not inherited by children.)
    let _where_it_cannot_be_caught = flag::register(SIGXFSZ, Arc::default());
}
