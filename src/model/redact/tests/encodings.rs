//! A secret in all supported encodings.

#![expect(clippy::format_collect, reason = "how a byte is written stands best in a format")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use unicode_normalization::UnicodeNormalization;

use super::{SECRET, shows};
use crate::model::redact::CAP;

const WIDE: &str = "Zürich-Grüße-№7";

fn each(secret: &str, form: impl Fn(u32) -> String) -> String {
    secret.chars().map(|letter| form(u32::from(letter))).collect()
}

fn bytes(secret: &str, form: impl Fn(u8) -> String) -> String {
    secret.bytes().map(form).collect()
}

fn utf16(secret: &str) -> Vec<u8> {
    secret.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16_be(secret: &str) -> Vec<u8> {
    secret.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base32_hex(bytes: &[u8]) -> String {
    let digit = |digit: char| match digit {
        'A'..='J' => char::from(u8::try_from(digit).unwrap() - b'A' + b'0'),
        'K'..='Z' => char::from(u8::try_from(digit).unwrap() - b'K' + b'A'),
        _ => char::from(u8::try_from(digit).unwrap() - b'2' + b'Q'),
    };
    base32(bytes).chars().map(digit).collect()
}

fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| {
        let bits = format!("{:0<5}", String::from_utf8_lossy(bits));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from_str_radix(&bits, 2).unwrap()])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

fn scrambled(secret: &str) -> Vec<u8> {
    utf16(secret).iter().map(|byte| byte.rotate_left(4) ^ 0xa5).collect()
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// All encodings of a secret that servers, proxies, drivers and logs are known to use.
fn encodings(secret: &str) -> Vec<(&'static str, String)> {
    let percent = |text: &str| bytes(text, |byte| format!("%{byte:02X}"));
    let middle = secret.char_indices().nth(secret.chars().count() / 2).unwrap().0;
    let (first, second) = secret.split_at(middle);
    let in_middle = |between: &str| format!("{first}{between}{second}");
    vec![
        ("itself", secret.to_owned()),
        ("upper case", secret.to_uppercase()),
        ("lower case", secret.to_lowercase()),
        ("reversed", secret.chars().rev().collect()),
        ("percent", percent(secret)),
        ("percent twice", percent(&percent(secret))),
        ("percent thrice", percent(&percent(secret)).replace('%', "%25")),
        ("percent of UTF-16", each(secret, |code| format!("%u{code:04x}"))),
        ("backslashes", each(secret, |code| format!("\\{}", char::from_u32(code).unwrap()))),
        ("\\u", each(secret, |code| format!("\\u{code:04X}"))),
        ("\\u{}", each(secret, |code| format!("\\u{{{code:x}}}"))),
        ("\\U", each(secret, |code| format!("\\U{code:08x}"))),
        ("\\x", bytes(secret, |byte| format!("\\x{byte:02x}"))),
        ("octal", bytes(secret, |byte| format!("\\{byte:03o}"))),
        ("DNS", bytes(secret, |byte| format!("\\{byte:03}"))),
        ("JSON", serde_json::to_string(secret).unwrap()),
        ("debug", format!("{secret:?}")),
        ("ASCII", secret.escape_default().to_string()),
        ("entities", each(secret, |code| format!("&#{code};"))),
        ("hexadecimal entities", each(secret, |code| format!("&#x{code:x};"))),
        ("entities without ends", each(secret, |code| format!("&#{code} "))),
        ("quoted-printable", bytes(secret, |byte| format!("={byte:02X}"))),
        ("hexadecimal", hexadecimal(secret.as_bytes())),
        ("hexadecimal with colons", bytes(secret, |byte| format!("{byte:02x}:"))),
        ("hexadecimal list", bytes(secret, |byte| format!("0x{byte:02x}, "))),
        ("hexadecimal of UTF-16", hexadecimal(&utf16(secret))),
        ("hexadecimal of UTF-16BE", hexadecimal(&utf16_be(secret))),
        ("U+", each(secret, |code| format!("U+{code:04X} "))),
        ("base32", base32(secret.as_bytes())),
        ("base32hex", base32_hex(secret.as_bytes())),
        ("base32hex in small letters", base32_hex(secret.as_bytes()).to_lowercase()),
        ("base64", STANDARD.encode(secret)),
        ("base64 inside", STANDARD.encode(format!("us:{secret} and more"))),
        ("base64 of URLs", URL_SAFE_NO_PAD.encode(format!("u:{secret}"))),
        ("base64 in lines", STANDARD.encode(secret).replace('W', "W\r\n")),
        ("base64 of UTF-16", STANDARD.encode(utf16(secret))),
        ("base64 twice", STANDARD.encode(STANDARD.encode(secret))),
        ("base64 four times", (0..4).fold(secret.to_owned(), |text, _| STANDARD.encode(text))),
        ("base64 five times", (0..5).fold(secret.to_owned(), |text, _| STANDARD.encode(text))),
        ("percent five times", percent(&percent(secret)).replace('%', "%252525")),
        ("base64 of percent", STANDARD.encode(percent(secret))),
        ("percent of base64", percent(&STANDARD.encode(secret))),
        ("hexadecimal of base64", hexadecimal(STANDARD.encode(secret).as_bytes())),
        ("decimals", bytes(secret, |byte| format!("{byte}, "))),
        ("decimals with signs", bytes(secret, |byte| format!("{}, ", byte.cast_signed()))),
        ("CHAR()", each(secret, |code| format!("CHAR({code})+"))),
        ("octal list", bytes(secret, |byte| format!("{byte:o} "))),
        ("binary list", bytes(secret, |byte| format!("{byte:08b} "))),
        ("binary numbers", bytes(secret, |byte| format!("{byte:#b}, "))),
        ("octal numbers", bytes(secret, |byte| format!("{byte:#o}, "))),
        ("bits in a row", format!("B'{}'", bytes(secret, |byte| format!("{byte:08b}")))),
        ("octal in a row", bytes(secret, |byte| format!("{byte:03o}"))),
        ("decimals in a row", bytes(secret, |byte| format!("{byte:03}"))),
        ("TDS as bytes", latin(&scrambled(secret))),
        ("TDS in hexadecimal", hexadecimal(&scrambled(secret))),
        ("TDS in base64", STANDARD.encode(scrambled(secret))),
        (
            "TDS as units",
            String::from_utf16_lossy(
                &scrambled(secret).chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect::<Vec<_>>(),
            ),
        ),
        ("UTF-16", latin(&utf16(secret))),
        ("UTF-8 as Latin-1", latin(secret.as_bytes())),
        ("NFC", secret.nfc().collect()),
        ("NFD", secret.nfd().collect()),
        ("NFKC", secret.nfkc().collect()),
        ("NFKD", secret.nfkd().collect()),
        ("quotes doubled", in_middle("''")),
        ("blanks", each(secret, |code| format!("{} ", char::from_u32(code).unwrap()))),
        ("a line end", in_middle("\n")),
        ("a terminal's escape", in_middle("\u{1b}[0m").replace("[0m", "")),
        ("a blank without width", in_middle("\u{200b}")),
        ("a soft hyphen", in_middle("\u{ad}")),
        ("a filler", in_middle("\u{3164}")),
        ("a selector", in_middle("\u{fe0f}")),
        ("an accent", in_middle("\u{301}")),
        ("a combining joiner", in_middle("\u{34f}")),
        ("a Khmer vowel", in_middle("\u{17b4}")),
        ("a Mongolian separator", in_middle("\u{180e}")),
        (
            "full width",
            each(secret, |code| {
                char::from_u32(if (33..127).contains(&code) { code + 0xfee0 } else { code }).unwrap().to_string()
            }),
        ),
        ("a long lead", format!("{}{secret}", "x".repeat(CAP - 3))),
        ("a longer lead", format!("{}{}", "x ".repeat(CAP), secret)),
    ]
}

#[test]
fn a_secret_is_found_in_every_encoding() {
    for secret in [SECRET, WIDE, "hunter", "|^ø^||", "Пароль-дня", "パスワード設定値"] {
        for (name, text) in encodings(secret) {
            for around in ["", "bad password <"] {
                assert!(!shows(secret, &format!("{around}{text}>!")), "{secret}: {name}: {text}");
            }
        }
    }
}

#[test]
fn a_secret_of_latin_letters_is_found_in_latin_1() {
    let secret = "Zürich-Größe-Naïve";
    let single: Vec<u8> = secret.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    for text in [
        String::from_utf8_lossy(&single).into_owned(),
        hexadecimal(&single),
        STANDARD.encode(&single),
        single.iter().map(|byte| format!("%{byte:02x}")).collect(),
        single.iter().map(|byte| format!("\\x{byte:02x}")).collect(),
        single.iter().map(|byte| format!("={byte:02X}")).collect(),
        secret.replace('ü', "&uuml;").replace('ö', "&ouml;").replace('ß', "&szlig;").replace('ï', "&iuml;"),
        "Zurich-Grosse-Naive".to_owned(),
    ] {
        assert!(!shows(secret, &format!("bad: {text}")), "{text}");
    }
}

#[test]
fn letters_that_look_alike_are_no_hiding_place() {
    for (secret, text) in [
        ("peacock", "реасосk"),
        ("peacock", "ᴘᴇᴀᴄᴏᴄᴋ"),
        ("peacock", "ⓟⓔⓐⓒⓞⓒⓚ"),
        ("peacock", "🅟🅔🅐🅒🅞🅒🅚"),
        ("peacock", "𝓹𝓮𝓪𝓬𝓸𝓬𝓴"),
        ("HEXAPOD", "ΗΕΧΑΡΟD"),
        ("hello10world", "helloIOworld"),
    ] {
        assert!(!shows(secret, text), "{secret} {text}");
    }
}
