//! The rules: which secret may be sent when, and what each end of a login leads to. Pure: time is an argument.

use std::time::Duration;

use super::clock::Moment;
use super::digest::Digest;
use super::entry::{Accepted, Entry, Refused, Unclear};
use super::people::Line;
use crate::driver::Evidence;
use crate::driver::spec::Lockout;

/// The number of refused logins after which an account is held.
pub(super) const REFUSALS: u32 = 2;
/// The same, if nothing can be kept beyond the process.
pub(super) const REFUSALS_IN_MEMORY: u32 = 1;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
pub(super) const DAY: Duration = Duration::from_hours(24);

/// How long an acceptance counts as recent.
const LATELY: Duration = Duration::from_hours(48);
/// The longest pause for a proven secret whose logins end unclear.
const LONGEST_OF_PROVEN: Duration = Duration::from_mins(10);
/// The number of accepted secrets that are kept.
const ACCEPTED_KEPT: usize = 4;
/// The number of refused secrets that are kept. This many within a day hold all but accepted secrets.
const REFUSED_KEPT: usize = 16;
/// The number of logins a day that may be let through early and end without an acceptance.
const EARLY_A_DAY: usize = 3;
/// The least time between two refused logins that are repeated because the user asked for it.
const BETWEEN_REPEATED: Duration = SECOND;
/// The pause between two looks at a server that counts them as interrupted handshakes.
const BETWEEN_LOOKS: Duration = Duration::from_mins(10);
const LOOKS_A_DAY: usize = 6;
/// How long after its last login an entry is dropped.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// A server whose connection numbers are below this was started recently.
const FIRST_CONNECTIONS: u32 = 100;

/// The number of refusals after which other secrets of an account are held, and for how long at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    refusals: u32,
    hold: Duration,
    /// Whether the account's type is stricter than the general rules.
    is_own: bool,
}

impl Allowed {
    /// The stricter of `limit` and the lockout policy of the account's type.
    pub(super) fn by(limit: u32, lockout: Option<Lockout>) -> Self {
        let Some(Lockout { refusals, hold }) = lockout else { return limit.into() };
        Self { refusals: limit.min(refusals.max(1)), hold: hold.clamp(HOUR, DAY), is_own: true }
    }
}

impl From<u32> for Allowed {
    fn from(refusals: u32) -> Self {
        Self { refusals, hold: HOUR, is_own: false }
    }
}

/// The digests of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Credential {
    /// The secret alone.
    pub(super) secret: Digest,
    /// The secret together with whatever could change the server's answer.
    pub(super) bound: Digest,
}

/// The end of a login whose credential was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The server asked for the secret and accepted it.
    Accepted,
    /// The server refused the login.
    Refused,
    /// There was no answer, or none that proves anything about the secret.
    Unclear,
    /// The server did not ask for the secret, or answered before it checked it.
    Untested,
    /// The server answered the same with the secret as without: unclear in an account in which it has accepted a secret,
    /// else untested.
    NoDifference,
}

/// Why a login may go before its hold ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Early {
    /// The user asked for one login.
    Once,
    /// A long-running process found another secret than the refused one in the source.
    Reread,
    /// The server shows a change.
    Evidence,
    /// The user asked for refused logins to be repeated, until the account has seen this many.
    UpTo(u32),
}

/// Why a secret is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The secret itself was refused, in these circumstances.
    Refused,
    /// Other secrets of the account were refused.
    Account,
    /// Its own last logins got no answer.
    Unclear,
    /// Sixteen secrets were refused within a day.
    Many,
    /// Another process is logging in to the account, for longer than this login may wait.
    UnderWay,
}

/// A secret that must not be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Why it is held.
    pub why: Why,
    /// When the last refusal that counts was.
    pub since: Moment,
    /// When the secret may be sent at the earliest.
    pub until: Moment,
    /// The number of refusals that count.
    pub refusals: u32,
    /// The ids of the results with these refusals, the latest last.
    pub by: Vec<String>,
    /// The server's code at the refusal of this secret.
    pub code: Option<String>,
    /// Whether the user may have it tried once anyway.
    pub once: bool,
}

impl Hold {
    /// The stricter of two holds. A refusal of the secret itself takes precedence.
    pub(super) fn and(self, other: Self) -> Self {
        let (mut main, rest) = match (self.why, other.why) {
            (Why::Refused, _) => (self, other),
            (_, Why::Refused) => (other, self),
            _ if self.until >= other.until => (self, other),
            _ => (other, self),
        };
        main.until = main.until.max(rest.until);
        main.refusals = main.refusals.max(rest.refusals);
        main
    }
}

