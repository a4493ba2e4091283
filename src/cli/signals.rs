//! SIGINT and SIGTERM: the first ends the run with a complete report, the second ends the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::exit::Exit;
use crate::engine::StopHandle;
use crate::model::result::Ended;

/// Remembers which signal ended the run.
pub(super) struct Caught(Arc<AtomicI32>);

impl Caught {
    pub(super) fn exit(&self) -> Option<Exit> {
        match self.0.load(Ordering::SeqCst) {
            SIGINT => Some(Exit::Interrupted),
            SIGTERM => Some(Exit::Terminated),
            _ => None,
        }
    }
}

/// Signals that were caught, whether or not there is a run to end by them yet.
pub(super) struct Catching(Signals);

/// From here on the first signal is kept for [`Catching::end`], and the second ends the process.
pub(super) fn catch() -> io::Result<Catching> {
    let once = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal only sets the flag, the second finds it set and takes
        // its default action.
        flag::register_conditional_default(signal, Arc::clone(&once))?;
        flag::register(signal, Arc::clone(&once))?;
    }
    Ok(Catching(Signals::new([SIGINT, SIGTERM])?))
}

impl Catching {
    /// Ends the run of `stop` at the first signal, also at one that came before there was a run.
    pub(super) fn end(mut self, stop: StopHandle) -> io::Result<Caught> {
        let caught = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&caught);
        thread::Builder::new().name("connprobe-signals".to_owned()).spawn(move || {
            if let Some(signal) = self.0.forever().next() {
                seen.store(signal, Ordering::SeqCst);
                stop.stop(Ended::Interrupted);
            }
        })?;
        Ok(Caught(caught))
    }
}
