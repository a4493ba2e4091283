//! Names as messages show them.

/// The maximum number of characters of a name that are shown.
pub(super) const SHOWN: usize = 64;

/// A name as messages show it. A text that does not look like a name is not shown: if a quote is missing, a secret may
/// be read as a name.
pub(in crate::source) fn name(key: &str) -> String {
    if !key.chars().all(|character| character.is_alphanumeric() || "_-.+$/".contains(character)) {
        return "…".to_owned();
    }
    match key.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}
