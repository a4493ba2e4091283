//! What a release build does before anything else: no memory of it is left in a core file, where passwords
//! would be found. Debug builds are to be debugged.

/// Lets nobody read the memory of this process by way of a core file, or of a debugger that is not root's.
pub(super) fn apply() {
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
