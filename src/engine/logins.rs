//! `Logins`: logins that no check makes, of sources and of the store, under the same ledger: one at a time in an account, and
//! no refused secret again. They look at no server: who is held stays held until the hold ends, or is ended.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::accounts::{Accounts, Turn};
use super::check::{handshake, timeout};
use super::files;
use super::group::{Group, plan};
use super::held;
use super::interruptions::{Handshake, Handshaking, Interruptions};
use super::ledger::{Clock, End, Hold, Ledger, MemoryLedger};
use super::looks::LOOK;
use super::lookup::look_up;
use crate::driver::attempt::Trace;
use crate::driver::registry::counter_of;
use crate::driver::{Attempt, Registry};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::Machine;

/// What is left of a login's time for noting what it came to.
const NOTING: Duration = Duration::from_millis(100);

/// Opens the ledger, or says why there is none.
type Open = dyn Fn() -> Result<Arc<dyn Ledger>, String> + Send + Sync;

/// The logins of sources and of the store; the ledger is opened with the first of them.
pub struct Logins {
    open: Box<Open>,
    accounts: OnceLock<Result<Arc<Accounts>, String>>,
}

impl Logins {
    /// Those over the ledger that `open` opens, once.
    pub fn over(open: impl Fn() -> Result<Arc<dyn Ledger>, String> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), accounts: OnceLock::new() }
    }

    /// The ledger, if a login has opened it.
    #[must_use]
    pub fn ledger(&self) -> Option<Arc<dyn Ledger>> {
        self.accounts.get()?.as_ref().ok().map(|accounts| accounts.shared_ledger())
    }

    /// Has `login`, which logs in with `connection` by way of `attempt`, wait for its turn, and notes what it comes to.
    ///
    /// # Errors
    ///
    /// Those of `login`, and why it must not go.
    pub async fn log_in<T>(
        &self,
        connection: &Connection,
        attempt: &Attempt,
        login: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        // One that cannot be planned says so itself.
        let (Some(driver), Ok(plan)) = plan(connection, Registry::builtin()) else { return login.await };
        let accounts = self.accounts()?;
        let mut group = Group { members: Vec::new(), driver, plan };
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
        let interruptions = Interruptions::new(Arc::clone(&accounts));
        if spec.blocks_after_interruptions {
            interruptions.look_at(spec.name, &addresses)?;
        } else {
            interruptions.look_as_stranger(&addresses)?;
        }
        let recorder = &attempt.recorder;
        recorder.before_admitting(ticket.gate(group.plan.circumstances.clone()));
        let leaving = ticket.leaving(recorder);
        let handshaking = spec.blocks_after_interruptions.then(|| Handshaking::new(&accounts, spec.name, true));
        match &handshaking {
            Some(handshaking) => handshaking.listen(recorder, leaving),
            None => recorder.before_leaving(leaving),
        }

        // It is over before its caller gives it up: what it came to is noted.
        let left = attempt.deadline.saturating_duration_since(Instant::now());
        let outcome = match tokio::time::timeout(left.saturating_sub((left / 10).min(NOTING)), login).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(recorder.look(|trace| timeout(trace, spec.product, limit))),
        };

        let (address, phase, unanswered, spoken) = recorder
            .look(|trace: &Trace| (trace.address.clone(), trace.phase(), trace.is_unanswered(), trace.spoken()));
        let verdict = match &outcome {
            Ok(_) => Ok(()),
            Err(failure) => Err(Failure { phase: failure.phase.or(phase), ..failure.clone() }),
        };
        if let (Some(address), None) = (&address, ticket.stopped()) {
            if spec.blocks_after_interruptions {
                let handshake = handshake(&verdict, unanswered);
                if handshake != Handshake::Refused {
                    interruptions.note_at_once(spec.name, address, handshake == Handshake::Interrupted);
                }
            } else if let Some(counting) = spoken.and_then(counter_of) {
                interruptions.note_at_once(counting, address, true);
            }
        }
        if let Some(handshaking) = handshaking {
            handshaking.is_over();
        }
        let reached = address.map(|address| group.reached(&address)).unwrap_or_default();
        ticket.end(End::of(spec, &verdict, &recorder.credential(), reached)).await;
        match ticket.stopped() {
            Some(hold) => Err(refused(&hold)),
            None => outcome,
        }
    }

    fn accounts(&self) -> Result<Arc<Accounts>, Failure> {
        let opened = self.accounts.get_or_init(|| (self.open)().map(|ledger| Accounts::of(&ledger)));
        opened.clone().map_err(|reason| Failure::of(Machine::NoLedger { reason }))
    }
}

impl Default for Logins {
    /// What is refused is remembered as long as these.
    fn default() -> Self {
        Self::over(|| Ok(Arc::new(MemoryLedger::new(Clock::default()))))
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}
