//! The parts of a server's text that may be shown although they also occur in a secret: the server's fixed wording, and
//! what the result shows anyway.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::skeleton::{Alphabet, Symbols, push, skeleton};
use super::wording::{PHRASES, PRODUCTS, WORDS};

/// The words that count as fixed wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fixed {
    /// Common words of servers.
    Words,
    /// Also the names, versions and numbers of products, as in `MariaDB-1:10.11+deb12`.
    Product,
}

/// The excused ranges of `text`, in symbols of its skeleton in `alphabet`: fixed wording, and the texts that are
/// `shown` anyway, each as whole words. A match of `is_secret` is never excused as a product's name. It is not excused
/// as wording where it is quoted or stands alone, since servers do not quote their own words.
pub(super) fn excused(
    text: &str,
    alphabet: Alphabet,
    shown: &[String],
    fixed: Fixed,
    is_secret: &dyn Fn(&[u8]) -> bool,
) -> Vec<Range<usize>> {
    static LONGER: LazyLock<Vec<Symbols>> =
        LazyLock::new(|| PHRASES.iter().map(|phrase| skeleton(phrase, Alphabet::Visible)).collect());
    let text = Text::new(text);
    let words: Vec<Range<usize>> = text.words().collect();
    let spelled: Vec<String> = words.iter().map(|word| text.letters[word.clone()].iter().collect()).collect();
    let mut marks = marks(spelled.iter().map(String::as_str), fixed);
    let mut secrets = text.wholes(is_secret);
    secrets.retain(|secret| text.is_set_apart(secret) || fixed == Fixed::Product && !text.is_wording(secret));
    let is_free =
        |range: &Range<usize>| secrets.iter().all(|secret| range.end <= secret.start || secret.end <= range.start);
    words.iter().zip(&mut marks).for_each(|(word, mark)| *mark &= is_free(word));
    // Adjacent words and numbers of a product form one range.
    let mut ranges: Vec<Range<usize>> = words
        .into_iter()
        .zip(marks)
        .collect::<Vec<_>>()
        .chunk_by(|(_, one), (_, other)| fixed == Fixed::Product && *one && *other)
        .filter(|marked| marked[0].1)
        .map(|marked| marked[0].0.start..marked[marked.len() - 1].0.end)
        .collect();
    for other in shown {
        ranges.extend(text.occurrences(&skeleton(other, Alphabet::Visible)));
    }
    for phrase in &*LONGER {
        ranges.extend(text.occurrences(phrase).into_iter().filter(is_free));
    }
    // A punctuation mark next to a product's name joins it to its version.
    let beside = usize::from(fixed == Fixed::Product);
    let places = text.places(alphabet);
    let at = |place: usize| places[place.min(places.len() - 1)];
    ranges.into_iter().map(|range| at(range.start.saturating_sub(beside))..at(range.end + beside)).collect()
}

/// `text` without fixed wording.
pub(super) fn remains(text: &str, fixed: Fixed) -> String {
    let words = || text.split_inclusive(|letter: char| !letter.is_alphanumeric());
    let spelled = words().map(|word| word.trim_end_matches(|letter: char| !letter.is_alphanumeric()));
    let marks = marks(spelled, fixed);
    let mut rest = String::with_capacity(text.len());
    for (word, marked) in words().zip(marks) {
        let kept = if marked { word.trim_start_matches(char::is_alphanumeric) } else { word };
        rest.push_str(kept);
    }
    rest
}

/// Whether `text` consists only of common words of servers.
#[must_use]
pub fn is_fixed_wording(text: &str) -> bool {
    !remains(text, Fixed::Words).contains(char::is_alphanumeric)
}

/// Whether all of `text` is one of the common phrases of servers, or a driver's name for a login method.
pub(super) fn is_phrase(text: &str) -> bool {
    PHRASES.iter().any(|phrase| phrase.eq_ignore_ascii_case(text))
}

/// For each of `words`, whether it is fixed wording.
fn marks<'t>(words: impl Iterator<Item = &'t str>, fixed: Fixed) -> Vec<bool> {
    static WORDING: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_whitespace().collect());
    static OF_PRODUCTS: LazyLock<HashSet<&str>> = LazyLock::new(|| PRODUCTS.split_whitespace().collect());
    let is_product = fixed == Fixed::Product;
    let is_fixed = |word: &str| {
        let mut lower = [0; LONGEST];
        let Some(lower) = lower.get_mut(..word.len()) else { return false };
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        str::from_utf8(lower).is_ok_and(|word| WORDING.contains(word) || is_product && OF_PRODUCTS.contains(word))
    };
    let without_number =
        |word: &'t str| if is_product { word.trim_end_matches(|letter: char| letter.is_ascii_digit()) } else { word };
    let (mut marks, mut numbers) = (Vec::new(), Vec::new());
    for word in words {
        marks.push(!word.is_empty() && (is_fixed(word) || is_fixed(without_number(word))));
        numbers.push(word.bytes().all(|byte| byte.is_ascii_digit()));
    }
    if is_product {
        for at in 1..marks.len() {
            marks[at] |= numbers[at] && marks[at - 1];
        }
        for at in (1..marks.len()).rev() {
            marks[at - 1] |= numbers[at - 1] && marks[at];
        }
    }
    marks
}

