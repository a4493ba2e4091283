//! The grammar of SQLAlchemy's URLs. It does not know the meaning of the parts.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// The parts of a URL as they are written; only the query is decoded. An absent part is empty.
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    pub(super) login: &'a str,
    pub(super) password: &'a str,
    pub(super) host: &'a str,
    pub(super) port: &'a str,
    pub(super) database: &'a str,
    /// Names and values. A parameter with an empty value is left out.
    pub(super) query: Vec<(String, Zeroizing<String>)>,
    /// Whether the part behind the host may be the end of a password.
    pub(super) is_ambiguous: bool,
}

impl<'a> Parts<'a> {
    /// Splits `text`; `None` if it is no URL.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_word = |letter: u8| letter.is_ascii_alphanumeric() || b"_+".contains(&letter);
        if scheme.is_empty() || scheme.len() > 64 || !scheme.bytes().all(is_word) {
            return None;
        }
        let (login, password, rest) = userinfo(rest);
        let (host, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) if !host.contains(['/', '?']) => (host, rest),
            _ => cut(rest, &['/', ':', '?']),
        };
        let (port, rest) = match rest.strip_prefix(':') {
            Some(rest) => cut(rest, &['/', '?']),
            None => ("", rest),
        };
        let (database, rest) = match rest.strip_prefix('/') {
            Some(rest) => cut(rest, &['?']),
            None => ("", rest),
        };
        let query = match rest.strip_prefix('?') {
            Some(query) => query,
            None if rest.is_empty() => "",
            None => return None,
        };
        let is_at_home = |pair: &str| pair.contains('=') || !pair.contains('@');
        let is_ambiguous = !password.is_empty() && (database.contains('@') || !query.split('&').all(is_at_home));
        Some(Self { scheme, login, password, host, port, database, query: parameters(query), is_ambiguous })
    }

    /// The last value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The login, the password, and the rest. The password begins behind the first `:`, and ends at the last `@` before the next
/// part.
fn userinfo(text: &str) -> (&str, &str, &str) {
    let (run, rest) = cut(text, &[':', '/']);
    if let Some((password, behind)) = rest.strip_prefix(':').and_then(|rest| rest.split_once('@')) {
        let (authority, _) = cut(behind, &['/', '?']);
        let more = authority.rfind('@').map_or(0, |at| at + 1);
        let end = run.len() + 1 + password.len() + more;
        return (run, &text[run.len() + 1..end], &text[end + 1..]);
    }
    match run.rfind('@') {
        Some(at) => (&text[..at], "", &text[at + 1..]),
        None => ("", "", text),
    }
}

/// The text before the first of `ends`, and the rest from there.
fn cut<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// Decodes a part of the query, where `+` is a blank, as it is nowhere else.
fn parameters(query: &str) -> Vec<(String, Zeroizing<String>)> {
    let read = |text: &str| decode(&Zeroizing::new(text.replace('+', " ")));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (read(name), Zeroizing::new(read(value))))
        .collect()
}

pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
