//! Measures the part of a text that is neither common wording of servers nor shown anyway. If hardly anything is left,
//! the text cannot contain an encoded secret, because encodings do not yield words.

use super::excuse::{Fixed, remains};
use super::redactor::Kind;
use super::secrets::SHORTEST;

/// Every encoding of four letters has at least this number of characters.
const ENCODED: usize = 4;

/// The same for a secret of fewer letters.
const SHORT: usize = 2;

/// Every encoding of the first eight bytes of a digest has at least this number of characters, apart from punctuation.
const DIGEST: usize = 9;

/// The forms of a secret that texts may contain, besides its plain letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forms {
    /// Bytes encoded as digits or numbers.
    pub(super) encoded: bool,
    /// A digest of the secret.
    pub(super) digests: bool,
}

/// The forms that all `texts` together may contain if the result shows `shown` anyway. `short`: secrets of fewer
/// letters are searched for too.
pub(super) fn forms<'t>(texts: impl Iterator<Item = (Kind, &'t str)>, shown: &[String], short: bool) -> Forms {
    let (mut unknown, mut unversioned) = (0, 0);
    for (kind, text) in texts {
        let rest = without(text, shown);
        let left = letters(&remains(&rest, Fixed::Words));
        unknown += left;
        // The numbers of a product's version cannot be a digest, but may be a list of character codes.
        unversioned += match kind {
            Kind::Product if left > 0 => letters(&remains(&rest, Fixed::Product)),
            _ => left,
        };
    }
    let encoded = unknown >= if short { SHORT } else { ENCODED };
    Forms { encoded, digests: encoded && unversioned >= DIGEST }
}

/// `text` without whole-word occurrences of what is `shown` anyway.
fn without(text: &str, shown: &[String]) -> String {
    let mut rest = text.to_owned();
    for word in shown.iter().filter(|word| word.len() >= SHORTEST) {
        let mut from = 0;
        while let Some(at) = rest[from..].find(word.as_str()).map(|at| from + at) {
            let end = at + word.len();
            let goes_on = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
            if goes_on(rest[..at].chars().next_back()) || goes_on(rest[end..].chars().next()) {
                from = end;
            } else {
                rest.replace_range(at..end, " ");
                from = at + 1;
            }
        }
    }
    rest
}

/// The number of characters in `text` other than punctuation and whitespace.
fn letters(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_ascii_punctuation() && !letter.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, text: &str, short: bool) -> (bool, bool) {
        let shown = ["etl-user", "db1.example.com", "app"].map(str::to_owned);
        let forms = forms([(kind, text)].into_iter(), &shown, short);
        (forms.encoded, forms.digests)
    }

    #[test]
    fn words_that_are_known_hold_no_form_of_a_secret() {
        use Kind::{Name, Product, Text};

        for (kind, text, expected) in [
            (Text, "password authentication failed for user \"etl-user\"", (false, false)),
            (Text, "no login for etl-user at db1.example.com", (false, false)),
            (Name, "SCRAM-SHA-256", (false, false)),
            (Text, "no login for etl-userx", (true, false)),
            (Text, "no login for xetl-user", (true, false)),
            (Text, "Access denied for user 'etl-user'@'10.0.0.12' (using password: YES)", (true, false)),
            (Text, "it was aHVu", (true, false)),
            (Text, "it was \u{1}\u{2}\u{3}\u{4}", (true, false)),
            (Text, "stored: 7fe83cc446bb3acd", (true, true)),
            (Text, "stored: 2f3-+/x/2kg", (true, false)),
            (Text, "stored: LzMtx/x/2kg", (true, true)),
            (Product, "10.11.14-MariaDB-0+deb12u2", (true, false)),
            (Product, "MySQL 104 117 110 116", (true, false)),
            (Product, "MySQL 7fe83cc446bb3acd", (true, true)),
        ] {
            assert_eq!(of(kind, text, false), expected, "{text}");
        }
        assert_eq!((of(Text, "is YW", true), of(Text, "is YW", false)), ((true, false), (false, false)));
    }
}
