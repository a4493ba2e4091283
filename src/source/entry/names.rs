//! Names as messages show them.

/// How many characters of a name are shown.
pub(super) const SHOWN: usize = 64;

/// A name as it is shown in messages. What no name looks like is not: a quote that is missing makes
/// names of secrets.
pub(in crate::source) fn name(key: &str) -> String {
    if !key.chars().all(|character| character.is_alphanumeric() || "_-.+$/".contains(character)) {
        return "…".to_owned();
    }
    match key.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}