impl Entry {
    /// Whether the entry no longer matters.
    pub(super) fn is_over(&self, now: Moment) -> bool {
        now.since(self.last) > KEPT
    }

    /// Shortens times that a clock which was ahead has left to a day from `now`. Returns whether anything changed.
    pub(super) fn brought_back(&mut self, now: Moment) -> bool {
        let latest = now.after(DAY);
        let mut changed = false;
        let mut clamp = |moment: &mut Moment, most: Moment| {
            if *moment > most {
                *moment = most;
                changed = true;
            }
        };
        self.until.iter_mut().for_each(|until| clamp(until, latest));
        self.refused.iter_mut().for_each(|one| clamp(&mut one.until, latest));
        self.unclear.iter_mut().for_each(|one| clamp(&mut one.until, latest));
        self.accepted.iter_mut().for_each(|one| clamp(&mut one.at, now));
        self.refused.iter_mut().for_each(|one| clamp(&mut one.at, now));
        self.unclear.iter_mut().for_each(|one| clamp(&mut one.at, now));
        self.since.iter_mut().for_each(|since| clamp(since, now));
        self.early.iter_mut().chain(&mut self.looks).chain(&mut self.tried_once).for_each(|at| clamp(at, now));
        clamp(&mut self.last, now);
        changed
    }

    fn accepted_secret(&self, secret: Digest) -> Option<&Accepted> {
        self.accepted.iter().find(|one| one.secret == secret)
    }

    /// Whether the secret was accepted before and not refused since.
    fn is_proven(&self, secret: Digest) -> bool {
        self.accepted_secret(secret).is_some_and(|one| !one.refused_since)
    }

    /// Whether this secret was refused in these circumstances.
    pub(super) fn was_refused(&self, credential: Credential) -> bool {
        self.refused.iter().any(|one| one.bound == credential.bound)
    }

    /// Marks `credential` as refused like the last refusal, which counts only once.
    pub(super) fn refuse_too(&mut self, credential: Credential) {
        let last = self.refused.last().cloned().filter(|_| !self.was_refused(credential));
        self.refused.extend(last.map(|last| Refused { bound: credential.bound, ..last }));
    }

    /// Until when other secrets are held. The time that the general rules have recorded may be too short for the type.
    fn held_until(&self, allowed: Allowed) -> Option<Moment> {
        let beyond = self.refusals.checked_sub(allowed.refusals)?;
        let own = self.since.filter(|_| allowed.is_own).map(|since| since.after(doubled(allowed.hold, beyond, DAY)));
        self.until.max(own)
    }

    /// Why `credential` must not be sent at `now`, if it is held. Other secrets are held after the `allowed` refusals.
    pub(super) fn hold(&self, credential: Credential, allowed: impl Into<Allowed>, now: Moment) -> Option<Hold> {
        let allowed = allowed.into();
        let exempt = self.is_proven(credential.secret)
            && self.accepted_secret(credential.secret).is_some_and(|one| now.since(one.at) <= LATELY);
        let refused = self.refused.iter().find(|one| one.bound == credential.bound);
        let by = || self.refused.iter().map(|one| one.by.clone()).collect::<Vec<_>>();
        let account = || Hold {
            why: Why::Account,
            since: self.since.unwrap_or(self.last),
            until: now,
            refusals: self.refusals,
            by: by(),
            code: None,
            once: false,
        };
        let mut holds: Vec<Hold> = Vec::new();
        if let Some(own) = refused.filter(|own| now < own.until) {
            holds.push(Hold { until: own.until, ..of_refused(own, self.refusals) });
        }
        if let Some(until) = self.held_until(allowed).filter(|until| !exempt && now < *until) {
            holds.push(Hold { until, ..account() });
        }
        if let Some(until) = self.many().filter(|until| !exempt && now < *until) {
            holds.push(Hold { why: Why::Many, until, ..account() });
        }
        if let Some(own) = self.unclear.iter().find(|one| one.bound == credential.bound && now < one.until) {
            holds.push(Hold { why: Why::Unclear, since: own.at, until: own.until, ..account() });
        }
        let hold = holds.into_iter().reduce(Hold::and)?;
        // A refused secret is reported as refused, whatever else holds it.
        Some(match refused {
            Some(own) => Hold { until: hold.until, ..of_refused(own, self.refusals) },
            None => hold,
        })
    }

