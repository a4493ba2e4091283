//! How long a process was ready to run and did not get a processor: what a time limit has to give
//! back on a machine that others use too.
//!
//! Measured, not guessed: the kernel counts, for each thread, the time it waited in a queue. To that
//! of the process's threads is added how much later than asked this one was woken.

use std::fs;
use std::time::{Duration, Instant};

/// Between two looks.
pub const INTERVAL: Duration = Duration::from_millis(10);

/// The time lost, as it added up.
pub struct Starvation(Vec<(Instant, Duration)>);

impl Starvation {
    /// What was lost from `from` to `to`.
    pub fn between(&self, from: Instant, to: Instant) -> Duration {
        let before = self.0.iter().rev().find(|(at, _)| *at <= from).map_or(Duration::ZERO, |(_, lost)| *lost);
        let after = self.0.iter().find(|(at, _)| *at >= to).or(self.0.last()).map_or(Duration::ZERO, |(_, lost)| *lost);
        after.saturating_sub(before)
    }
}

/// Who looks.
pub struct Watch {
    process: u32,
    last: Instant,
    overslept: Duration,
    samples: Vec<(Instant, Duration)>,
}

impl Watch {
    /// Looks at the process `id`.
    pub fn new(id: u32) -> Self {
        Self { process: id, last: Instant::now(), overslept: Duration::ZERO, samples: Vec::new() }
    }

    /// One look, to be had every [`INTERVAL`].
    pub fn look(&mut self) {
        let now = Instant::now();
        self.overslept += now.duration_since(self.last).saturating_sub(INTERVAL);
        let waited = self.waited().unwrap_or_default();
        let so_far = self.samples.last().map_or(Duration::ZERO, |(_, lost)| *lost);
        // Threads that ended take their time along.
        self.samples.push((now, so_far.max(self.overslept + waited)));
        self.last = Instant::now();
    }

    fn waited(&self) -> Option<Duration> {
        let mut waited = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.process)).ok()? {
            let counted = fs::read_to_string(task.ok()?.path().join("schedstat")).unwrap_or_default();
            waited += counted.split_whitespace().nth(1).and_then(|word| word.parse::<u64>().ok()).unwrap_or_default();
        }
        Some(Duration::from_nanos(waited))
    }

    pub fn into_starvation(self) -> Starvation {
        Starvation(self.samples)
    }
}
