//! `Secrets`: what is looked for in foreign text, of one definition or of a whole run.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::digests::Digests;
use super::excuse::{WHOLE, push_of_whole};
use super::grams::{Grams, LONGEST, windows};
use super::harmless::Harmless;
use super::skeleton::{Alphabet, Symbols, skeleton};

/// So many letters of a secret in a row are a leak.
pub(super) const LETTERS: usize = 6;

/// A secret with fewer letters is one only as a whole word.
pub(super) const SHORTEST: usize = 4;

/// The most windows of six, and of seven letters, in a set: with more of them every other text has one by chance.
/// (A text of 100 letters has 100 windows, and there are 33^6 and 33^7 of them.)
const MANY: [usize; 2] = [30_000, 1_000_000];

/// Longer secrets are keys and certificates; of passwords and tokens servers keep digests.
const DIGESTED: usize = 4096;

/// More windows than this are not kept: then every second, third, … is.
const MOST: usize = 8_000_000;

/// The secrets of one definition, or of all that a run checks, as windows of their skeletons.
#[derive(Clone, Default)]
pub struct Secrets {
    /// By alphabet ([`SEARCHED`]) and length of window, from [`SHORTEST`] on.
    grams: [[Grams; LONGEST - SHORTEST + 1]; SEARCHED.len()],
    /// Those too short to be distinguished from ordinary letters.
    words: Grams,
    /// Those that may be made of words and numbers, each as a whole.
    whole: Grams,
    /// Digests of all of them.
    digests: Digests,
    /// A window has more than [`LETTERS`], or some are missing.
    coarse: bool,
    /// Nothing is to be shown, whatever it is.
    all: bool,
    /// Texts in which none of them was found.
    pub(super) harmless: Harmless,
    learnt: Learnt,
}

/// Secrets that came to be known when the others had been gathered.
#[derive(Default)]
struct Learnt(RwLock<Option<Arc<Secrets>>>);

impl Clone for Learnt {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.0.read().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secrets]")
    }
}

/// The alphabets that secrets are looked for in. What looks like Latin letters, and what is left of others, is
/// looked for among the letters.
pub(super) const SEARCHED: [Alphabet; 3] = [Alphabet::Letters, Alphabet::Visible, Alphabet::Bytes];

/// Gathers secrets one by one.
#[derive(Clone, Default)]
pub struct Gathering {
    /// Whole skeletons, with their alphabet's place in [`SEARCHED`].
    skeletons: Vec<(usize, Symbols)>,
    /// The short ones, as one number each.
    words: Zeroizing<Vec<u64>>,
    /// Each as a whole, as one number.
    whole: Zeroizing<Vec<u64>>,
    digests: Digests,
}

impl fmt::Debug for Gathering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secrets]")
    }
}

impl Gathering {
    /// Adds the secrets of a definition that shows `shown` anyway: what equals one of these is not looked for, since
    /// to hide it would tell.
    pub fn add<'a>(&mut self, secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) {
        self.add_of(secrets, shown, shown);
    }

    /// Adds the secrets of a definition that shows `shown` anyway, and whose login is one of `logins`.
    pub fn add_of<'a>(&mut self, secrets: impl IntoIterator<Item = &'a str>, shown: &[&str], logins: &[&str]) {
        for whole in secrets {
            let secret = whole.trim();
            let equals = |text: &&str| text.trim().to_lowercase() == secret.to_lowercase();
            if !secret.is_empty() && !shown.iter().any(equals) {
                self.add_one(secret);
                if whole.len() <= DIGESTED {
                    self.digests.add(whole, logins);
                }
            }
        }
    }

    fn add_one(&mut self, secret: &str) {
        let letters = skeleton(secret, Alphabet::Letters);
        let visible = skeleton(secret, Alphabet::Visible);
        let has_signs = visible.len() > letters.len();
        if letters.len() < SHORTEST && visible.len() < SHORTEST {
            self.words.extend(word(&visible));
            if secret.len() >= SHORTEST {
                self.skeletons.push((2, skeleton(secret, Alphabet::Bytes)));
            }
            return;
        }
        self.whole.extend(whole(secret));
        if has_signs {
            self.skeletons.push((1, visible));
        }
        let is_lettered = letters.len() >= SHORTEST;
        if is_lettered {
            self.skeletons.push((0, letters));
        }
        if !secret.is_ascii() {
            // Letters of several bytes may be cut in two, and half of a secret may have few of them.
            self.skeletons.push((2, skeleton(secret, Alphabet::Bytes)));
        }
        if is_lettered && !secret.is_ascii() {
            for alphabet in [Alphabet::Lookalikes, Alphabet::Ascii] {
                let other = skeleton(secret, alphabet);
                if other.len() >= SHORTEST {
                    self.skeletons.push((0, other));
                }
            }
        }
    }

    /// What is to be looked for.
    #[must_use]
    pub fn finish(self) -> Secrets {
        let (words, digests) = (Grams::of(&self.words), self.digests.finish());
        let whole = Grams::of(&self.whole);
        let mut secrets = Secrets { words, whole, digests, ..Secrets::default() };
        for (place, alphabet) in SEARCHED.into_iter().enumerate() {
            let skeletons = || self.skeletons.iter().filter(|(other, _)| *other == place).map(|(_, symbols)| symbols);
            let count: usize = skeletons().map(|symbols| symbols.len().saturating_sub(LETTERS - 1)).sum();
            let window = match alphabet {
                Alphabet::Bytes => LONGEST,
                _ => LETTERS + MANY.iter().filter(|many| count > **many).count(),
            };
            let step = count.div_ceil(MOST).max(1);
            secrets.coarse |= window > LETTERS && alphabet != Alphabet::Bytes || step > 1;
            let mut keys: [Zeroizing<Vec<u64>>; LONGEST - SHORTEST + 1] = Default::default();
            keys[window - SHORTEST].reserve_exact(count / step);
            for symbols in skeletons() {
                let length = symbols.len().min(window);
                let found = windows(symbols, length).zip(symbols.windows(length)).step_by(step);
                // What is all letters is looked for among the letters.
                let is_plain = |piece: &[u8]| piece.iter().all(u8::is_ascii_alphanumeric);
                let own = found.filter(|(_, piece)| alphabet != Alphabet::Visible || !is_plain(piece));
                keys[length - SHORTEST].extend(own.map(|(key, _)| key));
            }
            secrets.grams[place] = keys.map(|keys| Grams::of(&keys));
        }
        secrets
    }
}

