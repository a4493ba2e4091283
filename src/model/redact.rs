//! `Redactor`: takes the definition's secrets out of foreign text, in every encoding a peer may echo
//! them in; then control characters out; then caps the rest. Must run before any other shortening,
//! or half a secret survives.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use zeroize::Zeroizing;

/// What stands where a secret stood.
pub const MASK: &str = "[secret]";

/// How many characters of foreign text are shown.
pub const CAP: usize = 512;

/// Below this a secret cannot be told from ordinary letters, so foreign text is dropped whole.
const SHORTEST: usize = 4;

/// A piece of a secret is one if it has half of it, and is longer than this: shorter ones may be words.
const LONGEST_WORD: usize = 9;

/// More secrets than this are not looked for one by one: foreign text is dropped whole.
const SECRETS: usize = 256;

/// Everything that is not unreserved in a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, `/` kept, as many clients encode.
const KEEP_SLASH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b':')
    .add(b'@')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'|')
    .add(b'&')
    .add(b'=')
    .add(b'+')
    .add(b'$')
    .add(b',')
    .add(b';');

/// Scrubs foreign text of one definition's secrets.
pub struct Redactor {
    /// Every form of every secret, in lower case.
    forms: Vec<Zeroizing<String>>,
    drop_all: bool,
}

impl Redactor {
    /// A redactor for `secrets`. Where one is shorter than four bytes, or equal to one of the
    /// owner's own visible texts in `own` (as password = login), foreign text is dropped whole:
    /// masking it would leak by what is missing, or make the report unreadable.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>, own: &[&str]) -> Self {
        let secrets: Vec<&str> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        let drop_all = secrets.len() > SECRETS
            || secrets
                .iter()
                .any(|secret| secret.len() < SHORTEST || own.iter().any(|text| text.eq_ignore_ascii_case(secret)));
        let mut forms: Vec<Zeroizing<String>> = Vec::new();
        let mut keep = |form: &str| {
            let form = Zeroizing::new(lower_case(form));
            if form.len() >= SHORTEST && !forms.contains(&form) {
                forms.push(form);
            }
        };
        if !drop_all {
            for form in secrets.iter().flat_map(|secret| encodings(secret)).map(Zeroizing::new) {
                keep(&form);
                if form.contains(char::is_whitespace) {
                    keep(&Zeroizing::new(squeeze(&form)));
                }
            }
        }
        Self { forms, drop_all }
    }

    /// The text as it may be shown, or `None` where all of it has to go.
    #[must_use]
    pub fn scrub(&self, text: &str) -> Option<String> {
        if self.drop_all {
            return None;
        }
        let found = self.find(text);
        let shown = if found.is_empty() && reads_one_way(text) {
            text.to_owned()
        } else {
            let shown = strip_control(&mask(text, &found));
            if self.is_in_readings(&shown) {
                return None;
            }
            shown
        };
        // What is left of a secret that was sent in pieces.
        let lower = lower_case(&shown);
        if self.forms.iter().any(|form| has_half(lower.as_bytes(), form.as_bytes())) {
            return None;
        }
        Some(cap(&shown))
    }

    /// Whether a secret stands between the masks of what is `shown`, however it is read: what was taken out may
    /// have stood inside one, or what a reader overlooks; and encoders differ in what they escape, so that no
    /// list of forms is complete.
    fn is_in_readings(&self, shown: &str) -> bool {
        let decoded = strip_control(&percent_decode_str(shown).decode_utf8_lossy());
        BTreeSet::from([shown, &decoded, &squeeze(shown), &squeeze(&decoded)])
            .iter()
            .any(|reading| reading.split(MASK).any(|part| !self.find(part).is_empty()))
    }

    /// Where secrets stand in `text`, in order; those that touch or overlap are one.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let lower = lower_case(text);
        let mut found: Vec<Range<usize>> = self
            .forms
            .iter()
            .flat_map(|form| occurrences(lower.as_bytes(), form.as_bytes()).map(|start| start..start + form.len() - 1))
            .collect();
        if found.is_empty() {
            return found;
        }
        let places = places(text);
        for range in &mut found {
            *range = places[range.start].start..places[range.end].end;
        }
        found.sort_by_key(|range| range.start);
        found.dedup_by(|next, earlier| {
            let touches = next.start <= earlier.end;
            if touches {
                earlier.end = earlier.end.max(next.end);
            }
            touches
        });
        found
    }
}

/// Whether nothing can be taken out of `text`, or decoded in it.
fn reads_one_way(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%')
}

/// Where `form` stands in `text`, in order.
fn occurrences(text: &[u8], form: &[u8]) -> impl Iterator<Item = usize> {
    // In a short text, as most are, the first is found, or not, without the preparations for a long search.
    let first = memmem::find(text, form);
    first.into_iter().flat_map(move |first| memmem::find_iter(&text[first..], form).map(move |next| first + next))
}

