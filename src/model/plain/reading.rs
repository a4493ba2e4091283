//! Other readings of a text: as people see it, and as decoding programs read it.

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use crate::model::redact::is_hazard;

/// How many times percent escapes are decoded.
const ROUNDS: usize = 2;

/// The other readings of `text`, if any: with wide letters and signs converted to ASCII and without invisible
/// characters, and decoded.
pub(super) fn others(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if !text.is_ascii() {
        found.extend(Some(text.chars().filter_map(narrow).collect()).filter(|narrow: &String| narrow != text));
    }
    for _ in 0..ROUNDS {
        let last = found.last().map_or(text, String::as_str);
        if !last.contains('%') {
            break;
        }
        match percent_decode_str(last).decode_utf8_lossy().into_owned() {
            decoded if decoded == last => break,
            decoded => found.push(decoded),
        }
    }
    found
}

/// The ASCII form of `letter` if it is a wide, small or vertical variant; `None` if it is invisible.
fn narrow(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return Some(letter);
    }
    if is_hazard(letter) {
        return None;
    }
    let mut form = std::iter::once(letter).nfkc();
    match (form.next(), form.next()) {
        (Some(single), None) if single.is_ascii() => Some(single),
        _ => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_unseen_and_encoded_letters_are_read() {
        for (text, expected) in [
            ("sales", &[][..]),
            ("Zürich", &[]),
            ("100%", &[]),
            ("ｐｗ：ü", &["pw:ü"]),
            ("pass\u{200b}word=x", &["password=x"]),
            ("u%3Ax%40h", &["u:x@h"]),
            ("u%253Ax", &["u%3Ax", "u:x"]),
            ("ｕ％3Ax", &["u%3Ax", "u:x"]),
        ] {
            assert_eq!(others(text), expected, "{text}");
        }
    }
}
