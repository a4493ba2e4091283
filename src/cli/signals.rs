//! SIGINT and SIGTERM: the first ends the run with a complete report, the second ends the process.
//! No thread waits for them: whoever follows the run heeds them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::Exit;
use crate::engine::StopHandle;
use crate::model::result::Ended;

/// What the handlers leave behind.
const INTERRUPTED: usize = 1;
const TERMINATED: usize = 2;

/// Which signal has come, if one has.
pub(super) struct Caught(Arc<AtomicUsize>);

impl Caught {
    /// Ends the run of `stop` if a signal has come, perhaps before there was a run: to be called at every tick.
    pub(super) fn heed(&self, stop: &StopHandle) {
        if self.exit().is_some() {
            stop.stop(Ended::Interrupted);
        }
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        match self.0.load(Ordering::SeqCst) {
            INTERRUPTED => Some(Exit::Interrupted),
            TERMINATED => Some(Exit::Terminated),
            _ => None,
        }
    }
}

/// From here on the first signal is kept for [`Caught::heed`], and the second ends the process.
pub(super) fn catch() -> io::Result<Caught> {
    let caught = Arc::new(AtomicUsize::new(0));
    let once = Arc::new(AtomicBool::new(false));
    for (signal, name) in [(SIGINT, INTERRUPTED), (SIGTERM, TERMINATED)] {
        // In this order: the first signal only sets the flag, the second finds it set and takes
        // its default action.
        flag::register_conditional_default(signal, Arc::clone(&once))?;
        flag::register(signal, Arc::clone(&once))?;
        flag::register_usize(signal, Arc::clone(&caught), name)?;
    }
    Ok(Caught(caught))
}
