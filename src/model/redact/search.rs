//! Looking for a secret's forms in a text, without regard to case.

use std::ops::Range;

use memchr::memmem;

/// A piece of a secret is one if it has half of it, and is longer than this: shorter ones may be words.
const LONGEST_WORD: usize = 9;

/// Where `form` stands in `text`, in order.
pub(super) fn occurrences(text: &[u8], form: &[u8]) -> impl Iterator<Item = usize> {
    // In a short text, as most are, the first is found, or not, without the preparations for a long search.
    let first = memmem::find(text, form);
    first.into_iter().flat_map(move |first| memmem::find_iter(&text[first..], form).map(move |next| first + next))
}

/// `text` in lower case, letter by letter.
pub(super) fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
}

/// For each byte of `text` in lower case the place of the letter that it came from, which may be longer or shorter.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    let place = |(at, letter): (usize, char)| {
        let length = letter.to_lowercase().map(char::len_utf8).sum();
        std::iter::repeat_n(at..at + letter.len_utf8(), length)
    };
    text.char_indices().flat_map(place).collect()
}

/// Whether half of `form`, as [`has_half`] has it, is less than the whole.
pub(super) fn has_halves(form: &[u8]) -> bool {
    form.len() > LONGEST_WORD + 1
}

/// Whether half of `form` stands in `text` in one piece.
pub(super) fn has_half(text: &[u8], form: &[u8]) -> bool {
    let letters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let half = (letters(form) / 2).max(LONGEST_WORD + 1);
    if half > text.len().min(form.len()) {
        return false;
    }
    // A piece of so many letters has one of these blocks in it whole, wherever it begins.
    let block = half.div_ceil(2);
    form.chunks_exact(block).enumerate().any(|(number, chunk)| {
        let (before, after) = (&form[..number * block], &form[(number + 1) * block..]);
        occurrences(text, chunk).any(|at| {
            let same = |(one, other): &(&u8, &u8)| one == other;
            let left = text[..at].iter().rev().zip(before.iter().rev()).take_while(same).count();
            let right = text[at + block..].iter().zip(after).take_while(same).count();
            letters(&text[at - left..at + block + right]) >= half
        })
    })
}
