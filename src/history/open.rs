//! `History`: the handle to a history, and the thread that writes it. Checks are noted in memory, which cannot fail or wait;
//! the thread writes them down now and then. Changes are written at once, so that they are on disk before they are told.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::HistoryError;
use super::file::HistoryFile;
use super::ring::{Mark, Ring};
use super::tally::Tally;
use super::terms::{Bounds, Changed, Span};
use crate::model::class::Status;
use crate::threads;

/// How often the last checks and tallies are written.
const FLUSHED: Duration = Duration::from_secs(10);
/// How often old rows are removed.
const PRUNED: Duration = Duration::from_mins(10);

/// For how many hours tallies are kept in memory if they cannot be written.
const HOURS: usize = 48;

/// A request to the thread.
enum Request {
    Change(String, Changed, oneshot::Sender<Result<(), HistoryError>>),
    Read(Box<dyn FnOnce(&HistoryFile) + Send>),
    /// Write everything that is in memory.
    Flush(oneshot::Sender<Result<(), HistoryError>>),
}

/// What is in memory of one connection.
#[derive(Default)]
struct Live {
    ring: Ring,
    checked: i64,
    /// What is not written yet, by hour.
    tallies: Vec<(i64, Tally)>,
    is_unwritten: bool,
}

type Memory = Arc<Mutex<HashMap<String, Live>>>;

/// A history. When the last handle is dropped, the thread writes what is in memory and ends.
#[derive(Clone)]
pub struct History {
    requests: Sender<Request>,
    memory: Memory,
    /// How many tallies were dropped.
    dropped: Arc<AtomicU64>,
}

impl History {
    /// Opens the history in the file `path`, or creates it.
    ///
    /// # Errors
    ///
    /// When the file cannot be used, or the system gives no thread.
    pub fn open(path: &Path, bounds: Bounds, now: impl Fn() -> i64 + Send + 'static) -> Result<Self, HistoryError> {
        let file = HistoryFile::open(path)?;
        let rings = file
            .rings()?
            .into_iter()
            .map(|(id, checked, bytes)| (id, Live { ring: Ring::read(&bytes), checked, ..Live::default() }));
        let memory: Memory = Arc::new(Mutex::new(rings.collect()));
        let (requests, requested) = channel();
        let writer = Writer { file, memory: Arc::clone(&memory), bounds, now: Box::new(now) };
        threads::spawn("history", move || writer.run(&requested))
            .map_err(|error| HistoryError::Unusable { file: path.to_owned(), why: error.to_string() })?;
        Ok(Self { requests, memory, dropped: Arc::default() })
    }

    /// Notes a check of `id` that ended at `at` (milliseconds since 1970). Does not wait.
    pub fn note(&self, id: &str, mark: Mark, at: i64) {
        let mut memory = locked(&self.memory);
        if !memory.contains_key(id) {
            memory.insert(id.to_owned(), Live::default());
        }
        let Some(live) = memory.get_mut(id) else { return };
        live.ring.push(mark);
        live.checked = at;
        live.is_unwritten = true;
        let hour = Span::Hour.of(at);
        if live.tallies.last().is_none_or(|(last, _)| *last != hour) {
            live.tallies.push((hour, Tally::default()));
            if live.tallies.len() > HOURS {
                live.tallies.remove(0);
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        if let Some((_, tally)) = live.tallies.last_mut() {
            tally.count((mark.status == Status::Ok).then_some(mark.took));
        }
    }

    /// How many tallies of an hour were dropped, because the file could not be written for too long.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// The last checks of `id`, and when the last one ended.
    #[must_use]
    pub fn ring(&self, id: &str) -> Option<(Ring, i64)> {
        locked(&self.memory).get(id).map(|live| (live.ring.clone(), live.checked))
    }

    /// Writes a change of `id`. Once this returns, it is on disk.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub async fn change(&self, id: &str, change: Changed) -> Result<(), HistoryError> {
        let (done, is_done) = oneshot::channel();
        self.ask(Request::Change(id.to_owned(), change, done), is_done).await
    }

    /// The changes of `id` between two moments (milliseconds since 1970), the latest first, `most` at most.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub async fn changes(&self, id: &str, between: (i64, i64), most: usize) -> Result<Vec<Changed>, HistoryError> {
        let id = id.to_owned();
        self.read(move |file| file.changes(&id, between, most)).await
    }

