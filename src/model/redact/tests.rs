//! What is dropped and what is shown.

#![expect(clippy::format_collect, reason = "how a byte is written stands best in a format")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use unicode_normalization::UnicodeNormalization;

use super::*;

const SECRET: &str = "s3cr/t+Ky N0=%w9";
const WIDE: &str = "Zürich-Grüße-№7";

fn shows(secret: &str, text: &str) -> bool {
    Redactor::new([secret], &["etl"]).scrub(text).is_some()
}

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

/// Every way to write a secret that servers, proxies, drivers and logs are known to use.
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
        ("base64", STANDARD.encode(secret)),
        ("base64 inside", STANDARD.encode(format!("us:{secret} and more"))),
        ("base64 of URLs", URL_SAFE_NO_PAD.encode(format!("u:{secret}"))),
        ("base64 in lines", STANDARD.encode(secret).replace('W', "W\r\n")),
        ("base64 of UTF-16", STANDARD.encode(utf16(secret))),
        ("base64 twice", STANDARD.encode(STANDARD.encode(secret))),
        ("base64 of percent", STANDARD.encode(percent(secret))),
        ("percent of base64", percent(&STANDARD.encode(secret))),
        ("hexadecimal of base64", hexadecimal(STANDARD.encode(secret).as_bytes())),
        ("decimals", bytes(secret, |byte| format!("{byte}, "))),
        ("decimals with signs", bytes(secret, |byte| format!("{}, ", byte.cast_signed()))),
        ("CHAR()", each(secret, |code| format!("CHAR({code})+"))),
        ("octal list", bytes(secret, |byte| format!("{byte:o} "))),
        ("binary list", bytes(secret, |byte| format!("{byte:08b} "))),
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
    for secret in [SECRET, WIDE, "hunter", "Пароль-дня", "パスワード設定値"] {
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

#[test]
fn six_letters_in_a_row_are_a_leak_and_five_are_none() {
    for (secret, text, shown) in [
        ("correct-horse-16", "no ct-hor here", false),
        ("correct-horse-16", "no ct-ho here", true),
        // Of one that has other letters than ASCII's, eight bytes are a leak too.
        ("верная-лошадь-16", "ая-л", true),
        ("верная-лошадь-16", "ая-лo", true),
        ("верная-лошадь-16", "ая-ло", false),
        ("Grüße-1234-x", "Grüß e-12", false),
        ("correct horse battery staple", "correct / staple", false),
        ("correct horse battery staple", "a horse", true),
        // A shorter secret has to be there whole.
        ("tulip", "no tulip", false),
        ("tulip", "no tuli", true),
        ("rose", "no R.O.S.E here", false),
        ("rose", "no rows", true),
        // One that is shorter still is a word or nothing.
        ("abc", "no abc here", false),
        ("abc", "no 'ABC'.", false),
        ("abc", "no abcd here", true),
        ("a!", "no a! here", false),
        ("a!", "Nada! a", true),
        ("~", "password=~;", false),
        ("ab", "password=AB;", false),
        ("ab", "password=about", true),
        ("7", "row 7 of 10", false),
        ("7", "row 17 of 10", true),
        // Signs count where there are not enough letters.
        ("!!##%%&&", "for !!##%%&& at", false),
        ("!!##%%&&", "for !! ##%% at", false),
        ("!!##%%&&", "for !!## at", true),
        ("§¤§¤§¤", "§ ¤§¤§¤", false),
        ("~^|§", "~^|§", false),
        ("~^|§", "~^|", true),
    ] {
        assert_eq!(shows(secret, text), shown, "{secret} {text}");
    }
}

#[test]
fn a_server_s_fixed_wording_is_no_leak() {
    for (secret, text, shown) in [
        ("password123", "password authentication failed for user \"etl\"", true),
        ("password123", "password \"password123\" is wrong", false),
        ("password", "password authentication failed", true),
        ("authentication", "password authentication failed", true),
        ("Authentication!", "authentication! failed", false),
        ("password authentication", "password authentication failed for user \"etl\"", true),
        ("user", "no such user", true),
        ("for", "no entry for host", true),
        ("sigv4", "SigV4", true),
        ("postgres", "PostgreSQL 16.4 (Debian 16.4-1.pgdg120+2)", true),
        ("postgres", "no role postgres", false),
        ("access denied", "Access denied for user 'etl'@'10.0.0.1' (using password: YES)", true),
    ] {
        assert_eq!(shows(secret, text), shown, "{secret} {text}");
    }
}

#[test]
fn what_is_shown_anyway_is_no_leak() {
    let shown = ["warehouse", "etl-user", "db1.example.com", "5432", "PostgreSQL"];
    for (secret, text, passes) in [
        ("etl-user", "no login for etl-user", true),
        ("ETL-User", "no login for etl-user", true),
        ("etl-user", "no login for etl-userx", true),
        ("etl-user!", "no login for etl-user", true),
        ("etl-user!", "no login for etl-user!", false),
        ("etl-use", "no login for etl-user", true),
        ("etl-user-2024", "no login for etl-user-2024", false),
        ("5432", "port 5432", true),
        ("543", "port 543", false),
        ("example", "db1.example.com is down", true),
        ("example", "an example", false),
        ("warehouse", "database \"warehouse\" does not exist", true),
        ("etluse", "etl-user", true),
        ("etluserb", "etl-userb", false),
    ] {
        assert_eq!(Redactor::new([secret], &shown).scrub(text).is_some(), passes, "{secret} {text}");
    }
}

#[test]
fn the_secrets_of_others_are_found_and_what_they_show_is_not_looked_for() {
    let mut run = Gathering::default();
    run.add(["alice-secret-1"], &["alice"]);
    run.add(["postgres"], &["postgres"]);
    run.add(["orders"], &["carol"]);
    let run = Arc::new(run.finish());
    let of = |shown: &[&str]| Redactor::of_run(Arc::clone(&run), None, shown);
    assert_eq!(of(&["bob"]).scrub("it was alice-secret-1"), None);
    assert!(of(&["bob"]).scrub("no role postgresx").is_some());
    assert_eq!(of(&["bob"]).scrub("no orders"), None);
    assert!(of(&["bob", "orders"]).scrub("no orders").is_some());
}

#[test]
fn a_short_secret_hides_no_name() {
    let redactor = Redactor::new(["abc", "secret-name"], &["etl"]);
    assert_eq!(redactor.scrub("abc").as_deref(), None);
    assert_eq!(redactor.name("abc").as_deref(), Some("abc"));
    assert_eq!(redactor.name("a-secret-name"), None);
    for (name, shown) in [
        ("MariaDB", Some("MariaDB")),
        ("10.11.14-MariaDB", Some("10.11.14-MariaDB")),
        ("etl@%", Some("etl@%")),
        ("", Some("")),
        ("%73ecret-name", None),
        ("c2VjcmV0LW5hbWU=", None),
        ("etl\u{1b}", Some("etl")),
    ] {
        assert_eq!(redactor.name(name).as_deref(), shown, "{name:?}");
    }
}

#[test]
fn what_is_shown_is_capped_and_without_hazards() {
    let redactor = Redactor::new([SECRET], &[]);
    assert_eq!(redactor.scrub("a\u{1b}[31mb\r\nc").as_deref(), Some("a[31mb c"));
    assert!(redactor.scrub(&"y".repeat(4 * CAP)).unwrap().chars().count() == CAP + 1);
    assert_eq!(Redactor::new([], &[]).scrub("fine").as_deref(), Some("fine"));
}

#[test]
fn a_text_with_too_many_readings_is_dropped() {
    let nested = (0..400).map(|n| format!("%25{n:02x}\\u0025&#37;=25")).collect::<String>();
    let since = Instant::now();
    let _either = Redactor::new([SECRET], &[]).scrub(&nested);
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}

/// In a release build: 100,000 secrets of 24 characters take 0.2 s of CPU time and 80 MiB at most. The clock shows more
/// where others use the machine.
#[test]
fn many_secrets_are_gathered_and_found_quickly() {
    let count = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
    let secret = |n: u64| {
        let word = |n: u64| {
            n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
        };
        STANDARD.encode([word(n).to_le_bytes(), word(n + 1_000_000).to_le_bytes()].concat())
    };
    let secrets: Vec<String> = (0..count).map(secret).collect();
    let since = Instant::now();
    let mut run = Gathering::default();
    for secret in &secrets {
        run.add([secret.as_str()], &["etl"]);
    }
    let run = Arc::new(run.finish());
    let gathered = since.elapsed();
    let redactor = Redactor::of_run(Arc::clone(&run), Some(Secrets::of([secrets[0].as_str()], &[])), &["etl"]);
    let since = Instant::now();
    for secret in secrets.iter().step_by(usize::try_from(count / 100).unwrap()) {
        assert_eq!(redactor.scrub(&format!("bad password {secret}")), None);
        assert_eq!(redactor.scrub(&format!("bad password {}", &secret[..12])), None);
        assert!(redactor.scrub("password authentication failed for user \"etl\"").is_some());
    }
    println!("{count} secrets: {gathered:?}, 300 texts: {:?}", since.elapsed());
    assert!(run.is_coarse());
    assert_eq!(redactor.scrub(&secrets[0][..6]), None, "six letters of one's own");
    assert!(gathered < Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 }), "{gathered:?}");
}
