//! Stable digests: of an entry's origin (its ID) and of secrets (to compare them without keeping them).

use std::fmt;

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use zeroize::Zeroizing;

/// The number of bytes for a part's length.
const PREFIX: usize = size_of::<u64>();

/// A SHA-256 digest of length-prefixed parts. It identifies, and is never shown in full.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; SHA256_OUTPUT_LEN]);

impl Fingerprint {
    /// The digest of `parts`; the length prefix distinguishes `["ab", "c"]` from `["a", "bc"]`.
    #[must_use]
    pub fn of<T: AsRef<[u8]>>(parts: &[T]) -> Self {
        let parts = || parts.iter().map(AsRef::as_ref);
        // Allocated at its final size, because the old buffer of a growing `Vec` is not wiped.
        let mut whole = Zeroizing::new(Vec::with_capacity(parts().map(|part| PREFIX + part.len()).sum()));
        for part in parts() {
            whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
            whole.extend_from_slice(part);
        }
        let mut fingerprint = [0; SHA256_OUTPUT_LEN];
        fingerprint.copy_from_slice(digest(&SHA256, &whole).as_ref());
        Self(fingerprint)
    }

    /// The bytes, as input for a keyed digest. They must not be shown or stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first sixteen hexadecimal digits: an ID for people and URLs, without collisions among hundreds of thousands.
    #[must_use]
    pub fn id(&self) -> String {
        self.0[..8].iter().fold(String::with_capacity(16), |id, byte| id + &format!("{byte:02x}"))
    }

    /// The first eight hexadecimal digits, to distinguish a few.
    #[must_use]
    pub fn short(&self) -> String {
        let [a, b, c, d, ..] = self.0;
        format!("{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[fingerprint]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(Fingerprint::of(&["ab", "c"]), Fingerprint::of(&["a", "bc"]));
    }
}
