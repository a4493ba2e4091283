//! One check: plan → the account's turn → permits → attempt under its deadline → classify → possibly another attempt →
//! one outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::WeakUnboundedSender;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::accounts::{Accounts, Turn};
use super::breaker::Breaker;
use super::events::Batch;
use super::found::{Found, find};
use super::group::Group;
use super::handshaking::Handshaking;
use super::interruptions::{Handshake, Interruptions, Place};
use super::lag::Lag;
use super::ledger::{Account, Clock, Early, End, Ending, Hold, Login};
use super::limits::{Limits, Permit};
use super::login;
use super::looks::{Look, Looks};
use super::outcome::Outcome;
use super::progress::Progress;
use super::settings::Settings;
use super::stop::StopHandle;
use super::ticket::Ticket;
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::controls::Controls;
use crate::driver::{Answer, Attempt, Probe};
use crate::model::class::{Class, Retry};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, ReasonCode, Run, Timeout};
use crate::model::redact::Secrets;
use crate::model::step::StepKind;
use crate::net::Network;
use crate::net::fault;

/// The pause before the second attempt; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long after its deadline a probe that has not ended by itself is ended. A probe reports more precisely what it
/// waited for, and the sum stays within the 100 ms that a deadline may overrun.
pub(super) const GRACE: Duration = Duration::from_millis(30);

/// How long the engine waits for the answer to a credential after its login timed out.
const LATE: Duration = Duration::from_mins(1);

/// How long before the end of the run a login ends that looks for something expected, so that its cause is reported.
const REPORTING: Duration = Duration::from_millis(100);

/// The interval between looks for an acceptance once the run ends.
const ANSWER_BEAT: Duration = Duration::from_millis(10);

/// State that all checks of a run share.
pub(super) struct Shared {
    pub(super) network: Network,
    pub(super) settings: Settings,
    /// The secrets that no result may show.
    pub(super) secrets: Arc<Secrets>,
    pub(super) accounts: Arc<Accounts>,
    /// The reason why held logins may go, if there is one.
    pub(super) early: Option<Early>,
    /// Tasks that go on after their check has its result.
    pub(super) tasks: TaskTracker,
    pub(super) limits: Arc<Limits>,
    pub(super) interruptions: Arc<Interruptions>,
    pub(super) looks: Looks,
    pub(super) breaker: Arc<Breaker>,
    pub(super) lag: Arc<Lag>,
    /// The answers of endpoints to made-up credentials.
    pub(super) controls: Arc<Controls>,
    /// Receives the steps of checks, if the settings ask for them.
    pub(super) steps: Option<WeakUnboundedSender<Batch>>,
    /// The clock of the timestamps in results.
    pub(super) clock: Clock,
    /// When the run began.
    pub(super) began: Instant,
    /// The end of the run, and what ends it earlier.
    pub(super) deadline: Option<Instant>,
    pub(super) stop: StopHandle,
    /// The runtime that probes run on; never the one that runs this code.
    pub(super) workers: Handle,
}

/// Checks `group`, whose first member's result has the id `id`.
pub(super) async fn check(group: &Arc<Group>, id: &str, shared: &Arc<Shared>, progress: &Progress) -> Box<Outcome> {
    progress.outcome(log_in(group, id, shared, progress).await.err())
}