impl Secrets {
    /// The secrets of one definition, which shows `shown`.
    #[must_use]
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) -> Self {
        let mut gathering = Gathering::default();
        gathering.add(secrets, shown);
        gathering.finish()
    }

    /// From here on `secret` is one of them, for every redactor that is made.
    pub fn learn(&self, secret: &str) {
        let one = Self::of([secret], &[]);
        let mut learnt = self.learnt.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(learnt.get_or_insert_default()).add(&one);
    }

    /// Those that were learnt.
    pub(super) fn learnt(&self) -> Option<Arc<Self>> {
        self.learnt.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds `others`, none of which are coarse.
    fn add(&mut self, others: &Self) {
        for (own, others) in self.grams.iter_mut().flatten().zip(others.grams.iter().flatten()) {
            own.add(others);
        }
        self.words.add(&others.words);
        self.whole.add(&others.whole);
        self.digests.add_all(&others.digests);
        self.harmless = Harmless::default();
    }

    /// What hides all foreign text, as `--no-detail` asks for.
    #[must_use]
    pub fn hiding_all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Whether all foreign text is to be hidden.
    #[must_use]
    pub fn hides_all(&self) -> bool {
        self.all
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.digests.is_empty() && self.grams.iter().flatten().all(Grams::is_empty)
    }

    /// Whether there are so many that six letters of one are not looked for, only more.
    #[must_use]
    pub fn is_coarse(&self) -> bool {
        self.coarse
    }

    /// Whether anything is looked for in `alphabet`, one of [`SEARCHED`].
    pub(super) fn has(&self, alphabet: usize) -> bool {
        !self.grams[alphabet].iter().all(Grams::is_empty)
    }

    /// The pieces of secrets in `symbols` of `alphabet`, one of [`SEARCHED`]: place and length.
    pub(super) fn pieces<'s>(
        &'s self,
        alphabet: usize,
        symbols: &'s [u8],
    ) -> impl Iterator<Item = (usize, usize)> + 's {
        let used = self.grams[alphabet].iter().enumerate().filter(|(_, grams)| !grams.is_empty());
        used.flat_map(move |(place, grams)| {
            let length = place + SHORTEST;
            let found = windows(symbols, length).enumerate().filter(|(_, key)| grams.contains(*key));
            found.map(move |(at, _)| (at, length))
        })
    }

    /// Whether `symbols`, of letters and blanks, are a secret as a whole.
    pub(super) fn is_whole(&self, symbols: &[u8]) -> bool {
        !self.whole.is_empty() && self.whole.contains(key_of_whole(symbols))
    }

    /// Whether a digest of a secret stands in `bytes`.
    pub(super) fn is_digest_in(&self, bytes: &[u8]) -> bool {
        self.digests.are_in(bytes)
    }

    /// Whether there are secrets so short that they are looked for as words.
    pub(super) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether `word`, of all that is seen, is a short secret; not to be asked where there are none.
    pub(super) fn is_word(&self, seen: &[u8]) -> bool {
        word(seen).is_some_and(|key| self.words.contains(key))
    }
}

/// A secret that may be made of words and numbers, as one number; none of a few digits, which may be any version's.
fn whole(secret: &str) -> Option<u64> {
    if secret.len() > WHOLE || secret.len() < LETTERS && secret.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut symbols = Symbols::default();
    let inner = secret.trim_matches(|letter: char| !letter.is_alphanumeric());
    inner.chars().for_each(|letter| push_of_whole(letter, &mut symbols));
    Some(key_of_whole(&symbols))
}

/// FNV-1a (64 bits), which is never 0 here.
fn key_of_whole(symbols: &[u8]) -> u64 {
    let mix = |key: u64, symbol: &u8| (key ^ u64::from(*symbol)).wrapping_mul(0x0100_0000_01b3);
    symbols.iter().fold(0xcbf2_9ce4_8422_2325, mix) | 1
}

/// A word that is shorter than any window, as one number.
fn word(symbols: &[u8]) -> Option<u64> {
    let is_short = (1..SHORTEST).contains(&symbols.len());
    is_short.then(|| symbols.iter().fold(0, |key, symbol| key << 8 | u64::from(*symbol)))
}
