//! SIGINT, SIGTERM and SIGHUP: the first signal ends the run with a complete report, the second ends the process. A
//! thread waits for the first signal, stops the run, and ends the process if the report takes too long, for example
//! because its pipe has no reader.

use std::fs::{self, DirEntry};
use std::io;
use std::num::NonZero;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::low_level::{self, pipe, unregister};
use signal_hook::{SigId, flag};

use super::exit::Exit;
use crate::engine::StopHandle;
use crate::model::result::Ended;
use crate::source;
use crate::threads;

/// The values that the signal handlers store.
const INTERRUPTED: usize = 1;
const TERMINATED: usize = 2;
const HUNG_UP: usize = 3;

/// The signals, and the values that their handlers store.
const SIGNALS: [(i32, usize); 3] = [(SIGINT, INTERRUPTED), (SIGTERM, TERMINATED), (SIGHUP, HUNG_UP)];

/// The time for completing the report after the first signal. The time that others kept this process from
/// running is added, and the time that the system needs to free its memory is taken off.
const REPORT: Duration = Duration::from_millis(400);
/// The least of that time.
const SHORTEST: Duration = Duration::from_millis(200);
/// The time to free a mebibyte beyond the first ones: it took 100 to 200 ms for the 400 MiB of 100,000 definitions.
const FREEING: Duration = Duration::from_micros(600);
const FREED_AT_ONCE: u32 = 128;

/// The interval between looks for a signal.
const BEAT: Duration = Duration::from_millis(20);

/// When the signal thread noticed the first signal.
static SINCE: OnceLock<Instant> = OnceLock::new();

/// When a signal began to end the run, if one came.
pub(super) fn since() -> Option<Instant> {
    SINCE.get().copied()
}

/// The signal that came, if any, and the run that it ends.
pub(super) struct Caught {
    signal: Arc<AtomicUsize>,
    stop: StopHandle,
}

impl Caught {
    /// The handle that a signal stops, also if the signal came before the run.
    pub(super) fn stop(&self) -> StopHandle {
        self.heed();
        self.stop.clone()
    }

    /// Ends the run if a signal has come. The signal thread does the same, a little later.
    pub(super) fn heed(&self) {
        if self.exit().is_some() {
            self.stop.stop(Ended::Interrupted);
        }
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        exit(&self.signal)
    }
}

/// The exit status for the value that a handler stored in `signal`.
fn exit(signal: &AtomicUsize) -> Option<Exit> {
    match signal.load(Ordering::SeqCst) {
        INTERRUPTED => Some(Exit::Interrupted),
        TERMINATED => Some(Exit::Terminated),
        HUNG_UP => Some(Exit::HungUp),
        _ => None,
    }
}

/// Whether the process was started with `signal` ignored, as `nohup` does for SIGHUP.
pub(super) fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// What the processors did for this process, from one moment on.
struct Processors {
    since: Instant,
    waited: Duration,
    used: Duration,
}

impl Processors {
    fn now() -> Self {
        Self { since: Instant::now(), waited: waited(), used: used() }
    }

    /// How long other processes have kept this one from running. Its own threads wait for each other too, but then the
    /// processors are busy with it.
    fn kept_away(&self) -> Duration {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        let share = used().saturating_sub(self.used) / u32::try_from(count).unwrap_or(u32::MAX);
        self.since.elapsed().saturating_sub(share).min(waited().saturating_sub(self.waited))
    }
}

/// The processor time of this process.
fn used() -> Duration {
    let used = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    used.map(Duration::from).unwrap_or_default()
}

/// The total time that threads of this process have waited for a processor; zero if the system does not report it.
fn waited() -> Duration {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let waited = |thread: DirEntry| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
    };
    threads.filter_map(waited).sum()
}

/// The memory of this process, in MiB; zero if the system does not report it.
fn memory() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    kibibytes.and_then(|text| text.trim().parse::<u32>().ok()).unwrap_or(0) / 1024
}

/// The handlers that a question registered, which have let signals end the process since it was over.
static ASKED: Mutex<Vec<SigId>> = Mutex::new(Vec::new());

/// While this exists, a signal wakes the question that is being asked. After it is dropped, a signal ends the process
/// as by default.
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
        if is_ignored(signal) {
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
        if is_ignored(signal) {
            continue;
        }
        // In this order, the first signal only sets the flag, and the second finds it set and takes its default action.
        flag::register_conditional_default(signal, Arc::clone(&once))?;
        flag::register(signal, Arc::clone(&once))?;
        flag::register_usize(signal, Arc::clone(&caught), name)?;
    }
    let (heard, stops) = (Arc::clone(&caught), stop.clone());
    threads::spawn("signals", move || {
        while heard.load(Ordering::SeqCst) == 0 {
            thread::sleep(BEAT);
        }
        let (since, processors) = (*SINCE.get_or_init(Instant::now), Processors::now());
        stops.stop(Ended::Interrupted);
        let report = REPORT.saturating_sub(FREEING * memory().saturating_sub(FREED_AT_ONCE)).max(SHORTEST);
        while since.elapsed() < report + processors.kept_away() {
            thread::sleep(BEAT);
        }
        source::end_commands();
        let heard = heard.load(Ordering::SeqCst);
        if let Some((signal, _)) = SIGNALS.iter().find(|(_, name)| *name == heard) {
            // If the default handler fails, nothing else can end the process.
            drop(low_level::emulate_default_handler(*signal));
        }
    })?;
    Ok(Caught { signal: caught, stop })
}
