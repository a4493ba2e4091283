//! The limits of this process as it was started, for a program that replaces it.

use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limits that connprobe changes.
const CHANGED: [Resource; 2] = [Resource::Core, Resource::Nofile];

static FOUND: OnceLock<[Rlimit; 2]> = OnceLock::new();

/// Notes the limits. To be called before any of them is changed.
pub(super) fn note() {
    FOUND.get_or_init(|| CHANGED.map(getrlimit));
}

/// Sets the limits that were noted.
pub(super) fn restore() {
    for (resource, limit) in CHANGED.into_iter().zip(FOUND.get().into_iter().flatten()) {
        // The hard limits were not changed, so this works everywhere.
        let _unchanged = setrlimit(resource, *limit);
    }
}
