//! One check: plan → the account's turn → permits → attempt under its deadline → classify → maybe
//! again → one outcome.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::accounts::{AccountKey, Accounts, Place, Ticket, Turn};
use super::breaker::Breaker;
use super::group::Group;
use super::interruptions::{self, Interruptions};
use super::lag::Lag;
use super::limits::{Limits, Permit};
use super::lookup::{Resolved, look_up};
use super::outcome::Outcome;
use super::settings::Settings;
use crate::clock;
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::controls::Controls;
use crate::driver::{Attempt, Spec};
use crate::model::class::{Class, Retry};
use crate::model::codes::CheckedCredential;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, ReasonCode, Run, Timeout};
use crate::model::result::Ended;
use crate::net::Network;
use crate::net::fault;

/// The pause before the second attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long after its deadline a probe that has not ended itself is ended: a probe knows better what
/// it waited for, and the sum stays within the 100 ms that a deadline may overrun.
const GRACE: Duration = Duration::from_millis(30);

/// What all checks of a run share.
pub(super) struct Shared {
    pub(super) network: Network,
    pub(super) settings: Settings,
    pub(super) accounts: Accounts,
    pub(super) limits: Limits,
    pub(super) interruptions: Interruptions,
    pub(super) breaker: Breaker,
    pub(super) lag: Lag,
    /// What endpoints answer to credentials that nobody has.
    pub(super) controls: Arc<Controls>,
    /// Where probes run; never where this code runs.
    pub(super) workers: Handle,
}

/// How far a check has come: readable while it runs, so that a run that ends early can tell.
pub(super) struct Progress(Mutex<State>);

struct State {
    waiting_since: Instant,
    queued: Duration,
    first_attempt: Option<(Instant, Timestamp)>,
    attempts: u32,
    recorder: Arc<Recorder>,
    probe_ended: bool,
    shared_with: Vec<String>,
}

