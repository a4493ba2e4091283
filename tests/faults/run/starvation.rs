//! How much slower a process was because others used the processors: what a time limit has to give
//! back on a machine that is not its own.
//!
//! Measured, not guessed: for each thread the kernel counts how long it ran, and how long it was ready
//! and waited for a processor. Work that takes 1 ms alone takes (ran + waited) / ran ms. And how much
//! later than asked the watching thread itself was woken is what may be wrong with its clock.

use std::fs;
use std::time::{Duration, Instant};

/// Between two looks.
pub const INTERVAL: Duration = Duration::from_millis(10);

/// Less work than this tells nothing.
const LITTLE: Duration = Duration::from_micros(200);

/// What was seen at one look.
#[derive(Clone, Copy)]
struct Look {
    at: Instant,
    ran: Duration,
    waited: Duration,
    overslept: Duration,
}

/// The looks at one process.
pub struct Starvation(Vec<Look>);

impl Starvation {
    /// `limit` as it has to be for what happened from `from` to `to`.
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

/// Who looks.
pub struct Watch {
    process: u32,
    looks: Vec<Look>,
}

impl Watch {
    /// Looks at the process `id`.
    pub fn new(id: u32) -> Self {
        Self { process: id, looks: Vec::new() }
    }

    /// One look, to be had every [`INTERVAL`].
    pub fn look(&mut self) {
        let at = Instant::now();
        let last = self.looks.last().copied();
        let overslept = last.map_or(Duration::ZERO, |last| at.duration_since(last.at).saturating_sub(INTERVAL));
        let (ran, waited) = self.counted();
        // Threads that ended take their time along.
        let (ran, waited) = last.map_or((ran, waited), |last| (ran.max(last.ran), waited.max(last.waited)));
        self.looks.push(Look { at, ran, waited, overslept });
    }

    /// How long the threads of the process ran, and how long they waited to.
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
