//! `Book`: the entries of all accounts, and the rules across all keys of a login. No I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::account::Account;
use super::clock::Moment;
use super::digest::{ByDigest, Digest, Key};
use super::entry::{Entry, Met};
use super::journal::Pending;
use super::login::{Digests, Login};
use super::rules::{Allowed, Credential, DAY, Early, Ended, Ending, Hold, has_changed};
use super::seam::{Begin, End, Past};
use super::server::Server;
use crate::driver::Evidence;
use crate::driver::controls::Control;

/// The maximum number of handshakes that are counted for a killed process, whatever its file contains.
const MOST_BROKEN_OFF: u32 = 1000;
/// The maximum number of other keys that an entry links to.
const LINKS: usize = 32;

/// The keys that a decision changed and that have to be saved.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) accounts: BTreeSet<Digest>,
    pub(super) servers: BTreeSet<Digest>,
}

/// The entries by key.
pub(super) struct Book {
    key: Key,
    limit: u32,
    pub(super) entries: ByDigest<Box<Entry>>,
    /// Whether an entry may hold a refused secret.
    any_refused: bool,
    pub(super) servers: ByDigest<Server>,
    /// The answers of endpoints to made-up keys, and when they were received.
    pub(super) controls: ByDigest<(Moment, Control)>,
    /// The stores whose own counters were imported.
    pub(super) imported: BTreeSet<Digest>,
    /// What this run itself has recorded, if it overlooks what earlier runs left.
    pub(super) run: Option<Box<Self>>,
}

impl Book {
    /// An empty book whose digests are made with `key`. Other secrets are held after `limit` refusals.
    pub(super) fn new(key: Key, limit: u32) -> Self {
        Self {
            key,
            limit,
            entries: ByDigest::default(),
            any_refused: false,
            servers: ByDigest::default(),
            controls: ByDigest::default(),
            imported: BTreeSet::new(),
            run: None,
        }
    }

    /// From now on, only what is recorded from now on decides.
    pub(super) fn overlook(&mut self) {
        self.run = Some(Box::new(Self::new(self.key.clone(), self.limit)));
    }

