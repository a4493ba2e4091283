//! The rules for logins that are under way, in this process or another: which login waits for which, and what is
//! recorded for a process that died in the middle of one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

use super::super::book::Changed;
use super::super::clock::Moment;
use super::super::digest::Digest;
use super::super::journal::{Pending, Record};
use super::super::login::Login;
use super::super::owner::{self, Handshakes, Left};
use super::super::seam::{Begin, End};
use super::state::State;

/// How much longer than its time limit a login of another process is waited for.
const GRACE: Duration = Duration::from_secs(1);

impl State {
    pub(super) fn begin(&mut self, login: &Login, now: Moment) -> Begin {
        let mut changed = Changed::default();
        let taken = self.settle(&self.book.digests(login).ids, now, &mut changed.accounts);
        let begin = if let Some(until) = taken {
            // A login that is held need not wait for the other one's answer.
            self.book.bring_back(login, now, &mut changed);
            let held = self.book.hold_before_dialling(login, now).filter(|_| login.early.is_none());
            held.map_or(Begin::Taken { until }, Begin::Held)
        } else {
            self.book.decide(login, now, &mut changed)
        };
        if let (Begin::Go { early }, true) = (&begin, login.alone) {
            self.claim(login, false, *early, now);
        }
        self.keep_accounts(&changed.accounts);
        self.keep_servers(&changed.servers);
        begin
    }

    /// Looks for logins of other processes at `ids`. Returns until when to wait for them. Logins whose process has
    /// died, or whose time is over, are recorded as ended.
    fn settle(&mut self, ids: &BTreeSet<Digest>, now: Moment, changed: &mut BTreeSet<Digest>) -> Option<Moment> {
        let mut taken = None;
        for id in ids {
            let Some(pending) = self.under_way.other(*id) else { continue };
            let until = pending.deadline.after(GRACE);
            let in_time = now <= until && pending.at <= now.after(GRACE);
            if owner::is_alive(&self.path, &pending.owner) {
                if in_time {
                    taken = taken.max(Some(until));
                    continue;
                }
                let left = owner::left(&self.path, &pending.owner);
                self.under_way.change(*id, |pending| take_in(pending, left.as_deref()));
            } else {
                let name = pending.owner.clone();
                self.bury(name);
            }
            let Some(pending) = self.under_way.other(*id) else { continue };
            if pending.sent {
                self.book.abandoned(*id, pending, pending.at.min(now));
                if let Some(entry) = self.book.entries.get_mut(id) {
                    entry.links.extend(ids.iter().filter(|other| *other != id));
                }
                changed.insert(*id);
            }
            self.keep_pending(*id, None);
        }
        taken
    }

    /// The process `name` has died: its logins are kept if their credential may have left, and its handshakes count as
    /// interrupted.
    pub(super) fn bury(&mut self, name: String) {
        if self.buried.contains(&name) {
            return;
        }
        let now = self.clock.now();
        let broken_off = owner::broken_off(&self.path, &name);
        for (server, count) in &broken_off {
            self.book.broken_off(*server, *count, now);
        }
        self.keep_servers(&broken_off.into_keys().collect());
        let left = owner::left(&self.path, &name);
        let mut of_it: Vec<(Digest, Pending)> =
            self.under_way.iter().filter(|(_, one)| one.owner == name).map(|(id, one)| (id, one.clone())).collect();
        for (id, pending) in &mut of_it {
            let known = pending.sent;
            take_in(pending, left.as_deref());
            match (known, pending.sent) {
                (true, _) => {}
                (false, true) => self.keep_pending(*id, Some(pending.clone())),
                (false, false) => self.keep_pending(*id, None),
            }
        }
        self.buried.push(name);
    }

