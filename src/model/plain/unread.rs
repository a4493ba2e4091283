//! Possible secrets in a text that was meant as a definition, or as a part of one, and cannot be parsed.

use super::judgement::{Plain, passwords};

/// The minimum length of a secret; a shorter text may be part of any word.
const SHORTEST: usize = 4;

/// The parts of `text` that may be secrets: passwords in any form, the text after a login, and quoted values.
#[must_use]
pub fn secrets_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = passwords(Plain::Text, text).map(Into::into).collect();
    if let Some((_, rest)) = text.split_once("://") {
        let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
        found.extend(place.split_once(':').map(|(_, behind)| behind.to_owned()));
    }
    if text.trim_start().starts_with(['{', '[']) {
        let pieces: Vec<&str> = text.split('"').collect();
        let is_key = |at: usize| pieces.get(at + 1).is_some_and(|behind| behind.trim_start().starts_with(':'));
        let values = pieces.iter().enumerate().skip(1).step_by(2).filter(|(at, _)| !is_key(*at));
        found.extend(values.map(|(_, value)| (*value).to_owned()));
    }
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    found.retain(|secret| secret.len() >= SHORTEST && !is_port(secret));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_found_in_broken_texts() {
        for (text, found) in [
            ("postgres://alice:Zq9Kanari7xW@127.0.0.1:99999/d", true),
            ("postgres//alice:Zq9Kanari7xW@127.0.0.1:1/d", true),
            ("postgres://alice:Zq9Kanari7xW", true),
            ("postgres://alice:Zq9%4banari7xW@h:x", true),
            ("{\"password\": \"Zq9Kanari7xW\"", true),
            ("{\"sslkey\": \"Zq9Kanari7xW\", \"x", true),
            ("{\"sslmode\": \"Zq9Kanari7xW", true),
            ("password=Zq9Kanari7xW", true),
            ("postgres://db:5432/Zq9Kanari7xW", false),
            ("{\"Zq9Kanari7xW\": 1", false),
        ] {
            assert_eq!(secrets_in(text).iter().any(|secret| secret == "Zq9Kanari7xW"), found, "{text}");
        }
        assert_eq!(secrets_in("postgres://h:99999/db"), Vec::<String>::new());
    }
}
