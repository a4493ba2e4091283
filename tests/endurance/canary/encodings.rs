//! The encodings of a secret: those in which the test servers echo it, and those that are searched for. Written
//! independently of connprobe's own scrubbing.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

pub fn reversed(secret: &str) -> String {
    secret.chars().rev().collect()
}

pub fn hexadecimal(secret: &str) -> String {
    secret.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

pub fn url(secret: &str) -> String {
    utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()
}

/// Percent-encoding of as few characters as possible.
pub fn url_lightly(secret: &str) -> String {
    const FEW: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'"');
    utf8_percent_encode(secret, FEW).to_string()
}

/// The digest that many servers keep.
pub fn sha256(secret: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// UTF-16, read as if it were 8-bit text.
pub fn utf16(secret: &str) -> String {
    secret.chars().flat_map(|letter| [letter, '\0']).collect()
}

/// Letters composed with their accents, and after the compatibility mapping of `SASLprep`.
pub fn composed(secret: &str) -> [String; 2] {
    [secret.nfc().collect(), secret.nfkc().collect()]
}

/// Letters followed by their accents.
pub fn decomposed(secret: &str) -> String {
    secret.nfd().collect()
}

/// Latin-1 in hexadecimal, percent-encoding and base64, for a secret that has this form and is not only ASCII.
pub fn latin(secret: &str) -> [String; 3] {
    let bytes: Option<Vec<u8>> = secret.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    let Some(bytes) = bytes.filter(|_| !secret.is_ascii()) else { return Default::default() };
    let digits = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    [digits, percent_encode(&bytes, NON_ALPHANUMERIC).to_string(), STANDARD.encode(&bytes)]
}

pub fn json(secret: &str) -> String {
    serde_json::to_string(secret).expect("text").trim_matches('"').to_owned()
}

pub fn debug(secret: &str) -> String {
    secret.escape_debug().to_string()
}

/// The base64 characters that depend on `secret` alone, wherever it begins in a longer text.
fn base64(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for engine in [STANDARD, URL_SAFE] {
        for lead in 0..3_usize {
            let encoded = engine.encode([&b"xx"[..lead], secret.as_bytes()].concat());
            let own = (lead * 8).div_ceil(6)..(lead + secret.len()) * 8 / 6;
            forms.extend(encoded.get(own).map(str::to_owned));
        }
    }
    forms
}

/// Shorter pieces occur in outputs by chance.
pub const SHORTEST: usize = 6;
/// Shorter halves of a split secret are not searched for.
const SHORTEST_HALF: usize = 10;

/// All texts that no output may contain, in lower case: the encodings of `secret`, and the halves of each.
pub fn searched(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        reversed(secret),
        hexadecimal(secret),
        sha256(secret),
        url(secret),
        url_lightly(secret),
        utf16(secret),
        utf16(secret).replace('\0', "\\u0000"),
        json(secret),
        debug(secret),
        secret.replace(' ', "+"),
    ];
    forms.extend(base64(secret));
    forms.extend(composed(secret));
    forms.push(decomposed(secret));
    forms.extend(latin(secret).into_iter().filter(|form| !form.is_empty()));
    let halves: Vec<String> = forms
        .iter()
        .flat_map(|form| {
            let letters: Vec<char> = form.chars().collect();
            let (first, second) = letters.split_at(letters.len() / 2);
            [first.iter().collect::<String>(), second.iter().collect()]
        })
        .filter(|half| half.len() >= SHORTEST_HALF)
        .collect();
    forms.retain(|form| form.len() >= SHORTEST || form == secret);
    forms.extend(halves);
    for form in &mut forms {
        *form = form.to_lowercase();
    }
    forms.sort();
    forms.dedup();
    forms
}
