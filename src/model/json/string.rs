//! The content of a JSON string: its extent, and the decoding of its escapes.

use zeroize::Zeroizing;

/// The string's content up to the closing quote, and whether it contains escapes. Fails with the offset of a control
/// character, or with `None` if there is no closing quote.
pub(super) fn extent(text: &str) -> Result<(&str, bool), Option<usize>> {
    let bytes = text.as_bytes();
    let mut has_escapes = false;
    let mut at = 0;
    while let Some(run) = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
        at += run;
        match bytes[at] {
            b'"' => return Ok((&text[..at], has_escapes)),
            // The next character is not a closing quote. `unescape` checks whether the escape is valid.
            b'\\' if at + 2 <= bytes.len() => {
                has_escapes = true;
                at += 2;
            }
            b'\\' => return Err(None),
            _ => return Err(Some(at)),
        }
    }
    Err(None)
}

/// Decodes the escapes in `inside`. Fails with the offset of an invalid escape, and what is wrong with it.
pub(super) fn unescape(inside: &str) -> Result<Zeroizing<String>, (usize, &'static str)> {
    // The result is never longer than its escaped form, so it is not reallocated and leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(inside.len()));
    let mut at = 0;
    while let Some(run) = inside[at..].find('\\') {
        text.push_str(&inside[at..at + run]);
        at += run;
        let (character, length) = escape(&inside[at..]).map_err(|what| (at, what))?;
        text.push(character);
        at += length;
    }
    text.push_str(&inside[at..]);
    Ok(text)
}

/// The character that the escape at the start of `text` encodes, and the escape's length.
fn escape(text: &str) -> Result<(char, usize), &'static str> {
    let character = match text.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        _ => return Err("an unknown escape inside a text"),
    };
    Ok((character, 2))
}

/// `\uXXXX`, or a surrogate pair.
fn unicode(text: &str) -> Result<(char, usize), &'static str> {
    const HALF: &str = "an escape that is half a character";
    let unit = code_unit(text).ok_or("an escape without four hexadecimal digits")?;
    if let Some(character) = char::from_u32(u32::from(unit)) {
        return Ok((character, 6));
    }
    let second = text.get(6..).and_then(code_unit).ok_or(HALF)?;
    match char::decode_utf16([unit, second]).next() {
        Some(Ok(character)) => Ok((character, 12)),
        _ => Err(HALF),
    }
}

fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}
