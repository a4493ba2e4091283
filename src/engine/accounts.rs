//! The turns of accounts within this process, on top of the ledger.
//!
//! A login runs alone in its account, under each of the account's keys. Two logins run at a time once this process has
//! seen the same secret accepted and no refusal or unclear end since. Checks whose secret was never refused go before
//! the others.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore};

use super::interruptions::Servers;
use super::ledger::{Account, Begin, End, Ending, Hold, Ledger, Login, Moment, Why};
use super::ticket::Ticket;
use crate::model::fingerprint::Fingerprint;

/// The number of proven logins of one account that run at a time.
const TOGETHER: u32 = 2;
/// A hold that ends within this time is waited for. An unclear end leaves a hold of one second.
const SHORT: Duration = Duration::from_secs(1);
/// The interval at which the ledger is asked whether another process has finished its login.
const PAUSE: Duration = Duration::from_millis(25);

/// Above this number of accounts, those without a login are dropped from memory.
const MANY: usize = 4096;

/// One `Accounts` per ledger of this process: engines that share a ledger share its turns.
static ALL: Mutex<Vec<Weak<Accounts>>> = Mutex::new(Vec::new());

/// A secret with the circumstances of its login.
type Credential = (Option<Fingerprint>, String);

/// The accounts that this process logs in to under one ledger.
pub(super) struct Accounts {
    ledger: Arc<dyn Ledger>,
    gates: Mutex<Gates>,
    /// A counter that puts the ends of logins in order.
    events: AtomicU64,
    /// Checks that have not had their turn and whose secret was never refused, counted by named account.
    first: Mutex<HashMap<Account, usize>>,
    had_turn: Notify,
    /// The state of servers that count interrupted handshakes.
    pub(super) servers: Servers,
}

#[derive(Default)]
struct Gates {
    known: HashMap<Account, Arc<Gate>>,
    /// Above this number, gates that are not in use are dropped.
    many: usize,
}

/// One account under one key. Its permits bound the logins under way.
struct Gate {
    places: Arc<Semaphore>,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    /// When each secret was last accepted.
    accepted: HashMap<Credential, u64>,
    /// When a login was last refused or ended unclear.
    broken: u64,
    /// The login of another process that holds the account: when it ends, and since when this process has waited for
    /// it.
    met: Option<(Moment, Instant)>,
}

/// The answer to a login that asked for its turn.
pub(super) enum Turn {
    Go(Ticket),
    Held(Hold),
}

/// A check whose secret was never refused. Checks with refused secrets wait until this is dropped.
pub(super) struct First {
    accounts: Arc<Accounts>,
    named: Vec<Account>,
}

impl Accounts {
    /// The accounts of `ledger`, shared by everything in this process that uses it.
    pub(super) fn of(ledger: &Arc<dyn Ledger>) -> Arc<Self> {
        let mut all = locked(&ALL);
        all.retain(|known| known.strong_count() > 0);
        let known = all.iter().filter_map(Weak::upgrade).find(|known| Arc::ptr_eq(&known.ledger, ledger));
        known.unwrap_or_else(|| {
            let accounts = Arc::new(Self {
                ledger: Arc::clone(ledger),
                gates: Mutex::default(),
                events: AtomicU64::new(1),
                first: Mutex::default(),
                had_turn: Notify::new(),
                servers: Servers::default(),
            });
            all.push(Arc::downgrade(&accounts));
            accounts
        })
    }

    pub(super) fn ledger(&self) -> &dyn Ledger {
        &*self.ledger
    }

    /// An owned handle to the ledger.
    pub(super) fn shared_ledger(&self) -> Arc<dyn Ledger> {
        Arc::clone(&self.ledger)
    }

    /// Announces a check of `login`, of which only the named accounts are known yet. Returns `None` for a secret that
    /// was refused before: its check waits for the announced ones.
    pub(super) fn announce(self: &Arc<Self>, login: &Login) -> Option<First> {
        if self.ledger.was_refused(login) {
            return None;
        }
        let mut waiting = locked(&self.first);
        for account in login.accounts() {
            *waiting.entry(account.clone()).or_default() += 1;
        }
        Some(First { accounts: Arc::clone(self), named: login.accounts().to_vec() })
    }

