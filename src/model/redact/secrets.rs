//! `Secrets`: the secrets to search for in foreign text, of one definition or of a whole run.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::digests::Digests;
use super::excuse::{WHOLE, push_of_whole};
use super::grams::{Grams, LONGEST, windows};
use super::harmless::Harmless;
use super::skeleton::{Alphabet, Symbols, skeleton};

/// This number of letters of a secret in a row is a leak.
pub(super) const LETTERS: usize = 6;

/// A secret with fewer letters is matched only as a whole word.
pub(super) const SHORTEST: usize = 4;

/// The maximum number of windows of six, and of seven letters, in a set. With more, every second text would match one
/// by chance. (A text of 100 letters has 100 windows, and there are 33^6 and 33^7 of them.)
const MANY: [usize; 2] = [30_000, 1_000_000];

/// The maximum length of a secret whose digests are searched for. Longer secrets are keys and certificates, of which
/// servers store no digests.
const DIGESTED: usize = 4096;

/// The maximum number of windows. Beyond it, only every second, third, … window is kept.
const MOST: usize = 8_000_000;

/// The secrets of one definition, or of all definitions of a run, as windows of their skeletons.
#[derive(Clone, Default)]
pub struct Secrets {
    /// By alphabet ([`SEARCHED`]) and by window length, from [`SHORTEST`] on.
    grams: [[Grams; LONGEST - SHORTEST + 1]; SEARCHED.len()],
    /// Secrets too short for windows, matched as words.
    words: Grams,
    /// Secrets that may consist of words and numbers, each as a whole.
    whole: Grams,
    /// The digests of all secrets.
    digests: Digests,
    /// Whether windows have more than [`LETTERS`] symbols, or some are left out.
    coarse: bool,
    /// Whether all foreign text is hidden.
    all: bool,
    /// A cache of texts without any of these secrets.
    pub(super) harmless: Harmless,
    learnt: Learnt,
}

/// Secrets learnt after the others were gathered.
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

/// The alphabets in which secrets are searched for. The symbols of lookalikes and of the ASCII rest are searched for
/// among the letters.
pub(super) const SEARCHED: [Alphabet; 3] = [Alphabet::Letters, Alphabet::Visible, Alphabet::Bytes];

/// Collects secrets one by one.
#[derive(Clone, Default)]
pub struct Gathering {
    /// Whole skeletons, each with the index of its alphabet in [`SEARCHED`].
    skeletons: Vec<(usize, Symbols)>,
    /// Short secrets, one number for each.
    words: Zeroizing<Vec<u64>>,
    /// Whole secrets, one number for each.
    whole: Zeroizing<Vec<u64>>,
    digests: Digests,
}

impl fmt::Debug for Gathering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secrets]")
    }
}

impl Gathering {
    /// Adds the secrets of a definition that shows `shown` anyway. A secret that equals one of these texts is not
    /// searched for, because hiding it would reveal that it is the secret.
    pub fn add<'a>(&mut self, secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) {
        self.add_of(secrets, shown, shown);
    }

    /// Adds the secrets of a definition that shows `shown` anyway and whose login is one of `logins`.
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
            // A cut may split a multi-byte letter, and half of such a secret may have few letters.
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

    /// Builds the set of secrets.
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
                // A piece of letters only is searched for among the letters.
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
    /// The secrets of one definition that shows `shown` anyway.
    #[must_use]
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) -> Self {
        let mut gathering = Gathering::default();
        gathering.add(secrets, shown);
        gathering.finish()
    }

    /// Adds `secret` for all redactors that are created from now on.
    pub fn learn(&self, secret: &str) {
        let one = Self::of([secret], &[]);
        let mut learnt = self.learnt.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(learnt.get_or_insert_default()).add(&one);
    }

    /// The secrets learnt so far.
    pub(super) fn learnt(&self) -> Option<Arc<Self>> {
        self.learnt.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds `others`, which must not be coarse.
    fn add(&mut self, others: &Self) {
        for (own, others) in self.grams.iter_mut().flatten().zip(others.grams.iter().flatten()) {
            own.add(others);
        }
        self.words.add(&others.words);
        self.whole.add(&others.whole);
        self.digests.add_all(&others.digests);
        self.harmless = Harmless::default();
    }

    /// Hides all foreign text, for `--no-detail`.
    #[must_use]
    pub fn hiding_all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Whether all foreign text is hidden.
    #[must_use]
    pub fn hides_all(&self) -> bool {
        self.all
    }

    /// Whether there are no secrets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.digests.is_empty() && self.grams.iter().flatten().all(Grams::is_empty)
    }

    /// Whether there are so many secrets that windows of more than six letters are searched for.
    #[must_use]
    pub fn is_coarse(&self) -> bool {
        self.coarse
    }

    /// Whether there are windows for `alphabet`, an index of [`SEARCHED`].
    pub(super) fn has(&self, alphabet: usize) -> bool {
        !self.grams[alphabet].iter().all(Grams::is_empty)
    }

    /// The pieces of secrets in `symbols` of `alphabet`, an index of [`SEARCHED`]: offset and length of each.
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

    /// Whether `symbols`, letters and blanks, are a whole secret.
    pub(super) fn is_whole(&self, symbols: &[u8]) -> bool {
        !self.whole.is_empty() && self.whole.contains(key_of_whole(symbols))
    }

    /// Whether `bytes` contains a digest of a secret.
    pub(super) fn is_digest_in(&self, bytes: &[u8]) -> bool {
        self.digests.are_in(bytes)
    }

    /// Whether there are secrets so short that they are matched as words.
    pub(super) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether `seen`, in visible symbols, is a short secret. There must be short secrets.
    pub(super) fn is_word(&self, seen: &[u8]) -> bool {
        word(seen).is_some_and(|key| self.words.contains(key))
    }
}

/// The number for a secret that may consist of words and numbers. `None` for a few digits, which may be any version.
fn whole(secret: &str) -> Option<u64> {
    if secret.len() > WHOLE || secret.len() < LETTERS && secret.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut symbols = Symbols::default();
    let inner = secret.trim_matches(|letter: char| !letter.is_alphanumeric());
    inner.chars().for_each(|letter| push_of_whole(letter, &mut symbols));
    Some(key_of_whole(&symbols))
}

/// FNV-1a (64 bits), modified so that it is never 0.
fn key_of_whole(symbols: &[u8]) -> u64 {
    let mix = |key: u64, symbol: &u8| (key ^ u64::from(*symbol)).wrapping_mul(0x0100_0000_01b3);
    symbols.iter().fold(0xcbf2_9ce4_8422_2325, mix) | 1
}

/// The number for a word that is shorter than any window.
fn word(symbols: &[u8]) -> Option<u64> {
    let is_short = (1..SHORTEST).contains(&symbols.len());
    is_short.then(|| symbols.iter().fold(0, |key, symbol| key << 8 | u64::from(*symbol)))
}
