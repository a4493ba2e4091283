//! Values after a word that names a secret, whatever the notation: `password: X`, `"password" => "X"`, `<password>X`,
//! `name: DB_PASSWORD, value: X`, `PASSWORD 'X'`, `--password X`.
//!
//! A sign between the two suffices. Without one, the value must be quoted, not be a natural word, or be in a position
//! where commands and `.netrc` have one.

use super::judgement::squeezed;
use super::pasted::is_flag;
use super::word::is_token;
use crate::model::redact::is_fixed_wording;

/// The parts of which every word that names a secret contains at least one.
const ROOTS: [&str; 6] = ["pass", "pw", "secret", "token", "key", "identified by"];

/// Words that name a password and nothing else, so that a colon directly after them does not belong to a name.
const PASSWORDS: [&str; 7] = ["password", "passwd", "passphrase", "passwort", "pwd", "pass", "pw"];

/// Words that name other secrets.
const OTHERS: [&str; 7] = ["secret", "token", "accesskey", "accountkey", "secretkey", "apikey", "privatekey"];

const QUOTES: [char; 3] = ['"', '\'', '`'];

/// The minimum length of a piece of a document that is a secret; a shorter one may be part of any word.
const SHORTEST: usize = 4;

/// The maximum length of the text after a word in which its value is searched for.
const LONGEST: usize = 8 << 10;

/// The maximum number of values. A text with more is hidden as a whole, and no more of them are searched for elsewhere.
const MOST: usize = 1000;

/// What a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// A password, and nothing else.
    Password,
    /// A secret of some kind: `client_secret`.
    Secret,
    /// A secret, or part of an ordinary name: `secret`, `token`.
    Perhaps,
}

/// The values in `text` that are secrets because of the word before them.
pub(super) fn values(text: &str) -> Vec<&str> {
    // Most texts have none. Checking the first two letters of the roots shows that without a copy.
    let begins = |[one, other]: &[u8; 2]| {
        matches!([one | 0x20, other | 0x20], [b'p', b'a' | b'w'] | [b's' | b'k', b'e'] | [b't', b'o'] | [b'i', b'd'])
    };
    if !text.as_bytes().array_windows().any(begins) {
        return Vec::new();
    }
    let lower = text.to_ascii_lowercase();
    if !ROOTS.iter().any(|root| lower.contains(root)) {
        return Vec::new();
    }
    let mut found = Found::default();
    let mut before = "";
    for (at, word) in words(text) {
        if found.values.len() >= MOST {
            break;
        }
        let behind = &text[at + word.len()..];
        let behind = &behind[..behind.floor_char_boundary(LONGEST)];
        let last = std::mem::replace(&mut before, word);
        if last.eq_ignore_ascii_case("identified") && word.eq_ignore_ascii_case("by") {
            found.values.extend(quoted(behind.trim_start()));
        } else if let Some(named) = named(last, word) {
            match joined(behind, named) {
                Some(value) => found.push(text, value),
                None => found.beside(text, word, behind, named),
            }
        }
    }
    found.values.retain(|value| !value.is_empty());
    found.values
}

/// The words of `text`, each with its offset. The characters `_`, `-` and `.` belong to a word.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(is_part)?;
        let end = text[start..].find(|letter| !is_part(letter)).map_or(text.len(), |length| start + length);
        from = end;
        Some((start, &text[start..end]))
    })
}

/// What `word` names, given the word `before` it.
fn named(before: &str, word: &str) -> Option<Named> {
    let joined = squeezed(word);
    let joined = joined.strip_suffix('s').filter(|one| !one.ends_with('s') && one.len() > 2).unwrap_or(&joined);
    if word.strip_prefix("--").is_some_and(|option| option.starts_with("no")) {
        return None;
    }
    let last = word.trim_end_matches(['_', '-', '.']).rsplit(['_', '-', '.']).next().unwrap_or_default().to_lowercase();
    if PASSWORDS.contains(&last.as_str()) || PASSWORDS[..5].iter().any(|name| joined.ends_with(name)) {
        return Some(Named::Password);
    }
    let both = squeezed(before) + joined;
    match OTHERS.iter().find(|name| joined.ends_with(*name) || name.ends_with("key") && both.ends_with(*name)) {
        Some(name) if *name == joined && !name.ends_with("key") => Some(Named::Perhaps),
        Some(_) => Some(Named::Secret),
        None => None,
    }
}

