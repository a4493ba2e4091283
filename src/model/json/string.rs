//! The inside of a JSON string: where it ends, and what its escapes mean.

use zeroize::Zeroizing;

/// The string's inside, up to the closing quote, and whether it holds escapes; else where a control
/// character stands in it, or `None` when it has no end.
pub(super) fn extent(text: &str) -> Result<(&str, bool), Option<usize>> {
    let bytes = text.as_bytes();
    let mut has_escapes = false;
    let mut at = 0;
    while let Some(run) = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
        at += run;
        match bytes[at] {
            b'"' => return Ok((&text[..at], has_escapes)),
            // What follows is no closing quote; whether it is an escape is for later.
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

/// The text that `inside` stands for; else where a bad escape is, and what is bad about it.
pub(super) fn unescape(inside: &str) -> Result<Zeroizing<String>, (usize, &'static str)> {
    // Never longer than what it is written as, so that it is not moved and leaves no copy behind.
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

/// The character that the escape at the start of `text` stands for, and the escape's length.
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

/// `\uXXXX`, or a pair of them for what is beyond 16 bits.
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
