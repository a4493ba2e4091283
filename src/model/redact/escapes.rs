//! Decoders for texts with escaped characters, one for each notation.

use percent_encoding::percent_decode_str;

use super::bases::base64_units;
use super::{markup, spread};

/// A decoder for one notation; `None` if the text contains no escapes. Escaped bytes that are not valid UTF-8 are
/// decoded as Latin-1.
pub(super) type Unescape = fn(&str) -> Option<String>;

/// All decoders.
pub(super) const WAYS: [Unescape; 11] = [
    percent,
    backslash,
    decimals,
    entities,
    quoted_printable,
    utf7,
    mistaken,
    spread::doubled,
    spread::repeated,
    spread::kept_apart,
    markup::removed,
];

/// `%20`, and `%u0020`.
fn percent(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let wide = replace(text, "%u", |rest| code(rest.get(..4)?, 16, 4));
    let bytes: Vec<u8> = percent_decode_str(&wide).collect();
    changed(text, of_bytes(&bytes))
}

/// `\n`, `\u0020`, `\u{20}`, `\U00000020`, `\x20`, `\x{20}`, `\040`.
fn backslash(text: &str) -> Option<String> {
    escaped(text, 8)
}

/// `\032`, decimal as in DNS.
fn decimals(text: &str) -> Option<String> {
    escaped(text, 10)
}

fn escaped(text: &str, radix: u32) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend(before.bytes());
        let (decoded, length) = one_escape(after, radix);
        bytes.extend(decoded);
        rest = after.get(length..).unwrap_or_default();
    }
    bytes.extend(rest.bytes());
    changed(text, units(of_bytes(&bytes)))
}

/// The bytes of the escape after a backslash, and its length. Surrogates are encoded as private-use characters until
/// [`units`] joins them.
fn one_escape(after: &str, radix: u32) -> (Vec<u8>, usize) {
    let first = after.chars().next().unwrap_or_default();
    let braced = after.get(1..).and_then(|rest| rest.strip_prefix('{')?.split_once('}')).map(|(inner, _)| inner);
    let fixed = |from: usize, count: usize| after.get(from..from + count);
    let wide = |digits: &str, length: usize| {
        let number = u32::from_str_radix(digits, 16).ok()?;
        let character = match number {
            0xd800..=0xdfff => char::from_u32(SURROGATES + number - 0xd800)?,
            _ => char::from_u32(number)?,
        };
        Some((character.to_string().into_bytes(), length))
    };
    let byte = |digits: &str, radix: u32, length: usize| {
        u32::from_str_radix(digits, radix)
            .ok()
            .and_then(|number| u8::try_from(number).ok())
            .map(|byte| (vec![byte], length))
    };
    let found = match first {
        'u' | 'x' | 'o' if braced.is_some() => {
            let inner = braced.unwrap_or_default();
            wide(inner, inner.len() + 3)
        }
        'u' => fixed(1, 4).and_then(|digits| wide(digits, 5)),
        'U' => fixed(1, 8).and_then(|digits| wide(digits, 9)),
        'x' | 'X' => fixed(1, 2).and_then(|digits| byte(digits, 16, 3)).or_else(|| byte(fixed(1, 1)?, 16, 2)),
        '0'..='9' => fixed(0, 3).and_then(|digits| byte(digits, radix, 3)).or_else(|| byte(fixed(0, 2)?, radix, 2)),
        'n' | 'r' | 't' | 'a' | 'b' | 'f' | 'v' => Some((vec![b' '], 1)),
        _ => None,
    };
    found.unwrap_or((Vec::new(), 0))
}

/// The private-use plane that stands in for surrogates.
const SURROGATES: u32 = 0xf_0000;

/// Joins surrogate pairs in `text`.
fn units(text: String) -> String {
    let surrogate = |letter: char| u32::from(letter).checked_sub(SURROGATES).filter(|number| *number < 0x800);
    if !text.chars().any(|letter| surrogate(letter).is_some()) {
        return text;
    }
    let mut units = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match surrogate(letter).and_then(|number| u16::try_from(0xd800 + number).ok()) {
            Some(unit) => units.push(unit),
            None => units.extend_from_slice(letter.encode_utf16(&mut [0; 2])),
        }
    }
    String::from_utf16_lossy(&units)
}

/// `&#32;`, `&#x20;`, `&amp;`; accents of named letters are dropped.
fn entities(text: &str) -> Option<String> {
    if !text.contains('&') {
        return None;
    }
    let numbers = replace(text, "&#", |rest| {
        let (digits, radix, lead) = match rest.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16, 1),
            None => (rest, 10, 0),
        };
        let count = digits.bytes().take_while(|digit| char::from(*digit).is_digit(radix)).count().min(7);
        let end = usize::from(digits[count..].starts_with(';'));
        code(digits.get(..count)?, radix, lead + count + end)
    });
    let names = replace(&numbers, "&", |rest| {
        let (name, _) = rest.split_once(';').filter(|(name, _)| name.len() <= 8)?;
        Some((named(name)?, name.len() + 1))
    });
    changed(text, names)
}

