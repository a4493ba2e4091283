//! Looks at a server, without a credential, that may end a hold: whether the server shows that a password was set or
//! that the server was restarted.
//!
//! The greeting shows a server's age, but a client that only reads the greeting leaves an interrupted handshake. So one
//! such look serves all accounts of a server in a run, and the ledger counts it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_util::task::AbortOnDropHandle;

use super::accounts::locked;
use super::check::Shared;
use super::found::Found;
use super::group::Group;
use super::handshaking::Handshaking;
use super::ledger::{Account, Login};
use super::progress::Progress;
use crate::driver::attempt::{Recorder, Trace};
use crate::driver::{Attempt, Evidence, Shows};
use crate::model::result::Address;

/// The time limit of a look.
pub(super) const LOOK: Duration = Duration::from_secs(5);

/// What a server has shown in a run; empty if it was not looked at.
type Shown = Arc<OnceCell<Option<Evidence>>>;

/// The looks of one run.
#[derive(Default)]
pub(super) struct Looks {
    /// What the servers that count looks have shown, by their names in the ledger.
    shown: Mutex<HashMap<Vec<String>, Shown>>,
    /// Accounts whose server was looked at.
    accounts: Mutex<HashSet<Account>>,
}

impl Looks {
    /// Whether the server of `login` has not been looked at before.
    fn is_first(&self, login: &Login) -> bool {
        let mut looked = locked(&self.accounts);
        login.accounts().iter().filter(|account| looked.insert((*account).clone())).count() == login.accounts().len()
    }
}

/// One look at the server of a login.
pub(super) struct Look<'a> {
    pub(super) group: &'a Group,
    pub(super) shared: &'a Shared,
    /// The login that is held.
    pub(super) login: &'a Login,
    pub(super) found: &'a Found,
    pub(super) progress: &'a Progress,
    /// What the server has already shown in a dialogue of this login.
    pub(super) shown: Option<Evidence>,
}

impl Look<'_> {
    /// Whether the server shows that its password was set or that the server was restarted. There is one look per
    /// account and run.
    pub(super) async fn has_changed(self) -> bool {
        let kind = self.group.plan.probe.shows();
        let is_here = || self.found.resolved.addresses.iter().all(Address::is_local);
        if kind == Shows::Nothing || (kind == Shows::Age && !is_here()) {
            return false;
        }
        let ledger = self.shared.accounts.ledger();
        if !ledger.past(self.login, None).known || !self.shared.looks.is_first(self.login) {
            return false;
        }
        let shown = match kind {
            Shows::Age => self.age().await,
            _ => self.salt().await,
        };
        let Some(shown) = shown.filter(|shown| self.is_news(shown)) else { return false };
        // This evidence ends a hold only once.
        ledger.looked(self.login, Some(shown), false).await;
        true
    }

    fn is_news(&self, shown: &Evidence) -> bool {
        self.shared.accounts.ledger().past(self.login, Some(shown)).changed
    }

    /// The salt, if it differs from the known one and is the same on two connections: a value that differs each time
    /// proves nothing.
    async fn salt(&self) -> Option<Evidence> {
        let first = self.look_as_stranger().await.filter(|first| self.is_news(first))?;
        let second = self.look_as_stranger().await?;
        (first == second).then_some(first)
    }

    /// Looks at whatever server answers. It may not be the one that the definition means, but one that counts clients
    /// that hang up on its greeting.
    async fn look_as_stranger(&self) -> Option<Evidence> {
        let (interruptions, spec) = (&self.shared.interruptions, self.group.driver.spec());
        let addresses = &self.found.resolved.addresses;
        let place = interruptions.enter(spec, addresses).await.ok()?;
        let recorder = Arc::<Recorder>::default();
        let handshaking = Handshaking::new(interruptions, spec, &place, addresses);
        // No credential leaves.
        handshaking.follow(&recorder, self.progress, || ());
        let shown = self.look(&recorder).await;
        interruptions.note_stranger(place, &handshaking, recorder.look(Trace::is_unanswered)).await;
        handshaking.is_over();
        shown
    }

    /// The age of the server, as this login or the first look of the run found it.
    async fn age(&self) -> Option<Evidence> {
        let server = {
            let mut servers = locked(&self.shared.looks.shown);
            Arc::clone(servers.entry(self.login.looks_cost_at().to_vec()).or_default())
        };
        server.get_or_init(|| self.first_age()).await.clone()
    }

    async fn first_age(&self) -> Option<Evidence> {
        if self.shown.is_some() {
            return self.shown.clone();
        }
        let ledger = self.shared.accounts.ledger();
        if !ledger.past(self.login, None).may_look {
            return None;
        }
        let recorder = Arc::<Recorder>::default();
        let (spec, addresses) = (self.group.driver.spec(), &self.found.resolved.addresses);
        let handshaking = Handshaking::noted(&self.shared.interruptions, spec, addresses);
        // No credential leaves.
        handshaking.follow(&recorder, self.progress, || ());
        let shown = self.look(&recorder).await;
        if !handshaking.broken_off().is_empty() {
            ledger.looked(self.login, None, true).await;
        }
        handshaking.is_over();
        shown
    }

    /// What the server shows without a credential.
    async fn look(&self, recorder: &Arc<Recorder>) -> Option<Evidence> {
        recorder.only_look();
        let Shared { network, settings, controls, workers, .. } = self.shared;
        let deadline = Instant::now() + LOOK.min(settings.timeout);
        let attempt = Attempt {
            network: Arc::new(network.clone()),
            policy: settings.policy.clone(),
            deadline,
            recorder: Arc::clone(recorder),
            controls: Arc::clone(controls),
            expected: Arc::default(),
        };
        let probe = Arc::clone(&self.found.probe);
        let task = workers.spawn(async move { probe.run(&attempt).await.is_ok() });
        drop(tokio::time::timeout_at(deadline.into(), AbortOnDropHandle::new(task)).await);
        recorder.credential().evidence
    }
}
