//! The rules of logins that are under way, in this process or another: who waits for whom, and what a process leaves
//! behind that died in the middle.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::clock::Moment;
use super::super::digest::Digest;
use super::super::journal::Pending;
use super::super::login::Login;
use super::super::owner;
use super::super::seam::{Begin, End};
use super::state::State;

/// A login of another process is waited for so much longer than it may take.
const GRACE: Duration = Duration::from_secs(1);

impl State {
    pub(super) fn begin(&mut self, login: &Login, now: Moment) -> Begin {
        let mut changed = BTreeSet::new();
        let taken = self.settle(&self.book.digests(login).ids, now, &mut changed);
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
            self.claim(login, false, *early, now);
        }
        self.keep_accounts(&changed);
        begin
    }

    /// What logins of other processes are under way at `ids`: until when one is waited for. Those whose process
    /// does not live any more have ended.
    fn settle(&mut self, ids: &BTreeSet<Digest>, now: Moment, changed: &mut BTreeSet<Digest>) -> Option<Moment> {
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
            self.keep_pending(*id, None);
        }
        taken
    }

    /// Notes at its keys that `login` is under way, its credential `sent` or not.
    fn claim(&mut self, login: &Login, sent: bool, early: bool, now: Moment) {
        let (credential, met) = (self.book.credential(login), self.book.met(login));
        for (id, account) in self.book.digests(login).accounts(login) {
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
            self.keep_pending(id, Some(pending));
        }
    }

    /// Whether it is `login` that is under way at `id`.
    fn is_of(&self, id: Digest, login: &Login) -> Option<&Pending> {
        self.pending.get(&id).filter(|pending| pending.owner == self.owner.name() && pending.by == login.id)
    }

    /// The credential of `login` leaves. It may have been given back at this very moment, by who did not wait for it
    /// any more: then it is under way all the same.
    pub(super) fn leaves(&mut self, login: &Login, now: Moment) {
        let digests = self.book.digests(login);
        let early = digests.ids.iter().find_map(|id| self.is_of(*id, login)).is_some_and(|pending| pending.early);
        self.claim(login, true, early, now);
    }

    /// The logins of this process at `login`'s keys are over.
    pub(super) fn over(&mut self, login: &Login) {
        for id in &self.book.digests(login).ids {
            if self.is_of(*id, login).is_some() {
                self.keep_pending(*id, None);
            }
        }
    }

    pub(super) fn end(&mut self, login: &Login, end: &End, now: Moment) {
        self.over(login);
        let known = self.book.knows(login, end, now);
        let changed = self.book.record(login, end, now);
        if !known {
            self.keep_accounts(&changed);
        }
    }
}