fn named(name: &str) -> Option<char> {
    const ACCENTS: [&str; 9] = ["acute", "grave", "circ", "uml", "tilde", "cedil", "ring", "caron", "slash"];
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "szlig" => 'ß',
        "aelig" => 'æ',
        "AElig" => 'Æ',
        "thorn" => 'þ',
        "eth" => 'ð',
        "euro" => '€',
        "sect" => '§',
        "curren" => '¤',
        "pound" => '£',
        "yen" => '¥',
        "sol" => '/',
        "num" => '#',
        "excl" => '!',
        "commat" => '@',
        "percnt" => '%',
        "dollar" => '$',
        "plus" => '+',
        "equals" => '=',
        "lowbar" => '_',
        _ => {
            let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
            return ACCENTS.contains(&&name[1..]).then_some(letter);
        }
    })
}

/// `=20`, and soft line breaks.
fn quoted_printable(text: &str) -> Option<String> {
    if !text.contains('=') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('=') {
        bytes.extend(before.bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'='));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes.extend(rest.bytes());
    changed(text, of_bytes(&bytes))
}

/// `+AC0-`, the encoding of non-letters in UTF-7 (RFC 2152).
fn utf7(text: &str) -> Option<String> {
    if !text.contains('+') {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('+') {
        plain.push_str(before);
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '/').unwrap_or(after.len());
        let (digits, behind) = after.split_at(end);
        let letters = base64_units(digits);
        plain.push_str(if letters.is_empty() { "+" } else { &letters });
        rest = if letters.is_empty() { after } else { behind.strip_prefix('-').unwrap_or(behind) };
    }
    plain.push_str(rest);
    changed(text, plain)
}

/// UTF-8 that was decoded as Latin-1, wherever it occurs.
fn mistaken(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let byte = |letter: char| u8::try_from(u32::from(letter)).ok();
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| byte(letter).is_none()).unwrap_or(rest.len());
        let (latin, behind) = rest.split_at(end);
        plain.push_str(&of_bytes(&latin.chars().filter_map(byte).collect::<Vec<u8>>()));
        let next = behind.find(|letter| byte(letter).is_some()).unwrap_or(behind.len());
        plain.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    changed(text, plain)
}

/// The character with the code `digits`, for an escape that is `length` bytes long after its mark.
fn code(digits: &str, radix: u32, length: usize) -> Option<(char, usize)> {
    let number = u32::from_str_radix(digits, radix).ok()?;
    Some((char::from_u32(number)?, length))
}

/// Replaces each `mark` and the escape after it, where `decode` returns a character and the length of the escape.
fn replace(text: &str, mark: &str, decode: impl Fn(&str) -> Option<(char, usize)>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        replaced.push_str(before);
        if let Some((character, length)) = decode(after) {
            replaced.push(character);
            rest = &after[length..];
        } else {
            replaced.push_str(mark);
            rest = after;
        }
    }
    replaced + rest
}

/// Decodes `bytes` as UTF-8, and invalid parts as Latin-1.
fn of_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().copied().map(char::from));
    }
    text
}

fn changed(text: &str, decoded: String) -> Option<String> {
    (decoded != text).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_undone() {
        for (way, text, plain) in [
            (percent as Unescape, "a%2Fb%c3%A9%u00e9%", "a/béé%"),
            (percent, "caf%E9", "café"),
            (backslash, r"a\u002fb\x2F\057\u{2f}\n\ud83d\udd11\'", "a/b/// 🔑'"),
            (backslash, r"caf\xe9", "café"),
            (backslash, r"caf\303\251 \U0001f511", "café 🔑"),
            (decimals, r"a\047b\195\169", "a/bé"),
            (entities, "a&#47;b&#x2f;c&amp;&eacute;&auml;&#233 &nothing;", "a/b/c&eaé &nothing;"),
            (quoted_printable, "a=2Fb=C3=A9=zz", "a/bé=zz"),
            (mistaken, "cafÃ©", "café"),
            (percent, "%C3%BC%FF", "üÿ"),
            (utf7, "a+AG4-b +AHMAMw- 1+1=2 +2D3cqA.", "anb s3 1+1=2 💨."),
            (mistaken, "Ã¼ÿ 東 Ã©", "üÿ 東 é"),
        ] {
            assert_eq!(way(text).as_deref(), Some(plain), "{text}");
        }
        for way in WAYS {
            assert_eq!(way("nothing to undo"), None);
            for odd in ["%", "\\", "&", "=", "&#", "\\u", "%u00é", "\\xé", "=é", "&é;", "\\u{é", "&#xé"] {
                let _whatever = way(odd);
            }
        }
    }
}
