//! Removes what a terminal or a browser does not show, and what may stand between the pieces of a secret: tags, control
//! sequences, names of invisible characters.

/// The most characters of one tag or sequence.
const LONGEST: usize = 200;

/// The names of invisible characters in HTML, and the marks of text in XML.
const INVISIBLE: [&str; 9] =
    ["&shy;", "&zwj;", "&zwnj;", "&lrm;", "&rlm;", "&ZeroWidthSpace;", "&NoBreak;", "]]>", "<![CDATA["];

/// The text without markup; `None` if it has none.
pub(super) fn removed(text: &str) -> Option<String> {
    if !text.contains(['<', '[', ']', '&', '\u{1b}', '\u{9b}', '\u{9d}']) {
        return None;
    }
    let mut rest = INVISIBLE.iter().fold(text.to_owned(), |text, name| text.replace(name, ""));
    let mut shown = String::with_capacity(rest.len());
    while let Some(at) = rest.find(['<', '[', ']', '\u{1b}', '\u{9b}', '\u{9d}']) {
        shown.push_str(&rest[..at]);
        rest.drain(..at);
        let length = tag(&rest).or_else(|| sequence(&rest)).unwrap_or(0);
        if length > 0 {
            rest.drain(..length);
        } else if let Some(first) = rest.chars().next() {
            shown.push(first);
            rest.drain(..first.len_utf8());
        }
    }
    shown.push_str(&rest);
    (shown != text).then_some(shown)
}

/// The length of the tag that `text` begins with.
fn tag(text: &str) -> Option<usize> {
    let behind = text.strip_prefix('<')?;
    let end = behind.find(['<', '>']).filter(|end| *end < LONGEST && behind[*end..].starts_with('>'))?;
    Some(end + 2)
}

/// The length of the control sequence that `text` begins with (ECMA-48, 5.4 and 5.6), with its escape character, in the
/// spelling `^[`, or without either.
fn sequence(text: &str) -> Option<usize> {
    let behind = text.trim_start_matches('\u{1b}');
    let escaped = text.len() - behind.len();
    if let Some(string) = behind.strip_prefix([']', '\u{9d}']).filter(|_| escaped > 0 || behind.starts_with('\u{9d}')) {
        let end = string.find(['\u{7}', '\u{1b}', '\u{9c}']).filter(|end| *end < LONGEST)?;
        let mark = string[end..].chars().next().map_or(0, char::len_utf8);
        let mark = mark + usize::from(string[end + mark..].starts_with('\\') && string[end..].starts_with('\u{1b}'));
        return Some(text.len() - string.len() + end + mark);
    }
    let parameters = behind.strip_prefix(['[', '\u{9b}'])?.trim_start_matches('[');
    let end = parameters.find(|letter: char| !letter.is_ascii_digit() && !";:?".contains(letter))?;
    let is_final = parameters[end..].starts_with(|letter: char| letter.is_ascii_alphabetic());
    (is_final && end < LONGEST).then(|| text.len() - parameters.len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::removed;

    #[test]
    fn what_is_not_shown_is_removed() {
        for text in [
            "hun<b>ter22",
            "hun</span><span class=\"x\">ter22",
            "hun&zwnj;ter22",
            "hun\u{1b}[0mter22",
            "hun[0mter22",
            "hun[1;31mter22",
            "hun\u{9b}1mter22",
            "hun\u{1b}]8;;http://x/\u{7}ter22",
            "hun\u{1b}]8;;http://x/\u{1b}\\ter22",
            "hun]]><![CDATA[ter22",
            "h<i>u</i>n<b>t</b>er22",
        ] {
            assert_eq!(removed(text).as_deref(), Some("hunter22"), "{text:?}");
        }
        assert_eq!(removed("hun^[[0mter22").as_deref(), Some("hun^ter22"));
        for text in ["a < b", "a[1]", "a]b", "<", "[", "\u{1b}", "plain", "a & b", "é<é"] {
            assert!(removed(text).is_none_or(|shown| shown.len() < text.len()), "{text:?}");
        }
    }
}
