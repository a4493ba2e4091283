//! Words: removes a word from connprobe's own texts, and recognises words that are not of a natural language.

use crate::model::redact::is_fixed_wording;

/// Whether `word` is not a word of a natural language.
pub(super) fn is_token(word: &str) -> bool {
    let is_odd = |letter: char| letter.is_ascii_digit() || "+/=_.~".contains(letter);
    let capitals = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    word.len() >= 8 && (capitals || word.trim_end_matches('.').contains(is_odd)) && !is_fixed_wording(word)
}

/// Replaces `word` by `shown` in `text`, ignoring case, since host names lose theirs.
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

/// The maximum length of a name that is truncated in a text.
const LONGEST_NAME: usize = 4 << 10;

/// Removes prefixes of `word` directly before a `mark` from `text`, ignoring case, if they have at least `shortest`
/// letters.
pub(super) fn drop_beginnings(text: &mut String, word: &str, mark: &str, shortest: usize) {
    let Some((least, _)) = word.char_indices().nth(shortest) else { return };
    let begins = |cut: &str| word.get(..cut.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(cut));
    let (mut left, mut end) = (String::new(), 0);
    for (at, _) in text.match_indices(mark) {
        let before = &text[end..at];
        let longest = before.len().min(word.len()).min(LONGEST_NAME);
        let starts = before.len() - longest..(before.len() + 1).saturating_sub(least);
        let cut = starts.filter_map(|start| before.get(start..)).find(|cut| begins(cut));
        left.push_str(&before[..before.len() - cut.map_or(0, str::len)]);
        left.push_str(mark);
        end = at + mark.len();
    }
    left.push_str(&text[end..]);
    *text = left;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_word_goes_where_it_is_cut_off() {
        for (text, expected) in [
            ("`pw-Sup3rS3…` is", "`pw-…` is"),
            ("sup3r… and Sup3rS3cret… and sup…", "… and … and sup…"),
            ("SupSup3r…", "Sup…"),
            ("Sup3r … Sup3r", "Sup3r … Sup3r"),
            ("éSup3r…é", "é…é"),
            ("……", "……"),
        ] {
            let mut left = text.to_owned();
            drop_beginnings(&mut left, "Sup3rS3cret", "…", 4);
            assert_eq!(left, expected);
        }
        let mut long = "word and ".repeat(100_000) + "…";
        let begun = std::time::Instant::now();
        drop_beginnings(&mut long, &"word and ".repeat(100_000), "…", 4);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }

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
