//! Digests of a secret as servers store them. A digest allows an offline search for the secret, and some digests are
//! enough to log in.
//!
//! Only a few bytes of each digest are searched for, so it must be deterministic. Digests with a salt or a nonce (SCRAM
//! keys, crypt hashes, challenge responses) cannot be computed in advance.
//!
//! Hardly any server sends text that could be a digest, so the digests of a few secrets are computed only when one
//! does.

use std::sync::OnceLock;

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY as SHA1, SHA256, SHA512, digest};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::grams::{Grams, LONGEST, windows};

/// Up to this number of secrets, digests are computed when a result needs them; with more, while secrets are gathered.
const LATER: usize = 2048;

/// Secrets whose digests are searched for.
#[derive(Clone, Default)]
pub(super) struct Digests {
    /// Secrets whose digests are not computed yet, with the logins they may belong to.
    waiting: Vec<(Zeroizing<String>, Vec<Box<str>>)>,
    keys: Zeroizing<Vec<u64>>,
    computed: OnceLock<Grams>,
}

impl Digests {
    /// Adds the digests of `secret`, for each of `logins` that it may belong to.
    pub(super) fn add(&mut self, secret: &str, logins: &[&str]) {
        if self.keys.is_empty() && self.waiting.len() < LATER {
            let logins = logins.iter().map(|login| Box::from(*login)).collect();
            self.waiting.push((Zeroizing::new(secret.to_owned()), logins));
        } else {
            for (secret, logins) in self.waiting.drain(..) {
                push(&secret, &logins, &mut self.keys);
            }
            push(secret, logins, &mut self.keys);
        }
    }

    /// The digests of the secrets added. No more can be added.
    pub(super) fn finish(mut self) -> Self {
        if !self.keys.is_empty() {
            self.computed = OnceLock::from(Grams::of(&std::mem::take(&mut self.keys)));
        }
        self
    }

    /// Whether there are no digests.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.computed.get().is_none_or(Grams::is_empty)
    }

    /// Adds the digests of `others`.
    pub(super) fn add_all(&mut self, others: &Self) {
        let mut all = self.computed().clone();
        all.add(others.computed());
        self.computed = OnceLock::from(all);
    }

    fn computed(&self) -> &Grams {
        self.computed.get_or_init(|| {
            let mut keys = Zeroizing::new(Vec::new());
            for (secret, logins) in &self.waiting {
                push(secret, logins, &mut keys);
            }
            Grams::of(&keys)
        })
    }

    /// Whether `bytes` contains one of the digests.
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        let computed = self.computed();
        !computed.is_empty() && windows(bytes, LONGEST).any(|key| computed.contains(key))
    }
}

/// Adds the first and the last window of every digest of `secret`, for each of `logins` that it may belong to.
fn push(secret: &str, logins: &[impl AsRef<str>], keys: &mut Vec<u64>) {
    let mut add = |digest: &[u8]| {
        let mut found = windows(digest, LONGEST);
        keys.extend(found.next());
        keys.extend(found.last());
    };
    let secret = secret.as_bytes();
    for algorithm in [&SHA1, &SHA256] {
        let once = of(algorithm, secret);
        add(&once);
        // MySQL's `mysql_native_password`, and the cached digest of `caching_sha2_password`.
        add(&of(algorithm, &once));
    }
    add(&of(&SHA512, secret));
    add(&Md5::digest(secret));
    add(&old_mysql(secret));
    for login in logins.iter().map(AsRef::as_ref) {
        // PostgreSQL's `md5…`, and the input of MongoDB's SCRAM-SHA-1.
        add(&Md5::new().chain_update(secret).chain_update(login).finalize());
        add(&Md5::new().chain_update(login).chain_update(":mongo:").chain_update(secret).finalize());
    }
}

fn of(algorithm: &'static Algorithm, bytes: &[u8]) -> Vec<u8> {
    digest(algorithm, bytes).as_ref().to_vec()
}

/// `OLD_PASSWORD()` of MySQL before 4.1 and of MariaDB (`hash_password` in `sql/password.c`).
fn old_mysql(secret: &[u8]) -> [u8; 8] {
    let (mut first, mut second, mut add) = (1_345_345_333_u32, 0x1234_5671_u32, 7_u32);
    for byte in secret.iter().filter(|byte| !matches!(byte, b' ' | b'\t')).map(|byte| u32::from(*byte)) {
        let mixed = (first & 63).wrapping_add(add).wrapping_mul(byte).wrapping_add(first << 8);
        first ^= mixed;
        second = second.wrapping_add(second << 8 ^ first);
        add = add.wrapping_add(byte);
    }
    let halves = [first, second].map(|half| (half & 0x7fff_ffff).to_be_bytes());
    std::array::from_fn(|place| halves[place / 4][place % 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_whenever_they_were_computed() {
        for count in [1, LATER, LATER + 1, 2 * LATER] {
            let mut digests = Digests::default();
            for number in 0..count {
                digests.add(&format!("secret-{number}"), &["etl"]);
            }
            let digests = digests.finish();
            assert!(!digests.is_empty());
            for number in [0, count / 2, count - 1] {
                let secret = format!("secret-{number}");
                assert!(digests.are_in(&Md5::digest(&secret)), "{number} of {count}");
                assert!(digests.are_in(&Md5::digest(secret + "etl")), "{number} of {count}");
            }
            assert!(!digests.are_in(&Md5::digest("secret")) && !digests.are_in(&Md5::digest("secret-0other")));
        }
        assert!(Digests::default().finish().is_empty());
    }

    /// From MySQL's manual, on `OLD_PASSWORD()`.
    #[test]
    fn an_old_password_is_digested_as_its_server_does() {
        assert_eq!(u64::from_be_bytes(old_mysql(b"mypass")), 0x6f8c_114b_58f2_ce9e);
    }
}