/// The maximum length of a secret that is compared as a whole.
pub(super) const WHOLE: usize = 64;

/// Adds the symbols for comparing whole secrets: letters and digits, and one blank for each whitespace between them.
pub(super) fn push_of_whole(letter: char, symbols: &mut Symbols) {
    if !letter.is_whitespace() {
        push(letter, Alphabet::Letters, symbols);
    } else if symbols.last().is_some_and(|last| *last != b' ') {
        symbols.push(b' ');
    }
}

/// The quotation marks that servers use.
const QUOTES: &str = "'\"`´‘’‚‛“”„‟‹›«»";

/// The maximum length of a word in the fixed wording.
const LONGEST: usize = 32;

/// A text as a list of characters.
pub(super) struct Text {
    letters: Vec<char>,
    visible: Symbols,
    /// For each character, and for the end, the number of `visible` symbols before it.
    places: Vec<usize>,
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let mut new = Self { letters: text.chars().collect(), visible: Symbols::default(), places: Vec::new() };
        (new.visible, new.places) = new.skeleton(Alphabet::Visible);
        new
    }

    fn skeleton(&self, alphabet: Alphabet) -> (Symbols, Vec<usize>) {
        let mut symbols = Symbols::default();
        let mut places = Vec::with_capacity(self.letters.len() + 1);
        for letter in &self.letters {
            places.push(symbols.len());
            push(*letter, alphabet, &mut symbols);
        }
        places.push(symbols.len());
        (symbols, places)
    }

    fn places(&self, alphabet: Alphabet) -> Vec<usize> {
        self.skeleton(alphabet).1
    }

    /// Whether a word boundary is before the character at `at`.
    fn is_border(&self, at: usize) -> bool {
        let is_letter = |at: usize| self.letters.get(at).is_some_and(|letter| letter.is_alphanumeric());
        at == 0 || !is_letter(at - 1) || !is_letter(at)
    }

    /// The words, as ranges of characters.
    fn words(&self) -> impl Iterator<Item = Range<usize>> {
        let mut rest = 0..self.letters.len();
        std::iter::from_fn(move || {
            let start = rest.find(|at| self.letters[*at].is_alphanumeric())?;
            let end = rest.find(|at| !self.letters[*at].is_alphanumeric()).unwrap_or(self.letters.len());
            Some(start..end)
        })
    }

    /// Every piece of up to `length` symbols between two word boundaries, with its offset in `visible`.
    pub(super) fn short_words(&self, length: usize) -> impl Iterator<Item = (usize, &[u8])> {
        let starts = (0..self.letters.len()).filter(|at| self.is_border(*at) && self.places[*at] < self.places[at + 1]);
        starts.flat_map(move |start| {
            let ends = (start + 1..=self.letters.len()).filter(|end| self.is_border(*end));
            let pieces = ends.map(move |end| self.places[start]..self.places[end]);
            pieces.take_while(move |piece| piece.len() <= length).map(|piece| (piece.start, &self.visible[piece]))
        })
    }

    /// Whether the characters of `range` are quoted, or the only letters and digits of the text.
    fn is_set_apart(&self, range: &Range<usize>) -> bool {
        let before = range.start.checked_sub(1).and_then(|at| self.letters.get(at));
        let (before, behind) = (before.copied(), self.letters.get(range.end).copied());
        let has_none = |letters: &[char]| !letters.iter().any(|letter| letter.is_alphanumeric());
        before.is_some_and(|sign| QUOTES.contains(sign)) && behind.is_some_and(|sign| QUOTES.contains(sign))
            || has_none(&self.letters[..range.start]) && has_none(&self.letters[range.end..])
    }

    /// Whether the characters of `range` consist only of common words of servers.
    fn is_wording(&self, range: &Range<usize>) -> bool {
        is_fixed_wording(&self.letters[range.clone()].iter().collect::<String>())
    }

    /// The ranges of characters that match `is_secret` as whole words.
    fn wholes(&self, is_secret: &dyn Fn(&[u8]) -> bool) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for start in (0..self.letters.len()).filter(|at| self.is_border(*at) && self.letters[*at].is_alphanumeric()) {
            let mut symbols = Symbols::default();
            for end in start + 1..=self.letters.len() {
                push_of_whole(self.letters[end - 1], &mut symbols);
                if symbols.len() > WHOLE {
                    break;
                }
                let is_end = self.is_border(end) && self.letters[end - 1].is_alphanumeric();
                if is_end && is_secret(&symbols) {
                    found.push(start..end);
                }
            }
        }
        found
    }

    /// The ranges of characters between word boundaries whose symbols are `visible`.
    fn occurrences(&self, visible: &[u8]) -> Vec<Range<usize>> {
        let starts = (0..self.letters.len()).filter(|at| !visible.is_empty() && self.is_border(*at));
        let found = starts.filter(|at| self.visible[self.places[*at]..].starts_with(visible));
        let whole = found.filter_map(|start| {
            let end = self.places.partition_point(|place| *place < self.places[start] + visible.len());
            (self.places.get(end) == Some(&(self.places[start] + visible.len())) && self.is_border(end))
                .then_some(start..end)
        });
        whole.collect()
    }
}
