//! The login as its server compares it: which spellings are the same account.

use unicode_normalization::UnicodeNormalization;

use crate::model::redact::is_hazard;

/// `login` as the server compares it: without case, width, kind of kana and trailing blanks. The server's collation,
/// which is not known here, decides what else is equal; two logins that one of the usual collations takes for equal are
/// folded to one account.
pub(super) fn folded(login: &str) -> String {
    let mut folded = String::with_capacity(login.len());
    for letter in login.nfkc().flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // The dotless i, and the combining dot of Turkish, whose collation has a dotted capital of `i`.
            'ı' => folded.push('i'),
            '\u{307}' if folded.ends_with('i') => {}
            // The final form of sigma.
            'ς' => folded.push('σ'),
            // Hiragana, mapped to the katakana of the same sound.
            '\u{3041}'..='\u{3096}' | '\u{309d}' | '\u{309e}' => {
                folded.push(char::from_u32(letter as u32 + 0x60).unwrap_or(letter));
            }
            // Characters without weight in older collations.
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