    /// Whether an acceptance of `credential` at `now` would change only its time, by less than an hour.
    pub(super) fn is_settled(&self, credential: Credential, now: Moment) -> bool {
        let own = |bound: &Digest| *bound == credential.bound;
        self.refusals == 0
            && self.is_proven(credential.secret)
            && self.accepted_secret(credential.secret).is_some_and(|one| now.since(one.at) < HOUR)
            && !self.refused.iter().any(|one| own(&one.bound))
            && !self.unclear.iter().any(|one| own(&one.bound))
    }

    /// The entry as the user sees it.
    pub(super) fn line(&self, id: String, limit: u32, now: Moment) -> Line {
        let account = self.until.filter(|until| self.refusals >= limit && now < *until);
        let refused = self.refused.iter().map(|one| one.until).filter(|until| now < *until);
        let unclear = self.unclear.iter().map(|one| one.until).filter(|until| now < *until);
        let many = self.many().filter(|until| now < *until);
        let holds =
            [(Why::Account, account), (Why::Many, many), (Why::Refused, refused.max()), (Why::Unclear, unclear.max())];
        let (why, until) = holds.into_iter().find_map(|(why, until)| Some((why, until?))).unzip();
        Line {
            account: self.shown.clone(),
            id,
            refusals: self.refusals,
            secrets: self.refused.iter().filter(|one| now < one.until).count(),
            since: self.since.or_else(|| self.refused.last().map(|one| one.at)),
            // A time that was written under a clock that was ahead lasts for a day at most.
            until: until.map(|until| until.min(now.after(DAY))),
            why,
        }
    }

    /// Until when too many refused secrets hold all others.
    fn many(&self) -> Option<Moment> {
        let first = self.refused.len().checked_sub(REFUSED_KEPT)?;
        self.refused.get(first).map(|oldest| oldest.at.after(DAY))
    }

    /// Whether a login may be let through early at `now`.
    pub(super) fn lets_through(&self, why: Early, now: Moment) -> bool {
        if let Early::UpTo(refusals) = why {
            return self.refusals < refusals && now.since(self.last) >= BETWEEN_REPEATED;
        }
        let today = self.early.iter().filter(|at| now.since(**at) < DAY).count();
        let too_soon = self.tried_once.is_some_and(|at| now.since(at) < MINUTE);
        today < EARLY_A_DAY && !(why == Early::Once && too_soon)
    }

    /// Whether the server may be looked at again, if it counts looks as interrupted handshakes.
    pub(super) fn may_look(&self, now: Moment) -> bool {
        let today = self.looks.iter().filter(|at| now.since(**at) < DAY).count();
        today < LOOKS_A_DAY && self.looks.last().is_none_or(|last| now.since(*last) >= BETWEEN_LOOKS)
    }

    /// Records a look.
    pub(super) fn looked(&mut self, now: Moment) {
        self.looks.retain(|at| now.since(*at) < DAY);
        self.looks.push(now);
    }

    /// Records that a login with `credential` ended at `at`. `ending.early` tells whether it was let through before its
    /// hold ended.
    pub(super) fn record(
        &mut self,
        credential: Credential,
        ending: &Ended<'_>,
        allowed: impl Into<Allowed>,
        at: Moment,
    ) {
        let allowed = allowed.into();
        self.last = self.last.max(at);
        if ending.early && ending.ending != Ending::Accepted {
            self.early.retain(|before| at.since(*before) < DAY);
            self.early.push(at);
        }
        match ending.ending {
            Ending::Accepted => self.accept(credential, at),
            Ending::Refused => self.refuse(credential, ending, allowed, at),
            Ending::Unclear => self.leave_open(credential, allowed, at),
            Ending::Untested | Ending::NoDifference => {}
        }
    }

    fn accept(&mut self, credential: Credential, at: Moment) {
        self.refused.retain(|one| one.bound != credential.bound);
        self.unclear.retain(|one| one.bound != credential.bound);
        self.unclear.iter_mut().for_each(|one| one.counted = false);
        (self.refusals, self.since, self.until) = (0, None, None);
        self.accepted.retain(|one| one.secret != credential.secret);
        self.accepted.push(Accepted { secret: credential.secret, at, refused_since: false });
        let too_many = self.accepted.len().saturating_sub(ACCEPTED_KEPT);
        self.accepted.drain(..too_many);
    }