    /// The tallies of `id` by `span` between two moments (milliseconds since 1970), each with the beginning of its span,
    /// the oldest first. The checks of the last seconds may be missing.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub async fn tallies(&self, id: &str, span: Span, between: (i64, i64)) -> Result<Vec<(i64, Tally)>, HistoryError> {
        let id = id.to_owned();
        self.read(move |file| file.tallies(&id, span, between)).await
    }

    /// The size of the file in bytes.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub async fn size(&self) -> Result<u64, HistoryError> {
        self.read(HistoryFile::size).await
    }

    /// Writes everything that is in memory.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub async fn flush(&self) -> Result<(), HistoryError> {
        let (done, is_done) = oneshot::channel();
        self.ask(Request::Flush(done), is_done).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&HistoryFile) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let (done, is_done) = oneshot::channel();
        // Nobody may wait for the answer any more.
        self.ask(Request::Read(Box::new(move |file| drop(done.send(read(file))))), is_done).await
    }

    async fn ask<T>(
        &self,
        request: Request,
        answer: oneshot::Receiver<Result<T, HistoryError>>,
    ) -> Result<T, HistoryError> {
        self.requests.send(request).map_err(|_closed| HistoryError::Closed)?;
        answer.await.unwrap_or(Err(HistoryError::Closed))
    }
}

/// The thread's own.
struct Writer {
    file: HistoryFile,
    memory: Memory,
    bounds: Bounds,
    /// The milliseconds since 1970.
    now: Box<dyn Fn() -> i64 + Send>,
}

impl Writer {
    fn run(mut self, requested: &Receiver<Request>) {
        let mut flushed = Instant::now();
        let mut pruned: Option<Instant> = None;
        loop {
            match requested.recv_timeout(FLUSHED.saturating_sub(flushed.elapsed())) {
                Ok(request) => self.answer(request, requested),
                Err(RecvTimeoutError::Timeout) => {
                    // What cannot be written now stays in memory.
                    drop(self.flush());
                    flushed = Instant::now();
                }
                Err(RecvTimeoutError::Disconnected) => {
                    drop(self.flush());
                    return;
                }
            }
            if pruned.is_none_or(|last| last.elapsed() >= PRUNED) {
                let has_more = self.file.prune(&self.bounds, (self.now)()).unwrap_or(false);
                pruned = (!has_more).then(Instant::now);
            }
        }
    }

    fn answer(&mut self, request: Request, requested: &Receiver<Request>) {
        match request {
            Request::Read(read) => read(&self.file),
            Request::Flush(done) => drop(done.send(self.flush())),
            Request::Change(id, change, done) => {
                // Those that wait too are written together.
                let mut changes = vec![(id, change, done)];
                let mut other = None;
                while let Ok(request) = requested.try_recv() {
                    match request {
                        Request::Change(id, change, done) => changes.push((id, change, done)),
                        request => {
                            other = Some(request);
                            break;
                        }
                    }
                }
                let written = self.file.add_changes(changes.iter().map(|(id, change, _)| (id.as_str(), change)));
                let failure = written.err().map(|error| error.to_string());
                for (_, _, done) in changes {
                    let result = match &failure {
                        None => Ok(()),
                        Some(why) => Err(HistoryError::Unwritten { why: why.clone() }),
                    };
                    // Nobody may wait for it any more.
                    let _gone = done.send(result);
                }
                if let Some(request) = other {
                    self.answer(request, requested);
                }
            }
        }
    }

    /// Writes what is in memory; checks go on meanwhile.
    fn flush(&mut self) -> Result<(), HistoryError> {
        let (mut tallies, mut rings) = (Vec::new(), Vec::new());
        for (id, live) in locked(&self.memory).iter_mut().filter(|(_, live)| live.is_unwritten) {
            live.is_unwritten = false;
            let written = live.tallies.drain(..).map(|(hour, tally)| (id.clone(), Span::Hour.begin(hour), tally));
            tallies.extend(written);
            rings.push((id.clone(), live.checked, live.ring.bytes().to_vec()));
        }
        let flushed = self.file.flush(
            tallies.iter().map(|(id, at, tally)| (id.as_str(), *at, tally)),
            rings.iter().map(|(id, checked, ring)| (id.as_str(), *checked, ring.as_slice())),
        );
        if flushed.is_err() {
            self.take_back(tallies);
        }
        flushed
    }

    /// Puts tallies back that could not be written.
    fn take_back(&self, tallies: Vec<(String, i64, Tally)>) {
        let mut memory = locked(&self.memory);
        for (id, at, tally) in tallies {
            let Some(live) = memory.get_mut(&id) else { continue };
            let hour = Span::Hour.of(at);
            match live.tallies.iter_mut().find(|(other, _)| *other == hour) {
                Some((_, own)) => own.add(&tally),
                None => live.tallies.insert(0, (hour, tally)),
            }
            live.is_unwritten = true;
        }
    }
}

fn locked(memory: &Memory) -> MutexGuard<'_, HashMap<String, Live>> {
    // A panic leaves counts at worst.
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
