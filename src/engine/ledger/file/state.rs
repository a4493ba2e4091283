//! `State`: the book as the file has it, and the lines to be written. It has no rules about accounts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use super::super::book::Book;
use super::super::clock::{Clock, Moment};
use super::super::digest::Digest;
use super::super::journal::{Journal, Pending, Record};
use super::super::line::Lines;
use super::super::owner::{self, Handshakes, Owner};
use super::super::rules::{DAY, REFUSALS, REFUSALS_IN_MEMORY};
use super::acceptances::Acceptances;
use super::turn::Waits;
use super::under_way::UnderWay;

pub(super) struct State {
    pub(super) path: PathBuf,
    pub(super) book: Book,
    pub(super) under_way: UnderWay,
    pub(super) acceptances: Acceptances,
    /// The number of handshakes of this process that are under way, by servers that count interrupted ones.
    pub(super) handshakes: BTreeMap<Digest, u32>,
    pub(super) journal: Journal,
    pub(super) owner: Owner,
    pub(super) clock: Clock,
    pub(super) waits: Waits,
    /// Lines to be written before the file is unlocked.
    pub(super) unwritten: Lines,
    /// Whether this process has locked and read the file.
    pub(super) is_locked: bool,
    /// How often the file was written and unlocked.
    pub(super) written: u64,
    /// How many logins this process has begun.
    pub(super) logins: u64,
    /// Processes that have died, whose files are removed once their notes are written.
    pub(super) buried: Vec<String>,
    /// Whether this process's own notes are to be started anew once they are written.
    pub(super) notes_anew: bool,
    /// When records were lost.
    pub(super) lost: BTreeSet<Moment>,
    /// Why nothing can be saved any more.
    pub(super) broken: Option<String>,
}

impl State {
    /// Reads the locked file for the first time, adds the notes of the processes that are `dead`, and unlocks the file.
    /// The key may be new.
    pub(super) fn begin_from(&mut self, key_is_new: bool, dead: Vec<String>) -> io::Result<()> {
        if key_is_new && !self.journal.is_empty()? {
            // Records that were written with another key are useless.
            let mut lost = Lines::default();
            lost.add(&self.lose());
            self.journal.replace(&mut lost, self.owner.draft())?;
        } else {
            self.refresh()?;
        }
        self.limit(true);
        for name in dead {
            self.bury(name);
        }
        // Checks before the first login that the file can be written.
        self.journal.append(&mut self.unwritten)?;
        self.unwritten.clear();
        self.is_written();
        self.journal.try_out()?;
        self.book.drop_old(self.clock.now());
        self.journal.unlock();
        Ok(())
    }

    /// From now on this process saves nothing.
    pub(super) fn give_up(&mut self, error: &io::Error) {
        self.broken.get_or_insert_with(|| error.to_string());
        self.limit(true);
    }