    fn refuse(&mut self, credential: Credential, ending: &Ended<'_>, allowed: Allowed, at: Moment) {
        let lately = self.accepted_secret(credential.secret).is_some_and(|one| at.since(one.at) <= LATELY);
        let before = self.refused.iter().position(|one| one.bound == credential.bound);
        let before = before.map(|place| self.refused.remove(place));
        let times = before.map_or(0, |one| one.times).saturating_add(1);
        // The server's directory may have been down: the secret may be tried again earlier.
        let until = at.after(if lately && times == 1 { allowed.hold } else { DAY });
        let (by, code) = (ending.by.to_owned(), ending.code.map(str::to_owned));
        self.refused.push(Refused { bound: credential.bound, at, until, times, by, code });
        let too_many = self.refused.len().saturating_sub(REFUSED_KEPT);
        self.refused.drain(..too_many);
        for one in self.accepted.iter_mut().filter(|one| one.secret == credential.secret) {
            one.refused_since = true;
        }
        self.unclear.retain(|one| one.bound != credential.bound || ending.late);
        self.count(allowed, at);
        if let Some(evidence) = ending.evidence {
            self.evidence = Some(evidence.clone());
        }
    }

    fn leave_open(&mut self, credential: Credential, allowed: Allowed, at: Moment) {
        let before = self.unclear.iter().position(|one| one.bound == credential.bound);
        let in_a_row = before.map_or(0, |place| self.unclear.remove(place).in_a_row).saturating_add(1);
        let proven = self.is_proven(credential.secret);
        let pause = match (in_a_row, proven) {
            (1, _) => SECOND,
            (more, true) => doubled(MINUTE, more - 2, LONGEST_OF_PROVEN),
            (more, false) => doubled(HOUR, more - 2, DAY),
        };
        self.unclear.push(Unclear { bound: credential.bound, at, until: at.after(pause), in_a_row, counted: !proven });
        let too_many = self.unclear.len().saturating_sub(REFUSED_KEPT);
        self.unclear.drain(..too_many);
        if !proven {
            self.count(allowed, at);
        }
    }

    /// Counts one more refusal, or an end that counts as one.
    fn count(&mut self, allowed: Allowed, at: Moment) {
        self.refusals = self.refusals.saturating_add(1);
        self.since = Some(at);
        self.limit_to(allowed);
    }

    /// Holds other secrets after the `allowed` refusals.
    pub(super) fn limit_to(&mut self, allowed: impl Into<Allowed>) {
        let allowed = allowed.into();
        let beyond = self.refusals.checked_sub(allowed.refusals);
        self.until = self.since.zip(beyond).map(|(since, beyond)| since.after(doubled(allowed.hold, beyond, DAY)));
    }

    /// Takes back one unclear end of `credential`, because its answer arrived late. The other consecutive ones stay:
    /// their answers may arrive as well.
    pub(super) fn take_back(&mut self, credential: Credential) {
        let Some(place) = self.unclear.iter().position(|one| one.bound == credential.bound) else { return };
        if self.unclear[place].counted {
            self.refusals = self.refusals.saturating_sub(1);
        }
        self.unclear[place].in_a_row = self.unclear[place].in_a_row.saturating_sub(1);
        if self.unclear[place].in_a_row == 0 {
            self.unclear.remove(place);
        }
    }
}

/// The end of a login, with what the ledger keeps beside it.
pub(super) struct Ended<'a> {
    pub(super) ending: Ending,
    /// The id of the result.
    pub(super) by: &'a str,
    pub(super) code: Option<&'a str>,
    pub(super) evidence: Option<&'a Evidence>,
    pub(super) early: bool,
    /// Whether the answer arrived after the login was recorded as unclear.
    pub(super) late: bool,
}

fn of_refused(own: &Refused, refusals: u32) -> Hold {
    Hold {
        why: Why::Refused,
        since: own.at,
        until: own.until,
        refusals: refusals.max(own.times),
        by: vec![own.by.clone()],
        code: own.code.clone(),
        once: false,
    }
}

/// `first`, doubled `times` times, up to `most`.
fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(1_u32.checked_shl(times.min(16)).unwrap_or(u32::MAX)).min(most)
}

/// Whether the evidence `now` shows that the password was set, or the server was restarted, since `then`.
pub(super) fn has_changed(then: &Evidence, now: &Evidence) -> bool {
    match (then, now) {
        (Evidence::Salt(then), Evidence::Salt(now)) => then != now,
        // Another method has another salt.
        (Evidence::SaltOf(method, then), Evidence::SaltOf(other, now)) => method == other && then != now,
        // Connection numbers only grow while a server runs.
        (Evidence::ConnectionId(then), Evidence::ConnectionId(now)) => *now < FIRST_CONNECTIONS && now <= then,
        _ => false,
    }
}
