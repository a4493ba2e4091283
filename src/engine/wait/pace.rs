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
    /// How long the login is held, and how many refusals count; `None` if it was made.
    pub(in crate::engine) held: Option<(Duration, u32)>,
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
            Class::Auth | Class::Withheld if self.may_be_repeated(attempt.held, failure.class) => {
                Next::Again(AFTER_REFUSAL)
            }
            Class::Withheld => match attempt.held {
                Some((held, _)) if attempt.left.is_none_or(|left| held < left) => Next::Again(held),
                _ => Next::Hopeless,
            },
            _ => Next::Hopeless,
        }
    }

    /// Whether a login that was refused or `held` is repeated, because its account may see more refusals. Another login
    /// of the account may have caused the hold.
    fn may_be_repeated(&self, held: Option<(Duration, u32)>, class: Class) -> bool {
        let Some(most) = self.waiting.refusals else { return false };
        match held {
            Some((_, refusals)) => refusals < most,
            None => class == Class::Auth,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reason::Run;

    fn failing(class: Class, reason: ReasonCode) -> Failure {
        Failure { class, status: class.status(), reason, ..Failure::of(Run::Interrupted) }
    }

    fn attempted(failure: Option<&Failure>) -> Attempted<'_> {
        Attempted { failure, took: Duration::ZERO, interrupted: false, held: None, left: Some(Duration::from_mins(1)) }
    }

    /// What follows each of `times` attempts that meet `failure`, `apart` from each other.
    fn course(waiting: &Waiting, failure: Option<&Failure>, times: u32, apart: Duration) -> Vec<Next> {
        let (mut pace, begin) = (Pace::of(waiting), Instant::now());
        (0..times).map(|time| pace.after(attempted(failure), begin + apart * time)).collect()
    }

    fn again(milliseconds: &[u64]) -> Vec<Next> {
        milliseconds.iter().map(|pause| Next::Again(Duration::from_millis(*pause))).collect()
    }

    #[test]
    fn the_pace_follows_from_what_an_attempt_met() {
        let second = Duration::from_secs(1);
        let usual = Waiting::default();
        for (class, reason, apart, expected) in [
            (Class::Unreachable, ReasonCode::ConnectionRefused, second, again(&[50, 50, 50])),
            (Class::Resolve, ReasonCode::NameNotFound, second, again(&[50, 50, 50])),
            (Class::Busy, ReasonCode::StartingUp, second, again(&[50; 5]).into_iter().chain(again(&[500])).collect()),
            (Class::Busy, ReasonCode::TooManyConnections, second, again(&[100, 200, 400, 500, 500])),
            (Class::Closed, ReasonCode::ClosedDuringLogin, second, again(&[100, 200, 400, 500])),
            (Class::NotFound, ReasonCode::DatabaseNotFound, second, again(&[500, 1000, 2000, 2000])),
            (Class::Denied, ReasonCode::AddressDenied, second, again(&[500, 1000])),
            (Class::Server, ReasonCode::ServerError, second, again(&[500, 1000])),
            (Class::Timeout, ReasonCode::LoginTimeout, second, again(&[1000, 1000])),
            (Class::Local, ReasonCode::OutOfDescriptors, second, again(&[100, 200])),
            (Class::Auth, ReasonCode::LoginRefused, second, vec![Next::Hopeless]),
            (Class::Definition, ReasonCode::BadField, second, vec![Next::Hopeless]),
            (Class::Secret, ReasonCode::KeyMissing, second, vec![Next::Hopeless]),
            (Class::Policy, ReasonCode::EgressDenied, second, vec![Next::Hopeless]),
            (Class::Unsupported, ReasonCode::MethodUnsupported, second, vec![Next::Hopeless]),
            (Class::Internal, ReasonCode::DriverPanicked, second, vec![Next::Hopeless]),
            // A proxy, or a server that initialises itself, may show these for a moment.
            (
                Class::Protocol,
                ReasonCode::OtherProtocol,
                second * 2,
                again(&[100, 200, 400]).into_iter().chain([Next::Hopeless]).collect(),
            ),
            (
                Class::Tls,
                ReasonCode::UnknownIssuer,
                second * 5,
                again(&[100]).into_iter().chain([Next::Hopeless]).collect(),
            ),
        ] {
            let failure = failing(class, reason);
            let times = u32::try_from(expected.len()).unwrap();
            assert_eq!(course(&usual, Some(&failure), times, apart), expected, "{class:?} {reason:?}");
        }
    }

    #[test]
    fn a_pause_is_never_shorter_than_the_interval() {
        let waiting = Waiting { interval: Duration::from_millis(300), ..Waiting::default() };
        let refused = failing(Class::Unreachable, ReasonCode::ConnectionRefused);
        assert_eq!(course(&waiting, Some(&refused), 1, Duration::ZERO), again(&[300]));
        let busy = failing(Class::Busy, ReasonCode::TooManyConnections);
        assert_eq!(course(&waiting, Some(&busy), 3, Duration::ZERO), again(&[300, 300, 400]));
    }

    #[test]
    fn as_many_logins_in_a_row_are_accepted_as_are_needed() {
        let waiting = Waiting { stable: 3, ..Waiting::default() };
        let expected: Vec<Next> = again(&[300, 300]).into_iter().chain([Next::Ready]).collect();
        assert_eq!(course(&waiting, None, 3, Duration::ZERO), expected);
        let (mut pace, now) = (Pace::of(&waiting), Instant::now());
        let refused = failing(Class::Unreachable, ReasonCode::ConnectionRefused);
        for failure in [None, None, Some(&refused), None, None] {
            assert!(matches!(pace.after(attempted(failure), now), Next::Again(_)), "{failure:?}");
        }
        assert_eq!(pace.after(attempted(None), now), Next::Ready);
    }

    #[test]
    fn what_is_to_go_is_ready_once_nothing_answers() {
        let waiting = Waiting { invert: true, ..Waiting::default() };
        for (failure, expected) in [
            (None, again(&[500])[0]),
            (Some(failing(Class::Unreachable, ReasonCode::ConnectionRefused)), Next::Ready),
            (Some(failing(Class::Resolve, ReasonCode::NameNotFound)), Next::Ready),
            (Some(failing(Class::Resolve, ReasonCode::ResolverFailed)), again(&[50])[0]),
            (Some(failing(Class::Timeout, ReasonCode::ConnectTimeout)), again(&[1000])[0]),
            (Some(failing(Class::Auth, ReasonCode::LoginRefused)), Next::Hopeless),
        ] {
            assert_eq!(course(&waiting, failure.as_ref(), 1, Duration::ZERO), [expected], "{failure:?}");
        }
    }

    #[test]
    fn a_hold_is_waited_for_if_it_ends_in_time() {
        let held = failing(Class::Withheld, ReasonCode::AccountHeld);
        for (until, left, expected) in [
            (Some(5), Some(60), again(&[5_000])[0]),
            (Some(5), None, again(&[5_000])[0]),
            (Some(90), Some(60), Next::Hopeless),
            (None, Some(60), Next::Hopeless),
        ] {
            let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
            let until = seconds(until).map(|until| (until, 2));
            let attempt = Attempted { held: until, left: seconds(left), ..attempted(Some(&held)) };
            assert_eq!(Pace::of(&Waiting::default()).after(attempt, Instant::now()), expected, "{until:?} {left:?}");
        }
    }

    #[test]
    fn a_refused_login_is_repeated_only_if_that_is_wanted_and_never_while_it_is_held() {
        let refused = failing(Class::Auth, ReasonCode::LoginRefused);
        let waiting = Waiting { refusals: Some(3), ..Waiting::default() };
        assert_eq!(course(&waiting, Some(&refused), 2, Duration::ZERO), again(&[1000, 1000]));
        for (refusals, expected) in [(1, again(&[1000])[0]), (2, again(&[1000])[0]), (3, Next::Hopeless)] {
            for failure in [&refused, &failing(Class::Withheld, ReasonCode::AccountHeld)] {
                let held = Attempted { held: Some((Duration::from_hours(1), refusals)), ..attempted(Some(failure)) };
                assert_eq!(Pace::of(&waiting).after(held, Instant::now()), expected, "{refusals}");
            }
        }
    }

    #[test]
    fn handshakes_that_a_server_counts_are_few_and_far_apart() {
        let silent = failing(Class::Timeout, ReasonCode::LoginTimeout);
        let mut pace = Pace::of(&Waiting::default());
        let mut after = || pace.after(Attempted { interrupted: true, ..attempted(Some(&silent)) }, Instant::now());
        assert_eq!([after(), after(), after()].to_vec(), [again(&[5000, 5000]), vec![Next::Hopeless]].concat());
    }
}