    /// Removes everything but the key, before the file is read again.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.any_refused = false;
        self.servers.clear();
        self.controls.clear();
        self.imported.clear();
    }

    /// Sets the entry of the account `id`.
    pub(super) fn insert(&mut self, id: Digest, entry: Entry) {
        self.any_refused |= !entry.refused.is_empty();
        self.entries.insert(id, Box::new(entry));
    }

    /// Sets the number of refusals after which other secrets are held.
    pub(super) fn limit_to(&mut self, limit: u32) {
        self.limit = limit;
        self.entries.values_mut().for_each(|entry| entry.limit_to(limit));
        if let Some(run) = &mut self.run {
            run.limit_to(limit);
        }
    }

    /// The number of refusals after which other secrets of the account of `login` are held, and for how long.
    fn allowed(&self, login: &Login) -> Allowed {
        Allowed::by(self.limit, login.lockout())
    }

    /// The number of refusals after which other secrets are held.
    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// The key of the record that notes a loss.
    pub(super) fn lost(&self) -> Digest {
        self.key.digest(&[b"lost"])
    }

    pub(super) fn store(&self, store: &str) -> Digest {
        self.key.digest(&[b"store", store.as_bytes()])
    }

    pub(super) fn server(&self, server: &str) -> Digest {
        self.key.digest(&[b"server", server.as_bytes()])
    }

    pub(super) fn endpoint(&self, endpoint: &str) -> Digest {
        self.key.digest(&[b"endpoint", endpoint.as_bytes()])
    }

    pub(super) fn evidence(&self, evidence: Evidence) -> Evidence {
        match evidence {
            Evidence::Salt(salt) => Evidence::Salt(self.salt(&salt)),
            Evidence::SaltOf(method, salt) => Evidence::SaltOf(method, self.salt(&salt)),
            number @ Evidence::ConnectionId(_) => number,
        }
    }

    fn salt(&self, salt: &str) -> String {
        self.key.digest(&[b"salt", salt.as_bytes()]).short()
    }

    /// The digests of `login` in this book.
    pub(super) fn digests(&self, login: &Login) -> Arc<Digests> {
        login.digests(&self.key)
    }

    /// The credential of `login` in the circumstances that it has met, or else in the likeliest.
    pub(super) fn credential(&self, login: &Login) -> Credential {
        self.digests(login).credential(login, &self.key)
    }

    /// The circumstances that `login` met, with those that were possible.
    pub(super) fn met(&self, login: &Login) -> Option<Met> {
        login.met.as_ref().and_then(|_| self.digests(login).met(login, &self.key))
    }

    /// The keys of the server that `login` reached, with their shown form.
    fn reached<'a>(&self, login: &'a Login, end: &'a End) -> BTreeMap<Digest, &'a str> {
        let digests = self.digests(login);
        let accounts = if end.accounts.is_empty() { login.accounts() } else { &end.accounts };
        let id = |account: &Account| digests.id(login, account).unwrap_or_else(|| self.key.account(account));
        accounts.iter().map(|account| (id(account), account.shown())).collect()
    }

    /// Why `entry` would hold `login`. While the circumstances of `login` are unknown, it is held only if it would be
    /// held in all that are possible.
    fn hold_of(&self, entry: &Entry, login: &Login, now: Moment) -> Option<Hold> {
        let digests = self.digests(login);
        if login.met.is_some() {
            return entry.hold(digests.credential(login, &self.key), self.allowed(login), now);
        }
        let holds = digests.credentials().map(|credential| entry.hold(credential, self.allowed(login), now));
        let shortest = holds.collect::<Option<Vec<Hold>>>()?.into_iter().min_by_key(|hold| hold.until);
        // The login is held in all circumstances. The result names those that it met last.
        Self::hold_by_last_met(entry, &digests, self.allowed(login), now).or(shortest)
    }

    /// The strictest of the holds that `of_entry` returns for the keys of `login`.
    fn strictest(&self, login: &Login, of_entry: impl Fn(&Entry) -> Option<Hold>) -> Option<Hold> {
        let entries = self.run.as_deref().map_or(&self.entries, |run| &run.entries);
        let digests = self.digests(login);
        digests.ids.iter().filter_map(|id| of_entry(entries.get(id)?)).reduce(Hold::and)
    }

    /// Why `login` would be held at `now`, as far as is known. The strictest of its keys decides.
    pub(super) fn hold(&self, login: &Login, now: Moment) -> Option<Hold> {
        self.strictest(login, |entry| self.hold_of(entry, login, now)).map(|hold| self.told(hold, login, now))
    }

    /// Completes `hold` of `login` with whether the user may let one login through. A hold that was written under a
    /// clock that was ahead lasts for a day at most.
    fn told(&self, hold: Hold, login: &Login, now: Moment) -> Hold {
        let entries = self.run.as_deref().map_or(&self.entries, |run| &run.entries);
        let ids = &self.digests(login).ids;
        let once = ids.iter().filter_map(|id| entries.get(id)).all(|entry| entry.lets_through(Early::Once, now));
        Hold { until: hold.until.min(now.after(DAY)), once, ..hold }
    }

    /// Why `login` must not be dialled at `now`. A login whose circumstances only the server can show is dialled as far
    /// as that, unless its server counts such handshakes and none is due: then the circumstances that it met last
    /// decide.
    pub(super) fn hold_before_dialling(&self, login: &Login, now: Moment) -> Option<Hold> {
        let may_look = |server: &String| {
            let server = self.servers.get(&self.server(server));
            server.is_none_or(|server| server.may_be_looked_at(now))
        };
        self.hold(login, now).or_else(|| {
            let held = self.hold_as_last_met(login, now)?;
            (!login.looks_cost_at().iter().all(may_look)).then_some(held)
        })
    }

    /// Why `login` would be held in the circumstances that such logins met last. It may break off its handshake once it
    /// meets its own.
    fn hold_as_last_met(&self, login: &Login, now: Moment) -> Option<Hold> {
        let digests = self.digests(login);
        let hold = self.strictest(login, |entry| Self::hold_by_last_met(entry, &digests, self.allowed(login), now));
        hold.map(|hold| self.told(hold, login, now))
    }

    fn hold_by_last_met(entry: &Entry, digests: &Digests, allowed: Allowed, now: Moment) -> Option<Hold> {
        let met = digests.credential_met_before(|all| entry.met.get(all).copied())?;
        entry.hold(met, allowed, now)
    }

    /// Corrects what a clock that was ahead has left at the keys of `login`.
    pub(super) fn bring_back(&mut self, login: &Login, now: Moment, changed: &mut Changed) {
        for id in &self.digests(login).ids {
            if self.entries.get_mut(id).is_some_and(|entry| entry.brought_back(now)) {
                changed.accounts.insert(*id);
            }
        }
        for server in login.looks_cost_at() {
            changed.servers.extend(self.bring_server_back(server, now));
        }
    }

    /// Why `login` would be held at `now` by what earlier runs left, if the run overlooks that.
    pub(super) fn overlooked(&self, login: &Login, now: Moment) -> Option<Hold> {
        self.run.as_ref()?;
        let digests = self.digests(login);
        let holds = digests.ids.iter().filter_map(|id| self.hold_of(self.entries.get(id)?, login, now));
        holds.reduce(Hold::and)
    }

    /// Whether `login` may go at `now`. The strictest of its keys decides. Adds to `changed` what has to be saved.
    pub(super) fn decide(&mut self, login: &Login, now: Moment, changed: &mut Changed) -> Begin {
        if let Some(run) = &mut self.run {
            return run.decide(login, now, &mut Changed::default());
        }
        self.bring_back(login, now, changed);
        if login.early.is_some_and(|why| self.let_through(login, why, now, changed)) {
            return Begin::Go { early: true };
        }
        if let Some(hold) = self.hold_before_dialling(login, now) {
            return Begin::Held(hold);
        }
        self.note_look(login, now, changed);
        Begin::Go { early: false }
    }

    /// Lets `login` through because of `why`, if it would be held in any of its possible circumstances.
    fn let_through(&mut self, login: &Login, why: Early, now: Moment, changed: &mut Changed) -> bool {
        let digests = self.digests(login);
        let would_be_held = |entry: &Entry| {
            digests.credentials().any(|credential| entry.hold(credential, self.allowed(login), now).is_some())
        };
        let entries: Vec<&Entry> =
            digests.ids.iter().filter_map(|id| self.entries.get(id).map(AsRef::as_ref)).collect();
        if !entries.iter().any(|entry| would_be_held(entry))
            || !entries.iter().all(|entry| entry.lets_through(why, now))
        {
            return false;
        }
        if why == Early::Once {
            for id in &digests.ids {
                if let Some(entry) = self.entries.get_mut(id) {
                    entry.tried_once = Some(now);
                    changed.accounts.insert(*id);
                }
            }
        }
        true
    }

    /// Notes that `login` goes, if its handshake may be one that its server counts.
    fn note_look(&mut self, login: &Login, now: Moment, changed: &mut Changed) {
        if login.looks_cost_at().is_empty() || self.hold_as_last_met(login, now).is_none() {
            return;
        }
        for server in login.looks_cost_at() {
            let id = self.server(server);
            self.servers.entry(id).or_default().looked_at(now);
            changed.servers.insert(id);
        }
    }

    /// Records that `login` ended at `at`. Returns the entries that changed.
    pub(super) fn record(&mut self, login: &Login, end: &End, at: Moment) -> BTreeSet<Digest> {
        if let Some(run) = &mut self.run {
            run.record(login, end, at);
        }
        self.any_refused |= end.ending == Ending::Refused;
        let (credential, allowed) = (self.credential(login), self.allowed(login));
        let shown = self.reached(login, end);
        let ids: BTreeSet<Digest> = shown.keys().copied().collect();
        let met = self.met(login);
        let only = self.digests(login).only;
        let ending = self.decided(end.ending, &ids, only);
        if ending == Ending::Untested && !(end.early || end.late) {
            return self.note_met(ids, met);
        }
        // Evidence is kept for refusals only.
        let evidence = end.evidence.clone().filter(|_| end.ending == Ending::Refused);
        let evidence = evidence.map(|evidence| self.evidence(evidence));
        let ended = Ended {
            ending,
            by: &login.id,
            code: end.code.as_deref(),
            evidence: evidence.as_ref(),
            // Logins that the user allows by number are not counted among those of a day.
            early: end.early && !matches!(login.early, Some(Early::UpTo(_))),
            late: end.late,
        };
        for id in &ids {
            let entry = self.entries.entry(*id).or_default();
            if end.late {
                entry.take_back(credential);
            }
            entry.record(credential, &ended, allowed, at);
            if let (Ending::Accepted, Some(only)) = (ending, only) {
                entry.note_accepted_in(only);
            }
            shown.get(id).copied().unwrap_or_default().clone_into(&mut entry.shown);
            entry.links.extend(ids.iter().filter(|other| *other != id).take(LINKS));
        }
        self.note_met(ids.clone(), met);
        ids
    }

    /// `ending` without a choice: an answer that made no difference is unclear if the server has accepted a secret of an
    /// account of `ids` in the `only` possible circumstances, so it does look at secrets there.
    fn decided(&self, ending: Ending, ids: &BTreeSet<Digest>, only: Option<Digest>) -> Ending {
        let has_accepted = |id| {
            let entry = self.entries.get(id).filter(|entry| !entry.accepted.is_empty());
            entry.is_some_and(|entry| only.is_some_and(|only| entry.accepted_in.contains(&only)))
        };
        match ending {
            Ending::NoDifference if ids.iter().any(has_accepted) => Ending::Unclear,
            Ending::NoDifference => Ending::Untested,
            other => other,
        }
    }

    /// Notes the circumstances that a login with a choice met, in those entries of `ids` that exist. Returns the ones
    /// that changed.
    fn note_met(&mut self, mut ids: BTreeSet<Digest>, met: Option<Met>) -> BTreeSet<Digest> {
        ids.retain(|id| self.entries.get_mut(id).is_some_and(|entry| entry.note_met(met)));
        ids
    }

    /// Whether an acceptance changes nothing that is worth writing: its time is kept with a precision of one hour.
    pub(super) fn knows(&self, login: &Login, end: &End, now: Moment) -> bool {
        let known = || {
            let (credential, only) = (self.credential(login), self.digests(login).only);
            let knows = |entry: &Entry| {
                entry.is_settled(credential, now) && only.is_none_or(|only| entry.accepted_in.contains(&only))
            };
            self.reached(login, end).keys().all(|id| self.entries.get(id).is_some_and(|entry| knows(entry)))
        };
        end.ending == Ending::Accepted && !end.late && known()
    }

    /// Whether the account of `login` has no refusal, and nothing that counts as one, since its last acceptance.
    pub(super) fn has_nothing_against(&self, login: &Login) -> bool {
        let digests = self.digests(login);
        let mut entries = digests.ids.iter().filter_map(|id| self.entries.get(id));
        entries.all(|entry| entry.refusals == 0 && entry.unclear.is_empty())
    }

    pub(super) fn was_refused(&self, login: &Login) -> bool {
        // Every check calls this (it took 0.3 % of the CPU time of 500 logins to MariaDB), and most books have no
        // refusal.
        if !self.any_refused {
            return false;
        }
        let digests = self.digests(login);
        let mut entries = digests.ids.iter().filter_map(|id| self.entries.get(id));
        entries.any(|entry| digests.credentials().any(|credential| entry.was_refused(credential)))
    }

    /// The server's evidence from the last refusal of the account of `login`, compared with what it has `shown` now.
    pub(super) fn past(&self, login: &Login, shown: Option<&Evidence>, now: Moment) -> Past {
        let digests = self.digests(login);
        let entries: Vec<&Entry> =
            digests.ids.iter().filter_map(|id| self.entries.get(id).map(AsRef::as_ref)).collect();
        let evidence = entries
            .iter()
            .filter(|entry| entry.evidence.is_some())
            .max_by_key(|entry| entry.since)
            .and_then(|entry| entry.evidence.as_ref());
        Past {
            known: evidence.is_some(),
            changed: evidence.zip(shown).is_some_and(|(then, shown)| has_changed(then, &self.evidence(shown.clone()))),
            may_look: entries.iter().all(|entry| entry.may_look(now))
                && login.looks_cost_at().iter().all(|server| self.may_be_asked(server, now)),
        }
    }

    fn may_be_asked(&self, server: &str, now: Moment) -> bool {
        self.servers.get(&self.server(server)).is_none_or(|server| server.may_be_asked(now))
    }

    /// Records a look, with the server's evidence if it is to be kept.
    pub(super) fn looked(&mut self, login: &Login, evidence: Option<Evidence>, counts: bool, now: Moment) -> Changed {
        let evidence = evidence.map(|evidence| self.evidence(evidence));
        let mut changed = Changed { accounts: self.digests(login).ids.clone(), servers: BTreeSet::new() };
        changed.accounts.retain(|id| self.entries.contains_key(id));
        for server in login.looks_cost_at().iter().filter(|_| counts) {
            let id = self.server(server);
            let known = self.servers.entry(id).or_default();
            known.shown.clone_from(server);
            known.asked_at(now);
            changed.servers.insert(id);
        }
        for id in &changed.accounts {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            if counts {
                entry.looked(now);
            }
            if evidence.is_some() {
                entry.evidence.clone_from(&evidence);
            }
        }
        changed
    }

    /// Records an unclear end at `id` for a login whose process died.
    pub(super) fn abandoned(&mut self, id: Digest, pending: &Pending, at: Moment) {
        let Pending { secret, bound, met, by, early, shown, .. } = pending;
        let ended = Ended { ending: Ending::Unclear, by, code: None, evidence: None, early: *early, late: false };
        let entry = self.entries.entry(id).or_default();
        entry.record(Credential { secret: *secret, bound: *bound }, &ended, self.limit, at);
        entry.note_met(*met);
        entry.shown.clone_from(shown);
    }

    /// The number of consecutive interrupted handshakes with `server`, and until when logins to it are withheld.
    pub(super) fn interrupted(&self, server: &str, now: Moment) -> (u32, Option<Moment>) {
        if self.servers.is_empty() {
            return (0, None);
        }
        let server = self.servers.get(&self.server(server));
        server.map_or((0, None), |server| (server.interrupted, server.left_alone(now)))
    }

    /// Whether nothing is recorded for any of `servers`.
    pub(super) fn are_clear(&self, servers: &[String]) -> bool {
        let is_known = |book: &Self| servers.iter().any(|server| book.servers.contains_key(&book.server(server)));
        let is_clear = |book: &Self| book.servers.is_empty() || !is_known(book);
        is_clear(self) && self.run.as_deref().is_none_or(is_clear)
    }

    /// Whether a clock that was ahead has left a time of more than a day at `server`.
    pub(super) fn is_ahead(&self, server: &str, now: Moment) -> bool {
        !self.servers.is_empty() && self.servers.get(&self.server(server)).is_some_and(|server| server.is_ahead(now))
    }

    /// Shortens the times that such a clock has left at `server` to a day. Returns the server if it changed.
    pub(super) fn bring_server_back(&mut self, server: &str, now: Moment) -> BTreeSet<Digest> {
        let id = self.server(server);
        let known = self.servers.get_mut(&id).filter(|server| server.is_ahead(now));
        known.map(|server| server.bring_back(now)).map(|()| id).into_iter().collect()
    }

    /// A handshake with each of `servers` was finished or interrupted. Returns the servers that changed.
    pub(super) fn handshake(&mut self, servers: &[String], interrupted: bool, now: Moment) -> BTreeSet<Digest> {
        if let Some(run) = &mut self.run {
            run.handshake(servers, interrupted, now);
        }
        let ids = servers.iter().map(|server| self.server(server));
        let ids: Vec<Digest> = ids.filter(|id| interrupted || self.servers.contains_key(id)).collect();
        if interrupted {
            for (id, name) in ids.iter().zip(servers) {
                let server = self.servers.entry(*id).or_default();
                server.shown.clone_from(name);
                server.interrupted_at(now);
            }
        } else {
            self.servers.retain(|id, _| !ids.contains(id));
        }
        ids.into_iter().collect()
    }

    /// Records `count` handshakes with `server` that were unfinished when their process was killed, before `now`.
    pub(super) fn broken_off(&mut self, server: Digest, count: u32, now: Moment) {
        let server = self.servers.entry(server).or_default();
        for _ in 0..count.min(MOST_BROKEN_OFF) {
            server.interrupted_at(now);
        }
    }

    /// Imports the refusals that a store has counted, once. Returns the entries that changed; `None` if they were
    /// imported before. They count as those of an earlier run.
    pub(super) fn take_over(&mut self, store: &str, refused: &[(Login, Moment)]) -> Option<BTreeSet<Digest>> {
        let store = self.store(store);
        if !self.imported.insert(store) {
            return None;
        }
        let end = End {
            ending: Ending::Refused,
            accounts: Vec::new(),
            code: None,
            evidence: None,
            early: false,
            late: false,
        };
        let run = self.run.take();
        let mut changed = BTreeSet::new();
        for (login, at) in refused {
            let ids = self.record(&login.meeting(login.circumstances().first().cloned()), &end, *at);
            // The circumstances in which it was refused are not known: it counts as refused in all of them.
            for credential in self.digests(login).credentials() {
                for id in &ids {
                    self.entries.entry(*id).or_default().refuse_too(credential);
                }
            }
            changed.extend(ids);
        }
        self.run = run;
        Some(changed)
    }

    /// Drops entries that no longer matter.
    pub(super) fn drop_old(&mut self, now: Moment) {
        self.entries.retain(|_, entry| !entry.is_over(now));
        self.servers.retain(|_, server| !server.is_over(now));
        self.controls.retain(|_, (at, _)| now.since(*at) < DAY);
    }
}