/// The text `behind` a word that names a secret, after the sign that joins them.
fn joined(behind: &str, named: Named) -> Option<&str> {
    let closed = behind.trim_start_matches(|letter: char| QUOTES.contains(&letter) || "\\])}".contains(letter));
    let is_closed = closed.len() < behind.len();
    let apart = closed.trim_start();
    let sign = ["=>", "->", ":=", "==", ":", "="].into_iter().find(|sign| apart.starts_with(sign));
    let Some(sign) = sign else {
        // An XML element, or a function call.
        let value = closed.strip_prefix('>').filter(|value| !value.starts_with('<'));
        return value.or_else(|| closed.strip_prefix('(').filter(|value| value.starts_with(QUOTES)));
    };
    let value = &apart[sign.len()..];
    if value.starts_with([',', ';', '&', '?']) {
        return None;
    }
    if sign == ":" && !is_closed && value.starts_with(|letter: char| letter.is_alphanumeric() || letter == '/') {
        let digits = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
        let is_port = (1..=5).contains(&digits) && !value[digits..].starts_with(char::is_alphanumeric);
        match named {
            Named::Password => {}
            Named::Secret if !is_port && !value.starts_with('/') => {}
            Named::Secret | Named::Perhaps => return None,
        }
    }
    Some(value.trim_start())
}

/// The values found so far.
#[derive(Default)]
struct Found<'t> {
    values: Vec<&'t str>,
    /// The offset up to which all words of the text are taken.
    taken: usize,
}

impl<'t> Found<'t> {
    /// Adds the start of `value`, a part of `text`: a quoted text, a word, or all words of a document, each once, since
    /// documents may be nested.
    fn push(&mut self, text: &'t str, value: &'t str) {
        let opened = value.trim_start_matches('\\');
        if let Some(text) = quoted(value) {
            self.values.push(text);
        } else if opened.starts_with(['{', '[', '(', '|', '>']) || bare(value).ends_with(':') {
            let is_between =
                |letter: char| letter.is_whitespace() || QUOTES.contains(&letter) || "{}[]():,\\|>".contains(letter);
            // `value` is a slice of `text`.
            let start = value.as_ptr().addr() - text.as_ptr().addr();
            let end = start + value.len();
            let words = text[start.max(self.taken).min(end)..end].split(is_between);
            self.values.extend(words.filter(|word| word.len() >= SHORTEST && !is_fixed_wording(word)));
            self.taken = self.taken.max(end);
        } else {
            let word = bare(value);
            self.values.push(word);
            self.values.push(word.split([',', ';', '&', '?', '{', '}', '<', '"', '\'']).next().unwrap_or_default());
        }
    }

    /// Adds the value next to a word that names a secret, without a sign between them.
    fn beside(&mut self, text: &'t str, word: &str, behind: &'t str, named: Named) {
        // Lists of names and values.
        let is_between =
            |letter: char| letter.is_whitespace() || QUOTES.contains(&letter) || "\\,;-{}".contains(letter);
        let next = behind.trim_start_matches(is_between);
        if let Some(rest) = next.get(..5).filter(|next| next.eq_ignore_ascii_case("value")).map(|_| &next[5..])
            && let Some(value) = joined(rest, Named::Password)
        {
            self.push(text, value);
        } else if let Some(value) = behind.strip_prefix("</").and_then(|rest| rest.split('>').nth(2)) {
            self.values.push(value.split('<').next().unwrap_or_default());
        } else if behind.starts_with(char::is_whitespace) {
            self.values.extend(apart(text, word, behind.trim_start(), named));
        }
    }
}

/// The value `behind` a word that names a secret, separated only by blanks.
fn apart<'t>(text: &str, word: &str, behind: &'t str, named: Named) -> Option<&'t str> {
    // `pass` may be a verb.
    let is_noun = !["pass", "pw"].iter().any(|verb| verb.eq_ignore_ascii_case(word));
    if let Some(value) = quoted(behind).filter(|value| is_noun && !value.contains(char::is_whitespace)) {
        return Some(value);
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    let value = bare(behind);
    let begins = |command: &&str| first.eq_ignore_ascii_case(command);
    let is_expected = is_flag(word) && !is_flag(value)
        || ["set", "setx", "setenv", "export", "machine", "default", "requirepass"].iter().any(begins);
    let is_one_thing =
        named == Named::Password || ["key", "secret"].iter().any(|thing| squeezed(word).ends_with(thing));
    let is_one = is_expected && named != Named::Perhaps && !is_fixed_wording(value)
        || is_noun && is_one_thing && is_token(value) && has_letters_and_digits(value);
    is_one.then_some(value)
}

