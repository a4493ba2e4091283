//! Decodes single words of a text that may be encoded bytes. For secrets that are too short to be found in the text as
//! a whole, and for encodings that must be decoded from their first byte.

use std::ops::ControlFlow;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::base85::is_odd;
use super::packed::inflated;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: [GeneralPurpose; 2] = [GeneralPurpose::new(&STANDARD, LENIENT), GeneralPurpose::new(&URL_SAFE, LENIENT)];

/// The minimum length of a word that may be compressed data. Shorter words are decoded only if `short` secrets are
/// searched for.
const PACKED: usize = 8;

/// The texts that words of `text` decode to, joined by blanks. Breaks if compressed data exceeds the limit.
pub(super) fn read(text: &str, short: bool) -> ControlFlow<(), Option<String>> {
    let mut found = String::new();
    let is_digit = |letter: char| letter.is_ascii_alphanumeric() || "+/_-=".contains(letter);
    let may_be_packed = |word: &str| word.len() >= PACKED && is_odd(word);
    let words = text.split(|letter| !is_digit(letter));
    for word in words.filter(|word| short && word.len() > 1 || may_be_packed(word)) {
        // The name of a setting and its `=` may precede the value.
        let value = word.trim_end_matches('=').rfind('=').map_or(word, |at| &word[at + 1..]);
        for bytes in [base16(value), base64(value)].into_iter().flatten() {
            let packed = if may_be_packed(value) { inflated(&bytes)? } else { None };
            for bytes in packed.into_iter().chain(short.then_some(bytes)) {
                if let Some(text) = printable(bytes) {
                    found.push_str(&text);
                    found.push(' ');
                }
            }
        }
    }
    ControlFlow::Continue((!found.is_empty()).then_some(found))
}

fn base64(word: &str) -> Option<Vec<u8>> {
    BASE64.iter().find_map(|base| base.decode(word).ok())
}

fn base16(word: &str) -> Option<Vec<u8>> {
    let digits = word.strip_prefix("0x").unwrap_or(word).as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// `bytes` as text, if it is UTF-8 without control characters.
fn printable(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty() && !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_by_itself() {
        for (text, short, plain) in [
            ("it was YWJj.", true, Some("abc ")),
            ("it was YWJj.", false, None),
            ("Basic ZXRsOmFiYw==", true, Some("etl:abc ")),
            ("pw=YWI=", true, Some("ab ")),
            ("0x616263", true, Some("abc ")),
            ("616263,", true, Some("abc ")),
            ("KzZOLtIv0fauVPAzsFUttwQA", false, Some("s3cr/t+Ky N0=%w9 ")),
            ("2b364e2ed22fd1f6ae54f033b0552db70400", false, Some("s3cr/t+Ky N0=%w9 ")),
            ("password authentication failed", false, None),
        ] {
            assert_eq!(read(text, short), ControlFlow::Continue(plain.map(str::to_owned)), "{text}");
        }
    }
}