/// `text` with a mask at every place that is `found`.
fn mask(text: &str, found: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for range in found {
        masked.push_str(&text[copied..range.start]);
        masked.push_str(MASK);
        copied = range.end;
    }
    masked.push_str(&text[copied..]);
    masked
}

/// `text` in lower case, letter by letter.
fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
}

/// For each byte of `text` in lower case the place of the letter that it came from, which may be longer or shorter.
fn places(text: &str) -> Vec<Range<usize>> {
    let place = |(at, letter): (usize, char)| {
        let length = letter.to_lowercase().map(char::len_utf8).sum();
        std::iter::repeat_n(at..at + letter.len_utf8(), length)
    };
    text.char_indices().flat_map(place).collect()
}

/// Whether half of `form` stands in `text` in one piece.
fn has_half(text: &[u8], form: &[u8]) -> bool {
    let letters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let half = (letters(form) / 2).max(LONGEST_WORD + 1);
    if half > text.len().min(form.len()) {
        return false;
    }
    // A piece of so many letters has one of these blocks in it whole, wherever it begins.
    let block = half.div_ceil(2);
    form.chunks_exact(block).enumerate().any(|(number, chunk)| {
        let (before, after) = (&form[..number * block], &form[(number + 1) * block..]);
        occurrences(text, chunk).any(|at| {
            let same = |(one, other): &(&u8, &u8)| one == other;
            let left = text[..at].iter().rev().zip(before.iter().rev()).take_while(same).count();
            let right = text[at + block..].iter().zip(after).take_while(same).count();
            letters(&text[at - left..at + block + right]) >= half
        })
    })
}

/// `text` without blanks.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Foreign text without control characters, bidirectional overrides and zero-width characters.
/// Line ends and tabs become spaces.
#[must_use]
pub fn strip_control(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => {
                if !stripped.ends_with(' ') {
                    stripped.push(' ');
                }
            }
            _ if is_hazard(character) => {}
            _ => stripped.push(character),
        }
    }
    stripped.trim().to_owned()
}