/// Whether `value` has digits, but is not a version, address or number.
fn has_letters_and_digits(value: &str) -> bool {
    let start = value.split(['.', ':', '-']).next().unwrap_or_default();
    let is_digit = |letter: char| letter.is_ascii_digit();
    value.contains(is_digit) && !start.chars().all(is_digit)
}

/// The quoted text that `value` begins with; backslashes may precede the quotation mark.
fn quoted(value: &str) -> Option<&str> {
    let mut letters = value.trim_start_matches('\\').chars();
    let quote = letters.next().filter(|letter| QUOTES.contains(letter))?;
    let text = letters.as_str();
    Some(text.split(quote).next().unwrap_or_default().trim_end_matches('\\'))
}

/// The word that `value` begins with.
fn bare(value: &str) -> &str {
    value.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ';', '}', ']', ')', '"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Zq9Kanari7xW";

    #[test]
    fn whatever_joins_a_key_and_its_value() {
        for text in [
            r#"{\"password\": \"*\"}"#,
            r#"{"db":{"password":{"value":"*"}}}"#,
            r#"{"passwords":["*"]}"#,
            r#"{"name":"password","value":"*"}"#,
            r#""password"="*""#,
            "'password' => '*'",
            "config['password'] = '*'",
            "password:\n  *",
            "password:\n  value: *",
            "password: |\n  *",
            "- name: DB_PASSWORD\n  value: *",
            "<password>*</password>",
            "<add name=\"password\" value=\"*\"/>",
            "<key>password</key><string>*</string>",
            "machine db login etl password *",
            "ALTER ROLE etl PASSWORD '*'",
            "CREATE USER etl IDENTIFIED BY '*'",
            "SET PASSWORD = PASSWORD('*')",
            "set PGPASSWORD *",
            "export DB_PASS *",
            "--password *",
            "tool --client-secret *",
            "client_secret:*",
            "client-secret:*,x",
            "access key: *",
            "api key: *",
            "secret: *",
            "tokens: [*]",
            "password *",
            "api_key *",
            "dbPassword: *",
            "password: *,",
            "password:*;x",
        ] {
            let text = text.replace('*', SECRET);
            assert!(values(&text).contains(&SECRET), "{text}: {:?}", values(&text));
        }
    }

    #[test]
    fn a_long_text_is_read_once() {
        let helm = |n: usize| format!(r#""svc{n}":{{"db":{{"password":{{"secretKeyRef":{{"name":"db-{n}"}}}}}}}},"#);
        for text in [
            (0..3000).map(helm).collect(),
            r#""password": {"x": "#.repeat(10_000),
            "password=".repeat(20_000),
            "password: ".repeat(20_000),
            "password</".repeat(20_000),
            "password '".repeat(20_000),
            "token [".repeat(20_000),
            "name: password, value: ".repeat(10_000),
        ] {
            let began = std::time::Instant::now();
            let found = values(&text);
            assert!(
                found.iter().map(|value| value.len()).sum::<usize>() < 2 * LONGEST * text.len() / 9,
                "{}",
                &text[..20]
            );
            assert!(began.elapsed() < std::time::Duration::from_secs(5), "{}: {:?}", &text[..20], began.elapsed());
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "password",
            "password:",
            "password is in the vault",
            "password \"of the team\"",
            "user and password for sales",
            "login with password rotated monthly",
            "<password></password><host>db</host>",
            "secret:5432",
            "client-secret:5432",
            "db-secret:5432/app",
            "token:8080",
            "secrets/data/x",
            "bypass: yes, compass: north",
            "passenger: list",
            "keyword: x, keys: y, primary key: id",
            "tokenizer-service",
            "secret-manager.example",
            "pass-through",
            "--no-password etl",
            "--password-file /run/x",
            "--password -h",
            "monkey: banana",
            "password-db1.example.com",
            "reset-password value",
            "export sales",
            "key=value",
            "machine learning",
            "password Show/Hide for all",
            "pass JustGage-2 options",
            "pass 'ext' on",
            "design-tokens 0.0.2-alpha.12",
            "wrong_password   127.0.0.1:25432/demo",
            "reset-password 10.0.1.1.0.99.dev4",
        ] {
            assert_eq!(values(text), Vec::<&str>::new(), "{text}");
        }
    }
}
