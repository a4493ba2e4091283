//! Random secrets.

use std::hash::{BuildHasher, RandomState};

/// Plain letters, characters with a meaning in some syntax, and characters of several bytes.
const LETTERS: &str = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const SPECIAL: &str = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const WIDE: &str = "äéøþ§¤€Ωж東\u{1f511}\u{212b}\u{ff57}";

/// A generator of secrets.
pub struct Random(u64);

impl Random {
    /// Takes the seed from the environment or a random one, and prints it.
    pub fn new() -> Self {
        let seed = std::env::var("CANARY_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one("canary"));
        println!("CANARY_SEED={seed}");
        Self(seed)
    }

    /// A number below `count` (splitmix64).
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % u64::try_from(count).expect("64 bits")).expect("it was one")
    }

    /// A secret of `bytes` bytes. Short ones consist of letters that occur in no output by chance.
    pub fn secret(&mut self, bytes: usize) -> String {
        let alphabet: Vec<char> = match (bytes, self.below(3)) {
            (..8, _) => "~^|§¤þøé".chars().collect(),
            (_, 0) => LETTERS.chars().collect(),
            (_, 1) => LETTERS.chars().chain(SPECIAL.chars()).collect(),
            _ => LETTERS.chars().chain(SPECIAL.chars()).chain(WIDE.chars()).collect(),
        };
        let mut secret = String::new();
        while secret.len() < bytes {
            let letter = alphabet[self.below(alphabet.len())];
            let fits = secret.len() + letter.len_utf8() <= bytes;
            // A blank at an end would cause a warning of its own.
            let blank = letter == ' ' && (secret.is_empty() || secret.len() + 1 == bytes);
            if fits && !blank {
                secret.push(letter);
            }
        }
        secret
    }

    /// A secret of letters and digits, which no field of a definition interprets as anything else.
    pub fn word(&mut self, letters: usize) -> String {
        let alphabet: Vec<char> = LETTERS.chars().collect();
        (0..letters).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }

    /// A length from 1 to 1,024; small ones are as frequent as large ones.
    pub fn length(&mut self) -> usize {
        let magnitude = self.below(10);
        (1 << magnitude) + self.below(1 << magnitude) + usize::from(magnitude == 9)
    }
}