    /// Waits for the turn of `login`. The first `named` of its accounts are those that its definition names.
    pub(super) async fn turn(self: &Arc<Self>, mut login: Login, named: usize) -> Turn {
        // A check that was announced before its secret was refused must not wait: it would wait for itself.
        if !login.first && self.ledger.was_refused(&login) {
            self.others_first(&login.accounts()[..named]).await;
        }
        let gates: Vec<Arc<Gate>> = {
            let mut all = locked(&self.gates);
            login.accounts().iter().map(|account| all.gate(account)).collect()
        };
        // All logins acquire in the same order, so that no two wait for each other.
        let mut order: Vec<(&Account, &Arc<Gate>)> = login.accounts().iter().zip(&gates).collect();
        order.sort_unstable_by_key(|(account, _)| *account);
        order.dedup_by_key(|(account, _)| *account);
        let alone = !is_proven(&gates, named, &login);
        let mut places = Vec::new();
        for (_, gate) in order {
            let wanted = if alone { TOGETHER } else { 1 };
            match Arc::clone(&gate.places).acquire_many_owned(wanted).await {
                Ok(place) => places.push(place),
                Err(_closed) => unreachable!("the gates of accounts are never closed"),
            }
        }
        // A login that went before may have been refused.
        login.alone = alone || !is_proven(&gates, named, &login);
        loop {
            match self.ledger.begin(&login).await {
                Begin::Go { early } => {
                    return Turn::Go(Ticket::new(Arc::clone(self), login, early, places));
                }
                Begin::Held(hold) => match self.ends_soon(&hold) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Turn::Held(hold),
                },
                Begin::Taken { until } => {
                    // All logins of the account wait for the same one: together no longer than one of them may take.
                    let waited = gates.iter().map(|gate| gate.waited_for(until)).max().unwrap_or_default();
                    if waited >= login.limit {
                        return Turn::Held(self.under_way(&login, until));
                    }
                    tokio::time::sleep(PAUSE.min(login.limit.saturating_sub(waited))).await;
                }
            }
        }
    }

    /// How long to wait for the end of `hold`; `None` if it is too long to wait for.
    pub(super) fn ends_soon(&self, hold: &Hold) -> Option<Duration> {
        let left = hold.until.since(self.ledger.now());
        let is_short = left <= SHORT && hold.until.since(hold.since) <= SHORT;
        is_short.then_some(left + Duration::from_millis(1))
    }

    /// The hold of `login` while another process is logging in to its account.
    fn under_way(&self, login: &Login, until: Moment) -> Hold {
        let since = self.ledger.now();
        self.ledger.hold(login).unwrap_or(Hold {
            why: Why::UnderWay,
            since,
            until: until.max(since),
            refusals: 0,
            by: Vec::new(),
            code: None,
            once: false,
        })
    }

    /// Waits until no announced check of an account among `named` is still waiting for its turn.
    async fn others_first(&self, named: &[Account]) {
        loop {
            let had_turn = self.had_turn.notified();
            if named.iter().all(|account| !locked(&self.first).contains_key(account)) {
                return;
            }
            had_turn.await;
        }
    }

    /// Records how `login` ended.
    pub(super) fn note(&self, login: &Login, end: &End) {
        let now = self.events.fetch_add(1, Ordering::Relaxed);
        let gates = locked(&self.gates);
        let reached = if end.accounts.is_empty() { login.accounts() } else { &end.accounts };
        let circumstances = login.met.as_ref().or(login.circumstances().first()).cloned().unwrap_or_default();
        for gate in reached.iter().filter_map(|account| gates.known.get(account)) {
            let mut history = locked(&gate.history);
            match end.ending {
                Ending::Accepted => {
                    history.accepted.insert((login.secret(), circumstances.clone()), now);
                }
                Ending::Refused | Ending::Unclear | Ending::NoDifference => history.broken = now,
                Ending::Untested => {}
            }
        }
    }
}

