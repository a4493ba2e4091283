//! Writes standard error on a thread, so that a full pipe without a reader does not keep a command from ending.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::patient::{LIMIT, Limit};
use crate::threads;

/// How long to wait until a text is written, so that later output on stdout comes after it. If one text is late, the
/// next ones are not waited for: they follow as soon as there is room.
const MOMENT: Duration = Duration::from_millis(200);

static STDERR: Mutex<Stderr> = Mutex::new(Stderr { thread: None, limit: LIMIT });

struct Stderr {
    thread: Option<Thread>,
    limit: Limit,
}

/// The writing thread.
struct Thread {
    texts: Sender<Vec<u8>>,
    written: Receiver<()>,
    under_way: usize,
}

impl Thread {
    fn start() -> Option<Self> {
        let (texts, to_write) = channel::<Vec<u8>>();
        let (told, written) = channel();
        let work = move || {
            for text in to_write {
                // A failed write to stderr does not change the exit status.
                drop(io::stderr().write_all(&text));
                let _nobody_waits = told.send(());
            }
        };
        threads::spawn("stderr", work).ok().map(|_thread| Self { texts, written, under_way: 0 })
    }

    /// Waits until all texts are written, for `patience` at the most; whether they are.
    fn wait(&mut self, patience: Duration) -> bool {
        let since = Instant::now();
        while self.under_way > 0 {
            if self.written.recv_timeout(patience.saturating_sub(since.elapsed())).is_err() {
                return false;
            }
            self.under_way -= 1;
        }
        true
    }

    /// Sends `text` to the thread, and waits for it unless an earlier text is late.
    fn tell(&mut self, text: Vec<u8>) {
        let is_late = !self.wait(Duration::ZERO);
        if self.texts.send(text).is_ok() {
            self.under_way += 1;
        }
        if !is_late {
            self.wait(MOMENT);
        }
    }
}

fn stderr() -> MutexGuard<'static, Stderr> {
    STDERR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the limit for unwritten texts at the end of the process.
pub(super) fn limit(limit: Limit) {
    stderr().limit = limit;
}

/// Writes `text`.
pub(super) fn tell(text: Vec<u8>) {
    let mut stderr = stderr();
    if stderr.thread.is_none() {
        stderr.thread = Thread::start();
    }
    match &mut stderr.thread {
        Some(thread) => thread.tell(text),
        None => drop(io::stderr().write_all(&text)),
    }
}

/// Waits for unwritten texts at the end of the process.
pub(super) fn settle() {
    let mut stderr = stderr();
    let patience = stderr.limit.now();
    if let Some(thread) = &mut stderr.thread {
        thread.wait(patience);
    }
}

/// Lines, each written when it is flushed.
#[derive(Default)]
pub(super) struct Told(Vec<u8>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.0.is_empty() {
            tell(std::mem::take(&mut self.0));
        }
        Ok(())
    }
}

/// A line that is redrawn in place. Text that is not written in time is dropped.
#[derive(Default)]
pub(super) struct Live(Vec<u8>);

impl Write for Live {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.0);
        let is_late = stderr().thread.as_mut().is_some_and(|thread| !thread.wait(Duration::ZERO));
        if !is_late {
            tell(text);
        }
        Ok(())
    }
}
