//! Keyed digests: a reader of the ledger learns no secret and, without its key, no account.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::rand;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::account::Account;

/// The length of a key in bytes.
pub(super) const KEY_LENGTH: usize = 32;

/// The key that digests are made with.
#[derive(Clone)]
pub(super) struct Key {
    key: hmac::Key,
    /// The number of this key within the process.
    number: u64,
}

impl Key {
    pub(super) fn of(bytes: &[u8; KEY_LENGTH]) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        Self { key: hmac::Key::new(HMAC_SHA256, bytes), number: MADE.fetch_add(1, Ordering::Relaxed) }
    }

    /// Random bytes for a key; `None` if the system has no randomness.
    pub(super) fn random() -> Option<[u8; KEY_LENGTH]> {
        let mut bytes = [0; KEY_LENGTH];
        rand::fill(&mut bytes).ok()?;
        Some(bytes)
    }

    /// The number that identifies this key within the process.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The id of `account`.
    pub(super) fn account(&self, account: &Account) -> Digest {
        self.digest(&[b"account", account.text().as_bytes()])
    }

    /// The digest of a `secret` in its `circumstances`.
    pub(super) fn bound(&self, secret: &[u8], circumstances: &str) -> Digest {
        self.digest(&[b"bound", secret, circumstances.as_bytes()])
    }

    pub(super) fn circumstances(&self, one: &str) -> Digest {
        self.digest(&[b"circumstances", one.as_bytes()])
    }

    pub(super) fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut context = hmac::Context::with_key(&self.key);
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
    /// The first 16 hexadecimal digits: an id for display.
    pub(super) fn short(self) -> String {
        self.digits()[..16].iter().copied().map(char::from).collect()
    }

    /// All 32 hexadecimal digits.
    pub(super) fn digits(self) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 32];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(self.0.to_be_bytes()) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        digits
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Digits)
    }
}

/// Reads the output of [`Digest::digits`].
struct Digits;

impl Visitor<'_> for Digits {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hexadecimal digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
        u128::from_str_radix(text, 16).map(Digest).map_err(E::custom)
    }
}

/// A map by digest. Large values are boxed, so that the probed part of the table stays in the cache (finding keys took
/// 1.5 % of the CPU time of 500 logins to MariaDB, and takes 0.3 %).
pub(super) type ByDigest<T> = HashMap<Digest, T, BuildHasherDefault<Uniform>>;

/// Hashes a digest, which is already a hash, by taking a part of it.
#[derive(Default)]
pub(super) struct Uniform(u64);

impl Hasher for Uniform {
    fn write(&mut self, bytes: &[u8]) {
        let mut part = [0; 8];
        let length = bytes.len().min(part.len());
        part[..length].copy_from_slice(&bytes[..length]);
        self.0 = u64::from_ne_bytes(part);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
