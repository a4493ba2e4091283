//! `SourceSpec`: the SOURCE argument.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::SourceError;
use crate::model::redact::escape_control;

/// Prefixes that name a kind of source we cannot read yet.
const OTHER_PREFIXES: [&str; 8] =
    ["yaml:", "env-file:", "env:", "airflow:", "store:", "vault:", "url-env:", "url-file:"];

/// A place to load connections from. Parsed from `FILE.json`, `-`, `json:FILE` or `json:-`; shown as
/// the file's name, or `stdin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSpec {
    pub(super) input: Input,
    /// JSON for certain; else only if it looks like it.
    pub(super) is_json: bool,
}

/// Where the text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Stdin,
    File(PathBuf),
}

impl FromStr for SourceSpec {
    type Err = SourceError;

    fn from_str(word: &str) -> Result<Self, SourceError> {
        if holds_password(word) {
            return Err(SourceError::PasswordInArgument);
        }
        if let Some(name) = word.strip_prefix("json:") {
            return Ok(Self { input: Input::named(name, word)?, is_json: true });
        }
        let unsupported = |what: &str| Err(SourceError::Unsupported { what: what.to_owned() });
        if let Some(prefix) = OTHER_PREFIXES.iter().find(|prefix| word.starts_with(**prefix)) {
            return unsupported(&format!("a source `{prefix}`"));
        }
        if word.contains("://") {
            return unsupported("a URL");
        }
        let input = Input::named(word, word)?;
        match input.extension().as_deref() {
            Some("yaml" | "yml") => unsupported("a YAML file"),
            Some("env") => unsupported("an environment file"),
            extension => Ok(Self { is_json: extension == Some("json"), input }),
        }
    }
}

impl SourceSpec {
    /// The file that it names, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.input {
            Input::Stdin => None,
            Input::File(path) => Some(path),
        }
    }
}

impl Input {
    fn named(name: &str, word: &str) -> Result<Self, SourceError> {
        match name {
            "" => Err(SourceError::Nameless { word: word.to_owned() }),
            "-" => Ok(Self::Stdin),
            name => Ok(Self::File(PathBuf::from(name))),
        }
    }

    fn extension(&self) -> Option<String> {
        match self {
            Self::Stdin => None,
            Self::File(path) => Some(path.extension()?.to_str()?.to_ascii_lowercase()),
        }
    }

    /// Where relative names in the definitions start from.
    pub(super) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(path) => path.parent(),
        }
    }
}

impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.input {
            Input::Stdin => f.write_str("stdin"),
            Input::File(path) => f.write_str(&escape_control(&path.to_string_lossy())),
        }
    }
}

/// `scheme://login:password@…`, with or without the slashes, which people forget. A file whose name
/// looks like that can be given by way of standard input.
fn holds_password(word: &str) -> bool {
    let userinfo = |text: &str| text.rsplit_once('@').is_some_and(|(userinfo, _)| userinfo.contains(':'));
    match word.split_once("://") {
        Some((_, behind)) => userinfo(behind) || behind.to_ascii_lowercase().contains("password="),
        None => userinfo(word.strip_prefix("json:").unwrap_or(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_or_standard_input() {
        for (word, shown, is_json) in [
            ("connections.json", "connections.json", true),
            ("dir/Connections.JSON", "dir/Connections.JSON", true),
            ("connections", "connections", false),
            ("connections.txt", "connections.txt", false),
            ("-", "stdin", false),
            ("json:-", "stdin", true),
            ("json:all.yaml", "all.yaml", true),
            ("json:a:b@c", "a:b@c", true),
            ("a:b.json", "a:b.json", true),
            ("./-", "./-", false),
            ("a\u{1b}[2J.json", "a\\u{1b}[2J.json", true),
        ] {
            let parsed = word.parse::<SourceSpec>();
            if word.contains('@') {
                assert!(parsed.is_err());
                continue;
            }
            let spec = parsed.unwrap();
            assert_eq!((spec.to_string().as_str(), spec.is_json), (shown, is_json), "{word}");
        }
    }

    #[test]
    fn other_sources_are_refused_by_kind() {
        for (word, message) in [
            ("", "`` names no file"),
            ("json:", "`json:` names no file"),
            ("all.yaml", "a YAML file cannot be read yet"),
            ("all.YML", "a YAML file cannot be read yet"),
            ("prod.env", "an environment file cannot be read yet"),
            ("env:", "a source `env:` cannot be read yet"),
            ("airflow:", "a source `airflow:` cannot be read yet"),
            ("store:", "a source `store:` cannot be read yet"),
            ("vault:kv/airflow", "a source `vault:` cannot be read yet"),
            ("yaml:x", "a source `yaml:` cannot be read yet"),
            ("postgresql://airflow@db/airflow", "a URL cannot be read yet"),
            ("sqlite:////airflow.db", "a URL cannot be read yet"),
        ] {
            let error = word.parse::<SourceSpec>().unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.hint().is_some(), "{word}");
        }
    }

    #[test]
    fn a_password_among_the_arguments_is_not_echoed() {
        for word in [
            "postgresql://airflow:CANARY@db/airflow",
            "postgresql+psycopg2://airflow:p@CANARY@db",
            "postgresql://db/airflow?user=u&Password=CANARY",
            "postgresql:/airflow:CANARY@db",
            "airflow:CANARY@db",
            "json:postgres://u:CANARY@h",
            "vault://:CANARY@h",
        ] {
            let error = word.parse::<SourceSpec>().unwrap_err();
            assert!(matches!(error, SourceError::PasswordInArgument), "{word}");
            assert!(!format!("{error} {error:?} {:?}", error.hint()).contains("CANARY"), "{word}");
        }
    }
}
