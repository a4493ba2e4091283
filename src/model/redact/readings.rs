//! All readings of a text: unchanged, and decoded by every known encoding, repeated until no new text results.

use std::ops::ControlFlow;

use super::alone;
use super::base85;
use super::bases::{BASES, RADICES, decoded_hex32, in_a_row, listed, may_be_scrambled, unscrambled};
use super::escapes::WAYS;
use super::foreign_part::Forms;
use super::packed::unpacked;
use super::secrets::SHORTEST;

/// The maximum number of texts. No legitimate text yields more.
const TEXTS: usize = 64;

/// The minimum number of characters in a row for which bytes are a text that may be encoded again.
const RUN: usize = 8;

/// One reading.
pub(super) enum Reading<'r> {
    /// A text.
    Text(&'r str),
    /// Bytes of unknown encoding; usually not text.
    Bytes(&'r [u8]),
    /// Bytes that may be UTF-16.
    Wide(&'r [u8]),
}

/// What to search for besides six Latin letters in a row.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// Letters of other alphabets.
    pub(super) wide: bool,
    /// Secrets of fewer than four letters.
    pub(super) short: bool,
    /// The forms that the text may contain.
    pub(super) forms: Forms,
}

/// Passes every reading of `text` to `visit`, until it breaks. Breaks as well if there are too many readings.
pub(super) fn read(
    text: &str,
    wanted: Wanted,
    mut visit: impl FnMut(Reading<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    visit(Reading::Text(text))?;
    let mut texts = vec![text.to_owned()];
    let mut at = 0;
    while let Some(text) = texts.get(at).cloned() {
        at += 1;
        let mut found: Vec<String> = WAYS.iter().filter_map(|undo| undo(&text)).collect();
        if found.len() > 1 {
            found.push(WAYS.iter().fold(text.clone(), |text, undo| undo(&text).unwrap_or(text)));
        }
        if wanted.forms.encoded {
            found.extend(decoded(&text, wanted, &mut visit)?);
        }
        for text in found {
            if texts.contains(&text) {
                continue;
            }
            visit(Reading::Text(&text))?;
            texts.push(text);
            if texts.len() > TEXTS {
                return ControlFlow::Break(());
            }
        }
    }
    ControlFlow::Continue(())
}

/// Passes the bytes that `text` may encode to `visit`. Returns the texts in them, and those that lists of numbers
/// encode.
fn decoded(
    text: &str,
    wanted: Wanted,
    visit: &mut impl FnMut(Reading<'_>) -> ControlFlow<()>,
) -> ControlFlow<(), Vec<String>> {
    let mut found: Vec<String> = RADICES.iter().filter_map(|radix| listed(text, *radix)).collect();
    found.extend(alone::read(text, wanted.short)?);
    let bytes = BASES.iter().flat_map(|base| base.decoded(text)).chain(decoded_hex32(text)).chain(in_a_row(text));
    for bytes in bytes.chain(units(text)) {
        found.extend(read_bytes(&bytes, wanted.wide, visit)?);
    }
    for bytes in base85::decoded(text) {
        visit(Reading::Bytes(&bytes))?;
        if wanted.wide {
            visit_wide(&bytes, true, visit)?;
        }
        if let Some(plain) = unpacked(&bytes)? {
            visit(Reading::Bytes(&plain))?;
        }
    }
    ControlFlow::Continue(found)
}

/// Passes the readings of `bytes` to `visit`. Returns the texts in them that may be encoded again. Readings that matter
/// only for `wide` characters are skipped unless requested.
fn read_bytes(
    bytes: &[u8],
    wide: bool,
    visit: &mut impl FnMut(Reading<'_>) -> ControlFlow<()>,
) -> ControlFlow<(), Vec<String>> {
    if bytes.len() < SHORTEST {
        return ControlFlow::Continue(Vec::new());
    }
    visit(Reading::Bytes(bytes))?;
    if wide || may_be_scrambled(bytes) {
        let plain = unscrambled(bytes);
        visit(Reading::Bytes(&plain))?;
        visit_wide(&plain, wide, visit)?;
    }
    visit_wide(bytes, wide, visit)?;
    let mut found = runs(bytes);
    if let Some(plain) = unpacked(bytes)? {
        visit(Reading::Bytes(&plain))?;
        found.push(String::from_utf8_lossy(&plain).into_owned());
    }
    ControlFlow::Continue(found)
}

/// The texts in `bytes` that may be encoded again; usually there are none.
fn runs(bytes: &[u8]) -> Vec<String> {
    const MAY_BE_ENCODED: [bool; 256] = {
        let (mut table, mut byte) = ([false; 256], 0);
        while byte < 128_u8 {
            table[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'%' | b'&' | b';' | b'#' | b'\\' | b'{' | b'}');
            byte += 1;
        }
        table
    };
    let (mut found, mut run) = (Vec::new(), String::new());
    // UTF-16 has zero bytes between Latin letters.
    for byte in bytes.iter().chain(b" ").filter(|byte| **byte != 0) {
        if MAY_BE_ENCODED[usize::from(*byte)] {
            run.push(char::from(*byte));
        } else if run.len() < RUN {
            run.clear();
        } else {
            found.push(std::mem::take(&mut run));
        }
    }
    found
}

/// Passes `bytes` to `visit` as UTF-8 if it is not all ASCII, and as UTF-16.
fn visit_wide(bytes: &[u8], wide: bool, visit: &mut impl FnMut(Reading<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
    if bytes.is_ascii() && !wide {
        return ControlFlow::Continue(());
    }
    for text in bytes.utf8_chunks().map(|chunk| chunk.valid()).filter(|text| text.len() >= RUN && !text.is_ascii()) {
        visit(Reading::Text(text))?;
    }
    if wide {
        visit(Reading::Wide(bytes))?;
    }
    ControlFlow::Continue(())
}

/// The bytes whose decoding as Latin-1, or as UTF-16 code units, yields `text`.
fn units(text: &str) -> Option<Vec<u8>> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let mut bytes = Vec::with_capacity(2 * text.len());
    for letter in text.chars().map(u32::from) {
        match u8::try_from(letter) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(u16::try_from(letter).unwrap_or_default().to_le_bytes()),
        }
    }
    Some(bytes)
}
