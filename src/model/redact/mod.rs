//! `Redactor`: takes the definition's secrets out of foreign text, in every encoding a peer may echo
//! them in; then control characters out; then caps the rest. Must run before any other shortening,
//! or half a secret survives.

mod forms;
mod hazard;
mod search;

use std::collections::BTreeSet;
use std::ops::Range;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use self::forms::forms_of;
pub use self::hazard::{escape_control, is_hazard, strip_control};
use self::search::{has_half, has_halves, lower_case, occurrences, places};

/// What stands where a secret stood.
pub const MASK: &str = "[secret]";

/// How many characters of foreign text are shown.
pub const CAP: usize = 512;

/// Below this a secret cannot be told from ordinary letters, so foreign text is dropped whole.
const SHORTEST: usize = 4;

/// More secrets than this are not looked for one by one: foreign text is dropped whole.
const SECRETS: usize = 256;

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
        let mut forms: Vec<Zeroizing<String>> = Vec::with_capacity(16);
        let mut keep = |form: Zeroizing<String>| {
            let form = lowered(form);
            if form.len() >= SHORTEST && !forms.contains(&form) {
                forms.push(form);
            }
        };
        if !drop_all {
            for form in secrets.iter().flat_map(|secret| forms_of(secret)) {
                let squeezed = form.contains(char::is_whitespace).then(|| Zeroizing::new(squeeze(&form)));
                keep(form);
                squeezed.into_iter().for_each(&mut keep);
            }
        }
        Self { forms, drop_all }
    }

    /// Whether every one of `texts` may be shown as it is, as nearly all may; that of others has to be asked of
    /// [`Redactor::scrub`], one by one.
    #[must_use]
    pub fn passes<'t>(&self, texts: impl Iterator<Item = &'t str>) -> bool {
        // Between two texts stands what can be in neither: a secret across it is one too many at the worst.
        let mut all = String::with_capacity(256);
        for text in texts {
            if text.len() > CAP || !reads_one_way(text) {
                return false;
            }
            all.push_str(text);
            all.push('\n');
        }
        !self.drop_all && !self.is_in(&lowered(all.into()))
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

    /// Whether a secret, or half of one, stands in a text in `lower` case.
    fn is_in(&self, lower: &str) -> bool {
        let lower = lower.as_bytes();
        self.forms
            .iter()
            .map(|form| form.as_bytes())
            .any(|form| occurrences(lower, form).next().is_some() || has_halves(form) && has_half(lower, form))
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
    let is_encoded =
        |piece: &[u8]| matches!(piece, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.as_bytes().windows(3).any(is_encoded)
}

/// `text` in lower case, in its own place where no letter of it can grow.
fn lowered(mut text: Zeroizing<String>) -> Zeroizing<String> {
    if text.is_ascii() {
        text.make_ascii_lowercase();
        return text;
    }
    Zeroizing::new(lower_case(&text))
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

/// `text` without blanks.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

fn cap(text: &str) -> String {
    match text.char_indices().nth(CAP) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

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
    fn a_secret_in_the_base64_of_urls_is_masked() {
        for (secret, letter) in [("~~~~~~~~>", '-'), ("?????????", '_')] {
            let text = URL_SAFE_NO_PAD.encode(secret);
            assert!(text.contains(letter), "{text}");
            assert_eq!(Redactor::new([secret], &[]).scrub(&text).as_deref(), Some(MASK), "{text}");
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
    fn texts_pass_together_if_each_may_be_shown_as_it_is() {
        let long = "correct-horse-battery-staple";
        let redactor = Redactor::new([long], &["etl"]);
        for (texts, pass) in [
            (["MariaDB", "10.11.14-MariaDB", "etl@%", "100%"], true),
            (["", "", "", ""], true),
            (["MariaDB", "correct-horse-battery-staple", "etl", "shop"], false),
            (["MariaDB", "xCORRECT-horse-battery-staple.", "etl", "shop"], false),
            (["MariaDB", "elpats-yrettab-esroh-tcerroc", "etl", "shop"], false),
            // Half of it.
            (["MariaDB", "correct-horse-bat", "etl", "shop"], false),
            // What may be read otherwise than it is written.
            (["MariaDB", "etl\u{1b}", "etl", "shop"], false),
            (["MariaDB", "a b", "etl", "shop"], false),
            (["MariaDB", "%63orrect", "etl", "shop"], false),
            (["MariaDB", "é", "etl", "shop"], false),
        ] {
            assert_eq!(redactor.passes(texts.into_iter()), pass, "{texts:?}");
            let each = texts.iter().all(|text| redactor.scrub(text).as_deref() == Some(text));
            assert!(each || !pass, "{texts:?}");
        }
        assert!(!redactor.passes(["x".repeat(CAP + 1).as_str()].into_iter()));
        assert!(!Redactor::new(["abc"], &[]).passes(["fine"].into_iter()));
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
}
