//! `Login`: a login that is about to be made, and the keyed digests that the book knows it by, which are made once.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::account::Account;
use super::digest::{Digest, Key};
use super::entry::Met;
use super::rules::{Credential, Early};
use crate::driver::spec::Lockout;
use crate::model::fingerprint::Fingerprint;

/// A login that is about to be made. A copy costs little.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whose it is.
    pub who: Arc<Who>,
    /// Which of its circumstances it has met, once that is known.
    pub met: Option<String>,
    /// The id of its result.
    pub id: String,
    /// How long it may take.
    pub limit: Duration,
    /// What lets it through although it is held.
    pub early: Option<Early>,
    /// It was announced among those that go before secrets which were refused: it waits for none of them itself.
    pub first: bool,
    /// It goes alone in its account: others wait for it, in other processes too.
    pub alone: bool,
}

/// Whose login it is: what does not change from the first question to the last answer.
#[derive(Debug)]
pub struct Who {
    accounts: Vec<Account>,
    secret: Option<Fingerprint>,
    circumstances: Vec<String>,
    /// The servers that it may dial and that count interrupted handshakes.
    looks_cost_at: Vec<String>,
    /// What servers of its type do to an account after refused logins.
    lockout: Option<Lockout>,
    /// As the book knows it that was asked first.
    digests: OnceLock<Arc<Digests>>,
}

impl Who {
    /// A login that may be written to all of `accounts` (as named, and each address that may be dialled), which sends
    /// `secret`, if any, in one of `circumstances`: what besides the secret could change the server's answer, the
    /// likeliest first.
    #[must_use]
    pub fn new(accounts: Vec<Account>, secret: Option<Fingerprint>, circumstances: Vec<String>) -> Self {
        Self { accounts, secret, circumstances, looks_cost_at: Vec::new(), lockout: None, digests: OnceLock::new() }
    }

    /// The same, which may dial `servers`, that count interrupted handshakes: as [`super::Ledger::handshake`] calls them.
    #[must_use]
    pub fn counted_at(self, servers: Vec<String>) -> Self {
        Self { looks_cost_at: servers, ..self }
    }

    /// The same, whose servers lock an account so.
    #[must_use]
    pub fn locked_by(self, lockout: Option<Lockout>) -> Self {
        Self { lockout, ..self }
    }
}

impl Login {
    /// Every key that it may be written to.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.who.accounts
    }

    /// The secret that will be sent; `None` when none is.
    #[must_use]
    pub fn secret(&self) -> Option<Fingerprint> {
        self.who.secret
    }

    /// All circumstances that it may meet, the likeliest first.
    #[must_use]
    pub fn circumstances(&self) -> &[String] {
        &self.who.circumstances
    }

    /// The servers that count a handshake which it does not finish.
    pub(in crate::engine) fn looks_cost_at(&self) -> &[String] {
        &self.who.looks_cost_at
    }

    /// What servers of its type do to an account after refused logins.
    pub(super) fn lockout(&self) -> Option<Lockout> {
        self.who.lockout
    }

    /// The same, which has met `met`.
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

/// What one book knows a login by.
#[derive(Debug)]
pub(super) struct Digests {
    /// The number of the key that they were made with.
    key: u64,
    /// The ids of its accounts.
    each: Vec<Digest>,
    /// The same, each once.
    pub(super) ids: BTreeSet<Digest>,
    secret: Digest,
    /// In each of its circumstances.
    bound: Vec<Digest>,
    /// All of its circumstances, and each, where there are several.
    choice: Option<(Digest, Vec<Digest>)>,
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
        }
    }

    /// The accounts of `login`, each once, and their ids.
    pub(super) fn accounts<'a>(&'a self, login: &'a Login) -> impl Iterator<Item = (Digest, &'a Account)> + 'a {
        let all = self.each.iter().copied().zip(login.accounts());
        all.enumerate().filter(|(place, (id, _))| !self.each[..*place].contains(id)).map(|(_, one)| one)
    }

    /// The id of `account`, if it is one of `login`'s.
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

    /// What `login` met, of what it might have met.
    pub(super) fn met(&self, login: &Login, key: &Key) -> Option<Met> {
        let met = login.met.as_deref()?;
        Some(Met { of: self.choice.as_ref()?.0, met: key.circumstances(met) })
    }

    /// The credential in the circumstances that others met which might have met the same, by `met`.
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
