//! The key that SCRAM derives from a password: PBKDF2 with HMAC (RFC 8018), one block of it.
//!
//! With SHA-256 it is half the cost of a login to PostgreSQL. Where the processor has instructions for SHA-256, the
//! provider's overhead around each compression takes a quarter of the time, so the rounds are computed here. Elsewhere
//! the provider computes them, as its compression is faster than portable code.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{SHA1_OUTPUT_LEN, SHA256_OUTPUT_LEN, SHA512_OUTPUT_LEN};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};
use sha2::block_api::compress256;
use zeroize::{Zeroize, Zeroizing};

use super::scram::Hash;

/// As long as the hash function's output.
pub(super) type Key = Zeroizing<Vec<u8>>;

const BLOCK: usize = 64;

type State = [u32; 8];

/// The initial state of SHA-256 (FIPS 180-4, 5.3.3).
const START: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The key of `password`.
pub(super) fn derive(hash: Hash, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Key {
    if hash == Hash::Sha256 && has_instructions() {
        by_instructions(password, salt, rounds)
    } else {
        by_provider(hash, password, salt, rounds)
    }
}

/// Whether this processor has instructions for SHA-256.
fn has_instructions() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("sha") && std::arch::is_x86_feature_detected!("sse4.1");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

fn by_provider(hash: Hash, password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Key {
    let (algorithm, length) = match hash {
        Hash::Sha1 => (PBKDF2_HMAC_SHA1, SHA1_OUTPUT_LEN),
        Hash::Sha256 => (PBKDF2_HMAC_SHA256, SHA256_OUTPUT_LEN),
        Hash::Sha512 => (PBKDF2_HMAC_SHA512, SHA512_OUTPUT_LEN),
    };
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(algorithm, rounds, salt, password, &mut key);
    key
}

/// Leaves the first round to the provider, because a salt may be long. Each of the others is two compressions of the
/// last one's 32 bytes, which start from the states of the two halves of the password's HMAC.
fn by_instructions(password: &[u8], salt: &[u8], rounds: NonZeroU32) -> Key {
    let first = hmac::sign(&hmac::Key::new(HMAC_SHA256, password), &[salt, &[0, 0, 0, 1]].concat());
    let [inner, outer] = [0x36, 0x5c].map(|pad| Zeroizing::new(after_pad(password, pad)));
    let mut message = Zeroizing::new([[0; BLOCK]]);
    let [block] = &mut *message;
    block[..SHA256_OUTPUT_LEN].copy_from_slice(first.as_ref());
    block[SHA256_OUTPUT_LEN] = 0x80;
    // The length in bits of what is digested: the pad, and the 32 bytes.
    block[BLOCK - 8..].copy_from_slice(&(8 * (BLOCK + SHA256_OUTPUT_LEN) as u64).to_be_bytes());
    let mut sum = Zeroizing::new(State::default());
    for (word, bytes) in sum.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for _ in 1..rounds.get() {
        let mut state = State::default();
        for half in [&inner, &outer] {
            state = **half;
            compress256(&mut state, &*message);
            write(&state, &mut message[0]);
        }
        for (sum, word) in sum.iter_mut().zip(state) {
            *sum ^= word;
        }
    }
    let mut key = Zeroizing::new([0; SHA256_OUTPUT_LEN]);
    write(&sum, &mut key);
    Zeroizing::new(key.to_vec())
}

/// Writes the words of `state` at the beginning of `bytes`. With lengths known at compile time the compiler writes four
/// words at once, and the next compression reads them without waiting; otherwise the rounds take nearly twice as long.
fn write<const N: usize>(state: &State, bytes: &mut [u8; N]) {
    let (words, _) = bytes.as_chunks_mut();
    for (bytes, word) in words.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
}

/// The state after the first block of one half of an HMAC: the key of the MAC under `pad` (RFC 2104).
fn after_pad(password: &[u8], pad: u8) -> State {
    let mut block = [pad; BLOCK];
    if password.len() <= BLOCK {
        fold(&mut block, password);
    } else {
        fold(&mut block, aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, password).as_ref());
    }
    let mut state = START;
    compress256(&mut state, &[block]);
    block.zeroize();
    state
}

fn fold(block: &mut [u8; BLOCK], key: &[u8]) {
    for (byte, key) in block.iter_mut().zip(key) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // On every processor: without instructions the compression is slow and right.
        #[test]
        fn both_ways_derive_the_same(password in vec(any::<u8>(), 0..200), salt in vec(any::<u8>(), 0..200), rounds in 1..40u32) {
            let rounds = NonZeroU32::new(rounds).unwrap();
            prop_assert_eq!(by_instructions(&password, &salt, rounds), by_provider(Hash::Sha256, &password, &salt, rounds));
        }
    }

    // RFC 7914, 11.
    #[test]
    fn the_example_of_the_rfc() {
        let expected = [
            0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f, 0xec, 0x16, 0x91, 0xc2, 0x25, 0x44, 0xb6, 0x05, 0xf9, 0x41,
            0x85, 0x21, 0x6d, 0xde, 0x04, 0x65, 0xe6, 0x8b, 0x9d, 0x57, 0xc2, 0x0d, 0xac, 0xbc,
        ];
        assert_eq!(*by_instructions(b"passwd", b"salt", NonZeroU32::MIN), expected);
        assert_eq!(*derive(Hash::Sha256, b"passwd", b"salt", NonZeroU32::MIN), expected);
    }

    #[test]
    fn passwords_around_the_size_of_a_block_are_padded_or_digested() {
        for length in [BLOCK - 1, BLOCK, BLOCK + 1] {
            let (password, rounds) = (vec![b'x'; length], NonZeroU32::new(3).unwrap());
            assert_eq!(
                by_instructions(&password, b"salt", rounds),
                by_provider(Hash::Sha256, &password, b"salt", rounds),
                "{length}"
            );
        }
    }
}
