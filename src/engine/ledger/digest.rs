//! Keyed digests: a ledger that is read by others tells neither secrets nor, to who has no key, whose they are.

use std::fmt;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::rand;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The bytes of a key.
pub(super) const KEY_LENGTH: usize = 32;

/// What digests are made with.
#[derive(Clone)]
pub(super) struct Key(hmac::Key);

impl Key {
    pub(super) fn of(bytes: &[u8; KEY_LENGTH]) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, bytes))
    }

    /// Fresh bytes for a key; `None` where this machine has no randomness.
    pub(super) fn random() -> Option<[u8; KEY_LENGTH]> {
        let mut bytes = [0; KEY_LENGTH];
        rand::fill(&mut bytes).ok()?;
        Some(bytes)
    }

    pub(super) fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut digest = [0; 16];
        digest.copy_from_slice(&context.sign().as_ref()[..16]);
        Digest(u128::from_be_bytes(digest))
    }
}

/// A keyed digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Digest(u128);

impl Digest {
    /// The first 16 hexadecimal digits: an id for people.
    pub(super) fn short(self) -> String {
        format!("{self:?}")[..16].to_owned()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom)
    }
}
