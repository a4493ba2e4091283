//! Words: one that must not be said, taken out of connprobe's own texts, and what is none of a language.

use crate::model::redact::is_fixed_wording;

/// Whether `word` is none of a language.
pub(super) fn is_token(word: &str) -> bool {
    let is_odd = |letter: char| letter.is_ascii_digit() || "+/=_.~".contains(letter);
    let capitals = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    word.len() >= 8 && (capitals || word.trim_end_matches('.').contains(is_odd)) && !is_fixed_wording(word)
}

/// Puts `shown` wherever `word` stands in `text`, in whatever case: names of hosts lose theirs.
pub fn replace_word(text: &mut String, word: &str, shown: &str) {
    let (lower, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    if word.is_empty() || !lower.contains(&word) {
        return;
    }
    let (mut replaced, mut end) = (String::with_capacity(text.len()), 0);
    for (at, _) in lower.match_indices(&word) {
        replaced.push_str(&text[end..at]);
        replaced.push_str(shown);
        end = at + word.len();
    }
    replaced.push_str(&text[end..]);
    *text = replaced;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_in_whatever_case() {
        for (text, word, expected) in [
            ("`Db.Example` does not answer at DB.EXAMPLE", "db.example", "`…` does not answer at …"),
            ("no such role `étl`", "Étl", "no such role `étl`"),
            ("no such role `étl`", "étl", "no such role `…`"),
            ("aaa", "aa", "…a"),
            ("nothing", "", "nothing"),
            ("", "x", ""),
        ] {
            let mut replaced = text.to_owned();
            replace_word(&mut replaced, word, "…");
            assert_eq!(replaced, expected, "{word}");
        }
    }
}
