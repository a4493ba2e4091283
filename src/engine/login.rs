//! The login that a group of definitions makes, in the ledger's terms, and its turn.

use std::sync::Arc;
use std::time::Duration;

use super::accounts::Turn;
use super::check::Shared;
use super::files;
use super::found::Found;
use super::group::{Group, plan};
use super::interruptions;
use super::ledger::{Account, Early, Hold, Login, User, Who, Why};
use super::looks::{LOOK, Look};
use super::progress::Progress;
use crate::driver::{Registry, Target};
use crate::model::connection::Connection;
use crate::model::result::Address;
use crate::net::dial::Endpoint;

/// The maximum number of keys of a login; further addresses of a name are not checked.
const KEYS: usize = 32;

/// The keys that a login is counted under.
pub(super) struct Keys {
    /// Its accounts, those that the definition names first.
    pub(super) accounts: Vec<Account>,
    /// The number of named accounts.
    pub(super) named: usize,
    /// The servers that count its handshake if it ends before its credential leaves.
    servers: Vec<String>,
}

impl Group {
    pub(super) fn user(&self) -> User<'_> {
        User {
            driver: self.driver.spec().name,
            login: &self.plan.account,
            shown: self.plan.login.as_deref().unwrap_or_default(),
        }
    }

    /// The accounts that the definition names.
    pub(super) fn named(&self) -> Vec<Account> {
        let user = self.user();
        let mut named: Vec<Account> = Vec::new();
        let aliases = self.plan.aliases.iter().map(|alias| &alias.name);
        for account in self.plan.endpoints.iter().chain(aliases).map(|endpoint| user.named(endpoint)) {
            if !named.contains(&account) && named.len() < KEYS {
                named.push(account);
            }
        }
        if named.is_empty() {
            let Target { host, port, .. } = &self.plan.target;
            named.push(user.stored(&Target { host: host.clone(), port: *port, database: None }.to_string()));
        }
        named
    }

    /// Every key of a login that may dial `addresses`.
    pub(super) fn keys(&self, addresses: &[Address]) -> Keys {
        let mut accounts = self.named();
        let named = accounts.len();
        for account in addresses.iter().map(|address| self.user().dialled(address)) {
            if !accounts.contains(&account) && accounts.len() < 2 * KEYS {
                accounts.push(account);
            }
        }
        let spec = self.driver.spec();
        let servers =
            if spec.blocks_after_interruptions { interruptions::names(spec.name, addresses) } else { Vec::new() };
        Keys { accounts, named, servers }
    }

    /// The keys of the server that was reached at `address`.
    pub(super) fn reached(&self, address: &Address) -> Vec<Account> {
        let user = self.user();
        let mut reached = vec![user.dialled(address)];
        let at_this_port = |endpoint: &&Endpoint| match (endpoint, address) {
            (Endpoint::Tcp { port, .. }, Address::Ip(address)) => *port == address.port(),
            (Endpoint::Unix(path), Address::Unix(reached)) => path == reached,
            _ => false,
        };
        // If several hosts share the port, it is unknown which one was reached: all count.
        let endpoints: Vec<&Endpoint> = self.plan.endpoints.iter().filter(at_this_port).collect();
        let aliases = self.plan.aliases.iter().filter(|alias| endpoints.contains(&&alias.of)).map(|alias| &alias.name);
        let named: Vec<Account> =
            endpoints.iter().copied().chain(aliases).map(|endpoint| user.named(endpoint)).collect();
        for account in if named.is_empty() { self.named() } else { named } {
            if !reached.contains(&account) {
                reached.push(account);
            }
        }
        reached
    }

    /// The login of this group, for the result `id`.
    pub(super) fn login(&self, keys: Keys, id: &str, limit: Duration, early: Option<Early>) -> Login {
        let who = Who::new(keys.accounts, self.plan.credential, self.plan.circumstances.possible())
            .locked_by(self.driver.spec().lockout);
        Login {
            who: Arc::new(who.counted_at(keys.servers)),
            met: None,
            id: id.to_owned(),
            limit,
            early,
            first: false,
            alone: true,
        }
    }
}

/// The login that `connection` would make, with the accounts that it names; `None` if it cannot be planned.
#[must_use]
pub fn login(connection: &Connection, registry: &Registry) -> Option<Login> {
    let (driver, planned) = plan(connection, registry);
    let mut group = Group { members: Vec::new(), driver: driver?, plan: planned.ok()?, expected: Arc::default() };
    files::look(std::slice::from_mut(&mut group), LOOK);
    Some(group.login(group.keys(&[]), &connection.id(), Duration::ZERO, None))
}

/// The turn of `login`. A held login may go if the server shows a change since its account was held.
pub(super) async fn turn(
    group: &Arc<Group>,
    shared: &Shared,
    login: Login,
    named: usize,
    found: &Found,
    progress: &Progress,
) -> Turn {
    let turn = shared.accounts.turn(login.clone(), named).await;
    let Turn::Held(hold) = turn else { return turn };
    if !is_let_through(&hold, Look { group, shared, login: &login, found, progress, shown: None }).await {
        return Turn::Held(hold);
    }
    shared.accounts.turn(Login { early: Some(Early::Evidence), ..login }, named).await
}

/// Whether the login that `hold` holds may go because a look at its server shows a change.
pub(super) async fn is_let_through(hold: &Hold, look: Look<'_>) -> bool {
    look.login.early.is_none() && hold.why != Why::UnderWay && look.has_changed().await
}
