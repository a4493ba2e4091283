//! SIGINT, SIGTERM and SIGHUP: the first ends the run with a complete report, the second ends the process. A thread
//! that looks out for the first stops the run, and ends the process where the report takes too long, as one does that
//! nobody takes.

use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::low_level::{self, pipe, unregister};
use signal_hook::{SigId, flag};

use super::exit::Exit;
use crate::engine::StopHandle;
use crate::model::result::Ended;
use crate::source;
use crate::threads;

/// What the handlers leave behind.
const INTERRUPTED: usize = 1;
const TERMINATED: usize = 2;
const HUNG_UP: usize = 3;

/// The signals, and what their handlers leave.
const SIGNALS: [(i32, usize); 3] = [(SIGINT, INTERRUPTED), (SIGTERM, TERMINATED), (SIGHUP, HUNG_UP)];

/// A report has so long to be complete after the first signal; what the machine kept this process waiting for a
/// processor comes on top.
const REPORT: Duration = Duration::from_millis(400);

/// How often the thread looks.
const BEAT: Duration = Duration::from_millis(20);

/// When the thread that looks out for signals met the first.
static SINCE: OnceLock<Instant> = OnceLock::new();

/// When a signal began to end the run, if one has.
pub(super) fn since() -> Option<Instant> {
    SINCE.get().copied()
}

/// Which signal has come, if one has, and what it ends.
pub(super) struct Caught {
    signal: Arc<AtomicUsize>,
    stop: StopHandle,
}

impl Caught {
    /// What a signal ends, also one that came before the run.
    pub(super) fn stop(&self) -> StopHandle {
        self.heed();
        self.stop.clone()
    }

    /// Ends the run if a signal has come. Its thread does that as well, a little later.
    pub(super) fn heed(&self) {
        if self.exit().is_some() {
            self.stop.stop(Ended::Interrupted);
        }
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        exit(&self.signal)
    }
}

/// What the handlers left in `signal`.
fn exit(signal: &AtomicUsize) -> Option<Exit> {
    match signal.load(Ordering::SeqCst) {
        INTERRUPTED => Some(Exit::Interrupted),
        TERMINATED => Some(Exit::Terminated),
        HUNG_UP => Some(Exit::HungUp),
        _ => None,
    }
}

/// Whether whoever started this process wants it to live on after `signal`, as `nohup` does.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// How long threads of this process have waited for a processor, in all; nothing where the system does not say.
fn starved() -> Duration {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let waited = |thread: DirEntry| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
    };
    threads.filter_map(waited).sum()
}

/// What was registered while something was asked for, and lets signals end the process since then.
static ASKED: Mutex<Vec<SigId>> = Mutex::new(Vec::new());

/// A signal that comes while this is there wakes whoever asks; afterwards it ends the process, as it would have.
pub(super) struct Asking {
    caught: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    wakers: Vec<SigId>,
}

impl Asking {
    pub(super) fn exit(&self) -> Option<Exit> {
        exit(&self.caught)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        for waker in self.wakers.drain(..) {
            unregister(waker);
        }
    }
}

/// From here on a signal writes to `wake` instead of ending the process.
pub(super) fn catch_while_asking(wake: &UnixStream) -> io::Result<Asking> {
    let caught = Arc::new(AtomicUsize::new(0));
    let mut asking = Asking { caught: Arc::clone(&caught), over: Arc::default(), wakers: Vec::new() };
    for (signal, name) in SIGNALS.into_iter().chain([(SIGQUIT, INTERRUPTED)]) {
        if signal == SIGHUP && is_ignored(signal) {
            continue;
        }
        let ends = flag::register_conditional_default(signal, Arc::clone(&asking.over))?;
        ASKED.lock().unwrap_or_else(PoisonError::into_inner).push(ends);
        asking.wakers.push(flag::register_usize(signal, Arc::clone(&caught), name)?);
        asking.wakers.push(pipe::register(signal, wake.try_clone()?)?);
    }
    Ok(asking)
}

/// From here on the first signal ends the run, and the second ends the process.
pub(super) fn catch() -> io::Result<Caught> {
    let (caught, stop) = (Arc::new(AtomicUsize::new(0)), StopHandle::default());
    let once = Arc::new(AtomicBool::new(false));
    for ends in ASKED.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        unregister(ends);
    }
    for (signal, name) in SIGNALS {
        if signal == SIGHUP && is_ignored(signal) {
            continue;
        }
        // In this order: the first signal only sets the flag, the second finds it set and takes
        // its default action.
        flag::register_conditional_default(signal, Arc::clone(&once))?;
        flag::register(signal, Arc::clone(&once))?;
        flag::register_usize(signal, Arc::clone(&caught), name)?;
    }
    let (heard, stops) = (Arc::clone(&caught), stop.clone());
    threads::spawn("signals", move || {
        while heard.load(Ordering::SeqCst) == 0 {
            thread::sleep(BEAT);
        }
        let (since, before) = (*SINCE.get_or_init(Instant::now), starved());
        stops.stop(Ended::Interrupted);
        while since.elapsed() < REPORT + starved().saturating_sub(before) {
            thread::sleep(BEAT);
        }
        source::end_commands();
        let heard = heard.load(Ordering::SeqCst);
        if let Some((signal, _)) = SIGNALS.iter().find(|(_, name)| *name == heard) {
            // It ends the process, or nothing can.
            drop(low_level::emulate_default_handler(*signal));
        }
    })?;
    Ok(Caught { signal: caught, stop })
}