impl Gates {
    fn gate(&mut self, account: &Account) -> Arc<Gate> {
        if let Some(gate) = self.known.get(account) {
            return Arc::clone(gate);
        }
        if self.known.len() >= self.many.max(MANY) {
            self.known.retain(|_, gate| gate.is_in_use());
            self.many = 2 * self.known.len();
        }
        let gate = Arc::new(Gate { places: Arc::new(Semaphore::new(TOGETHER as usize)), history: Mutex::default() });
        self.known.insert(account.clone(), Arc::clone(&gate));
        gate
    }
}

impl Gate {
    /// Whether a login holds or waits for a turn here. The caller holds the lock under which gates are handed out.
    fn is_in_use(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1 || self.places.available_permits() < TOGETHER as usize
    }

    /// How long this process has waited so far for the login of another process that ends at `until`.
    fn waited_for(&self, until: Moment) -> Duration {
        let mut history = locked(&self.history);
        let met = history.met.filter(|met| met.0 == until).unwrap_or_else(|| (until, Instant::now()));
        history.met = Some(met);
        met.1.elapsed()
    }
}

/// Whether the secret of `login` was accepted under a key that the definition names, in circumstances that the login
/// may meet, with no refusal or unclear end under any key since.
fn is_proven(gates: &[Arc<Gate>], named: usize, login: &Login) -> bool {
    let credentials: Vec<Credential> = login.circumstances().iter().map(|one| (login.secret(), one.clone())).collect();
    let accepted = gates[..named].iter().filter_map(|gate| {
        let history = locked(&gate.history);
        credentials.iter().filter_map(|credential| history.accepted.get(credential).copied()).max()
    });
    let accepted = accepted.max();
    accepted.is_some_and(|at| gates.iter().all(|gate| locked(&gate.history).broken < at))
}

