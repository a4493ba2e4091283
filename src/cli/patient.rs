//! Writes reports on a thread. With a pipe that has no reader, or a file system that hangs, the report fails, but the
//! process goes on.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::signals;
use crate::threads;

/// The number of bytes that are collected before they go to the thread.
const CHUNK: usize = 64 << 10;

/// How long each chunk may take after the deadline of the run: a reader that goes on reading gets the whole report.
const AFTER_DEADLINE: Duration = Duration::from_millis(500);

/// How long all chunks together may take in vain after a signal, which leaves little time: one output that takes
/// nothing must not use up the time of the others. Each gets what is left of it, but at least [`MOMENT`].
const AFTER_A_SIGNAL: Duration = Duration::from_millis(120);
const MOMENT: Duration = Duration::from_millis(20);

/// The time spent waiting in vain after a signal, in milliseconds.
static WAITED: AtomicU64 = AtomicU64::new(0);

/// The interval between looks for a signal.
const BEAT: Duration = Duration::from_millis(20);

/// The limit for commands that have none of their own.
pub(super) const LIMIT: Limit = Limit { most: Duration::from_secs(10), deadline: None };

/// How long to wait for an output that takes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// The limit of each chunk.
    pub(super) most: Duration,
    /// The end of the run, if it has a deadline.
    pub(super) deadline: Option<Instant>,
}

impl Limit {
    /// The limit that applies to a chunk now.
    pub(super) fn now(self) -> Duration {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now()).max(AFTER_DEADLINE);
        self.deadline.map_or(self.most, |deadline| self.most.min(left(deadline)))
    }
}

/// Runs `work` on a thread and returns its result. If it takes longer than `limit`, it is abandoned.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, done) = channel();
    threads::spawn("patient", move || drop(sender.send(work())))?;
    done.recv_timeout(limit).unwrap_or_else(|_late| Err(ErrorKind::TimedOut.into()))
}

/// Like [`within`], for the work of an output: a signal shortens the waiting.
pub(super) fn for_output<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, done) = channel();
    threads::spawn("patient", move || drop(sender.send(work())))?;
    wait(&done, limit)?
}

/// Opens `path` for writing and creates it if needed; existing content stays.
pub(super) fn open(path: &Path, limit: Duration) -> io::Result<File> {
    let path = path.to_owned();
    // Opening a pipe without a reader blocks.
    for_output(limit, move || OpenOptions::new().write(true).create(true).truncate(false).open(path))
}

/// Waits for `done` within `limit`, or for a short time after a signal.
fn wait<T>(done: &Receiver<T>, limit: Duration) -> io::Result<T> {
    let begun = Instant::now();
    let before = Duration::from_millis(WAITED.load(Ordering::Relaxed));
    let most = AFTER_A_SIGNAL.saturating_sub(before).max(MOMENT);
    let since_signal = || signals::since().map(|signal| signal.max(begun).elapsed());
    loop {
        let left = limit.saturating_sub(begun.elapsed());
        let left = since_signal().map_or(left, |waited| left.min(most.saturating_sub(waited)));
        match done.recv_timeout(left.min(BEAT)) {
            Ok(brought) => return Ok(brought),
            Err(RecvTimeoutError::Timeout) if left > BEAT => {}
            Err(_late) => break,
        }
    }
    if let Some(waited) = since_signal() {
        WAITED.fetch_add(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
    Err(ErrorKind::TimedOut.into())
}

/// A file that a thread writes. A write that takes longer than the limit fails with `TimedOut`.
pub(super) struct Patient {
    chunks: Sender<Vec<u8>>,
    written: Receiver<io::Result<()>>,
    collected: Vec<u8>,
    under_way: usize,
    limit: Limit,
}

impl Patient {
    /// # Errors
    ///
    /// The machine provides no thread.
    pub(super) fn new(mut file: File, limit: Limit) -> io::Result<Self> {
        let (chunks, to_write) = channel::<Vec<u8>>();
        let (told, written) = channel();
        threads::spawn("report", move || {
            for chunk in to_write {
                if told.send(file.write_all(&chunk)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, written, collected: Vec::new(), under_way: 0, limit })
    }

    /// Sends what was collected to the thread, and waits until no more than `left` chunks are under way.
    fn hand_over(&mut self, left: usize) -> io::Result<()> {
        if !self.collected.is_empty() {
            let chunk = std::mem::take(&mut self.collected);
            self.chunks.send(chunk).map_err(|_ended| ErrorKind::BrokenPipe)?;
            self.under_way += 1;
        }
        while self.under_way > left {
            wait(&self.written, self.limit.now())??;
            self.under_way -= 1;
        }
        Ok(())
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(CHUNK - self.collected.len());
        self.collected.extend_from_slice(&bytes[..fits]);
        if self.collected.len() == CHUNK {
            self.hand_over(1)?;
        }
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn what_is_written_arrives_in_order() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut out =
            Patient::new(file.reopen().unwrap(), Limit { most: Duration::from_secs(9), deadline: None }).unwrap();
        let text = (0..40_000).fold(String::new(), |text, n| text + &n.to_string() + "\n");
        out.write_all(text.as_bytes()).unwrap();
        out.flush().unwrap();
        let mut found = String::new();
        file.as_file().read_to_string(&mut found).unwrap();
        assert_eq!(found, text);
    }

    #[test]
    fn a_pipe_that_nobody_reads_ends_by_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(open(&path, SHORT).unwrap_err().kind(), ErrorKind::TimedOut);

        for limit in [
            Limit { most: SHORT, deadline: None },
            Limit { most: Duration::MAX, deadline: Some(Instant::now() + SHORT) },
        ] {
            let (_reader, writer) = io::pipe().unwrap();
            let mut out = Patient::new(File::from(std::os::fd::OwnedFd::from(writer)), limit).unwrap();
            let written = out.write_all(&vec![b'x'; 1 << 20]).and_then(|()| out.flush());
            assert_eq!(written.unwrap_err().kind(), ErrorKind::TimedOut);
        }
    }
}