    /// Notes at its keys that `login` is under way, and whether its credential was `sent`.
    fn claim(&mut self, login: &Login, sent: bool, early: bool, now: Moment) {
        let (credential, met) = (self.book.credential(login), self.book.met(login));
        self.logins += 1;
        for (id, account) in self.book.digests(login).accounts(login) {
            let pending = Pending {
                owner: self.owner.name().to_owned(),
                number: self.logins,
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
            self.keep_pending(id, Some(pending));
        }
    }

    /// The login that is under way at `id`, if it is `login`.
    fn is_of(&self, id: Digest, login: &Login) -> Option<&Pending> {
        self.under_way.own(id).filter(|pending| pending.by == login.id)
    }

    /// Notes beside the file that the credential of `login` leaves. Returns false if that has to be written to the file
    /// itself.
    pub(super) fn note_left(&mut self, login: &Login, now: Moment) -> bool {
        if self.broken.is_some() {
            return true;
        }
        let digests = self.book.digests(login);
        let until = now.after(login.limit);
        // A login that has waited for long itself may end after other processes stop waiting for it.
        let lasts = |pending: &&Pending| until <= pending.deadline.after(GRACE);
        let mut numbers =
            digests.ids.iter().map(|id| self.is_of(*id, login).filter(lasts).map(|pending| pending.number));
        let Some(Some(number)) = numbers.next() else { return false };
        if numbers.any(|other| other != Some(number)) {
            return false;
        }
        let (credential, met) = (self.book.credential(login), self.book.met(login));
        if self.notes_anew || self.owner.note(&Left(number, credential.bound, met)).is_err() {
            return false;
        }
        for id in &digests.ids {
            self.under_way.change(*id, |pending| {
                (pending.sent, pending.bound, pending.met) = (true, credential.bound, met);
            });
        }
        true
    }

    /// Notes beside the file that a handshake with `server` begins or is over.
    pub(super) fn shakes_hands(&mut self, server: &str, begins: bool) {
        let id = self.book.server(server);
        let before = self.handshakes.remove(&id).unwrap_or_default();
        let under_way = if begins { before.saturating_add(1) } else { before.saturating_sub(1) };
        if under_way > 0 {
            self.handshakes.insert(id, under_way);
        }
        if self.broken.is_none() {
            // A note that cannot be written matters only if this process is killed.
            drop(self.owner.note(&Handshakes(id, under_way)));
        }
    }

    /// The credential of `login` leaves. A run that ended may have given the turn back at this very moment; the login
    /// is under way all the same.
    pub(super) fn leaves(&mut self, login: &Login, now: Moment) {
        let digests = self.book.digests(login);
        let early = digests.ids.iter().find_map(|id| self.is_of(*id, login)).is_some_and(|pending| pending.early);
        self.claim(login, true, early, now);
    }

    /// `login` is over: removes its claims at its keys.
    pub(super) fn over(&mut self, login: &Login) {
        for id in &self.book.digests(login).ids {
            if self.is_of(*id, login).is_some() {
                self.keep_pending(*id, None);
            }
        }
        if self.owner.is_full() && !self.notes_anew {
            // Notes that still matter are moved to the file.
            let left = owner::left(&self.path, self.owner.name());
            for (id, pending) in self.under_way.own_mut() {
                take_in(pending, left.as_deref());
                self.unwritten.add(&Record::Pending(id, Some(Cow::Borrowed(pending))));
            }
            self.notes_anew = true;
        }
    }

    pub(super) fn end(&mut self, login: &Login, end: &End, now: Moment) {
        self.over(login);
        let known = self.book.knows(login, end, now);
        if known && self.book.run.is_none() && self.book.met(login).is_none() {
            return;
        }
        let changed = self.book.record(login, end, now);
        if !known {
            self.keep_accounts(&changed);
        }
    }
}

/// Sets whether the credential of `pending` has left, from the notes of its process. If these are gone, it may have
/// left.
fn take_in(pending: &mut Pending, left: Option<&[Left]>) {
    match left.map(|left| left.iter().find(|one| one.0 == pending.number)) {
        None => pending.sent = true,
        Some(Some(&Left(_, bound, met))) => (pending.sent, pending.bound, pending.met) = (true, bound, met),
        Some(None) => {}
    }
}