/// The owner's own text with hazards made visible (`\u{1b}`), never removed.
#[must_use]
pub fn escape_control(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hazard(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Whether `character` steers a terminal, or hides or reorders what stands around it.
#[must_use]
pub fn is_hazard(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn cap(text: &str) -> String {
    match text.char_indices().nth(CAP) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn hexadecimal(secret: &str) -> String {
    secret
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Every form in which a peer, an encoder or a log may show `secret`.
fn encodings(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        hexadecimal(secret),
        secret.chars().flat_map(|character| [character, '\0']).collect(),
    ];
    // What everybody leaves as it is.
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        forms.extend([
            secret.trim().to_owned(),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            utf8_percent_encode(secret, RESERVED).to_string(),
            utf8_percent_encode(secret, KEEP_SLASH).to_string(),
            secret.replace(' ', "+"),
            secret.escape_default().to_string(),
            secret.escape_debug().to_string(),
        ]);
        if let Ok(json) = serde_json::to_string(secret) {
            forms.push(json.trim_matches('"').to_owned());
        }
    }
    // A secret inside a larger base64 text starts at any of three alignments; the characters that
    // it shares with its neighbours are left out.
    for lead in 0..3 {
        let bytes = Zeroizing::new([&[0, 0][..lead], secret.as_bytes()].concat());
        let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&bytes));
        let start = [0, 2, 3][lead];
        let end = if bytes.len() % 3 == 0 { encoded.len() } else { encoded.len() - 1 };
        if let Some(whole) = encoded.get(start..end) {
            forms.push(whole.to_owned());
            if whole.contains(['+', '/']) {
                forms.push(whole.replace('+', "-").replace('/', "_"));
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr/t+K y=%";

    fn scrub(text: &str) -> String {
        Redactor::new([SECRET], &["etl"]).scrub(text).unwrap()
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let inside = |bytes: &str| STANDARD_NO_PAD.encode(bytes);
        for echoed in [
            SECRET.to_owned(),
            SECRET.to_uppercase(),
            SECRET.chars().rev().collect(),
            "s3cr%2Ft%2BK%20y%3D%25".to_owned(),
            "s3cr/t%2BK%20y%3D%25".to_owned(),
            "s3cr/t+K+y=%".to_owned(),
            "733363722f742b4b20793d25".to_owned(),
            inside(SECRET),
            inside(&format!("u:{SECRET}")),
            inside(&format!("us:{SECRET} and more")),
            SECRET.chars().flat_map(|c| [c, '\0']).collect(),
        ] {
            let shown = scrub(&format!("bad password <{echoed}>!"));
            assert!(shown.contains(MASK), "{echoed} was shown as {shown}");
            assert!(!shown.contains("s3cr"), "{echoed} was shown as {shown}");
        }
    }

    #[test]
    fn a_secret_inside_base64_is_masked_to_its_last_whole_letter() {
        for lead in ["", "u", "u:"] {
            for tail in ["", "and more"] {
                let text = STANDARD_NO_PAD.encode(format!("{lead}{SECRET}{tail}"));
                // A letter holds six bits; those that it shares with a neighbour tell nothing whole.
                let start = (lead.len() * 8).div_ceil(6);
                let end = (lead.len() + SECRET.len()) * 8 / 6;
                assert_eq!(scrub(&text), format!("{}{MASK}{}", &text[..start], &text[end..]), "{lead} {tail}");
            }
        }
    }

    #[test]
    fn text_that_hides_a_secret_behind_odd_percents_is_dropped() {
        let redactor = Redactor::new([SECRET], &["etl"]);
        assert_eq!(redactor.scrub("for s3cr%2ft%2BK y%3d%"), None);
        assert_eq!(redactor.scrub("100 %, %zz").as_deref(), Some("100 %, %zz"));
    }

    #[test]
    fn secrets_that_overlap_are_masked_as_one() {
        let redactor = Redactor::new(["abcdef", "defghi"], &[]);
        assert_eq!(redactor.scrub("x abcdefghi y ABCDEF").as_deref(), Some("x [secret] y [secret]"));
    }

    #[test]
    fn text_that_hides_a_secret_behind_control_characters_is_dropped() {
        let redactor = Redactor::new([SECRET], &["etl"]);
        for text in ["for s3c\u{1}r/t+K y=%", "for s3 cr/ t+K y = %", "for s3cr/t+K\ny=%", "s3%63r\u{200b}/t+K y=%"] {
            assert_eq!(redactor.scrub(text), None, "{text:?}");
        }
        // Not even where it touches one that is masked.
        assert_eq!(redactor.scrub(&format!("{SECRET}s3c\u{1}r/t+K y=%")), None);
    }

    #[test]
    fn letters_of_every_alphabet_have_a_lower_case() {
        let redactor = Redactor::new(["Ärger mit ΩЖ İstanbul"], &["etl"]);
        let shown = redactor.scrub("for ärger mit ωж i\u{307}stanbul, İ and ÄRGER MIT ΩЖ İSTANBUL!");
        assert_eq!(shown.as_deref(), Some("for [secret], İ and [secret]!"));
        // At the end of a word this letter has another lower case, and here is none.
        let redactor = Redactor::new(["ΚΩΔΙΚΟΣ"], &["etl"]);
        assert_eq!(redactor.scrub("for ΚΩΔΙΚΟΣ1").as_deref(), Some("for [secret]1"));
    }

    #[test]
    fn text_that_holds_half_a_secret_is_dropped() {
        let long = "correct horse battery staple";
        let redactor = Redactor::new([long], &["etl"]);
        for text in ["correct horse / battery staple", "elpats yrettab|esroh tcerroc", "no orse battery st"] {
            assert_eq!(redactor.scrub(text), None, "{text}");
        }
        for text in ["a battery is no horse", "correct horse"] {
            assert_eq!(redactor.scrub(text).as_deref(), Some(text));
        }
        let words = Redactor::new(["password123"], &["etl"]);
        assert_eq!(words.scrub("wrong password").as_deref(), Some("wrong password"));
    }

    #[test]
    fn a_piece_is_measured_in_letters_and_longer_than_a_word() {
        for (secret, piece, shown) in [
            ("correct-horse-16", "ct-horse-", true),
            ("correct-horse-16", "ct-horse-1", false),
            ("верная-лошадь-16", "ая-лошадь", true),
            ("верная-лошадь-16", "ная-лошадь", false),
        ] {
            for text in [piece.to_owned(), format!("for {piece}?")] {
                assert_eq!(Redactor::new([secret], &["etl"]).scrub(&text).is_some(), shown, "{text}");
            }
        }
    }

    #[test]
    fn more_secrets_than_can_be_looked_for_drop_foreign_text_whole() {
        let secrets: Vec<String> = (0..=SECRETS).map(|n| format!("secret{n}")).collect();
        assert_eq!(Redactor::new(secrets.iter().map(String::as_str), &[]).scrub("fine"), None);
    }

    #[test]
    fn masking_comes_before_capping() {
        let long = format!("{}{SECRET}", "x".repeat(CAP - 3));
        assert!(!scrub(&long).contains("s3c"));
        assert!(scrub(&"y".repeat(4 * CAP)).chars().count() <= CAP + 1);
    }

    #[test]
    fn short_or_common_secrets_drop_foreign_text_whole() {
        for secret in ["abc", "etl", "ETL"] {
            assert_eq!(Redactor::new([secret], &["etl"]).scrub("no login for etl"), None, "{secret}");
        }
        assert_eq!(Redactor::new([], &[]).scrub("fine").as_deref(), Some("fine"));
    }

    #[test]
    fn control_characters_never_pass() {
        assert_eq!(strip_control("a\x1b[31mb\r\nc\u{202e}d\u{9b}e"), "a[31mb cde");
        assert_eq!(escape_control("a\x1bb"), "a\\u{1b}b");
    }
}