    /// Notes that the earlier records are lost. Returns the line for the file.
    fn lose(&mut self) -> Record<'static> {
        let now = self.clock.now();
        self.lost.insert(now);
        Record::Lost(self.book.lost(), now)
    }

    /// When earlier records were lost, if that was less than a day ago.
    pub(super) fn lost(&self) -> Option<Moment> {
        let now = self.clock.now();
        // A time in the future was noted under a wrong clock, and would last until then.
        self.lost.range(..=now).next_back().copied().filter(|at| now.since(*at) < DAY)
    }

    /// Lowers the limit of refusals while earlier records are lost or nothing can be saved, since earlier refusals are
    /// then unknown. With `always`, the limit is applied even if it did not change, for new entries.
    fn limit(&mut self, always: bool) {
        let forgetful = self.broken.is_some() || self.lost().is_some();
        let limit = if forgetful { REFUSALS_IN_MEMORY } else { REFUSALS };
        if limit != self.book.limit() || (always && forgetful) {
            self.book.limit_to(limit);
        }
    }

    /// Reads what other processes have written.
    pub(super) fn refresh(&mut self) -> io::Result<()> {
        let news = self.journal.read()?;
        if news.anew && news.is_empty() {
            // The file was removed: the records of this process still count.
            return self.journal.append(&mut self.everything());
        }
        if news.anew {
            self.book.clear();
            self.under_way.clear();
        }
        if news.is_empty() {
            self.limit(false);
            return Ok(());
        }
        if news.each(|record| self.take_in(record)) {
            let mut lost = Lines::default();
            lost.add(&self.lose());
            self.journal.append(&mut lost)?;
        }
        self.limit(true);
        Ok(())
    }

    fn take_in(&mut self, record: Record<'static>) {
        match record {
            Record::Account(id, Some(entry)) => self.book.insert(id, entry.into_owned()),
            Record::Account(id, None) => drop(self.book.entries.remove(&id)),
            Record::Server(id, Some(server)) => drop(self.book.servers.insert(id, server.into_owned())),
            Record::Server(id, None) => drop(self.book.servers.remove(&id)),
            Record::Pending(id, Some(pending)) => self.under_way.insert(id, pending.into_owned()),
            Record::Pending(id, None) => self.under_way.remove(id),
            Record::Imported(store) => drop(self.book.imported.insert(store)),
            Record::Control(endpoint, Some(control)) => {
                drop(self.book.controls.insert(endpoint, control.into_owned()));
            }
            Record::Control(endpoint, None) => drop(self.book.controls.remove(&endpoint)),
            Record::Lost(_, at) => drop(self.lost.insert(at)),
        }
    }

    fn everything(&self) -> Lines {
        let mut lines = Lines::default();
        for (id, entry) in &self.book.entries {
            lines.add(&Record::Account(*id, Some(Cow::Borrowed(entry))));
        }
        for (id, server) in &self.book.servers {
            lines.add(&Record::Server(*id, Some(Cow::Borrowed(server))));
        }
        for (id, pending) in self.under_way.iter() {
            lines.add(&Record::Pending(id, Some(Cow::Borrowed(pending))));
        }
        for store in &self.book.imported {
            lines.add(&Record::Imported(*store));
        }
        for (id, control) in &self.book.controls {
            lines.add(&Record::Control(*id, Some(Cow::Borrowed(control))));
        }
        if let Some(at) = self.lost() {
            lines.add(&Record::Lost(self.book.lost(), at));
        }
        lines
    }

    /// Queues the entries of `accounts` for writing.
    pub(super) fn keep_accounts(&mut self, accounts: &BTreeSet<Digest>) {
        for id in accounts {
            let entry = self.book.entries.get(id).map(|entry| Cow::Borrowed(&**entry));
            self.unwritten.add(&Record::Account(*id, entry));
        }
        self.write_some();
    }

    /// Queues the entries of `servers` for writing.
    pub(super) fn keep_servers(&mut self, servers: &BTreeSet<Digest>) {
        for id in servers {
            self.unwritten.add(&Record::Server(*id, self.book.servers.get(id).map(Cow::Borrowed)));
        }
    }

    /// Notes that a login is under way at `id`, or that none is.
    pub(super) fn keep_pending(&mut self, id: Digest, pending: Option<Pending>) {
        self.unwritten.add(&Record::Pending(id, pending.as_ref().map(Cow::Borrowed)));
        match pending {
            Some(pending) => self.under_way.insert(id, pending),
            None => self.under_way.remove(id),
        }
        self.write_some();
    }

    /// Writes the queued lines if there are many. The file stays locked.
    fn write_some(&mut self) {
        if self.is_locked && self.broken.is_none() && self.unwritten.are_many() {
            match self.journal.append(&mut self.unwritten) {
                Ok(()) => self.unwritten.are_written(),
                Err(error) => self.give_up(&error),
            }
        }
    }

    /// Writes the queued lines, rewrites the file if it has grown too long, and unlocks it.
    pub(super) fn write(&mut self) {
        self.written += 1;
        if self.unwritten.count() > 0 && self.broken.is_none() {
            match self.journal.append(&mut self.unwritten) {
                Ok(()) => self.shorten(),
                Err(error) => self.give_up(&error),
            }
        }
        self.unwritten.clear();
        if self.broken.is_none() {
            self.is_written();
        }
        if self.is_locked {
            self.is_locked = false;
            self.journal.unlock();
        }
    }

    /// Removes notes whose content is now in the file.
    fn is_written(&mut self) {
        for name in self.buried.drain(..) {
            owner::remove(&self.path, &name);
        }
        if std::mem::take(&mut self.notes_anew) {
            self.owner.clear();
            for (server, under_way) in &self.handshakes {
                // A note that cannot be written matters only if this process is killed.
                drop(self.owner.note(&Handshakes(*server, *under_way)));
            }
        }
    }

    fn shorten(&mut self) {
        if self.journal.is_too_long(self.book.entries.len() + self.book.servers.len() + self.under_way.len()) {
            self.book.drop_old(self.clock.now());
            let mut everything = self.everything();
            // Without room for a second file, the first one goes on growing.
            drop(self.journal.replace(&mut everything, self.owner.draft()));
        }
    }
}

impl Drop for State {
    /// This process's notes on credentials that have left and on unfinished handshakes stay as long as any of them are
    /// under way.
    fn drop(&mut self) {
        if self.under_way.own_len() > 0 || !self.handshakes.is_empty() {
            self.owner.stay();
        }
    }
}
