//! `Search`: whether one reading of a text contains a secret outside the excused ranges.
//!
//! Most readings are not text at all, so the buffers of one reading are reused for the next.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};

use super::excuse::{Fixed, Text, excused};
use super::foreign_part::Forms;
use super::readings::Reading;
use super::secrets::{SEARCHED, SHORTEST, Secrets};
use super::skeleton::{Alphabet, Symbols, push, skeleton_in, skeleton_of_bytes};

/// The alphabets in which a text is searched, each with the index in [`SEARCHED`] of the windows to search for. Those
/// after the first three matter only for text outside ASCII.
const ALPHABETS: [(usize, Alphabet); 5] =
    [(0, SEARCHED[0]), (1, SEARCHED[1]), (2, SEARCHED[2]), (0, Alphabet::Lookalikes), (0, Alphabet::Ascii)];

/// The cost, for each character, of checking whether a piece of a secret is excused.
const EXCUSED: usize = 32;

/// The number of bytes that are read between two checks of the time.
const SLICE: usize = 64 << 10;

/// The cost of reading a byte as UTF-16, in all four ways; characters are folded one by one.
const WIDE: usize = 16;

/// The fixed cost of a reading.
const READING: usize = 32;

/// A search in the readings of one text.
pub(super) struct Search<'a> {
    pub(super) secrets: Vec<&'a Secrets>,
    /// The texts that the result shows anyway.
    pub(super) shown: &'a [String],
    pub(super) forms: Forms,
    /// Whether a piece of a secret was found, excused or not.
    pub(super) found: &'a Cell<bool>,
    /// The number of bytes that may still be read.
    pub(super) left: &'a Cell<usize>,
    /// Returns whether there is time to read more.
    pub(super) goes_on: &'a dyn Fn() -> bool,
    symbols: Symbols,
    letters: Vec<char>,
}

impl<'a> Search<'a> {
    /// A search for `secrets`.
    pub(super) fn new(
        secrets: Vec<&'a Secrets>,
        shown: &'a [String],
        forms: Forms,
        found: &'a Cell<bool>,
        left: &'a Cell<usize>,
        goes_on: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { secrets, shown, forms, found, left, goes_on, symbols: Symbols::default(), letters: Vec::new() }
    }

