//! `Progress`: the progress of one check, and the outcome made from it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::task::AbortHandle;

use super::check::{Shared, timeout};
use super::group::Group;
use super::handshaking::Handshaking;
use super::held;
use super::ledger::{Account, Clock, Hold};
use super::outcome::Outcome;
use super::steps::Steps;
use super::wait::State as Wait;
use crate::driver::attempt::{Recorder, Trace};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::Run;
use crate::model::result::{Address, Ended, Held};
use crate::model::step::StepKind;

/// The progress of a check. It is readable while the check runs, so that a run that ends early can report it.
pub(super) struct Progress {
    state: Mutex<State>,
    clock: Clock,
    /// Whether the check was announced among those that go first.
    pub(super) first: bool,
    steps: Option<Steps>,
}

struct State {
    waiting_since: Instant,
    queued: Duration,
    first_attempt: Option<(Instant, Timestamp)>,
    attempts: u32,
    recorder: Arc<Recorder>,
    /// The last probe, while it may be under way.
    probe: Option<AbortHandle>,
    probe_ended: bool,
    /// The handshake with a server that counts interrupted ones.
    handshaking: Option<Arc<Handshaking>>,
    /// Whether the login has ended and the ledger has recorded how.
    answered: bool,
    shared_with: Vec<String>,
    account: Option<String>,
    held: Option<Held>,
    /// Whether the server counts the handshake of the last attempt as interrupted.
    interrupted: bool,
    /// The wait that the check belongs to.
    wait: Option<Wait>,
}

