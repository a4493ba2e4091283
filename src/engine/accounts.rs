//! The turns of accounts, so that we lock nobody out.
//!
//! An account is a driver, an address with its port, and a login. Until the first success its logins go one at a
//! time; a refused secret is never sent again; after two different refused secrets the rest is
//! withheld.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::reason::Run;
use crate::model::result::Address;

/// After so many different refused secrets nothing more is sent to an account.
const REFUSALS: usize = 2;

/// One account at one address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AccountKey {
    pub(super) driver: &'static str,
    pub(super) address: Place,
    pub(super) account: String,
}

/// Where an account lives: an address that may be dialled, or what the definition says where only
/// the probe can find out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    Address(Address),
    Stored(String),
}

/// What a login of an account has to know before it starts.
pub(super) enum Turn {
    /// Go ahead; give the outcome back.
    Go(Ticket),
    /// This secret was refused before, in the result of that id.
    Refused { failure: Failure, by: String },
    /// Too many secrets were refused, in the results of those ids.
    Withheld { failure: Failure, by: Vec<String> },
}

/// The accounts of a run.
#[derive(Default)]
pub(super) struct Accounts(Mutex<HashMap<AccountKey, Arc<Account>>>);

struct Account {
    gate: Arc<Semaphore>,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    proven: Vec<Option<Fingerprint>>,
    refused: Vec<Refused>,
}

#[derive(Clone)]
struct Refused {
    credential: Option<Fingerprint>,
    failure: Failure,
    by: String,
}

/// The turn of one login at every address it may reach; other logins of the account wait for its drop.
pub(super) struct Ticket {
    accounts: Vec<Arc<Account>>,
    credential: Option<Fingerprint>,
    _turns: Vec<OwnedSemaphorePermit>,
}

impl Accounts {
    /// Waits for the turn of a login that sends `credential`. The keys are taken in one order by
    /// everybody, so that two logins with several addresses cannot wait for each other.
    pub(super) async fn turn(&self, mut keys: Vec<AccountKey>, credential: Option<Fingerprint>) -> Turn {
        keys.sort_unstable();
        keys.dedup();
        let accounts: Vec<Arc<Account>> = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            keys.into_iter().map(|key| Arc::clone(all.entry(key).or_insert_with(Account::new))).collect()
        };
        let mut turns = Vec::new();
        for account in &accounts {
            if let Some(verdict) = account.verdict(credential) {
                return verdict;
            }
            if account.history().proven.contains(&credential) {
                continue;
            }
            match Arc::clone(&account.gate).acquire_owned().await {
                Ok(permit) => turns.push(permit),
                Err(_closed) => unreachable!("the gates of accounts are never closed"),
            }
            if let Some(verdict) = account.verdict(credential) {
                return verdict;
            }
            if account.history().proven.contains(&credential) {
                turns.pop();
            }
        }
        Turn::Go(Ticket { accounts, credential, _turns: turns })
    }
}

impl Account {
    fn new() -> Arc<Self> {
        Arc::new(Self { gate: Arc::new(Semaphore::new(1)), history: Mutex::default() })
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verdict(&self, credential: Option<Fingerprint>) -> Option<Turn> {
        let history = self.history();
        if history.proven.contains(&credential) {
            return None;
        }
        if let Some(refused) = history.refused.iter().find(|refused| refused.credential == credential) {
            return Some(Turn::Refused { failure: refused.failure.clone(), by: refused.by.clone() });
        }
        if history.refused.len() < REFUSALS {
            return None;
        }
        let failure = Failure::of(Run::AccountWithheld { refusals: REFUSALS });
        Some(Turn::Withheld { failure, by: history.refused.iter().map(|refused| refused.by.clone()).collect() })
    }
}

impl Ticket {
    /// The server accepted the credential.
    pub(super) fn accepted(&self) {
        for account in &self.accounts {
            let mut history = account.history();
            if !history.proven.contains(&self.credential) {
                history.proven.push(self.credential);
            }
        }
    }

    /// The server refused the credential, or did not answer it, in the result `by`.
    pub(super) fn refused(&self, failure: &Failure, by: &str) {
        for account in &self.accounts {
            let mut history = account.history();
            // One that was accepted before may come again, and be refused again: it is still one.
            if history.refused.iter().all(|refused| refused.credential != self.credential) {
                history.refused.push(Refused {
                    credential: self.credential,
                    // The server's own text is scrubbed of the secrets of the definition that it was told to
                    // only, so no other definition may show it.
                    failure: Failure { detail: None, ..failure.clone() },
                    by: by.to_owned(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reason::{ReasonCode, Words};

    fn keys(ports: &[u16]) -> Vec<AccountKey> {
        ports
            .iter()
            .map(|port| AccountKey {
                driver: "postgres",
                address: Place::Address(Address::Ip(([127, 0, 0, 1], *port).into())),
                account: "etl".to_owned(),
            })
            .collect()
    }

    fn secret(text: &str) -> Fingerprint {
        Fingerprint::of(&[text])
    }

    async fn go(accounts: &Accounts, ports: &[u16], credential: &str) -> Ticket {
        match accounts.turn(keys(ports), Some(secret(credential))).await {
            Turn::Go(ticket) => ticket,
            Turn::Refused { .. } | Turn::Withheld { .. } => panic!("expected a turn"),
        }
    }

    #[tokio::test]
    async fn a_refused_secret_is_not_sent_again_and_two_end_the_account() {
        let accounts = Accounts::default();
        let failure = Failure::of(Words::new(ReasonCode::LoginRefused, "no"));
        go(&accounts, &[5432], "a").await.refused(&failure, "id-a");
        assert!(
            matches!(accounts.turn(keys(&[5432]), Some(secret("a"))).await, Turn::Refused { by, .. } if by == "id-a")
        );
        go(&accounts, &[5432], "b").await.refused(&failure, "id-b");
        assert!(
            matches!(accounts.turn(keys(&[5432]), Some(secret("c"))).await, Turn::Withheld { by, .. } if by == ["id-a", "id-b"])
        );
        go(&accounts, &[5433], "c").await;
    }

    #[tokio::test]
    async fn one_secret_is_counted_once_however_often_it_was_refused() {
        let accounts = Accounts::default();
        go(&accounts, &[1], "a").await.accepted();
        let failure = Failure::of(Words::new(ReasonCode::LoginTimeout, "no answer"));
        for _ in 0..3 {
            go(&accounts, &[1], "a").await.refused(&failure, "id-a");
        }
        go(&accounts, &[1], "b").await;
    }

    #[tokio::test]
    async fn logins_go_one_at_a_time_until_the_first_success() {
        let accounts = Accounts::default();
        let first = go(&accounts, &[1, 2], "a").await;
        let waiting = accounts.turn(keys(&[2]), Some(secret("a")));
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        first.accepted();
        drop(first);
        assert!(matches!(waiting.await, Turn::Go(_)));
        let _held = go(&accounts, &[1], "a").await;
        go(&accounts, &[1], "a").await;
    }
}
