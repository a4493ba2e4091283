//! `Entry`: what is kept of one account under one of its keys. Plain data; `rules` says what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::digest::Digest;
use crate::driver::Evidence;

/// What is kept of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    /// The account as results show it.
    pub(super) shown: String,
    /// The other keys that its logins were written to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) links: BTreeSet<Digest>,
    /// Secrets that were refused, the latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<Refused>,
    /// Secrets that were accepted, the latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) accepted: Vec<Accepted>,
    /// Secrets whose last login ended unclear.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unclear: Vec<Unclear>,
    /// Refused logins, and those that count as such, since the last that was accepted.
    pub(super) refusals: u32,
    /// When the last of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Moment>,
    /// How long other secrets are held because of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Moment>,
    /// Which circumstances logins met that might have met several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) met: BTreeMap<Digest, Digest>,
    /// What the server showed of itself at the last refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    /// When logins that were let through early ended otherwise than accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) early: Vec<Moment>,
    /// When a person tried once, last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tried_once: Option<Moment>,
    /// When its server was looked at without a credential.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) looks: Vec<Moment>,
    /// Its last login.
    pub(super) last: Moment,
}

/// Of how many kinds of definitions an entry knows what they met.
const CHOICES: usize = 8;

/// What a login met that might have met something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Met {
    /// All that it might have met.
    pub(super) of: Digest,
    pub(super) met: Digest,
}

impl Entry {
    /// Notes what a login met: whether that is news.
    pub(super) fn note_met(&mut self, met: Option<Met>) -> bool {
        let Some(Met { of, met }) = met else { return false };
        if self.met.len() >= CHOICES && !self.met.contains_key(&of) {
            self.met.clear();
        }
        self.met.insert(of, met) != Some(met)
    }
}

/// A refused secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refused {
    /// The secret together with what could change the answer.
    pub(super) bound: Digest,
    pub(super) at: Moment,
    /// When it may go again at the earliest.
    pub(super) until: Moment,
    /// How often it was refused since it was accepted.
    pub(super) times: u32,
    /// The result that it was refused in.
    pub(super) by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
}

/// An accepted secret, in whatever circumstances.
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
    /// When it may go again at the earliest.
    pub(super) until: Moment,
    pub(super) in_a_row: u32,
    /// Whether the last of them counts as a refusal of the account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) counted: bool,
}
