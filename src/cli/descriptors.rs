//! File descriptors: raises the limit to the maximum, and lowers the number of concurrent probes to what the limit
//! allows.

use rustix::process::{Resource, getrlimit, setrlimit};

use super::diagnostics;
use super::exit::Exit;

/// The most descriptors of one probe: its connection, and three for the socket that its driver crate connects to.
const PER_PROBE: u64 = 4;
/// The descriptors of the rest of the process.
const RESERVED: u64 = 32;

/// The least number of descriptors. With fewer, the runtimes of the sources and of the probes, which have three each, cannot
/// start, or the probes cannot log in while the ledger has its four open.
const LEAST: u64 = 23;

/// Raises the soft limit to the hard one. Returns how many of `wanted` probes fit; warns if that is fewer, and fails if
/// the limit is too low for any.
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
        diagnostics::error(
            format!("this process may open only {descriptors} files, and {LEAST} are the least that it needs"),
            Some("raise `ulimit -n`"),
        );
        return Err(Exit::Broken);
    }
    let fitting = usize::try_from(descriptors.saturating_sub(RESERVED) / PER_PROBE).unwrap_or(usize::MAX).max(1);
    if fitting < wanted {
        diagnostics::warning(format!(
            "`--concurrency {wanted}` is lowered to {fitting}: this process may open {descriptors} files (`ulimit -n`)"
        ));
    }
    Ok(wanted.min(fitting))
}