/// Logs in, with the attempts that the settings allow.
pub(super) async fn log_in(
    group: &Arc<Group>,
    id: &str,
    shared: &Arc<Shared>,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut pause = FIRST_PAUSE;
    let mut early = shared.early;
    loop {
        match attempt(group, id, early, shared, progress).await {
            Ok(()) => return Ok(()),
            Err(Stopped { again: Again::Early(why), .. }) => early = Some(why),
            Err(Stopped { again: Again::After(pause), .. }) => tokio::time::sleep(pause).await,
            Err(Stopped { again: Again::Later, failure }) if progress.attempts() <= shared.settings.retries => {
                progress.step(|| StepKind::Retrying { pause, reason: failure.reason });
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            Err(Stopped { failure, .. }) => return Err(failure),
        }
    }
}

/// Why an attempt failed, and whether another one may follow.
struct Stopped {
    failure: Failure,
    again: Again,
}

/// Whether another attempt may follow.
enum Again {
    Never,
    /// While retries are left.
    Later,
    /// At once, although the login is held.
    Early(Early),
    /// When its hold is over.
    After(Duration),
}

impl Stopped {
    fn for_good(failure: Failure) -> Self {
        Self { failure, again: Again::Never }
    }

    /// Stopped by `failure`. Another attempt may follow if `may_pass` is set and the failure's class allows retries.
    fn by(failure: Failure, may_pass: bool) -> Self {
        let again = if may_pass && failure.class.retry() == Retry::Yes { Again::Later } else { Again::Never };
        Self { failure, again }
    }
}

async fn attempt(
    group: &Arc<Group>,
    id: &str,
    early: Option<Early>,
    shared: &Arc<Shared>,
    progress: &Progress,
) -> Result<(), Stopped> {
    let limit = group.plan.timeout.map_or(shared.settings.timeout, |own| own.min(shared.settings.timeout));
    let asked = Instant::now();
    let watched = shared.lag.limit(asked + limit);
    let recorder = recorder(progress);
    let network = network(shared, progress);
    progress.step(|| StepKind::Resolving);
    let found = find(group, shared, &network, &recorder, limit).await;
    let waited = asked.elapsed();
    let mut found = found.map_err(|failure| {
        let timed_out = failure.class == Class::Timeout;
        let failure = watched.judge(group.plan.probe.second_look(failure));
        recorder.credit(Phase::Resolve, waited);
        progress.begin(Arc::clone(&recorder), waited);
        progress.end(timed_out);
        Stopped::by(failure, true)
    })?;

    progress.waits(&found.resolved.addresses);
    let server = shared.breaker.server(group, &found.resolved);
    let mut probing = None;
    let Admitted { ticket, place, permit } = tokio::select! {
        biased;
        silence = server.silence(limit, &mut probing) => {
            progress.shares(silence.ids.into_iter().filter(|other| other != id).collect());
            return Err(Stopped::for_good(silence.failure));
        }
        admitted = admit(group, id, limit, early, shared, &found, progress) => admitted?,
    };
    let spec = group.driver.spec();

    let Found { ref mut resolved, ref probe } = found;
    recorder.before_admitting(ticket.gate(group.plan.circumstances.clone()));
    recorder.lends_to(Arc::clone(&shared.secrets));
    let leaving = ticket.leaving(&recorder);
    let handshaking = Handshaking::new(&shared.interruptions, spec, &place, &resolved.addresses);
    handshaking.follow(&recorder, progress, leaving);
    recorder.read_on(LATE);
    if resolved.elapsed > Duration::ZERO {
        recorder.credit(Phase::Resolve, resolved.elapsed);
    }
    progress.begin(Arc::clone(&recorder), waited);
    progress.step(|| StepKind::Attempt(progress.attempts()));
    let deadline = end_of_attempt(group, shared, limit.saturating_sub(waited));
    let watched = shared.lag.limit(deadline);
    let network = shared.network.knowing(std::mem::take(&mut resolved.names));
    let attempt = Attempt {
        network: Arc::new(network),
        policy: shared.settings.policy.clone(),
        deadline,
        recorder: Arc::clone(&recorder),
        controls: Arc::clone(&shared.controls),
        expected: Arc::clone(&group.expected),
    };
    let Probed { verdict, late } = run(group, shared, probe, attempt, limit, progress).await;
    progress.end(verdict.as_ref().is_err_and(|failure| failure.class == Class::Timeout));
    let (address, unanswered) = recorder.look(|trace| (trace.address.clone(), trace.is_unanswered()));
    let verdict = verdict.map_err(|mut failure| {
        failure.phase = failure.phase.or(recorder.look(Trace::phase));
        failure
    });
    if let Some(address) = &address {
        let handshake = handshake(&verdict, unanswered);
        if handshake == Handshake::Interrupted && spec.blocks_after_interruptions {
            progress.was_interrupted();
        }
        // MySQL does not count clients on loopback (`ip_to_hostname`), so a handshake that a busy machine breaks off
        // does no harm there.
        let by_this_machine = |failure: &Failure| watched.judge(failure.clone()).class == Class::Local;
        let is_harmless =
            handshake == Handshake::Interrupted && address.is_local() && verdict.as_ref().is_err_and(by_this_machine);
        if !spec.blocks_after_interruptions {
            let interrupted = handshake == Handshake::Interrupted && !is_harmless;
            shared.interruptions.note_stranger(place, &handshaking, interrupted).await;
        // A login that was stopped before its credential left has already been recorded, as a look.
        } else if ticket.stopped().is_none() && !is_harmless {
            shared.interruptions.note(place, spec.name, address, &resolved.addresses, handshake).await;
        }
    }
    handshaking.is_over();
    let reached = address.map(|address| group.reached(&address)).unwrap_or_default();
    if let Some(account) = reached.first() {
        progress.of_account(Some(account));
    }
    let credential = recorder.credential();
    let end = End::of(spec, &verdict, &credential, reached.clone());
    let verdict = verdict.map_err(|failure| watched.judge(failure));
    let held = ticket.stopped();
    let silence = verdict.as_ref().err().filter(|_| held.is_none());
    recorder.look(|trace| server.note(silence, trace, limit, id));
    // Checks that wait for the server need not wait until this login is written down.
    drop(permit);
    ticket.end(end).await;
    progress.answered();
    if let Some(hold) = held {
        progress.take_back();
        let look = Look { group, shared, login: ticket.login(), found: &found, progress, shown: credential.evidence };
        return Err(stopped_by(&hold, look).await);
    }
    if let Some(late) = late {
        shared.tasks.spawn(read_late(late, Arc::clone(group), Arc::clone(&recorder), ticket.released(), reached));
    }
    // Once the credential has left, no attempt follows, unless the server accepted it, or did not look at it.
    verdict.map_err(|failure| Stopped::by(failure, credential.may_be_sent_again()))
}

/// When an attempt ends that has `left` to go.
fn end_of_attempt(group: &Group, shared: &Shared, left: Duration) -> Instant {
    let deadline = Instant::now() + left;
    match shared.deadline {
        // The time limit that the server gets for the user's query ends with the run.
        Some(end) if !group.expected.is_empty() => deadline.min(end.checked_sub(REPORTING).unwrap_or(end)),
        _ => deadline,
    }
}

/// The network of an attempt. A retry looks the name up again: the answer of the previous lookup may have caused the
/// failure.
fn network(shared: &Shared, progress: &Progress) -> Network {
    match &shared.settings.waiting {
        _ if progress.attempts() == 0 => shared.network.clone(),
        None => shared.network.looking_again(),
        Some(_) => shared.network.in_wait(),
    }
}

/// How a login ends that `hold` has stopped before its credential left.
async fn stopped_by(hold: &Hold, look: Look<'_>) -> Stopped {
    let (group, shared, progress) = (look.group, look.shared, look.progress);
    if let Some(pause) = shared.accounts.ends_soon(hold) {
        return Stopped { failure: Attempt::looked(), again: Again::After(pause) };
    }
    if login::is_let_through(hold, look).await {
        return Stopped { failure: Attempt::looked(), again: Again::Early(Early::Evidence) };
    }
    Stopped::for_good(progress.held(group, hold, shared))
}

/// The recorder of an attempt, which sends its steps where the check's are sent.
fn recorder(progress: &Progress) -> Arc<Recorder> {
    let recorder = Recorder::default();
    if let Some(steps) = progress.steps().cloned() {
        recorder.follow(move |kind| steps.send(kind));
    }
    Arc::new(recorder)
}

/// What a check holds while it probes.
struct Admitted {
    ticket: Ticket,
    place: Place,
    permit: Permit,
}

/// Waits for the turn of the account, for the right to a handshake (at a server that counts interrupted ones), and for
/// the permits.
async fn admit(
    group: &Arc<Group>,
    id: &str,
    limit: Duration,
    early: Option<Early>,
    shared: &Shared,
    found: &Found,
    progress: &Progress,
) -> Result<Admitted, Stopped> {
    let resolved = &found.resolved;
    let keys = group.keys(&resolved.addresses);
    let named = keys.named;
    progress.of_account(keys.accounts.get(named).or(keys.accounts.first()));
    let login = Login { first: progress.first, ..group.login(keys, id, limit, early) };
    let ticket = match login::turn(group, shared, login, named, found, progress).await {
        Turn::Go(ticket) => ticket,
        Turn::Held(hold) => return Err(Stopped::for_good(progress.held(group, &hold, shared))),
    };
    let place = shared.interruptions.enter(group.driver.spec(), &resolved.addresses).await;
    let place = place.map_err(Stopped::for_good)?;
    let host = group.plan.target.host.as_deref().unwrap_or_default();
    let permit = shared.limits.acquire(group.driver.spec(), host, &resolved.addresses).await;
    Ok(Admitted { ticket, place, permit })
}

/// The result of a probe.
struct Probed {
    verdict: Result<(), Failure>,
    /// The probe if it is still running: its credential has left, and its answer still counts.
    late: Option<AbortOnDropHandle<Result<(), Failure>>>,
}

/// Waits up to [`LATE`] for the answer to a credential whose login timed out.
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

/// Runs the probe on the workers and waits for it on the clock's thread, where the probe cannot delay a deadline.
async fn run(
    group: &Arc<Group>,
    shared: &Shared,
    probe: &Arc<dyn Probe>,
    attempt: Attempt,
    limit: Duration,
    progress: &Progress,
) -> Probed {
    let (probe, recorder, deadline) = (Arc::clone(probe), Arc::clone(&attempt.recorder), attempt.deadline);
    let task = shared.workers.spawn(async move { probe.run(&attempt).await });
    progress.probes(task.abort_handle());
    let mut task = AbortOnDropHandle::new(task);
    let timed_out = || Err(recorder.look(|trace| timeout(trace, group.driver.spec().product, limit)));
    let ended = tokio::select! {
        biased;
        ended = tokio::time::timeout_at((deadline + GRACE).into(), &mut task) => ended,
        () = accepted_at_the_end(shared, &recorder) => {
            return Probed { verdict: Err(Failure::of(Run::Interrupted)), late: None };
        }
    };
    let verdict = match ended {
        // The guard of a stream expires at the same time, but has neither the limit nor the phase for its message.
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

/// Waits until the run ends early and the server has accepted the credential: nothing that follows is waited for, so
/// that the acceptance is recorded before the process ends.
async fn accepted_at_the_end(shared: &Shared, recorder: &Recorder) {
    shared.stop.stopped().await;
    while recorder.credential().answer != Some(Answer::Accepted) {
        tokio::time::sleep(ANSWER_BEAT).await;
    }
}

/// What a server may count for a dialogue that ended with `verdict`. A handshake without an answer, or one that the
/// client broke off, is an interrupted one. So is one without a greeting: a server that was stopped counts the clients
/// that have left its queue once it resumes. A peer that closes without sending a byte is not that server, but a
/// forwarder that does not reach it.
pub(super) fn handshake(verdict: &Result<(), Failure>, unanswered: bool) -> Handshake {
    use Class::{Closed, Internal, Policy, Protocol, Timeout, Tls, Unsupported};
    match verdict {
        Err(failure) if failure.phase != Some(Phase::Query) => match failure.class {
            Closed if unanswered => Handshake::Refused,
            Timeout | Closed | Tls | Protocol | Policy | Unsupported | Internal => Handshake::Interrupted,
            _ => Handshake::Refused,
        },
        _ => Handshake::Served,
    }
}

/// The failure of a probe that left `trace` and did not end within `limit`.
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

#[cfg(test)]
mod tests {
    use super::FIRST_PAUSE;
    use crate::net::resolve::JUST_NOW;

    #[test]
    fn a_retry_looks_a_name_up_again() {
        assert!(JUST_NOW < FIRST_PAUSE);
    }
}
