//! What may stand in a server's text although it is in a secret as well: the server's own fixed wording, and what
//! the result shows anyway.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::skeleton::{Alphabet, Symbols, push, skeleton};
use super::wording::{PHRASES, WORDS};

/// Where in `text`, in symbols of its skeleton in `alphabet`, fixed wording or one of the texts `shown` anyway
/// stands, each as a whole.
pub(super) fn excused(text: &str, alphabet: Alphabet, shown: &[String]) -> Vec<Range<usize>> {
    static FIXED: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_whitespace().collect());
    static LONGER: LazyLock<Vec<Symbols>> =
        LazyLock::new(|| PHRASES.iter().map(|phrase| skeleton(phrase, Alphabet::Visible)).collect());
    let text = Text::new(text);
    let mut ranges: Vec<Range<usize>> = text
        .words()
        .filter(|word| FIXED.contains(text.letters[word.clone()].iter().collect::<String>().to_lowercase().as_str()))
        .collect();
    for other in shown {
        ranges.extend(text.occurrences(&skeleton(other, Alphabet::Visible)));
    }
    for phrase in &*LONGER {
        ranges.extend(text.occurrences(phrase));
    }
    let places = text.places(alphabet);
    ranges.into_iter().map(|range| places[range.start]..places[range.end]).collect()
}

/// A text by its characters.
pub(super) struct Text {
    letters: Vec<char>,
    visible: Symbols,
    /// For each character, and for the end, how much of `visible` stands before it.
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

    /// Whether no word goes on from before the character at `at` to behind it.
    fn is_border(&self, at: usize) -> bool {
        let is_letter = |at: usize| self.letters.get(at).is_some_and(|letter| letter.is_alphanumeric());
        at == 0 || !is_letter(at - 1) || !is_letter(at)
    }

    /// The words, in characters.
    fn words(&self) -> impl Iterator<Item = Range<usize>> {
        let mut rest = 0..self.letters.len();
        std::iter::from_fn(move || {
            let start = rest.find(|at| self.letters[*at].is_alphanumeric())?;
            let end = rest.find(|at| !self.letters[*at].is_alphanumeric()).unwrap_or(self.letters.len());
            Some(start..end)
        })
    }

    /// Every piece of up to `length` symbols that does not go on on either side as it begins or ends, with its place
    /// among all that is seen.
    pub(super) fn short_words(&self, length: usize) -> impl Iterator<Item = (usize, &[u8])> {
        let starts = (0..self.letters.len()).filter(|at| self.is_border(*at) && self.places[*at] < self.places[at + 1]);
        starts.flat_map(move |start| {
            let ends = (start + 1..=self.letters.len()).filter(|end| self.is_border(*end));
            let pieces = ends.map(move |end| self.places[start]..self.places[end]);
            pieces.take_while(move |piece| piece.len() <= length).map(|piece| (piece.start, &self.visible[piece]))
        })
    }

    /// Where `visible` stands from one border of words to another, in characters.
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
