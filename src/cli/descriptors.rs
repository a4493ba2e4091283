//! File descriptors: as many as the process may have, and no more probes at once than they allow.

use rustix::process::{Resource, getrlimit, setrlimit};

use super::exit::Exit;
use super::say;

/// What one probe needs at the most: its connection, and the three descriptors of the socket that its crate connects to.
const PER_PROBE: u64 = 4;
/// What the rest of the process needs.
const RESERVED: u64 = 32;

/// With fewer no runtime can be had, or none for a login beside the four that the ledger may have open.
const LEAST: u64 = 20;

/// Raises the soft limit to the hard one; returns how many of `wanted` probes fit, and says so when
/// that is fewer, or none.
pub(super) fn fit(wanted: usize) -> Result<usize, Exit> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    let Some(descriptors) = limit.current else { return Ok(wanted) };
    if descriptors < LEAST {
        say::error(
            format!("this process may open only {descriptors} files, and {LEAST} are the least that it needs"),
            Some("raise `ulimit -n`"),
        );
        return Err(Exit::Broken);
    }
    let fitting = usize::try_from(descriptors.saturating_sub(RESERVED) / PER_PROBE).unwrap_or(usize::MAX).max(1);
    if fitting < wanted {
        say::warning(format!(
            "`--concurrency {wanted}` is lowered to {fitting}: this process may open {descriptors} files (`ulimit -n`)"
        ));
    }
    Ok(wanted.min(fitting))
}