/// Checks `group`, whose first member's result has the id `id`.
pub(super) async fn check(group: &Arc<Group>, id: &str, shared: &Shared, progress: &Progress) -> Outcome {
    let mut pause = FIRST_PAUSE;
    loop {
        let (failure, again) = match attempt(group, id, shared, progress).await {
            Ok(()) => (None, false),
            Err(Stopped { failure, again }) => (Some(failure), again),
        };
        if !again || progress.attempts() > shared.settings.retries {
            return progress.outcome(failure);
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Why an attempt was not a success, and whether another one may be.
struct Stopped {
    failure: Failure,
    again: bool,
}

impl Stopped {
    fn for_good(failure: Failure) -> Self {
        Self { failure, again: false }
    }
}

async fn attempt(group: &Arc<Group>, id: &str, shared: &Shared, progress: &Progress) -> Result<(), Stopped> {
    let limit = group.plan.timeout.map_or(shared.settings.timeout, |own| own.min(shared.settings.timeout));
    let asked = Instant::now();
    let watched = shared.lag.limit(asked + limit);
    let resolved = look_up(&group.plan.endpoints, &shared.network, limit).await;
    let waited = asked.elapsed();
    let mut resolved = resolved.map_err(|failure| {
        let timed_out = failure.class == Class::Timeout;
        let failure = watched.judge(group.plan.probe.second_look(failure));
        let recorder = Arc::new(Recorder::default());
        recorder.credit(Phase::Resolve, waited);
        progress.begin(recorder, waited);
        progress.end(timed_out);
        Stopped { again: failure.class.retry() == Retry::Yes, failure }
    })?;

    let server = shared.breaker.server(group, &resolved);
    let mut probing = None;
    let Admitted { ticket, place, permit: _permit } = tokio::select! {
        biased;
        silence = server.silence(limit, &mut probing) => {
            progress.shares(silence.ids.into_iter().filter(|other| other != id).collect());
            return Err(Stopped::for_good(silence.failure));
        }
        admitted = admit(group, shared, &resolved, progress) => admitted?,
    };

    let recorder = Arc::new(Recorder::default());
    if resolved.elapsed > Duration::ZERO {
        recorder.credit(Phase::Resolve, resolved.elapsed);
    }
    progress.begin(Arc::clone(&recorder), waited);
    let deadline = Instant::now() + limit.saturating_sub(waited);
    let watched = shared.lag.limit(deadline);
    let network = shared.network.knowing(std::mem::take(&mut resolved.names));
    let probed = probe(group, shared, network, &recorder, limit, deadline).await;
    progress.end(probed.as_ref().is_err_and(|failure| failure.class == Class::Timeout));
    if let (Some(place), Some(address)) = (place, &recorder.look(|trace| trace.address.clone())) {
        let interrupted = probed.as_ref().is_err_and(|failure| interrupts(failure.class));
        shared.interruptions.note(place, address, &resolved.addresses, interrupted);
    }
    match probed {
        Ok(()) => {
            recorder.look(|trace| server.note(None, trace, limit, id));
            // A secret that nobody asked for proves nothing.
            if group.plan.credential.is_none() || recorder.look(|trace| trace.credential_sent) {
                ticket.accepted();
            }
            Ok(())
        }
        Err(mut failure) => {
            failure.phase = failure.phase.or(recorder.look(Trace::phase));
            // Whoever is to blame, it was no answer.
            let class = failure.class;
            let failure = watched.judge(failure);
            recorder.look(|trace| server.note(Some(&failure), trace, limit, id));
            let credential = recorder.look(|trace| Credential::of(&failure, trace, group.driver.spec()));
            let refused = settle(&ticket, class, &failure, credential, id);
            Err(Stopped { again: !refused && failure.class.retry() == Retry::Yes, failure })
        }
    }
}

/// What a check has to hold while it probes.
struct Admitted {
    ticket: Ticket,
    place: Option<interruptions::Place>,
    permit: Permit,
}

/// Waits for the turn of the account, for a handshake that the server does not count, and for the permits.
async fn admit(group: &Group, shared: &Shared, resolved: &Resolved, progress: &Progress) -> Result<Admitted, Stopped> {
    let ticket = match shared.accounts.turn(keys(group, resolved), group.plan.credential).await {
        Turn::Go(ticket) => ticket,
        Turn::Refused { failure, by } => {
            progress.shares(vec![by]);
            return Err(Stopped::for_good(failure));
        }
        Turn::Withheld { failure, by } => {
            progress.shares(by);
            return Err(Stopped::for_good(failure));
        }
    };
    let spec = group.driver.spec();
    let place = if spec.blocks_after_interruptions {
        Some(shared.interruptions.enter(&resolved.addresses).await.map_err(Stopped::for_good)?)
    } else {
        None
    };
    let host = group.plan.target.host.as_deref().unwrap_or_default();
    let permit = shared.limits.acquire(host, &resolved.addresses).await;
    Ok(Admitted { ticket, place, permit })
}

/// Runs the probe on the workers and waits for it here, where nothing that it does can keep the
/// clock from striking.
async fn probe(
    group: &Arc<Group>,
    shared: &Shared,
    network: Network,
    recorder: &Arc<Recorder>,
    limit: Duration,
    deadline: Instant,
) -> Result<(), Failure> {
    let attempt = Attempt {
        network: Arc::new(network),
        policy: shared.settings.policy.clone(),
        deadline,
        recorder: Arc::clone(recorder),
        controls: Arc::clone(&shared.controls),
    };
    let running = Arc::clone(group);
    let task = shared.workers.spawn(async move { running.plan.probe.run(&attempt).await });
    match tokio::time::timeout_at((deadline + GRACE).into(), AbortOnDropHandle::new(task)).await {
        // The guard of a stream strikes at the same time, and knows neither the limit nor the phase.
        Ok(Ok(Err(failure))) if fault::is_late(&failure) => {
            Err(recorder.look(|trace| timeout(trace, group.driver.spec().product, limit)))
        }
        Ok(Ok(verdict)) => verdict,
        Ok(Err(_panicked)) => Err(Failure::of(Machine::DriverPanicked { driver: group.driver.spec().name })),
        Err(_elapsed) => Err(recorder.look(|trace| timeout(trace, group.driver.spec().product, limit))),
    }
}

/// Tells the account what its credential came to, after a failure of `class` as the probe saw it; true when it
/// counts as refused.
fn settle(ticket: &Ticket, class: Class, failure: &Failure, credential: Credential, id: &str) -> bool {
    match (credential, class) {
        (Credential::Accepted, Class::Auth) => {}
        (Credential::Accepted, _) => {
            ticket.accepted();
            return false;
        }
        (Credential::Kept, _) => return false,
        // What cannot be told from a refusal is one, and must not be asked for again.
        (Credential::Refused, _)
        | (
            Credential::Sent,
            Class::Auth | Class::Timeout | Class::Closed | Class::Protocol | Class::Internal | Class::Server,
        ) => {}
        (Credential::Sent, _) => return false,
    }
    ticket.refused(failure, id);
    true
}

/// What became of the credential of a login that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credential {
    /// It was not sent, or not looked at.
    Kept,
    /// It was sent, and the failure is one that the server may have found before or after it looked at it.
    Sent,
    /// The server refused it, or says so when it takes one and did not.
    Refused,
    /// The server took it.
    Accepted,
}

impl Credential {
    fn of(failure: &Failure, trace: &Trace, spec: &Spec) -> Self {
        // A server takes no query before it has taken the login.
        if trace.credential_accepted || failure.phase == Some(Phase::Query) {
            return Self::Accepted;
        }
        let (sent, explicit) = (trace.credential_sent, spec.proof.explicit);
        match (failure.checked, failure.class) {
            (CheckedCredential::Before, _) if !(sent && explicit) => Self::Kept,
            (_, Class::Auth) => Self::Refused,
            (_, class) if explicit => {
                if sent && class != Class::Busy {
                    Self::Refused
                } else {
                    Self::Kept
                }
            }
            // The server looked for the database after it had accepted the login.
            (CheckedCredential::After, _) | (_, Class::NotFound) => Self::Accepted,
            _ if sent => Self::Sent,
            _ => Self::Kept,
        }
    }
}

/// Whether a server may count this end of a dialogue as an interrupted handshake: one that nobody
/// answered, or that we hung up in.
fn interrupts(class: Class) -> bool {
    use Class::{Closed, Internal, Policy, Protocol, Timeout, Tls, Unsupported};
    matches!(class, Timeout | Closed | Tls | Protocol | Policy | Unsupported | Internal)
}

/// The failure of what was not over within `limit` and left `trace`.
pub(crate) fn timeout(trace: &Trace, product: &'static str, limit: Duration) -> Failure {
    let failure = Failure::of(match trace.phase() {
        Some(Phase::Tls | Phase::Auth) if trace.is_unanswered() => Timeout::Greeting { product, limit: Some(limit) },
        None | Some(Phase::Resolve) => Timeout::Resolve { limit },
        Some(Phase::Connect) => Timeout::Connect { limit },
        Some(Phase::Tls) => Timeout::Tls { limit },
        Some(Phase::Auth) => Timeout::Login { product, limit: Some(limit) },
        Some(Phase::Query) => Timeout::Query { limit },
    });
    match trace.if_silent {
        Some(likely) if failure.reason == ReasonCode::GreetingTimeout => failure.hint(likely),
        _ => failure,
    }
}

/// The keys of the accounts at `resolved` addresses.
fn keys(group: &Group, resolved: &Resolved) -> Vec<AccountKey> {
    let key = |address| AccountKey { driver: group.driver.spec().name, address, account: group.plan.account.clone() };
    if resolved.addresses.is_empty() {
        return vec![key(Place::Stored(group.plan.target.to_string()))];
    }
    resolved.addresses.iter().cloned().map(Place::Address).map(key).collect()
}

impl Progress {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            waiting_since: Instant::now(),
            queued: Duration::ZERO,
            first_attempt: None,
            attempts: 0,
            recorder: Arc::default(),
            probe_ended: false,
            shared_with: Vec::new(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> u32 {
        self.state().attempts
    }

    /// A probe begins, `waited` of whose time went to the lookup that it needed.
    fn begin(&self, recorder: Arc<Recorder>, waited: Duration) {
        let mut state = self.state();
        if state.first_attempt.is_none() {
            state.queued = state.waiting_since.elapsed().saturating_sub(waited);
            let (now, at) = (Instant::now(), clock::now());
            let began = (now.checked_sub(waited).unwrap_or(now), at.checked_sub(waited).unwrap_or(at));
            state.first_attempt = Some(began);
        }
        state.attempts += 1;
        state.recorder = recorder;
        state.probe_ended = false;
    }

    /// The probe has ended, or was `cut_short`.
    fn end(&self, cut_short: bool) {
        self.state().probe_ended = !cut_short;
    }

    fn shares(&self, ids: Vec<String>) {
        self.state().shared_with = ids;
    }

    /// The outcome as things stand, which is the end of it: what was recorded goes with it.
    pub(super) fn outcome(&self, failure: Option<Failure>) -> Outcome {
        let mut state = self.state();
        let cancelled = failure.as_ref().is_some_and(|failure| failure.class == Class::Cancelled);
        let trace = state.recorder.take();
        Outcome {
            phases: trace.timings(state.probe_ended && !cancelled),
            facts: trace.facts,
            heard: trace.heard,
            warnings: trace.warnings,
            address: trace.address,
            failure,
            shared_with: std::mem::take(&mut state.shared_with),
            attempts: state.attempts,
            started_at: state.first_attempt.map_or_else(clock::now, |(_, at)| at),
            queued: if state.first_attempt.is_some() { state.queued } else { state.waiting_since.elapsed() },
            elapsed: state.first_attempt.map_or(Duration::ZERO, |(since, _)| since.elapsed()),
        }
    }

    /// The outcome of a check that the end of the run cut short.
    pub(super) fn cancelled(&self, ended: Ended) -> Outcome {
        let mut failure = cancelled(ended);
        failure.phase = self.state().recorder.look(Trace::phase);
        self.outcome(Some(failure))
    }
}

/// The failure of a check that had not finished when the run ended early.
pub(super) fn cancelled(ended: Ended) -> Failure {
    Failure::of(match ended {
        Ended::Deadline => Run::DeadlinePassed,
        Ended::Interrupted | Ended::Complete => Run::Interrupted,
    })
}

#[cfg(test)]
mod tests {
    use super::FIRST_PAUSE;
    use crate::net::resolve::FAILURE_KEPT;

    #[test]
    fn a_retry_looks_a_name_up_again() {
        assert!(FAILURE_KEPT < FIRST_PAUSE);
    }
}