    /// Breaks if `reading` contains a secret, or if the budget is used up. `words`: short secrets are searched for as
    /// words.
    pub(super) fn look(&mut self, reading: &Reading<'_>, words: bool, fixed: Fixed) -> ControlFlow<()> {
        let cost = match reading {
            Reading::Text(text) => text.len(),
            Reading::Bytes(bytes) => bytes.len(),
            Reading::Wide(bytes) => WIDE * bytes.len(),
        };
        let is_found = !self.affords(READING + cost)
            || match reading {
                Reading::Text(text) => self.is_in(text, fixed) || words && self.is_word_of(text),
                Reading::Bytes(bytes) => self.is_in_bytes(bytes, fixed),
                Reading::Wide(bytes) => self.is_in_units(bytes, fixed),
            };
        if is_found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn affords(&self, cost: usize) -> bool {
        let before = self.left.get();
        let is_due = |left: &usize| left / SLICE != before / SLICE;
        let left = before.checked_sub(cost).filter(|left| !is_due(left) || (self.goes_on)());
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Whether there are windows to search for at `place` of [`SEARCHED`].
    fn has(&self, place: usize) -> bool {
        self.secrets.iter().any(|secrets| secrets.has(place))
    }

    /// Whether the symbols contain a piece of a secret.
    fn has_piece(&self, place: usize) -> bool {
        self.secrets.iter().any(|secrets| secrets.pieces(place, &self.symbols).next().is_some())
    }

    /// Whether `text` contains a piece of a secret that is not excused.
    fn is_in(&mut self, text: &str, fixed: Fixed) -> bool {
        let count = if text.is_ascii() { SEARCHED.len() } else { ALPHABETS.len() };
        ALPHABETS[..count].iter().any(|(place, alphabet)| {
            if !self.has(*place) {
                return false;
            }
            skeleton_in(text, *alphabet, &mut self.symbols);
            self.has_piece(*place) && self.is_unexcused(text, *place, *alphabet, fixed)
        })
    }

    /// Whether one of the pieces in the symbols, which are those of `text`, is not excused.
    fn is_unexcused(&self, text: &str, place: usize, alphabet: Alphabet, fixed: Fixed) -> bool {
        self.found.set(true);
        if !self.affords(EXCUSED * text.len()) {
            return true;
        }
        let is_secret = |symbols: &[u8]| self.secrets.iter().any(|secrets| secrets.is_whole(symbols));
        let excused = excused(text, alphabet, self.shown, fixed, &is_secret);
        let is_excused = |at: usize, length: usize| {
            excused.iter().any(|range: &Range<usize>| range.start <= at && at + length <= range.end)
        };
        self.secrets
            .iter()
            .any(|secrets| secrets.pieces(place, &self.symbols).any(|(at, length)| !is_excused(at, length)))
    }

    /// Whether `bytes` contains a piece or a digest of a secret. Pieces may be excused in the text's Latin-1 reading.
    fn is_in_bytes(&mut self, bytes: &[u8], fixed: Fixed) -> bool {
        if self.forms.digests && self.secrets.iter().any(|secrets| secrets.is_digest_in(bytes)) {
            return true;
        }
        let mut is_in = |place: usize| {
            self.has(place) && {
                skeleton_of_bytes(bytes, SEARCHED[place], &mut self.symbols);
                self.has_piece(place)
            }
        };
        is_in(2)
            || (is_in(0) || is_in(1)) && {
                let latin: String = bytes.iter().copied().map(char::from).collect();
                self.is_in(&latin, fixed)
            }
    }

    /// Whether `bytes`, read as UTF-16 in either byte order and from either of the first two bytes, contains a piece of
    /// a secret.
    fn is_in_units(&mut self, bytes: &[u8], fixed: Fixed) -> bool {
        [0, 1].into_iter().any(|start| {
            let pairs = bytes.get(start..).unwrap_or_default().as_chunks().0;
            [u16::from_le_bytes, u16::from_be_bytes].into_iter().any(|order| {
                self.letters.clear();
                let units = pairs.iter().map(|pair| order(*pair));
                self.letters.extend(char::decode_utf16(units).filter_map(Result::ok));
                self.is_in_letters() && {
                    let text: String = self.letters.iter().collect();
                    self.is_in(&text, fixed)
                }
            })
        })
    }

    /// Whether the letters contain a piece of a secret, excused or not.
    fn is_in_letters(&mut self) -> bool {
        ALPHABETS.iter().any(|(place, alphabet)| {
            self.has(*place) && {
                self.symbols.clear();
                self.letters.iter().for_each(|letter| push(*letter, *alphabet, &mut self.symbols));
                self.has_piece(*place)
            }
        })
    }

    /// Whether a short secret is a word of `text` and not excused.
    fn is_word_of(&self, text: &str) -> bool {
        let is_word = |word: &[u8]| self.secrets.iter().any(|secrets| secrets.has_words() && secrets.is_word(word));
        if !self.secrets.iter().any(|secrets| secrets.has_words()) {
            return false;
        }
        let whole = Text::new(text);
        let mut found = whole.short_words(SHORTEST - 1).filter(|(_, word)| is_word(word)).peekable();
        if found.peek().is_none() {
            return false;
        }
        self.found.set(true);
        if !self.affords(EXCUSED * text.len()) {
            return true;
        }
        let excused = excused(text, Alphabet::Visible, self.shown, Fixed::Words, &|_| false);
        let is_excused = |at: usize, word: &[u8]| {
            excused.iter().any(|range: &Range<usize>| range.start <= at && at + word.len() <= range.end)
        };
        found.any(|(at, word)| !is_excused(at, word))
    }
}
