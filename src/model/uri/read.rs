//! Parses a URI into its parts.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::authority::{self, Authority, Split};
use crate::model::notice::UriNotice;
use crate::model::problem::UriFlaw;
use crate::model::secret::Secret;
use crate::model::warning::Warning;

/// The decoded parts of one URI; empty ones are absent.
#[derive(Debug, Default)]
pub struct Uri {
    /// The scheme as Airflow stores it: lower case, `-` as `_`, `postgresql` as `postgres`.
    pub conn_type: Option<String>,
    /// In lower case up to the first escape; the path of a socket directory keeps its case.
    pub host: Option<String>,
    /// The path without its leading `/`.
    pub schema: Option<String>,
    /// The user information before the first `:`.
    pub login: Option<String>,
    /// The user information after the first `:`.
    pub password: Option<Secret>,
    /// 1 to 65535.
    pub port: Option<u16>,
    /// Names and values of the query in order, including repeated names.
    pub query: Vec<(String, Secret)>,
    /// Warnings, mainly about what Airflow reads differently.
    pub warnings: Vec<Warning>,
    /// Why the URI cannot be read. Then only [`Uri::conn_type`] may be set.
    pub problem: Option<UriFlaw>,
}

impl Uri {
    /// Parses `text`. Never fails: see [`Uri::problem`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut uri = Self::default();
        let text = uri.clean(text);
        if let Err(flaw) = uri.read(&text) {
            uri.problem = Some(flaw);
        }
        uri
    }

    /// `text` without the characters that Python's `urlsplit` removes, and without trailing blanks.
    fn clean(&mut self, text: &str) -> Zeroizing<String> {
        let is_blank = |character: char| character <= ' ';
        let text = text.trim_start_matches(is_blank).trim_end_matches(['\t', '\r', '\n']);
        let trimmed = text.trim_end_matches(is_blank);
        if trimmed.len() < text.len() {
            self.warn(UriNotice::BlanksAtEnd);
        }
        if trimmed.contains(['\t', '\r', '\n']) {
            self.warn(UriNotice::BlanksInside);
        }
        Zeroizing::new(trimmed.replace(['\t', '\r', '\n'], ""))
    }

    fn read(&mut self, text: &str) -> Result<(), UriFlaw> {
        let (scheme, rest) = split_scheme(text).ok_or(UriFlaw::NoType)?;
        self.read_type(scheme);
        let (protocol, rest) = split_protocol(rest);
        let Split { authority, tail, mended } = authority::split(rest)?;
        if mended {
            self.warn(UriNotice::UnescapedPassword);
        }
        self.read_authority(&authority, protocol);
        self.read_tail(tail);
        Ok(())
    }

    fn read_type(&mut self, scheme: &str) {
        if scheme.contains('_') {
            self.warn(UriNotice::Type);
        }
        let word = scheme.to_ascii_lowercase().replace('-', "_");
        self.conn_type = Some(if word == "postgresql" { "postgres".to_owned() } else { word });
    }

    fn read_authority(&mut self, authority: &Authority<'_>, protocol: Option<&str>) {
        if let Some(userinfo) = authority.userinfo {
            if userinfo.contains(['[', ']']) {
                self.warn(UriNotice::UnescapedBracket);
            }
            let (login, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            self.login = present(self.decode(login));
            self.password = present(self.decode(password)).map(Secret::new);
        }
        if authority.is_list {
            self.warn(UriNotice::HostList);
        }
        let host = present(self.decode_host(authority.host));
        self.host = match (protocol, host) {
            (Some(protocol), host) => Some(format!("{}://{}", protocol.to_ascii_lowercase(), host.unwrap_or_default())),
            (None, host) => host,
        };
        self.port = authority.port;
    }

    /// Parses path, query and fragment.
    fn read_tail(&mut self, tail: &str) {
        if tail.contains("://") {
            self.warn(UriNotice::QueryUrl);
        }
        let (tail, fragment) = tail.split_once('#').unwrap_or((tail, ""));
        if !fragment.is_empty() {
            self.warn(UriNotice::Fragment);
        }
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        self.schema = present(self.decode(path.strip_prefix('/').unwrap_or(path)));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = self.decode(&name.replace('+', " "));
            let value = self.decode(&Zeroizing::new(value.replace('+', " ")));
            self.query.push((name, Secret::new(value)));
        }
    }

    /// Airflow lowers the case of the host up to its first escape only; the path of a socket directory keeps its case.
    fn decode_host(&mut self, written: &str) -> String {
        let decoded = self.decode(written);
        if decoded.contains('/') {
            return decoded;
        }
        let (plain, escaped) = written.split_at(written.find('%').unwrap_or(written.len()));
        let decoded = percent_decode_str(escaped).decode_utf8_lossy();
        plain.to_lowercase() + &decoded
    }

    /// Percent-decodes `text`. As in Python, a `%` that begins no escape is kept.
    fn decode(&mut self, text: &str) -> String {
        let encoded = percent_decode_str(text);
        if let Ok(decoded) = encoded.clone().decode_utf8() {
            return decoded.into_owned();
        }
        self.warn(UriNotice::Escape);
        encoded.decode_utf8_lossy().into_owned()
    }

    fn warn(&mut self, notice: UriNotice) {
        let warning = Warning::from(notice);
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// Splits `TYPE://REST`. `_` is not valid in a scheme, but occurs in many types.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|character: char| character.is_ascii_alphabetic())
        && scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-._".contains(character));
    is_scheme.then_some((scheme, rest))
}

/// Splits `my-type://https://host`: Airflow keeps the second scheme as part of the host. A text that could be a login
/// with a password that begins with `//` is not split.
fn split_protocol(rest: &str) -> (Option<&str>, &str) {
    match split_scheme(rest) {
        Some((protocol, behind)) if is_http(protocol) || !behind.contains('@') => (Some(protocol), behind),
        _ => (None, rest),
    }
}

fn is_http(protocol: &str) -> bool {
    ["http", "https"].iter().any(|word| protocol.eq_ignore_ascii_case(word))
}

fn present(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