/// Locks `mutex`, even if a thread panicked while it held the lock.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for First {
    fn drop(&mut self) {
        let mut waiting = locked(&self.accounts.first);
        for account in &self.named {
            if let Some(count) = waiting.get_mut(account) {
                *count -= 1;
                if *count == 0 {
                    waiting.remove(account);
                }
            }
        }
        drop(waiting);
        self.accounts.had_turn.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ledger::testing::{end, login};
    use crate::engine::ledger::{Clock, FileLedger, MemoryLedger};

    fn of(ledger: impl Ledger + 'static) -> Arc<Accounts> {
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        Accounts::of(&ledger)
    }

    fn accounts() -> Arc<Accounts> {
        of(MemoryLedger::new(Clock::default()))
    }

    async fn go(accounts: &Arc<Accounts>, hosts: &[&str], secret: &str) -> Ticket {
        match accounts.turn(login(hosts, secret), 1).await {
            Turn::Go(ticket) => ticket,
            Turn::Held(hold) => panic!("held: {hold:?}"),
        }
    }

    #[tokio::test]
    async fn logins_go_alone_until_they_are_proven_then_two_at_a_time() {
        let accounts = accounts();
        let first = go(&accounts, &["db", "10.0.0.7"], "a").await;
        let waiting = accounts.turn(login(&["10.0.0.7"], "a"), 1);
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        first.end(end(Ending::Accepted)).await;
        drop(first);
        let Turn::Go(alone) = waiting.await else { panic!("held") };
        alone.end(end(Ending::Accepted)).await;
        drop(alone);
        let _one = go(&accounts, &["db", "10.0.0.7"], "a").await;
        let _two = go(&accounts, &["db", "10.0.0.7"], "a").await;
        let third = accounts.turn(login(&["db"], "a"), 1);
        tokio::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
    }

    #[tokio::test]
    async fn whoever_shares_a_ledger_shares_the_turns() {
        let [ledger, other]: [Arc<dyn Ledger>; 2] =
            [(); 2].map(|()| Arc::new(MemoryLedger::new(Clock::default())) as Arc<dyn Ledger>);
        let (one, same, another) = (Accounts::of(&ledger), Accounts::of(&ledger), Accounts::of(&other));
        let _going = go(&one, &["db"], "a").await;
        let waiting = same.turn(login(&["db"], "b"), 1);
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        let _elsewhere = go(&another, &["db"], "a").await;
    }

    #[tokio::test]
    async fn an_account_that_nobody_logs_in_to_is_let_go_and_no_other() {
        let accounts = accounts();
        let _going = go(&accounts, &["db"], "a").await;
        for number in 0..2 * MANY {
            drop(go(&accounts, &[&format!("db{number}")], "a").await);
        }
        assert!(locked(&accounts.gates).known.len() <= MANY + 1);
        let waiting = accounts.turn(login(&["db"], "b"), 1);
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
    }

    #[tokio::test]
    async fn a_refusal_ends_what_was_proven() {
        let accounts = accounts();
        for (secret, ending) in [("a", Ending::Accepted), ("b", Ending::Refused)] {
            go(&accounts, &["db"], secret).await.end(end(ending)).await;
        }
        let _alone = go(&accounts, &["db"], "a").await;
        let next = accounts.turn(login(&["db"], "a"), 1);
        tokio::pin!(next);
        assert!(futures_util::poll!(&mut next).is_pending());
    }

    #[tokio::test]
    async fn a_login_of_another_process_is_waited_for_no_longer_than_ones_own_may_take() {
        let directory = tempfile::tempdir().unwrap();
        let open = || FileLedger::open(&directory.path().join("ledger"), Clock::default()).unwrap();
        let other = open();
        let slow = Login { limit: Duration::from_mins(10), ..login(&["db"], "a") };
        assert!(matches!(other.begin(&slow).await, Begin::Go { .. }));
        let accounts = of(open());
        let own = || Login { limit: Duration::from_millis(200), ..login(&["db"], "b") };
        let asked = Instant::now();
        for _ in 0..20 {
            let Turn::Held(hold) = accounts.turn(own(), 1).await else { panic!("it went") };
            assert_eq!(hold.why, Why::UnderWay);
            assert!(asked.elapsed() >= own().limit);
        }
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        other.end(&slow, &end(Ending::Accepted)).await;
        assert!(matches!(accounts.turn(own(), 1).await, Turn::Go(_)));
    }

    #[tokio::test]
    async fn what_was_refused_waits_for_what_was_not() {
        let clock = Clock::standing_at(Clock::default().now());
        let accounts = of(MemoryLedger::new(clock.clone()));
        go(&accounts, &["db"], "old").await.end(end(Ending::Refused)).await;
        clock.set(clock.now().after(Duration::from_hours(25)));
        assert!(accounts.announce(&login(&["db"], "old")).is_none());
        let new = accounts.announce(&login(&["db"], "new")).unwrap();
        let waiting = accounts.turn(login(&["db"], "old"), 1);
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        go(&accounts, &["db"], "new").await.end(end(Ending::Accepted)).await;
        drop(new);
        assert!(matches!(waiting.await, Turn::Go(_)));
    }

    #[tokio::test]
    async fn who_was_announced_waits_for_nobody_who_was_not_even_for_itself() {
        let accounts = accounts();
        // Two definitions share one secret; the second check comes late, after a slow lookup.
        let both = [accounts.announce(&login(&["db"], "a")).unwrap(), accounts.announce(&login(&["db"], "a")).unwrap()];
        go(&accounts, &["db"], "a").await.end(end(Ending::Refused)).await;
        let late = Login { first: true, ..login(&["db"], "a") };
        let turn = tokio::time::timeout(Duration::from_secs(5), accounts.turn(late, 1)).await;
        assert!(matches!(turn, Ok(Turn::Held(hold)) if hold.why == Why::Refused));
        drop(both);
    }
}
