//! The login as its server knows it: which spellings are one account there.

use unicode_normalization::UnicodeNormalization;

use crate::model::redact::is_hazard;

/// `login` as the server compares it: without case, width, kind of kana and trailing blanks. How much more it takes for
/// equal its collation says, which is not known here; what one of the usual ones takes for equal is one account.
pub(super) fn folded(login: &str) -> String {
    let mut folded = String::with_capacity(login.len());
    for letter in login.nfkc().flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // Those of Turkish, whose collation has the capital of `i` with a dot.
            'ı' => folded.push('i'),
            '\u{307}' if folded.ends_with('i') => {}
            // The sigma at the end of a word.
            'ς' => folded.push('σ'),
            // Hiragana, with the katakana of the same sound.
            '\u{3041}'..='\u{3096}' | '\u{309d}' | '\u{309e}' => {
                folded.push(char::from_u32(letter as u32 + 0x60).unwrap_or(letter));
            }
            // Letters that older collations give no weight.
            letter if letter > '\u{ffff}' || is_hazard(letter) => {}
            _ => folded.push(letter),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_compares_as_equal_is_one_account() {
        for (one, other) in [
            ("SA", "sa"),
            ("sa  ", "sa"),
            ("sa\u{3000}", "sa"),
            ("ＥＴＬ", "etl"),
            ("ｱｲ", "アイ"),
            ("ｶﾞ", "ガ"),
            ("あ", "ア"),
            ("￡u", "£u"),
            ("ΟΔΟΣ", "οδοσ"),
            ("οδος", "ΟΔΟΣ"),
            ("STRASSE", "straße"),
            ("e\u{301}tl", "étl"),
            ("İ", "i"),
            ("e\u{ad}tl😀", "etl"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        for (one, other) in [("etl", "et1"), ("étl", "etl"), (" sa", "sa"), ("アイ", "アエ")] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }
}
