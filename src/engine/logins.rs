//! `Logins`: logins of sources and of the store, which belong to no check, under the same ledger: one at a time in an
//! account, and never again with a refused secret. They do not look at servers: a held login stays held until the hold
//! ends or is ended.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use super::accounts::{Accounts, Turn, locked};
use super::check::{handshake, timeout};
use super::files;
use super::group::{Group, plan};
use super::handshaking::Handshaking;
use super::held;
use super::interruptions::{Handshake, Interruptions, Place, name};
use super::ledger::{Clock, End, Hold, Ledger, MemoryLedger};
use super::looks::LOOK;
use super::lookup::{Resolved, look_up};
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::spec::Spec;
use crate::driver::{Attempt, Registry};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::{Machine, Timeout};
use crate::model::result::Address;
use crate::net::dial::Endpoint;

/// The part of a login's time that is reserved for recording its end.
const NOTING: Duration = Duration::from_millis(100);

/// How long the answer to a credential that has left is awaited, after the limit of its login or the end of the run: if
/// nobody reads it, a right secret counts as unanswered.
const ANSWER: Duration = Duration::from_millis(300);
/// The interval between looks for that answer.
const BEAT: Duration = Duration::from_millis(10);

/// Opens the ledger, or returns why there is none.
type Open = dyn Fn() -> Result<Arc<dyn Ledger>, String> + Send + Sync;

/// The logins of sources and of the store. The first of them opens the ledger.
pub struct Logins {
    open: Box<Open>,
    opened: OnceLock<Result<Opened, String>>,
    /// The logins that have begun and whose sessions may be open, and whether the end of each is recorded.
    under_way: Mutex<Vec<(Weak<Recorder>, Arc<AtomicBool>)>>,
}

/// What all logins share.
#[derive(Clone)]
struct Opened {
    accounts: Arc<Accounts>,
    interruptions: Arc<Interruptions>,
}

