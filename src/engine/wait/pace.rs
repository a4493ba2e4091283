//! `Pace`: what follows an attempt while a run waits: the connection is ready, it cannot become so, or it is tried again
//! after a pause that follows from what the attempt met. Pure: time is an argument.

use std::time::{Duration, Instant};

use super::waiting::Waiting;
use crate::model::class::{Class, Status};
use crate::model::failure::Failure;
use crate::model::reason::ReasonCode;

const MILLISECOND: Duration = Duration::from_millis(1);

/// The pause where an attempt costs the server nothing: nothing listens, or a name has no address.
const QUICK: Duration = MILLISECOND.saturating_mul(50);
/// How long a server that says that it starts is asked as quickly.
const STARTS: Duration = Duration::from_secs(5);
/// The first and the longest pause where the server turns clients away.
const TURNED_AWAY: (Duration, Duration) = (MILLISECOND.saturating_mul(100), MILLISECOND.saturating_mul(500));
/// The first and the longest pause where the server accepts logins, or almost.
const LOGGED_IN: (Duration, Duration) = (MILLISECOND.saturating_mul(500), MILLISECOND.saturating_mul(2_000));
/// The time between the beginnings of two attempts that got no answer.
const SILENT: Duration = Duration::from_secs(1);
/// The pause between two accepted logins where several in a row are needed.
const BETWEEN_LOGINS: Duration = MILLISECOND.saturating_mul(300);
/// The pause after a refused login that may be repeated.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);
/// The pause after a handshake that the server counts as interrupted, and how many of them a wait may cause.
const INTERRUPTED: Duration = Duration::from_secs(5);
const INTERRUPTIONS: u32 = 3;
/// How long an answer of another protocol, or a failure of TLS, may stay the same: proxies and servers that initialise
/// themselves show them for a moment.
const UNCHANGED: Duration = Duration::from_secs(5);

/// An attempt that has ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Attempted<'a> {
    /// Why the login failed; `None` if it was accepted.
    pub(in crate::engine) failure: Option<&'a Failure>,
    /// How long it took.
    pub(in crate::engine) took: Duration,
    /// Whether its server counts it as an interrupted handshake.
    pub(in crate::engine) interrupted: bool,
    /// How long the login is held; `None` if it was made.
    pub(in crate::engine) held: Option<Duration>,
    /// The time until the end of the wait; `None` if it has no end.
    pub(in crate::engine) left: Option<Duration>,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Next {
    /// The connection is ready.
    Ready,
    /// It cannot become ready.
    Hopeless,
    /// It is tried again after this pause.
    Again(Duration),
}

/// What the attempts at one connection have met so far.
pub(in crate::engine) struct Pace {
    waiting: Waiting,
    /// The accepted logins in a row.
    accepted: u32,
    /// What the last attempts met, since when, and how many of them.
    same: Option<(ReasonCode, Instant, u32)>,
    interruptions: u32,
}

impl Pace {
    pub(in crate::engine) fn of(waiting: &Waiting) -> Self {
        Self { waiting: waiting.clone(), accepted: 0, same: None, interruptions: 0 }
    }

    /// What follows `attempt`, which ended at `now`.
    pub(in crate::engine) fn after(&mut self, attempt: Attempted<'_>, now: Instant) -> Next {
        let next = match attempt.failure {
            None => self.after_success(),
            Some(failure) => self.after_failure(failure, attempt, now),
        };
        match next {
            Next::Again(pause) => Next::Again(pause.max(self.waiting.interval)),
            end => end,
        }
    }

    fn after_success(&mut self) -> Next {
        self.same = None;
        self.accepted = self.accepted.saturating_add(1);
        match (self.waiting.invert, self.accepted < self.waiting.stable) {
            (true, _) => Next::Again(growing(LOGGED_IN, self.accepted)),
            (false, true) => Next::Again(BETWEEN_LOGINS),
            (false, false) => Next::Ready,
        }
    }

    fn after_failure(&mut self, failure: &Failure, attempt: Attempted<'_>, now: Instant) -> Next {
        self.accepted = 0;
        let (unchanged, times) = self.note(failure.reason, now);
        if attempt.interrupted {
            self.interruptions += 1;
            return if self.interruptions < INTERRUPTIONS { Next::Again(INTERRUPTED) } else { Next::Hopeless };
        }
        if self.waiting.invert && is_down(failure) {
            return Next::Ready;
        }
        match failure.class {
            Class::Unreachable | Class::Resolve => Next::Again(QUICK),
            Class::Busy if failure.reason == ReasonCode::StartingUp && unchanged < STARTS => Next::Again(QUICK),
            Class::Busy | Class::Closed | Class::Local => Next::Again(growing(TURNED_AWAY, times)),
            Class::NotFound | Class::Denied | Class::Server => Next::Again(growing(LOGGED_IN, times)),
            Class::Timeout => Next::Again(SILENT.saturating_sub(attempt.took).max(QUICK)),
            // The server may say so only until it has initialised itself.
            Class::Tls | Class::Protocol | Class::Definition if failure.status == Status::Failed => {
                if unchanged < UNCHANGED { Next::Again(growing(TURNED_AWAY, times)) } else { Next::Hopeless }
            }
            Class::Withheld => match attempt.held {
                Some(held) if attempt.left.is_none_or(|left| held < left) => Next::Again(held),
                _ => Next::Hopeless,
            },
            Class::Auth if self.waiting.refusals.is_some() && attempt.held.is_none() => Next::Again(AFTER_REFUSAL),
            _ => Next::Hopeless,
        }
    }

    /// Notes that an attempt met `reason`. Returns since when the attempts have met it, and how many did.
    fn note(&mut self, reason: ReasonCode, now: Instant) -> (Duration, u32) {
        let (since, times) = match self.same {
            Some((last, since, times)) if last == reason => (since, times.saturating_add(1)),
            _ => (now, 1),
        };
        self.same = Some((reason, since, times));
        (now.saturating_duration_since(since), times)
    }
}

/// Whether nothing answers any more. A DNS server that answers with an error says nothing of the name.
fn is_down(failure: &Failure) -> bool {
    failure.class == Class::Unreachable || matches!(failure.reason, ReasonCode::NameNotFound | ReasonCode::SrvNotFound)
}

/// The pause before attempt `times` + 1: it doubles from the first to the longest.
fn growing((first, longest): (Duration, Duration), times: u32) -> Duration {
    first.saturating_mul(1 << times.saturating_sub(1).min(16)).min(longest)
}
