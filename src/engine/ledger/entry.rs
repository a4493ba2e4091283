//! `Entry`: what is kept for one account under one of its keys. Plain data; `rules` has the logic.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::digest::Digest;
use crate::driver::Evidence;

/// What is kept for an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    /// The account as results show it.
    pub(super) shown: String,
    /// The other keys that its logins were recorded under.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) links: BTreeSet<Digest>,
    /// Secrets that were refused, the latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<Refused>,
    /// Accepted secrets, the latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) accepted: Vec<Accepted>,
    /// Secrets whose last login ended unclear.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unclear: Vec<Unclear>,
    /// Refused logins, and those that count as refused, since the last acceptance.
    pub(super) refusals: u32,
    /// When the last of these refusals was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Moment>,
    /// Until when other secrets are held because of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Moment>,
    /// The circumstances that logins met which had several possible ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) met: BTreeMap<Digest, Digest>,
    /// The circumstances in which a secret was accepted, for logins that can have one only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) accepted_in: Vec<Digest>,
    /// The server's evidence at the last refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    /// When logins that were let through early ended without an acceptance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) early: Vec<Moment>,
    /// When the user last tried once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tried_once: Option<Moment>,
    /// When its server was looked at without a credential.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) looks: Vec<Moment>,
    /// When its last login was.
    pub(super) last: Moment,
}

/// The number of different choices of circumstances that an entry keeps.
const CHOICES: usize = 8;

/// The circumstances that a login met, if several were possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Met {
    /// All circumstances that were possible.
    pub(super) of: Digest,
    pub(super) met: Digest,
}

impl Entry {
    /// Notes the circumstances that a login met. Returns whether they changed.
    pub(super) fn note_met(&mut self, met: Option<Met>) -> bool {
        let Some(Met { of, met }) = met else { return false };
        if self.met.len() >= CHOICES && !self.met.contains_key(&of) {
            self.met.clear();
        }
        self.met.insert(of, met) != Some(met)
    }

    /// Notes the circumstances in which a secret was accepted.
    pub(super) fn note_accepted_in(&mut self, circumstances: Digest) {
        if !self.accepted_in.contains(&circumstances) {
            let too_many = (self.accepted_in.len() + 1).saturating_sub(CHOICES);
            self.accepted_in.drain(..too_many);
            self.accepted_in.push(circumstances);
        }
    }
}

/// A refused secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refused {
    /// The secret together with whatever could change the server's answer.
    pub(super) bound: Digest,
    pub(super) at: Moment,
    /// When the secret may be sent again at the earliest.
    pub(super) until: Moment,
    /// How often it was refused since its last acceptance.
    pub(super) times: u32,
    /// The id of the result with the refusal.
    pub(super) by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
}

/// An accepted secret, whatever the circumstances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Accepted {
    pub(super) secret: Digest,
    pub(super) at: Moment,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) refused_since: bool,
}

/// A secret whose last logins ended without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unclear {
    pub(super) bound: Digest,
    pub(super) at: Moment,
    /// When the secret may be sent again at the earliest.
    pub(super) until: Moment,
    pub(super) in_a_row: u32,
    /// Whether the last of these ends counts as a refusal of the account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) counted: bool,
}
