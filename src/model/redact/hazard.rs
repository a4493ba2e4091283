//! Characters that control a terminal, or hide or reorder the text around them.

use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Removes control characters, bidirectional controls and invisible characters from foreign text. Line ends and tabs
/// become spaces.
#[must_use]
pub fn strip_control(text: &str) -> String {
    if is_printable(text) {
        return text.trim().to_owned();
    }
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

/// Escapes hazards in the user's own text (`\u{1b}`); nothing is removed.
#[must_use]
pub fn escape_control(text: &str) -> String {
    if is_printable(text) {
        return text.to_owned();
    }
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

/// Whether `text` consists of printable ASCII only, as most texts do.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether `character` controls a terminal, or hides or reorders the text around it: control and format characters,
/// line and paragraph separators, private-use and unassigned code points, and those ignored in display.
#[must_use]
pub fn is_hazard(character: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, Surrogate, Unassigned};

    if character.is_ascii() {
        return character.is_control();
    }
    matches!(
        CodePointMapData::<GeneralCategory>::new().get(character),
        Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | Surrogate | Unassigned
    ) || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || CodePointSetData::new::<BidiControl>().contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_never_pass() {
        assert_eq!(strip_control("a\x1b[31mb\r\nc\u{202e}d\u{9b}e"), "a[31mb cde");
        assert_eq!(escape_control("a\x1bb"), "a\\u{1b}b");
    }

    /// The ranges repeat those of DerivedCoreProperties.txt, PropList.txt and UnicodeData.txt, as a check of the tables
    /// in use that is independent of them.
    #[test]
    fn every_code_point_that_hides_or_steers_is_a_hazard() {
        let ignorable = [
            0xad..=0xad,
            0x34f..=0x34f,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x17b4..=0x17b5,
            0x180b..=0x180f,
            0x200b..=0x200f,
            0x202a..=0x202e,
            0x2060..=0x206f,
            0x3164..=0x3164,
            0xfe00..=0xfe0f,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfff0..=0xfff8,
            0x1_bca0..=0x1_bca3,
            0x1_d173..=0x1_d17a,
            0xe_0000..=0xe_0fff,
        ];
        let others = [
            0..=0x1f,
            0x7f..=0x9f,
            0x2028..=0x2029,
            0xfff9..=0xfffb,
            0x600..=0x605,
            0x6dd..=0x6dd,
            0x70f..=0x70f,
            0xe000..=0xf8ff,
            0xfdd0..=0xfdef,
            0xf_0000..=0x10_ffff,
        ];
        let expected = |code: u32| ignorable.iter().chain(&others).any(|range| range.contains(&code));
        for character in '\0'..=char::MAX {
            if expected(u32::from(character)) {
                assert!(is_hazard(character), "{character:?}");
            }
            assert!(!is_hazard(character) || strip_control(&format!("a{character}b")).len() <= 3, "{character:?}");
        }
        let letters = "abcxyzABC019 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ÄéøßþΩЖ東한あ🔑€§e\u{301}";
        assert!(!letters.chars().any(is_hazard));
    }
}
