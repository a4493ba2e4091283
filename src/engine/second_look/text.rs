//! The oddities of a text that was pasted into a field.

use crate::model::reason::Oddity;

/// The likeliest oddity of `text`.
pub(super) fn oddity(text: &str) -> Option<Oddity> {
    let invisible = |letter: char| {
        letter.is_control() || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    if text.contains(['\n', '\r']) {
        Some(Oddity::LineEnd)
    } else if text.trim() != text {
        Some(Oddity::Blank)
    } else if text.contains(invisible) {
        Some(Oddity::Invisible)
    } else if is_quoted(text) {
        Some(Oddity::Quotes)
    } else if text.starts_with("gAAAAA") && text.len() >= 100 {
        Some(Oddity::FernetToken)
    } else if is_percent_encoded(text) {
        Some(Oddity::Escapes)
    } else {
        None
    }
}

fn is_quoted(text: &str) -> bool {
    const PAIRS: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    let mut letters = text.chars();
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) => PAIRS.contains(&(first, last)) && letters.next().is_some(),
        _ => false,
    }
}

/// Whether every `%` begins an escape and some escape stands for a character that a URI cannot contain.
fn is_percent_encoded(text: &str) -> bool {
    let mut escapes =
        text.split('%').skip(1).map(|rest| rest.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()));
    let mut reserved = false;
    escapes.all(|escape| {
        reserved |= escape.is_some_and(|byte| b"/?#[]@:%&+= !$'()*,;".contains(&byte));
        escape.is_some()
    }) && reserved
}