impl Logins {
    /// Logins over the ledger that `open` opens. It is called once.
    pub fn over(open: impl Fn() -> Result<Arc<dyn Ledger>, String> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), opened: OnceLock::new(), under_way: Mutex::default() }
    }

    /// Whether a login or its session is under way, and its credential has left.
    #[must_use]
    pub fn are_under_way(&self) -> bool {
        self.any(|_is_noted| true)
    }

    /// Whether a login whose credential has left awaits its answer, or its end is not recorded yet.
    #[must_use]
    pub fn await_answer(&self) -> bool {
        self.any(|is_noted| !is_noted)
    }

    /// Whether there is a login whose credential has left, and that `is` meant.
    fn any(&self, is: impl Fn(bool) -> bool) -> bool {
        let mut under_way = locked(&self.under_way);
        under_way.retain(|(recorder, _)| recorder.strong_count() > 0);
        let mut all = under_way.iter().filter_map(|(recorder, is_noted)| Some((recorder.upgrade()?, is_noted)));
        all.any(|(recorder, is_noted)| recorder.credential().sent && is(is_noted.load(Ordering::Acquire)))
    }

    /// Waits until `end`, and then for the answers to credentials that have left, for 0.3 s at most.
    pub async fn until_answered(&self, end: Instant) {
        tokio::time::sleep_until(end.into()).await;
        let last = end + ANSWER;
        while self.await_answer() && Instant::now() < last {
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Whether a run that ended at `since` still waits for an answer to a credential.
    #[must_use]
    pub fn are_awaited(&self, since: Instant) -> bool {
        since.elapsed() < ANSWER && self.await_answer()
    }

    /// The ledger, if a login has opened it.
    #[must_use]
    pub fn ledger(&self) -> Option<Arc<dyn Ledger>> {
        self.opened.get()?.as_ref().ok().map(|opened| opened.accounts.shared_ledger())
    }

    /// Runs `login`, which logs in with `connection` by way of `attempt`, when its turn comes, and records how it ends.
    ///
    /// # Errors
    ///
    /// Those of `login`, and why the login is withheld.
    pub async fn log_in<T>(
        &self,
        connection: &Connection,
        attempt: &Attempt,
        login: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        // A definition that cannot be planned fails in `login` itself.
        let (Some(driver), Ok(plan)) = plan(connection, Registry::builtin()) else { return login.await };
        let Opened { accounts, interruptions } = self.opened()?;
        let mut group = Group { members: Vec::new(), driver, plan, expected: Arc::default() };
        files::look(std::slice::from_mut(&mut group), LOOK);
        let limit = attempt.deadline.saturating_duration_since(Instant::now());
        // So does one whose server has no address.
        let found = look_up(&group.plan.endpoints, &attempt.network, limit).await;
        let addresses = found.map(|found| found.addresses).unwrap_or_default();
        let keys = group.keys(&addresses);
        let (named, account) = (keys.named, keys.accounts.first().map(|account| account.shown().to_owned()));
        let spec = group.driver.spec();
        let refused = |hold: &Hold| {
            let account = account.as_deref().unwrap_or_default();
            held::failure(hold, account, accounts.ledger(), spec.codes, group.plan.login.as_deref())
        };
        let ticket = match accounts.turn(group.login(keys, &connection.id(), limit, None), named).await {
            Turn::Go(ticket) => ticket,
            Turn::Held(hold) => return Err(refused(&hold)),
        };
        let place = enter(&interruptions, spec, &addresses, attempt).await?;
        let recorder = &attempt.recorder;
        recorder.read_on(ANSWER);
        let is_noted = Arc::<AtomicBool>::default();
        locked(&self.under_way).push((Arc::downgrade(recorder), Arc::clone(&is_noted)));
        recorder.before_admitting(ticket.gate(group.plan.circumstances.clone()));
        let leaving = ticket.leaving(recorder);
        let handshaking = Handshaking::noted(&interruptions, spec, &addresses);
        handshaking.listen(recorder, leaving);
        let Ended { outcome, verdict, address, handshake } = until_the_end(login, attempt, spec.product, limit).await;
        if !spec.blocks_after_interruptions {
            let counted = handshaking.counted(handshake == Handshake::Interrupted);
            interruptions.note_interrupted_at_once(place, &counted);
        } else if let (Some(address), None) = (&address, ticket.stopped()) {
            match handshake {
                Handshake::Refused => {}
                Handshake::Interrupted => interruptions.note_interrupted_at_once(place, &[name(spec.name, address)]),
                Handshake::Served => interruptions.note_served_at_once(spec.name, address),
            }
        }
        handshaking.is_over();
        let reached = address.map(|address| group.reached(&address)).unwrap_or_default();
        ticket.end(End::of(spec, &verdict, &recorder.credential(), reached)).await;
        is_noted.store(true, Ordering::Release);
        match ticket.stopped() {
            Some(hold) => Err(refused(&hold)),
            None => outcome,
        }
    }

    /// Runs `visit`, which goes to `endpoint` by way of `attempt`. The server is one of the driver `spec`, which counts
    /// no refused logins; but the peer may be another server, which counts clients that hang up on its greeting.
    ///
    /// # Errors
    ///
    /// Those of `visit`, and why the visit is withheld.
    pub async fn visit<T>(
        &self,
        endpoint: &Endpoint,
        spec: &Spec,
        attempt: &Attempt,
        visit: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let limit = attempt.remaining();
        // An endpoint without an address fails in `visit` itself.
        let Ok(Resolved { addresses, .. }) = look_up(std::slice::from_ref(endpoint), &attempt.network, limit).await
        else {
            return visit.await;
        };
        let Opened { interruptions, .. } = self.opened()?;
        let place = enter(&interruptions, spec, &addresses, attempt).await?;
        let handshaking = Handshaking::noted(&interruptions, spec, &addresses);
        handshaking.listen(&attempt.recorder, || ());
        let Ended { outcome, handshake, .. } = until_the_end(visit, attempt, spec.product, limit).await;
        interruptions.note_interrupted_at_once(place, &handshaking.counted(handshake == Handshake::Interrupted));
        handshaking.is_over();
        outcome
    }

    fn opened(&self) -> Result<Opened, Failure> {
        let open = || (self.open)().map(|ledger| Accounts::of(&ledger));
        let opened = self.opened.get_or_init(|| {
            open().map(|accounts| Opened { interruptions: Interruptions::new(Arc::clone(&accounts)), accounts })
        });
        opened.clone().map_err(|reason| Failure::of(Machine::NoLedger { reason }))
    }
}

/// Waits for a place for a login of the driver `spec` at `addresses`, until `attempt` is over.
async fn enter(
    interruptions: &Interruptions,
    spec: &Spec,
    addresses: &[Address],
    attempt: &Attempt,
) -> Result<Place, Failure> {
    let limit = attempt.remaining();
    let waiting = interruptions.enter(spec, addresses);
    let place = tokio::time::timeout(limit.saturating_sub((limit / 10).min(NOTING)), waiting).await;
    place.unwrap_or_else(|_elapsed| Err(Failure::of(Timeout::Source { limit })))
}

/// The end of a login.
struct Ended<T> {
    outcome: Result<T, Failure>,
    /// The outcome without its value.
    verdict: Result<(), Failure>,
    address: Option<Address>,
    handshake: Handshake,
}

/// Waits for `login`, which goes by way of `attempt` to a `product` and has `limit`. It ends before its caller gives it
/// up, so that its end can be recorded.
async fn until_the_end<T>(
    login: impl Future<Output = Result<T, Failure>>,
    attempt: &Attempt,
    product: &'static str,
    limit: Duration,
) -> Ended<T> {
    let left = attempt.remaining();
    let recorder = &attempt.recorder;
    tokio::pin!(login);
    let reserved = (left / 10).min(NOTING);
    let mut outcome = tokio::time::timeout(left.saturating_sub(reserved), &mut login).await;
    let awaits_answer = || {
        let credential = recorder.credential();
        credential.sent && credential.answer.is_none()
    };
    if outcome.is_err() && awaits_answer() {
        outcome = tokio::time::timeout(reserved + ANSWER * 9 / 10, &mut login).await;
    }
    let outcome = outcome.unwrap_or_else(|_elapsed| Err(recorder.look(|trace| timeout(trace, product, limit))));
    let (address, phase, unanswered) =
        recorder.look(|trace: &Trace| (trace.address.clone(), trace.phase(), trace.is_unanswered()));
    let verdict = match &outcome {
        Ok(_) => Ok(()),
        Err(failure) => Err(Failure { phase: failure.phase.or(phase), ..failure.clone() }),
    };
    let handshake = handshake(&verdict, unanswered);
    Ended { outcome, verdict, address, handshake }
}

impl Default for Logins {
    /// Remembers refusals in memory, for the life of the value.
    fn default() -> Self {
        Self::over(|| Ok(Arc::new(MemoryLedger::new(Clock::default()))))
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}
