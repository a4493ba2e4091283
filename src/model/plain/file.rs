//! Names of files and other places that a caller gives. By mistake, one may be a password or a whole connection.

use super::judgement::{HIDDEN, Plain, has_secret};
use crate::model::redact::escape_control;

/// Whether `name` contains a password: `scheme://login:password@…`, also without the slashes, which people forget; a
/// password in any other form that settings or pasted texts have; or a whole document.
#[must_use]
pub fn holds_password(name: &str) -> bool {
    let is_login = |text: &str| text.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'));
    if has_secret(Plain::Text, name) {
        return true;
    }
    match name.split_once("://") {
        Some((_, behind)) => is_login(behind),
        None => is_login(name) || is_document(name) || name.split('/').any(|part| has_secret(Plain::Text, part)),
    }
}

/// `name` as it may be shown.
#[must_use]
pub fn shown_name(name: &str) -> String {
    if holds_password(name) { HIDDEN.to_owned() } else { escape_control(name) }
}

/// Whether `text` is a document instead of a file name: every value in it may be a secret.
fn is_document(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('{') && text.contains(':')
        || text.starts_with('[') && text.contains('{')
        || text.contains(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_and_a_password_is_not() {
        for (name, shown) in [
            ("/run/airflow.cfg", true),
            ("connections.json", true),
            ("a:b.json", true),
            ("C:\\keys\\token.txt", true),
            ("secrets/passwords.yaml", true),
            ("https://example.com/x", true),
            ("postgresql://airflow:Zq9Kanari7xW@db/airflow/airflow.cfg", false),
            ("airflow:Zq9Kanari7xW@db", false),
            ("password: Zq9Kanari7xW", false),
            ("/nodir/Bearer Zq9Kanari7xW", false),
            ("/nodir/db:5432:app:etl:Zq9Kanari7xW", false),
            ("{\\\"password\\\":\\\"Zq9Kanari7xW\\\"}", false),
            ("{\"x\":\"Zq9Kanari7xW\"}", false),
        ] {
            assert_eq!(shown_name(name) == name, shown, "{name}");
        }
    }
}