impl Progress {
    /// The progress of a check. `first` tells whether it was announced among those that go first; `clock` supplies its
    /// timestamps; `steps` sends its steps to whoever follows them.
    pub(super) fn new(first: bool, clock: &Clock, steps: Option<Steps>) -> Self {
        let state = Mutex::new(State {
            waiting_since: Instant::now(),
            queued: Duration::ZERO,
            first_attempt: None,
            attempts: 0,
            recorder: Arc::default(),
            probe: None,
            probe_ended: false,
            handshaking: None,
            answered: false,
            shared_with: Vec::new(),
            account: None,
            held: None,
            interrupted: false,
            wait: None,
        });
        Self { state, clock: clock.clone(), first, steps }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a step, if a follower was set.
    pub(super) fn step(&self, kind: impl FnOnce() -> StepKind) {
        if let Some(steps) = self.steps() {
            steps.send(kind());
        }
    }

    /// The servers have these `addresses`, and the check waits for its turn.
    pub(super) fn waits(&self, addresses: &[Address]) {
        self.step(|| StepKind::Resolved(addresses.to_vec()));
        self.step(|| StepKind::Waiting);
    }

    /// Where steps are sent; `None` if only changes are.
    pub(super) fn steps(&self) -> Option<&Steps> {
        self.steps.as_ref().filter(|steps| steps.has_all)
    }

    /// From here on the check belongs to a wait.
    pub(super) fn waits_until_ready(&self) {
        let mut state = self.state();
        state.wait = Some(Wait::since(state.waiting_since));
    }

    /// An attempt of a wait has ended with `failure`, and another one follows.
    pub(super) fn tries_again(&self, failure: Option<Failure>) {
        let reason = failure.as_ref().map(|failure| failure.reason);
        let outcome = self.outcome_of(failure, false);
        let mut state = self.state();
        state.held = None;
        state.interrupted = false;
        let Some(wait) = &mut state.wait else { return };
        wait.last = Some(outcome);
        if let (true, Some(steps)) = (wait.meets(reason, Instant::now()), &self.steps) {
            steps.send(reason.map_or(StepKind::Accepted, StepKind::NotReady));
        }
    }

    /// The server counts the handshake of this attempt as interrupted.
    pub(super) fn was_interrupted(&self) {
        self.state().interrupted = true;
    }

    /// Whether the server counts the handshake of the last attempt as interrupted, and until when the login is held.
    pub(super) fn last(&self) -> (bool, Option<Held>) {
        let state = self.state();
        (state.interrupted, state.held)
    }

    pub(super) fn attempts(&self) -> u32 {
        self.state().attempts
    }

    /// A probe begins. The lookup that it needed took `waited` of its time.
    pub(super) fn begin(&self, recorder: Arc<Recorder>, waited: Duration) {
        let mut state = self.state();
        if state.first_attempt.is_none() {
            state.queued = state.waiting_since.elapsed().saturating_sub(waited);
            let (now, at) = (Instant::now(), self.clock.timestamp());
            let began = (now.checked_sub(waited).unwrap_or(now), at.checked_sub(waited).unwrap_or(at));
            state.first_attempt = Some(began);
        }
        state.attempts += 1;
        state.recorder = recorder;
        state.probe_ended = false;
        state.answered = false;
    }

    /// The last attempt does not count: no credential left.
    pub(super) fn take_back(&self) {
        let mut state = self.state();
        state.attempts = state.attempts.saturating_sub(1);
        if state.attempts == 0 {
            state.first_attempt = None;
            state.recorder = Arc::default();
        }
    }

    pub(super) fn answered(&self) {
        self.state().answered = true;
    }

    /// `handshaking` may begin, with a server that counts interrupted handshakes.
    pub(super) fn shakes_hands(&self, handshaking: &Arc<Handshaking>) {
        self.state().handshaking = Some(Arc::clone(handshaking));
    }

    /// The handshake that may be under way with a server that counts interrupted ones.
    pub(super) fn handshaking(&self) -> Option<Arc<Handshaking>> {
        self.state().handshaking.clone()
    }

    /// `probe` is under way.
    pub(super) fn probes(&self, probe: AbortHandle) {
        self.state().probe = Some(probe);
    }

    /// The probe has ended; with `cut_short` it did not end by itself.
    pub(super) fn end(&self, cut_short: bool) {
        let mut state = self.state();
        state.probe_ended = !cut_short;
        state.probe = None;
    }

    /// Aborts the probe that is under way, if there is one.
    pub(super) fn abort(&self) {
        if let Some(probe) = self.state().probe.take() {
            probe.abort();
        }
    }

    pub(super) fn shares(&self, ids: Vec<String>) {
        self.state().shared_with = ids;
    }

    pub(super) fn of_account(&self, account: Option<&Account>) {
        self.state().account = account.map(|account| account.shown().to_owned());
    }

    /// The failure of a check whose login is held.
    pub(super) fn held(&self, group: &Group, hold: &Hold, shared: &Shared) -> Failure {
        let mut state = self.state();
        state.shared_with.clone_from(&hold.by);
        state.held = Some(held::held(hold));
        let (table, login) = (group.driver.spec().codes, group.plan.login.as_deref());
        let account = state.account.as_deref().unwrap_or_default();
        let mut failure = held::failure(hold, account, shared.accounts.ledger(), table, login);
        if let Some(member) = group.members.first() {
            held::point_at_credential(&mut failure, &member.connection, &group.plan);
        }
        failure
    }

    /// Whether a credential has left whose answer has not arrived yet.
    pub(super) fn awaits_answer(&self) -> bool {
        let state = self.state();
        state.attempts > 0 && !state.answered && state.recorder.credential().sent
    }

    /// The outcome in the current state. It takes the recorded trace, so it is the last one.
    pub(super) fn outcome(&self, failure: Option<Failure>) -> Box<Outcome> {
        self.outcome_of(failure, false)
    }

    /// The same for a check that may belong to a wait, whose connection may be ready.
    pub(super) fn outcome_of(&self, failure: Option<Failure>, is_ready: bool) -> Box<Outcome> {
        let mut state = self.state();
        let cancelled = failure.as_ref().is_some_and(|failure| failure.class == Class::Cancelled);
        let trace = state.recorder.take();
        Box::new(Outcome {
            phases: trace.timings(state.probe_ended && !cancelled),
            facts: trace.facts,
            heard: trace.heard,
            warnings: trace.warnings,
            address: trace.address,
            failure,
            shared_with: std::mem::take(&mut state.shared_with),
            account: state.account.clone(),
            held: state.held,
            waited: state.wait.as_ref().map(|wait| wait.waited(is_ready, Instant::now())),
            attempts: state.attempts,
            started_at: state.first_attempt.map_or_else(|| self.clock.timestamp(), |(_, at)| at),
            queued: if state.first_attempt.is_some() { state.queued } else { state.waiting_since.elapsed() },
            elapsed: state.first_attempt.map_or(Duration::ZERO, |(since, _)| since.elapsed()),
        })
    }

    /// The outcome of a check that was cut short by the end of the run. A check that belongs to a wait has that of its
    /// last attempt.
    pub(super) fn cancelled(&self, ended: Ended, group: &Group) -> Box<Outcome> {
        if let Some(last) = self.last_of_wait() {
            return last;
        }
        if let (Ended::Deadline, Some(silence)) = (ended, self.silence_of_wait(group)) {
            return self.outcome(Some(silence));
        }
        let mut failure = cancelled(ended);
        failure.phase = self.state().recorder.look(Trace::phase);
        self.outcome(Some(failure))
    }

    /// What the first attempt of a wait has waited for, if it has not ended.
    fn silence_of_wait(&self, group: &Group) -> Option<Failure> {
        let state = self.state();
        let (since, _) = state.first_attempt.filter(|_| state.wait.is_some())?;
        let elapsed = Duration::from_millis(u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        Some(state.recorder.look(|trace| timeout(trace, group.driver.spec().product, elapsed)))
    }

    fn last_of_wait(&self) -> Option<Box<Outcome>> {
        let mut state = self.state();
        let (attempts, since) = (state.attempts, state.first_attempt);
        let wait = state.wait.as_mut()?;
        let mut last = wait.last.take()?;
        last.waited = Some(wait.waited(false, Instant::now()));
        last.attempts = attempts;
        last.elapsed = since.map_or(Duration::ZERO, |(since, _)| since.elapsed());
        Some(last)
    }
}

/// The failure of a check that had not finished when the run ended early.
pub(super) fn cancelled(ended: Ended) -> Failure {
    Failure::of(match ended {
        Ended::Deadline => Run::DeadlinePassed,
        Ended::Interrupted | Ended::Complete => Run::Interrupted,
        Ended::GivenUp => Run::GivenUp,
    })
}
