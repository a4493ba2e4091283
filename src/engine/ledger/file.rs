//! `FileLedger`: the book in a file that many processes share. Locked for each read and write, never for the run.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::book::{Book, Line};
use super::clock::{Clock, Moment};
use super::digest::{Digest, KEY_LENGTH, Key};
use super::journal::{Journal, Pending, Record};
use super::owner::{self, Owner};
use super::rules::{DAY, Hold, REFUSALS, REFUSALS_IN_MEMORY};
use super::seam::{Begin, End, Ledger, Login, Past};
use crate::driver::Evidence;
use crate::driver::controls::Control;

/// How long other processes may have the file, in all of a run, before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// Who has not waited for so long has its patience anew.
const FORGIVEN: Duration = Duration::from_mins(1);
/// Between two looks whether it is free no more than this counts: nobody may have wanted it.
const LOOKED_AWAY: Duration = Duration::from_millis(250);
/// The pause between two looks whether it is free.
const PAUSE: Duration = Duration::from_millis(2);
/// A login of another process is waited for so much longer than it may take.
const GRACE: Duration = Duration::from_secs(1);

/// Why a ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the ledger `{}` cannot be opened: {reason}", path.display())]
pub struct OpenError {
    path: PathBuf,
    reason: io::Error,
}

/// The book in a file.
pub struct FileLedger {
    path: PathBuf,
    clock: Clock,
    /// What ends a hold, for people.
    command: String,
    state: Mutex<State>,
}

struct State {
    path: PathBuf,
    book: Book,
    pending: HashMap<Digest, Pending>,
    journal: Journal,
    owner: Owner,
    clock: Clock,
    waits: Waits,
    /// When what was remembered before was lost.
    lost: Option<Moment>,
    /// Why nothing is kept any more.
    broken: Option<String>,
}

/// How long the file was waited for so far.
#[derive(Default)]
struct Waits {
    last: Option<Instant>,
    spent: Duration,
}

impl Waits {
    /// Another process has the file: whether it is not waited for any more.
    fn is_enough(&mut self, now: Instant) -> bool {
        match self.last.replace(now).map(|last| now.saturating_duration_since(last)) {
            Some(pause) if pause < FORGIVEN => self.spent += pause.min(LOOKED_AWAY),
            _ => self.spent = Duration::ZERO,
        }
        self.spent > PATIENCE
    }
}

/// The files of a ledger at `path` that nothing else may be written to.
#[must_use]
pub fn files(path: &Path) -> [PathBuf; 2] {
    let path = fs::canonicalize(path).unwrap_or_else(|_absent| path.to_owned());
    let key = key_of(&path);
    [path, key]
}

