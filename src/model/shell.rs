//! Quoting for command lines that are shown to people, so that a shell reads each word as one argument.

use std::borrow::Cow;

/// `word`, quoted for a shell.
#[must_use]
pub fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%,+=".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
    }
}

/// The file name `name`, quoted for a shell, and prefixed if it would be read as an option.
#[must_use]
pub fn path(name: &str) -> Cow<'_, str> {
    if name.starts_with('-') { Cow::Owned(quoted(&format!("./{name}")).into_owned()) } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use super::{path, quoted};

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        for (word, expected) in [
            ("postgres://etl@db:5432", "postgres://etl@db:5432"),
            ("", "''"),
            ("postgres://etl@[::1]:5432", "'postgres://etl@[::1]:5432'"),
            ("my file", "'my file'"),
            ("it's", "'it'\\''s'"),
            ("~", "'~'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
        for (name, expected) in [
            ("-rf", "./-rf"),
            ("-a file", "'./-a file'"),
            ("$(touch x).json", "'$(touch x).json'"),
            ("c.json", "c.json"),
        ] {
            assert_eq!(path(name), expected);
        }
    }
}
