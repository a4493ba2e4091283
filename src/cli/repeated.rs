//! Removes passwords from arguments that messages repeat. People who look at the screen, or read the log of a job, see
//! the messages but not the command line.

use std::borrow::Cow;
use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

use percent_encoding::percent_decode_str;

use crate::driver::Registry;
use crate::model::connection::normalize_type;
use crate::model::plain::{HIDDEN, Plain, has_secret, passwords};
use crate::model::redact::escape_control;
use crate::source::is_source_prefix;

/// The length from which a password is hidden anywhere. A shorter one is hidden only behind the character that
/// introduced it, since it may be part of any word.
const SHORTEST: usize = 6;

/// The texts to hide, and their replacements; the longest first.
static HIDING: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Notes the texts in `arguments` that must not be repeated.
pub(super) fn note(arguments: &[OsString]) {
    let mut hiding = HIDING.lock().unwrap_or_else(PoisonError::into_inner);
    for argument in arguments.iter().skip(1) {
        hiding.extend(hidden(&argument.to_string_lossy()));
    }
    hiding.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    hiding.dedup();
}

/// `text`, which may repeat arguments, without terminal control characters and without passwords.
pub(super) fn shown(text: &str) -> String {
    let hiding = HIDING.lock().unwrap_or_else(PoisonError::into_inner);
    let shown = hiding.iter().fold(Cow::Borrowed(text), |shown, (hidden, instead)| {
        if shown.contains(hidden.as_str()) { Cow::Owned(shown.replace(hidden.as_str(), instead)) } else { shown }
    });
    escape_control(&shown)
}

/// The texts in one argument that must not be repeated, with their replacements.
fn hidden(argument: &str) -> Vec<(String, String)> {
    // `--option=value`
    let value = argument.strip_prefix("--").and_then(|rest| rest.split_once('=')).map_or(argument, |(_, value)| value);
    let mut hiding = Vec::new();
    if is_document(value) {
        hiding.push((value.to_owned(), HIDDEN.to_owned()));
    }
    // `FORMAT=FILE`, `LABEL=SOURCE`
    let behind = value.split_once('=').map_or(value, |(_, behind)| behind);
    let place =
        behind.split_once(':').filter(|(before, _)| is_source_prefix(before)).map_or(behind, |(_, place)| place);
    for text in [value, argument, behind, place] {
        let plain = if is_name(text) { Plain::Text } else { Plain::Host };
        if !has_secret(plain, text) {
            continue;
        }
        for password in passwords(plain, text) {
            let decoded = percent_decode_str(&password).decode_utf8_lossy();
            for password in [&*password, &*decoded] {
                if password.chars().count() >= SHORTEST {
                    hiding.push((password.to_owned(), HIDDEN.to_owned()));
                }
                for (before, behind) in [(":", "@"), ("=", "")] {
                    hiding.push((format!("{before}{password}{behind}"), format!("{before}{HIDDEN}{behind}")));
                }
            }
        }
    }
    hiding
}

/// Whether `text` is a document, with or without its format before it. Any value in a document may be a secret.
fn is_document(text: &str) -> bool {
    let behind = text.split_once(':').filter(|(before, _)| is_source_prefix(before)).map_or(text, |(_, behind)| behind);
    behind.trim_start().starts_with(['{', '[']) && behind.contains(':') || behind.contains('\n')
}

/// Whether the colon in `text` does not introduce a password: `postgres:28P01`, `json:file`, a path.
fn is_name(text: &str) -> bool {
    let Some((before, behind)) = text.split_once(':') else { return true };
    Registry::builtin().find(&normalize_type(before)).is_some()
        || is_source_prefix(before)
        || before.contains(['/', '.', '='])
        || behind.starts_with(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_and_names_are_not() {
        for (argument, said, expected) in [
            ("mysql://u:Sup3rS3cret@h", "`mysql://u:Sup3rS3cret@h` is none", "`mysql://u:…@h` is none"),
            ("mysql://u:a@h", "a `mysql://u:a@h`", "a `mysql://u:…@h`"),
            ("mysql://u:a%40b%2Fcde@h", "a@b/cde, a%40b%2Fcde", "…, …"),
            ("--port=u:pw@h", "'u:pw@h'", "'u:…@h'"),
            ("etl:Sup3rS3cret", "'etl:Sup3rS3cret'", "'etl:…'"),
            ("--tls-ca=/x?password=abc", "`/x?password=abc`", "`/x?password=…`"),
            ("host=a password=Sup3rS3cret", "`a password=Sup3rS3cret`", "`a password=…`"),
            ("json:etl:Sup3rS3cret", "`etl:Sup3rS3cret` is none", "`etl:…` is none"),
            ("a=vault:etl:Sup3rS3cret", "`vault:etl:Sup3rS3cret`", "`vault:etl:…`"),
            ("vault:kv/airflow", "vault:kv/airflow", "vault:kv/airflow"),
            ("postgres:28P01x", "`postgres:28P01x`", "`postgres:28P01x`"),
            ("json:a.yaml", "json:a.yaml", "json:a.yaml"),
            ("json:{\"x\":\"abc\"}", "`json:{\"x\":\"abc\"}` is none", "`…` is none"),
            ("json=password=Sup3rS3cret", "`password=Sup3rS3cret` is none", "`password=…` is none"),
            ("password: Sup3rS3cret", "`password: Sup3rS3cret`", "`password:…`"),
            ("127.0.0.1:5432", "127.0.0.1:5432", "127.0.0.1:5432"),
            ("xml", "'xml' for '--format <FORMAT[=FILE]>'", "'xml' for '--format <FORMAT[=FILE]>'"),
        ] {
            let mut hiding = hidden(argument);
            hiding.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
            let shown = hiding.iter().fold(said.to_owned(), |said, (hidden, instead)| said.replace(hidden, instead));
            assert_eq!(shown, expected, "{argument}");
        }
    }
}
