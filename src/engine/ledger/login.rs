//! `Login`: a login that is about to be made, and its keyed digests in the book, which are computed once.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::account::Account;
use super::digest::{Digest, Key};
use super::entry::Met;
use super::rules::{Credential, Early};
use crate::driver::spec::Lockout;
use crate::model::fingerprint::Fingerprint;

/// A login that is about to be made. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Login {
    /// The accounts and the credential.
    pub who: Arc<Who>,
    /// The circumstances that it has met, once they are known.
    pub met: Option<String>,
    /// The id of its result.
    pub id: String,
    /// The time limit of the login.
    pub limit: Duration,
    /// The reason why it may go although it is held, if there is one.
    pub early: Option<Early>,
    /// Whether it was announced among those that go before refused secrets; if so, it does not wait for the announced
    /// ones.
    pub first: bool,
    /// Whether it runs alone in its account: other logins wait for it, in other processes too.
    pub alone: bool,
}

/// The accounts and the credential of a login, which do not change while it runs.
#[derive(Debug)]
pub struct Who {
    accounts: Vec<Account>,
    secret: Option<Fingerprint>,
    circumstances: Vec<String>,
    /// The servers that it may dial and that count interrupted handshakes.
    looks_cost_at: Vec<String>,
    /// The lockout policy of servers of its type.
    lockout: Option<Lockout>,
    /// The digests for the first book that asked.
    digests: OnceLock<Arc<Digests>>,
}

impl Who {
    /// A login that may be recorded under all of `accounts` (as named, and each address that may be dialled). It sends
    /// `secret`, if there is one, in one of `circumstances`: whatever besides the secret could change the server's
    /// answer, the likeliest first.
    #[must_use]
    pub fn new(accounts: Vec<Account>, secret: Option<Fingerprint>, circumstances: Vec<String>) -> Self {
        Self { accounts, secret, circumstances, looks_cost_at: Vec::new(), lockout: None, digests: OnceLock::new() }
    }

    /// Adds the `servers` that it may dial and that count interrupted handshakes, in the form that
    /// [`super::Ledger::handshake`] uses.
    #[must_use]
    pub fn counted_at(self, servers: Vec<String>) -> Self {
        Self { looks_cost_at: servers, ..self }
    }

    /// Sets the lockout policy of its servers.
    #[must_use]
    pub fn locked_by(self, lockout: Option<Lockout>) -> Self {
        Self { lockout, ..self }
    }
}

impl Login {
    /// Every key that it may be recorded under.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.who.accounts
    }

    /// The secret that will be sent; `None` if there is none.
    #[must_use]
    pub fn secret(&self) -> Option<Fingerprint> {
        self.who.secret
    }

    /// All possible circumstances, the likeliest first.
    #[must_use]
    pub fn circumstances(&self) -> &[String] {
        &self.who.circumstances
    }

    /// The servers that count its handshake if it is not finished.
    pub(in crate::engine) fn looks_cost_at(&self) -> &[String] {
        &self.who.looks_cost_at
    }

    /// The lockout policy of servers of its type.
    pub(super) fn lockout(&self) -> Option<Lockout> {
        self.who.lockout
    }

    /// A copy that has met `met`.
    pub(in crate::engine) fn meeting(&self, met: Option<String>) -> Self {
        Self { met, ..self.clone() }
    }

    /// Its digests with `key`.
    pub(super) fn digests(&self, key: &Key) -> Arc<Digests> {
        let digests = self.who.digests.get_or_init(|| Arc::new(Digests::of(&self.who, key)));
        // Another ledger has another key.
        if digests.key == key.number() { Arc::clone(digests) } else { Arc::new(Digests::of(&self.who, key)) }
    }
}

/// The digests of a login in one book.
#[derive(Debug)]
pub(super) struct Digests {
    /// The number of the key that made them.
    key: u64,
    /// The ids of its accounts.
    each: Vec<Digest>,
    /// The same ids without duplicates.
    pub(super) ids: BTreeSet<Digest>,
    secret: Digest,
    /// The secret in each of its circumstances.
    bound: Vec<Digest>,
    /// The set of its circumstances and each of them, if there are several.
    choice: Option<(Digest, Vec<Digest>)>,
    /// Its circumstances, if no others are possible.
    pub(super) only: Option<Digest>,
}

impl Digests {
    fn of(who: &Who, key: &Key) -> Self {
        let each: Vec<Digest> = who.accounts.iter().map(|account| key.account(account)).collect();
        let secret = who.secret_bytes();
        let choice = (who.circumstances.len() > 1).then(|| {
            let parts: Vec<&[u8]> = who.circumstances.iter().map(String::as_bytes).collect();
            let all = key.digest(&[&[&b"choice"[..]], &parts[..]].concat());
            (all, who.circumstances.iter().map(|one| key.circumstances(one)).collect())
        });
        Self {
            key: key.number(),
            ids: each.iter().copied().collect(),
            each,
            secret: key.digest(&[b"secret", secret]),
            bound: who.circumstances.iter().map(|one| key.bound(secret, one)).collect(),
            choice,
            only: match &*who.circumstances {
                [one] => Some(key.circumstances(one)),
                _ => None,
            },
        }
    }

    /// The accounts of `login` without duplicates, and their ids.
    pub(super) fn accounts<'a>(&'a self, login: &'a Login) -> impl Iterator<Item = (Digest, &'a Account)> + 'a {
        let all = self.each.iter().copied().zip(login.accounts());
        all.enumerate().filter(|(place, (id, _))| !self.each[..*place].contains(id)).map(|(_, one)| one)
    }

    /// The id of `account`, if `login` has it.
    pub(super) fn id(&self, login: &Login, account: &Account) -> Option<Digest> {
        let place = login.accounts().iter().position(|own| own == account)?;
        self.each.get(place).copied()
    }

    /// Its credential in each of its circumstances.
    pub(super) fn credentials(&self) -> impl Iterator<Item = Credential> + '_ {
        self.bound.iter().map(|bound| Credential { secret: self.secret, bound: *bound })
    }

    /// The credential of `login` in the circumstances that it has met, or else in the likeliest.
    pub(super) fn credential(&self, login: &Login, key: &Key) -> Credential {
        match login.met.as_deref().or(login.circumstances().first().map(String::as_str)) {
            Some(one) => self.credential_in(login, one, key),
            None => self.credential_in(login, "", key),
        }
    }

    fn credential_in(&self, login: &Login, circumstances: &str, key: &Key) -> Credential {
        let place = login.circumstances().iter().position(|one| one == circumstances);
        let bound = place.and_then(|place| self.bound.get(place)).copied();
        let made = || key.bound(login.who.secret_bytes(), circumstances);
        Credential { secret: self.secret, bound: bound.unwrap_or_else(made) }
    }

    /// The circumstances that `login` met, with those that were possible.
    pub(super) fn met(&self, login: &Login, key: &Key) -> Option<Met> {
        let met = login.met.as_deref()?;
        Some(Met { of: self.choice.as_ref()?.0, met: key.circumstances(met) })
    }

    /// The credential in the circumstances that earlier logins with the same choice met; `met` looks them up.
    pub(super) fn credential_met_before(&self, met: impl Fn(&Digest) -> Option<Digest>) -> Option<Credential> {
        let (all, each) = self.choice.as_ref()?;
        let met = met(all)?;
        let place = each.iter().position(|one| *one == met)?;
        self.bound.get(place).map(|bound| Credential { secret: self.secret, bound: *bound })
    }
}

impl Who {
    fn secret_bytes(&self) -> &[u8] {
        self.secret.as_ref().map_or(&[], |secret| secret.bytes())
    }
}
