//! `State`: the book as the file has it, and what of it is to be written. No rules of accounts.

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
use super::ends::Ends;
use super::turn::Waits;
use super::under_way::UnderWay;

pub(super) struct State {
    pub(super) path: PathBuf,
    pub(super) book: Book,
    pub(super) under_way: UnderWay,
    pub(super) ends: Ends,
    /// How many handshakes of this process are under way, by servers that count interrupted ones.
    pub(super) handshakes: BTreeMap<Digest, u32>,
    pub(super) journal: Journal,
    pub(super) owner: Owner,
    pub(super) clock: Clock,
    pub(super) waits: Waits,
    /// What is to be written before the file is unlocked.
    pub(super) unwritten: Lines,
    /// This process has the file, and has read it.
    pub(super) is_locked: bool,
    /// How often it was written and unlocked.
    pub(super) written: u64,
    /// How many logins it has begun.
    pub(super) logins: u64,
    /// Processes that are no more, whose files go once their last words are written.
    pub(super) buried: Vec<String>,
    /// The same for the notes of this one.
    pub(super) notes_anew: bool,
    /// When what was remembered before was lost.
    pub(super) lost: BTreeSet<Moment>,
    /// Why nothing is kept any more.
    pub(super) broken: Option<String>,
}

impl State {
    /// Reads the locked file for the first time, whose key may be a new one, with the last words of those that are
    /// `dead`; and unlocks it.
    pub(super) fn begin_from(&mut self, key_is_new: bool, dead: Vec<String>) -> io::Result<()> {
        if key_is_new && !self.journal.is_empty()? {
            // What was written with another key says nothing.
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
        // That it can be written is known before the first login.
        self.journal.append(&mut self.unwritten)?;
        self.unwritten.clear();
        self.is_written();
        self.journal.try_out()?;
        self.book.drop_old(self.clock.now());
        self.journal.unlock();
        Ok(())
    }

    /// From here on this process is on its own.
    pub(super) fn give_up(&mut self, error: &io::Error) {
        self.broken.get_or_insert_with(|| error.to_string());
        self.limit(true);
    }

    /// From here on what was remembered before is lost: the record of it.
    fn lose(&mut self) -> Record<'static> {
        let now = self.clock.now();
        self.lost.insert(now);
        Record::Lost(self.book.lost(), now)
    }

    /// When what was remembered before was lost, for a day.
    pub(super) fn lost(&self) -> Option<Moment> {
        let now = self.clock.now();
        // One that lies ahead was noted under a wrong clock, and would last until then.
        self.lost.range(..=now).next_back().copied().filter(|at| now.since(*at) < DAY)
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
    pub(super) fn refresh(&mut self) -> io::Result<()> {
        let news = self.journal.read()?;
        if news.anew && news.is_empty() {
            // Somebody removed the file: what this process knows still counts.
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

    /// What is known of `accounts` is to be written.
    pub(super) fn keep_accounts(&mut self, accounts: &BTreeSet<Digest>) {
        for id in accounts {
            let entry = self.book.entries.get(id).map(|entry| Cow::Borrowed(&**entry));
            self.unwritten.add(&Record::Account(*id, entry));
        }
        self.write_some();
    }

    /// What is known of `servers` is to be written.
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

    /// Writes what is there where it is much; the file stays locked.
    fn write_some(&mut self) {
        if self.is_locked && self.broken.is_none() && self.unwritten.are_many() {
            match self.journal.append(&mut self.unwritten) {
                Ok(()) => self.unwritten.are_written(),
                Err(error) => self.give_up(&error),
            }
        }
    }

    /// Writes what is to be written, the file anew where it has grown too long, and unlocks it.
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

    /// What was only noted elsewhere stands in the file now.
    fn is_written(&mut self) {
        for name in self.buried.drain(..) {
            owner::remove(&self.path, &name);
        }
        if std::mem::take(&mut self.notes_anew) {
            self.owner.clear();
            for (server, under_way) in &self.handshakes {
                // What cannot be noted is lost with a process that is killed, and with no other.
                drop(self.owner.note(&Handshakes(*server, *under_way)));
            }
        }
    }

    fn shorten(&mut self) {
        if self.journal.is_too_long(self.book.entries.len() + self.book.servers.len() + self.under_way.len()) {
            self.book.drop_old(self.clock.now());
            let mut everything = self.everything();
            // Where there is no room for a second file the first one goes on growing.
            drop(self.journal.replace(&mut everything, self.owner.draft()));
        }
    }
}

impl Drop for State {
    /// The file in which this process has noted which credentials have left, and how many handshakes are not finished, stays
    /// as long as any are under way.
    fn drop(&mut self) {
        if self.under_way.own_len() > 0 || !self.handshakes.is_empty() {
            self.owner.stay();
        }
    }
}
