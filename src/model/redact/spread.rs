//! Decodes texts whose letters are repeated, or separated by punctuation.

/// Removes the second of each doubled punctuation mark, as in nested quotes.
pub(super) fn doubled(text: &str) -> Option<String> {
    let is_sign = |letter: char| !letter.is_alphanumeric() && !letter.is_whitespace();
    if !text.chars().zip(text.chars().skip(1)).any(|(one, next)| one == next && is_sign(one)) {
        return None;
    }
    let mut letters = text.chars().peekable();
    let mut halved = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        halved.push(letter);
        letters.next_if(|next| *next == letter && is_sign(letter));
    }
    (halved.len() < text.len()).then_some(halved)
}

/// The minimum number of consecutive letters written in this way; no natural word has so many.
const ROW: usize = 4;

/// The letters and digits that are repeated two or three times each (`hhuunntteerr`), once.
pub(super) fn repeated(text: &str) -> Option<String> {
    // Few texts have this number of letters that equal their predecessor.
    let same = text.chars().zip(text.chars().skip(1)).filter(|(one, next)| one == next && one.is_alphanumeric());
    if same.count() < ROW {
        return None;
    }
    let letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let found: String = [2, 3].iter().map(|times| once(&letters, *times)).collect();
    (!found.is_empty()).then_some(found)
}

/// The runs of `letters` in which each is repeated `times` times, once each.
fn once(letters: &[char], times: usize) -> String {
    let mut found = String::new();
    let mut at = 0;
    while at + times * ROW <= letters.len() {
        let groups = || letters[at..].chunks_exact(times);
        let row = groups().take_while(|group| group[1..].iter().all(|letter| *letter == group[0])).count();
        if row < ROW {
            at += 1;
            continue;
        }
        found.extend(groups().take(row).map(|group| group[0]));
        found.push(' ');
        at += row * times;
    }
    found
}

/// The punctuation marks that one other mark separates (`!,#,%,&`). Letters need no such reading, since skeletons
/// ignore what is between them.
pub(super) fn kept_apart(text: &str) -> Option<String> {
    text.chars().filter(|letter| !letter.is_alphanumeric() && !letter.is_whitespace()).nth(2 * ROW - 2)?;
    let seen: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut found = String::new();
    let mut at = 0;
    while let Some([_, apart, ..]) = seen.get(at..) {
        let is_sign = |letter: &&char| !letter.is_alphanumeric() && *letter != apart;
        let row = || seen[at..].iter().step_by(2).take_while(is_sign);
        let parted = 1 + seen[at + 1..].iter().step_by(2).take_while(|letter| *letter == apart).count();
        let count = if apart.is_alphanumeric() { 0 } else { row().take(parted).count() };
        if count < ROW {
            at += 1;
            continue;
        }
        found.extend(row().take(count));
        found.push(' ');
        at += 2 * count - 1;
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_once() {
        for (way, text, plain) in [
            (doubled as fn(&str) -> Option<String>, "a''b%%", Some("a'b%")),
            (repeated, "hhuunntteerr", Some("hunter ")),
            (repeated, "a hh uu-nn ttt ee", Some("hunt ")),
            (repeated, "hhhuuunnnttt22", Some("hunt ")),
            (repeated, "bookkeeper", None),
            (repeated, "password", None),
            (kept_apart, "is !,#,%,& now", Some("!#%& ")),
            (kept_apart, "!, #, %, &", Some("!#%& ")),
            (kept_apart, "-!-#-%-&-", Some("!#%& ")),
            (kept_apart, "'etl'@'10.0.0.1' (using password: NO)", None),
            (kept_apart, "!#%&", None),
        ] {
            assert_eq!(way(text).as_deref(), plain, "{text}");
        }
    }
}
