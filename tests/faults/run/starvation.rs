//! How much other work on the machine slowed a process down, to extend time limits accordingly.
//!
//! This is measured: for each thread the kernel counts how long it ran, and how long it was ready and waited for a
//! processor. Work that takes 1 ms alone takes (ran + waited) / ran ms. The time by which the watching thread itself
//! was woken late bounds the error of its clock.

use std::fs;
use std::time::{Duration, Instant};

/// The interval between two samples.
pub const INTERVAL: Duration = Duration::from_millis(10);

/// Less running time than this is too little for a ratio.
const LITTLE: Duration = Duration::from_micros(200);

/// One sample.
#[derive(Clone, Copy)]
struct Look {
    at: Instant,
    ran: Duration,
    waited: Duration,
    overslept: Duration,
}

/// The samples of one process.
pub struct Starvation(Vec<Look>);

impl Starvation {
    /// `limit`, extended by the slowdown between `from` and `to`.
    pub fn stretch(&self, limit: Duration, from: Instant, to: Instant) -> Duration {
        let first = self.0.iter().rposition(|look| look.at <= from).unwrap_or(0);
        let last = self.0.iter().position(|look| look.at >= to).unwrap_or(self.0.len().saturating_sub(1));
        let Some(looks) = self.0.get(first..=last) else { return limit };
        let [before, .., after] = looks else { return limit };
        let ran = after.ran.saturating_sub(before.ran);
        let waited = after.waited.saturating_sub(before.waited);
        let overslept = looks.iter().skip(1).map(|look| look.overslept).max().unwrap_or_default();
        let slower = if ran < LITTLE { 1.0 } else { 1.0 + waited.as_secs_f64() / ran.as_secs_f64() };
        limit.mul_f64(slower) + overslept
    }
}

/// Takes the samples.
pub struct Watch {
    process: u32,
    looks: Vec<Look>,
}

impl Watch {
    /// Watches the process `id`.
    pub fn new(id: u32) -> Self {
        Self { process: id, looks: Vec::new() }
    }

    /// Takes a sample. To be called every [`INTERVAL`].
    pub fn look(&mut self) {
        let at = Instant::now();
        let last = self.looks.last().copied();
        let overslept = last.map_or(Duration::ZERO, |last| at.duration_since(last.at).saturating_sub(INTERVAL));
        let (ran, waited) = self.counted();
        // The time of threads that have ended is no longer counted, so the sums must not decrease.
        let (ran, waited) = last.map_or((ran, waited), |last| (ran.max(last.ran), waited.max(last.waited)));
        self.looks.push(Look { at, ran, waited, overslept });
    }

    /// How long the threads of the process ran, and how long they waited for a processor.
    fn counted(&self) -> (Duration, Duration) {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process));
        let mut counted = (Duration::ZERO, Duration::ZERO);
        for task in tasks.into_iter().flatten().flatten() {
            let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok()).map(Duration::from_nanos);
            counted.0 += numbers.next().unwrap_or_default();
            counted.1 += numbers.next().unwrap_or_default();
        }
        counted
    }

    pub fn into_starvation(self) -> Starvation {
        Starvation(self.looks)
    }
}
