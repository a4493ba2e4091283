//! One check: plan → the account's turn → permits → attempt under its deadline → classify → maybe
//! again → one outcome.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::accounts::{Accounts, Ticket, Turn};
use super::breaker::Breaker;
use super::found::{Found, find};
use super::group::Group;
use super::held;
use super::interruptions::{self, Interruptions};
use super::lag::Lag;
use super::ledger::{Account, Early, End, Ending, Hold, Login};
use super::limits::{Limits, Permit};
use super::login::{self, Keys};
use super::outcome::Outcome;
use super::settings::Settings;
use crate::clock;
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::controls::Controls;
use crate::driver::{Attempt, Probe};
use crate::model::class::{Class, Retry};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, ReasonCode, Run, Timeout};
use crate::model::redact::Secrets;
use crate::model::result::{Ended, Held};
use crate::net::Network;
use crate::net::fault;

/// The pause before the second attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long after its deadline a probe that has not ended itself is ended: a probe knows better what
/// it waited for, and the sum stays within the 100 ms that a deadline may overrun.
pub(super) const GRACE: Duration = Duration::from_millis(30);

/// How long the answer to a credential is waited for after its login was given up.
const LATE: Duration = Duration::from_mins(1);

/// What all checks of a run share.
pub(super) struct Shared {
    pub(super) network: Network,
    pub(super) settings: Settings,
    /// What no result may show.
    pub(super) secrets: Arc<Secrets>,
    pub(super) accounts: Arc<Accounts>,
    /// What lets held logins through.
    pub(super) early: Option<Early>,
    /// What goes on after its check has its result.
    pub(super) tasks: TaskTracker,
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
pub(super) struct Progress {
    state: Mutex<State>,
    /// It was announced among those that go first.
    first: bool,
}

struct State {
    waiting_since: Instant,
    queued: Duration,
    first_attempt: Option<(Instant, Timestamp)>,
    attempts: u32,
    recorder: Arc<Recorder>,
    probe_ended: bool,
    /// The login has ended, and the ledger knows how.
    answered: bool,
    shared_with: Vec<String>,
    account: Option<String>,
    held: Option<Held>,
}

/// Checks `group`, whose first member's result has the id `id`.
pub(super) async fn check(group: &Arc<Group>, id: &str, shared: &Arc<Shared>, progress: &Progress) -> Outcome {
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

async fn attempt(group: &Arc<Group>, id: &str, shared: &Arc<Shared>, progress: &Progress) -> Result<(), Stopped> {
    let limit = group.plan.timeout.map_or(shared.settings.timeout, |own| own.min(shared.settings.timeout));
    let asked = Instant::now();
    let watched = shared.lag.limit(asked + limit);
    let recorder = Arc::new(Recorder::default());
    let found = find(group, shared, &recorder, limit).await;
    let waited = asked.elapsed();
    let mut found = found.map_err(|failure| {
        let timed_out = failure.class == Class::Timeout;
        let failure = watched.judge(group.plan.probe.second_look(failure));
        recorder.credit(Phase::Resolve, waited);
        progress.begin(Arc::clone(&recorder), waited);
        progress.end(timed_out);
        Stopped { again: failure.class.retry() == Retry::Yes, failure }
    })?;

    let server = shared.breaker.server(group, &found.resolved);
    let mut probing = None;
    let Admitted { ticket, place, permit: _permit } = tokio::select! {
        biased;
        silence = server.silence(limit, &mut probing) => {
            progress.shares(silence.ids.into_iter().filter(|other| other != id).collect());
            return Err(Stopped::for_good(silence.failure));
        }
        admitted = admit(group, id, limit, shared, &found, progress) => admitted?,
    };
    let spec = group.driver.spec();

    let Found { ref mut resolved, ref probe } = found;
    recorder.before_admitting(ticket.gate(group.plan.circumstances.clone()));
    recorder.lends_to(Arc::clone(&shared.secrets));
    recorder.before_leaving(ticket.leaving());
    recorder.read_on(LATE);
    if resolved.elapsed > Duration::ZERO {
        recorder.credit(Phase::Resolve, resolved.elapsed);
    }
    progress.begin(Arc::clone(&recorder), waited);
    let deadline = Instant::now() + limit.saturating_sub(waited);
    let watched = shared.lag.limit(deadline);
    let network = shared.network.knowing(std::mem::take(&mut resolved.names));
    let attempt = Attempt {
        network: Arc::new(network),
        policy: shared.settings.policy.clone(),
        deadline,
        recorder: Arc::clone(&recorder),
        controls: Arc::clone(&shared.controls),
    };
    let Probed { verdict, late } = run(group, shared, probe, attempt, limit).await;
    progress.end(verdict.as_ref().is_err_and(|failure| failure.class == Class::Timeout));
    let (address, unanswered) = recorder.look(|trace| (trace.address.clone(), trace.is_unanswered()));
    if let (Some(place), Some(address)) = (place, &address) {
        let broke_off = |failure: &Failure| interrupts(failure.class) || ticket.stopped().is_some();
        let interrupted = !unanswered && verdict.as_ref().is_err_and(broke_off);
        // MySQL counts no client on loopback (`ip_to_hostname`), so that what a busy machine breaks off does no harm there.
        let by_this_machine = |failure: &Failure| watched.judge(failure.clone()).class == Class::Local;
        if !(interrupted && address.is_local() && verdict.as_ref().is_err_and(by_this_machine)) {
            shared.interruptions.note(place, spec.name, address, &resolved.addresses, interrupted).await;
        }
    }
    let reached = address.map(|address| group.reached(&address)).unwrap_or_default();
    if let Some(account) = reached.first() {
        progress.of_account(Some(account));
    }
    let credential = recorder.credential();
    let verdict = verdict.map_err(|mut failure| {
        failure.phase = failure.phase.or(recorder.look(Trace::phase));
        failure
    });
    ticket.end(End::of(spec, &verdict, &credential, reached.clone())).await;
    progress.answered();
    if let Some(hold) = ticket.stopped() {
        recorder.look(|trace| server.note(None, trace, limit, id));
        progress.take_back();
        return Err(Stopped::for_good(progress.held(group, &hold, shared)));
    }
    if let Some(late) = late {
        shared.tasks.spawn(read_late(late, Arc::clone(group), Arc::clone(&recorder), ticket.released(), reached));
    }
    let verdict = verdict.map_err(|failure| watched.judge(failure));
    recorder.look(|trace| server.note(verdict.as_ref().err(), trace, limit, id));
    // After the credential has left nothing is tried again.
    verdict.map_err(|failure| Stopped { again: !credential.sent && failure.class.retry() == Retry::Yes, failure })
}

/// What a check has to hold while it probes.
struct Admitted {
    ticket: Ticket,
    place: Option<interruptions::Place>,
    permit: Permit,
}

/// Waits for the turn of the account, for a handshake that the server does not count, and for the permits.
async fn admit(
    group: &Arc<Group>,
    id: &str,
    limit: Duration,
    shared: &Shared,
    found: &Found,
    progress: &Progress,
) -> Result<Admitted, Stopped> {
    let resolved = &found.resolved;
    let Keys { accounts, named } = group.keys(&resolved.addresses);
    progress.of_account(accounts.get(named).or(accounts.first()));
    let login = Login { first: progress.first, ..group.login(accounts, id, limit, shared.early) };
    let ticket = match login::turn(group, shared, login, named, found).await {
        Turn::Go(ticket) => ticket,
        Turn::Held(hold) => return Err(Stopped::for_good(progress.held(group, &hold, shared))),
    };
    let spec = group.driver.spec();
    let place = if spec.blocks_after_interruptions {
        Some(shared.interruptions.enter(spec.name, &resolved.addresses).await.map_err(Stopped::for_good)?)
    } else {
        None
    };
    let host = group.plan.target.host.as_deref().unwrap_or_default();
    let permit = shared.limits.acquire(host, &resolved.addresses).await;
    Ok(Admitted { ticket, place, permit })
}

/// What came of a probe.
struct Probed {
    verdict: Result<(), Failure>,
    /// The probe goes on: its credential has left, and its answer still counts.
    late: Option<AbortOnDropHandle<Result<(), Failure>>>,
}

/// Waits a while for the answer to a credential, after its login was given up.
async fn read_late(
    probe: AbortOnDropHandle<Result<(), Failure>>,
    group: Arc<Group>,
    recorder: Arc<Recorder>,
    ticket: Ticket,
    reached: Vec<Account>,
) {
    let Ok(Ok(verdict)) = tokio::time::timeout(LATE, probe).await else { return };
    let end = End::of(group.driver.spec(), &verdict, &recorder.credential(), reached);
    // A second silence adds nothing to the first.
    if matches!(end.ending, Ending::Accepted | Ending::Refused) {
        ticket.end(End { late: true, ..end }).await;
    }
}

/// Runs the probe on the workers and waits for it here, where nothing that it does can keep the
/// clock from striking.
async fn run(group: &Arc<Group>, shared: &Shared, probe: &Arc<dyn Probe>, attempt: Attempt, limit: Duration) -> Probed {
    let (probe, recorder, deadline) = (Arc::clone(probe), Arc::clone(&attempt.recorder), attempt.deadline);
    let task = shared.workers.spawn(async move { probe.run(&attempt).await });
    let mut task = AbortOnDropHandle::new(task);
    let timed_out = || Err(recorder.look(|trace| timeout(trace, group.driver.spec().product, limit)));
    let verdict = match tokio::time::timeout_at((deadline + GRACE).into(), &mut task).await {
        // The guard of a stream strikes at the same time, and knows neither the limit nor the phase.
        Ok(Ok(Err(failure))) if fault::is_late(&failure) => timed_out(),
        Ok(Ok(verdict)) => verdict,
        Ok(Err(_panicked)) => Err(Failure::of(Machine::DriverPanicked { driver: group.driver.spec().name })),
        Err(_elapsed) => {
            let late = recorder.credential().sent.then_some(task);
            return Probed { verdict: timed_out(), late };
        }
    };
    Probed { verdict, late: None }
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

impl Progress {
    pub(super) fn new(first: bool) -> Self {
        let state = Mutex::new(State {
            waiting_since: Instant::now(),
            queued: Duration::ZERO,
            first_attempt: None,
            attempts: 0,
            recorder: Arc::default(),
            probe_ended: false,
            answered: false,
            shared_with: Vec::new(),
            account: None,
            held: None,
        });
        Self { state, first }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        state.answered = false;
    }

    /// The login that began last was none: no credential left.
    fn take_back(&self) {
        let mut state = self.state();
        state.attempts = state.attempts.saturating_sub(1);
        if state.attempts == 0 {
            state.first_attempt = None;
            state.recorder = Arc::default();
        }
    }

    fn answered(&self) {
        self.state().answered = true;
    }

    /// The probe has ended, or was `cut_short`.
    fn end(&self, cut_short: bool) {
        self.state().probe_ended = !cut_short;
    }

    fn shares(&self, ids: Vec<String>) {
        self.state().shared_with = ids;
    }

    fn of_account(&self, account: Option<&Account>) {
        self.state().account = account.map(|account| account.shown().to_owned());
    }

    /// Its login is held: why there is none.
    fn held(&self, group: &Group, hold: &Hold, shared: &Shared) -> Failure {
        let mut state = self.state();
        state.shared_with.clone_from(&hold.by);
        state.held = Some(held::held(hold));
        let (driver, login) = (group.driver.spec().name, group.plan.login.as_deref());
        held::failure(hold, state.account.as_deref().unwrap_or_default(), shared.accounts.ledger(), driver, login)
    }

    /// Whether a credential has left that is not answered yet.
    pub(super) fn awaits_answer(&self) -> bool {
        let state = self.state();
        state.attempts > 0 && !state.answered && state.recorder.credential().sent
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
            account: state.account.clone(),
            held: state.held,
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