impl FileLedger {
    /// Opens the ledger at `path`, or begins one.
    ///
    /// # Errors
    ///
    /// When the file, or what belongs to it beside it, cannot be had.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        Self::try_open(path, clock).map_err(|reason| OpenError { path: path.to_owned(), reason })
    }

    fn try_open(path: &Path, clock: Clock) -> io::Result<Self> {
        // It is made where a link leads: all names of one file are one ledger, with what belongs to it beside it.
        drop(OpenOptions::new().append(true).create(true).mode(0o600).open(path)?);
        let path = &*fs::canonicalize(path)?;
        let mut journal = Journal::open(path)?;
        let begun = Instant::now();
        while !journal.try_lock()? {
            if begun.elapsed() > PATIENCE {
                return Err(io::Error::other("another process keeps it locked"));
            }
            thread::sleep(PAUSE);
        }
        owner::sweep(path);
        let owner = Owner::new(path)?;
        let (key, is_new) = key(path, owner.draft())?;
        let mut state = State {
            path: path.to_owned(),
            book: Book::new(key, REFUSALS),
            pending: HashMap::new(),
            journal,
            owner,
            clock: clock.clone(),
            waits: Waits::default(),
            lost: None,
            broken: None,
        };
        if is_new && !state.journal.is_empty()? {
            // What was written with another key says nothing.
            let lost = state.lose();
            state.journal.replace(&[lost], state.owner.draft())?;
        } else {
            state.refresh()?;
        }
        state.limit(true);
        // That it can be written is known before the first login.
        state.journal.append(&[])?;
        state.book.drop_old(clock.now());
        state.journal.unlock();
        Ok(Self {
            path: path.to_owned(),
            clock,
            command: "connprobe state forget".to_owned(),
            state: Mutex::new(state),
        })
    }

    /// From here on only what this run itself sees decides; everything is written all the same.
    #[must_use]
    pub fn overlooking_earlier_runs(self) -> Self {
        self.state().book.overlook();
        self
    }

    /// People are told that `command` forgets an account.
    #[must_use]
    pub fn ended_by(self, command: String) -> Self {
        Self { command, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The credential of `login` leaves, or it is over. On the caller's thread.
    fn note_pending(&self, login: &Login, over: bool) {
        let now = self.clock.now();
        let work = |state: &mut State| {
            let records = if over { state.over(login) } else { state.leaves(login, now) };
            state.keep(&records, now);
        };
        while self.state().attempt(work).is_none() {
            thread::sleep(PAUSE);
        }
    }

    /// Does `work` under the lock of the file; without it, once nothing is kept any more.
    async fn locked<T>(&self, mut work: impl FnMut(&mut State) -> T + Send) -> T
    where
        T: Send,
    {
        loop {
            if let Some(done) = self.state().attempt(&mut work) {
                return done;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl State {
    /// Does `work` if the file is free, or is not waited for any more.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.broken.is_some() {
            return Some(work(self));
        }
        let locked = match self.journal.try_lock() {
            Ok(false) if !self.waits.is_enough(Instant::now()) => return None,
            Ok(false) => Err(io::Error::other("another process keeps it locked")),
            Ok(true) => self.refresh(),
            Err(error) => Err(error),
        };
        if let Err(error) = locked {
            self.give_up(&error);
        }
        let done = work(self);
        self.journal.unlock();
        Some(done)
    }

    /// From here on this process is on its own.
    fn give_up(&mut self, error: &io::Error) {
        self.broken.get_or_insert_with(|| error.to_string());
        self.limit(true);
    }

    /// From here on what was remembered before is lost: the record of it.
    fn lose(&mut self) -> Record {
        let now = self.clock.now();
        self.lost = Some(now);
        Record::Lost(self.book.lost(), now)
    }

    /// When what was remembered before was lost, for a day.
    fn lost(&self) -> Option<Moment> {
        self.lost.filter(|at| self.clock.now().since(*at) < DAY)
    }

    /// Nobody knows what accounts saw that nothing is known of any more; `always` where there are new entries.
    fn limit(&mut self, always: bool) {
        let forgetful = self.broken.is_some() || self.lost().is_some();
        let limit = if forgetful { REFUSALS_IN_MEMORY } else { REFUSALS };
        if limit != self.book.limit() || (always && forgetful) {
            self.book.limit_to(limit);
        }
    }

    /// Takes in what other processes have written.
    fn refresh(&mut self) -> io::Result<()> {
        let news = self.journal.read()?;
        if news.anew && news.records.is_empty() {
            // Somebody removed the file: what this process knows still counts.
            let known = self.everything();
            return if known.is_empty() { Ok(()) } else { self.journal.append(&known) };
        }
        if news.anew {
            self.book.clear();
            self.pending.clear();
        }
        let has_news = !news.records.is_empty();
        for record in news.records {
            match record {
                Record::Account(id, Some(entry)) => drop(self.book.entries.insert(id, entry)),
                Record::Account(id, None) => drop(self.book.entries.remove(&id)),
                Record::Server(id, Some(server)) => drop(self.book.servers.insert(id, server)),
                Record::Server(id, None) => drop(self.book.servers.remove(&id)),
                Record::Pending(id, Some(pending)) => drop(self.pending.insert(id, pending)),
                Record::Pending(id, None) => drop(self.pending.remove(&id)),
                Record::Imported(store) => drop(self.book.imported.insert(store)),
                Record::Control(endpoint, Some(control)) => drop(self.book.controls.insert(endpoint, control)),
                Record::Control(endpoint, None) => drop(self.book.controls.remove(&endpoint)),
                Record::Lost(_, at) => self.lost = self.lost.max(Some(at)),
            }
        }
        if news.garbled {
            let lost = self.lose();
            self.journal.append(&[lost])?;
        }
        self.limit(has_news || news.garbled);
        Ok(())
    }

    fn everything(&self) -> Vec<Record> {
        let accounts = self.book.entries.iter().map(|(id, entry)| Record::Account(*id, Some(entry.clone())));
        let servers = self.book.servers.iter().map(|(id, server)| Record::Server(*id, Some(server.clone())));
        let pending = self.pending.iter().map(|(id, pending)| Record::Pending(*id, Some(pending.clone())));
        let imported = self.book.imported.iter().map(|store| Record::Imported(*store));
        let lost = self.lost().map(|at| Record::Lost(self.book.lost(), at));
        let controls = self.book.controls.iter().map(|(id, control)| Record::Control(*id, Some(control.clone())));
        accounts.chain(servers).chain(pending).chain(imported).chain(controls).chain(lost).collect()
    }

    /// Writes `records` down, and the file anew where it has grown too long.
    fn keep(&mut self, records: &[Record], now: Moment) {
        if records.is_empty() || self.broken.is_some() {
            return;
        }
        if let Err(error) = self.journal.append(records) {
            return self.give_up(&error);
        }
        if self.journal.is_too_long(self.book.entries.len() + self.book.servers.len() + self.pending.len()) {
            self.book.drop_old(now);
            let everything = self.everything();
            // Where there is no room for a second file the first one goes on growing.
            drop(self.journal.replace(&everything, self.owner.draft()));
        }
    }

    fn accounts(&self, ids: impl IntoIterator<Item = Digest>) -> Vec<Record> {
        ids.into_iter().map(|id| Record::Account(id, self.book.entries.get(&id).cloned())).collect()
    }

    fn begin(&mut self, login: &Login, now: Moment) -> Begin {
        let ids = self.book.ids(&login.accounts);
        let mut changed = BTreeSet::new();
        let mut records = Vec::new();
        let taken = self.settle(&ids, now, &mut changed, &mut records);
        let begin = if let Some(until) = taken {
            // Who is held need not wait for the other's answer.
            let unaided = Login { early: None, ..login.clone() };
            match self.book.decide(&unaided, now, &mut changed) {
                Begin::Held(hold) if login.early.is_none() => Begin::Held(hold),
                _ => Begin::Taken { until },
            }
        } else {
            self.book.decide(login, now, &mut changed)
        };
        if let (Begin::Go { early }, true) = (&begin, login.alone) {
            records.extend(self.claim(login, false, *early, now));
        }
        records.extend(self.accounts(changed));
        self.keep(&records, now);
        begin
    }

    /// What logins of other processes are under way at `ids`: until when one is waited for. Those whose process
    /// does not live any more have ended.
    fn settle(
        &mut self,
        ids: &BTreeSet<Digest>,
        now: Moment,
        changed: &mut BTreeSet<Digest>,
        records: &mut Vec<Record>,
    ) -> Option<Moment> {
        let mut taken = None;
        for id in ids {
            let Some(pending) = self.pending.get(id).filter(|one| one.owner != self.owner.name()) else { continue };
            let until = pending.deadline.after(GRACE);
            let in_time = now <= until && pending.at <= now.after(GRACE);
            if in_time && owner::is_alive(&self.path, &pending.owner) {
                taken = taken.max(Some(until));
                continue;
            }
            if pending.sent {
                self.book.abandoned(*id, pending, pending.at.min(now));
                if let Some(entry) = self.book.entries.get_mut(id) {
                    entry.links.extend(ids.iter().filter(|other| *other != id));
                }
                changed.insert(*id);
            }
            self.pending.remove(id);
            records.push(Record::Pending(*id, None));
        }
        taken
    }

    /// Notes at its keys that `login` is under way, its credential `sent` or not.
    fn claim(&mut self, login: &Login, sent: bool, early: bool, now: Moment) -> Vec<Record> {
        let (credential, met) = (self.book.credential(login), self.book.met(login));
        let mut records = Vec::new();
        for account in &login.accounts {
            let pending = Pending {
                owner: self.owner.name().to_owned(),
                at: now,
                deadline: now.after(login.limit),
                secret: credential.secret,
                bound: credential.bound,
                met,
                by: login.id.clone(),
                sent,
                early,
                shown: account.shown().to_owned(),
            };
            let id = self.book.id(account);
            self.pending.insert(id, pending.clone());
            records.push(Record::Pending(id, Some(pending)));
        }
        records
    }

    /// The credential of `login` leaves. It may have been given back at this very moment, by who did not wait for it
    /// any more: then it is under way all the same.
    fn leaves(&mut self, login: &Login, now: Moment) -> Vec<Record> {
        let ids = self.book.ids(&login.accounts);
        let own = |pending: &&Pending| pending.owner == self.owner.name() && pending.by == login.id;
        let early = ids.iter().find_map(|id| self.pending.get(id).filter(own)).is_some_and(|pending| pending.early);
        self.claim(login, true, early, now)
    }

    /// The logins of this process at `login`'s keys are over.
    fn over(&mut self, login: &Login) -> Vec<Record> {
        let mut ids = self.book.ids(&login.accounts);
        let own = |pending: &Pending| pending.owner == self.owner.name() && pending.by == login.id;
        ids.retain(|id| self.pending.get(id).is_some_and(own));
        for id in &ids {
            self.pending.remove(id);
        }
        ids.into_iter().map(|id| Record::Pending(id, None)).collect()
    }

    fn end(&mut self, login: &Login, end: &End, now: Moment) {
        let mut records = self.over(login);
        let known = self.book.knows(login, end, now);
        let changed = self.book.record(login, end, now);
        if !known {
            records.extend(self.accounts(changed));
        }
        self.keep(&records, now);
    }
}

#[async_trait]
impl Ledger for FileLedger {
    async fn begin(&self, login: &Login) -> Begin {
        self.locked(|state| state.begin(login, self.clock.now())).await
    }

    fn hold(&self, login: &Login) -> Option<Hold> {
        self.state().book.hold(login, self.clock.now())
    }

    fn leaves(&self, login: &Login) {
        self.note_pending(login, false);
    }

    fn give_back(&self, login: &Login) {
        self.note_pending(login, true);
    }

    async fn end(&self, login: &Login, end: &End) {
        let now = self.clock.now();
        if !login.alone && self.state().book.knows(login, end, now) {
            return;
        }
        self.locked(|state| state.end(login, end, now)).await;
    }

    fn was_refused(&self, login: &Login) -> bool {
        self.state().book.was_refused(login)
    }

    fn past(&self, login: &Login, shown: Option<&Evidence>) -> Past {
        self.state().book.past(login, shown, self.clock.now())
    }

    async fn looked(&self, login: &Login, evidence: Option<Evidence>, counts: bool) {
        let now = self.clock.now();
        self.locked(|state| {
            let changed = state.book.looked(login, evidence.clone(), counts, now);
            let records = state.accounts(changed);
            state.keep(&records, now);
        })
        .await;
    }

    fn interrupted(&self, server: &str) -> (u32, Option<Moment>) {
        self.state().book.interrupted(server, self.clock.now())
    }

    async fn handshake(&self, servers: &[String], interrupted: bool) {
        let now = self.clock.now();
        if !interrupted && servers.iter().all(|server| self.interrupted(server).0 == 0) {
            return;
        }
        self.locked(|state| {
            let changed = state.book.handshake(servers, interrupted, now);
            let records: Vec<Record> =
                changed.into_iter().map(|id| Record::Server(id, state.book.servers.get(&id).cloned())).collect();
            state.keep(&records, now);
        })
        .await;
    }

    async fn take_over(&self, store: &str, refused: &[(Login, Moment)]) {
        let now = self.clock.now();
        self.locked(|state| {
            let Some(changed) = state.book.take_over(store, refused) else { return };
            let mut records = state.accounts(changed);
            records.push(Record::Imported(state.book.store(store)));
            state.keep(&records, now);
        })
        .await;
    }

    fn control(&self, endpoint: &str) -> Option<(Moment, Control)> {
        let state = self.state();
        state.book.controls.get(&state.book.endpoint(endpoint)).cloned()
    }

    async fn keep_control(&self, endpoint: &str, control: &Control) {
        let now = self.clock.now();
        self.locked(|state| {
            let id = state.book.endpoint(endpoint);
            state.book.controls.insert(id, (now, control.clone()));
            state.keep(&[Record::Control(id, Some((now, control.clone())))], now);
        })
        .await;
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn lines(&self) -> Vec<Line> {
        self.state().book.lines(self.clock.now())
    }

    async fn forget(&self, account: &str) -> Result<Vec<String>, String> {
        let now = self.clock.now();
        self.locked(|state| {
            let forgotten = state.book.forget(account);
            let mut records = state.accounts(forgotten.iter().map(|(id, _)| *id));
            for (id, _) in &forgotten {
                state.pending.remove(id);
                records.push(Record::Pending(*id, None));
            }
            state.keep(&records, now);
            match &state.broken {
                Some(reason) => Err(reason.clone()),
                None => Ok(forgotten.into_iter().map(|(_, shown)| shown).collect()),
            }
        })
        .await
    }

    fn ended_by(&self) -> Option<String> {
        self.state().broken.is_none().then(|| self.command.clone())
    }

    fn not_kept(&self) -> Option<String> {
        self.state().broken.clone()
    }

    fn lost(&self) -> Option<Moment> {
        self.state().lost()
    }
}

fn key_of(ledger: &Path) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(".key");
    PathBuf::from(path)
}

/// The key beside the ledger, and whether it is a new one, written by way of `draft`. To be called under the ledger's
/// lock.
fn key(ledger: &Path, draft: &Path) -> io::Result<(Key, bool)> {
    let path = key_of(ledger);
    match fs::read(&path).map(<[u8; KEY_LENGTH]>::try_from) {
        Ok(Ok(bytes)) => return Ok((Key::of(&bytes), false)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // One that was cut is none.
        Ok(Err(bytes)) if !bytes.is_empty() => {
            let key = path.display();
            return Err(io::Error::other(format!("`{key}` is another file than its key, and is left as it is")));
        }
        Ok(Err(_)) | Err(_) => {}
    }
    let bytes = Key::random().ok_or_else(|| io::Error::other("this machine gives no random bytes"))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    let written = file.write_all(&bytes).and_then(|()| fs::rename(draft, &path));
    if let Err(error) = written {
        drop(fs::remove_file(draft));
        return Err(error);
    }
    Ok((Key::of(&bytes), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks of every `pause` milliseconds it takes until the file is not waited for any more.
    fn looks(waits: &mut Waits, from: Instant, pause: u64) -> Option<u64> {
        (0..10_000).find(|look| waits.is_enough(from + Duration::from_millis(look * pause)))
    }

    #[test]
    fn a_file_that_others_keep_is_waited_for_once_in_a_run_and_not_for_each_login() {
        let begun = Instant::now();
        for (pause, most) in [(2, 2501), (100, 51), (250, 21), (5_000, 21)] {
            let mut waits = Waits::default();
            assert_eq!(looks(&mut waits, begun, pause), Some(most), "each {pause} ms");
            // The next login waits for it no more.
            assert!(waits.is_enough(begun + Duration::from_millis(most * pause + 1)));
        }
        // Who meets another process now and then has waited for nothing.
        assert_eq!(looks(&mut Waits::default(), begun, 61_000), None);
    }
}
