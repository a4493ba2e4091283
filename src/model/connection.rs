//! `Connection`: one stored definition, with Airflow's names for its fields, and its origin.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::extra::Extra;
use super::fingerprint::Fingerprint;
use super::plain::{self, Plain};
pub use super::problem::Problem;
use super::secret::Secret;
use super::warning::Warning;

/// One stored definition, as its owner wrote it. Empty text fields are `None`.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The name. It is not a key: several connections may share it.
    pub conn_id: Option<String>,
    /// A different name in the entry itself, which is not used.
    pub inner_name: Option<String>,
    /// The stored type, as written. See [`Connection::normalized_type`].
    pub conn_type: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// Host name, address, socket directory or list of hosts, depending on the driver.
    pub host: Option<String>,
    /// The database to log in to (MongoDB: the authentication database; S3: a bucket).
    pub schema: Option<String>,
    /// The user, or key id.
    pub login: Option<String>,
    /// The password, or secret key.
    pub password: Option<Secret>,
    /// 1 to 65535.
    pub port: Option<u16>,
    /// All other settings; secret as a whole.
    pub extra: Extra,
    /// Possible secrets in parts that could not be parsed or must not be shown. Foreign text is searched for them.
    pub unread: Vec<Secret>,
    /// The ID from the source, which edits of other definitions do not change; see [`Connection::id`].
    pub id: Option<String>,
    /// Whether it was written as a URI, in which some characters are special.
    pub is_uri: bool,
    /// Where it was read.
    pub origin: Origin,
    /// The file that it was read from, as the user named it, if it was read from a file.
    pub file: Option<Arc<Path>>,
    /// The directory that relative TLS file names refer to.
    pub directory: Option<PathBuf>,
    /// Warnings about the entry, which is usable nevertheless.
    pub warnings: Vec<Warning>,
    /// Problems that make the entry unusable; if there are any, the result is `error/definition`.
    pub problems: Vec<Problem>,
}

impl Connection {
    /// An empty definition read at `origin`.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            conn_id: None,
            inner_name: None,
            conn_type: None,
            description: None,
            host: None,
            schema: None,
            login: None,
            password: None,
            port: None,
            extra: Extra::default(),
            unread: Vec::new(),
            id: None,
            is_uri: false,
            origin,
            file: None,
            directory: None,
            warnings: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The ID of its results, 16 hexadecimal digits: the one from the source, or else a digest of its origin.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.origin.id())
    }

    /// The type in the form used to look up drivers: lower case, `-` as `_`, without `+dialect` (except `mongodb+srv`,
    /// where it changes the meaning).
    #[must_use]
    pub fn normalized_type(&self) -> Option<String> {
        self.conn_type.as_deref().map(normalize_type)
    }

    /// Whether nothing of it could be read, so that messages about missing fields would be pointless.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        let Self { host, schema, login, password, port, extra, problems, .. } = self;
        let empty = host.is_none() && schema.is_none() && login.is_none() && password.is_none() && port.is_none();
        empty && extra.object().is_empty() && !problems.is_empty()
    }

    /// Collects possible secrets from `text`, which could not be parsed or must not be shown.
    pub fn note_unread(&mut self, text: &str) {
        self.unread.extend(plain::secrets_in(text).into_iter().map(Secret::new));
    }

    /// The password, unless it is absent or empty, which is equivalent.
    #[must_use]
    pub fn password(&self) -> Option<&Secret> {
        self.password.as_ref().filter(|secret| !secret.is_empty())
    }
}

/// See [`Connection::normalized_type`].
#[must_use]
pub fn normalize_type(word: &str) -> String {
    let word = word.trim().to_lowercase().replace('-', "_");
    match word.split_once('+') {
        Some((base, _)) if word != "mongodb+srv" => base.to_owned(),
        _ => word,
    }
}

/// Whether Airflow could have stored `text` as a `conn_id`. Not true for URIs and other texts that may openly contain a
/// secret.
#[must_use]
pub fn is_airflow_name(text: &str) -> bool {
    (1..=250).contains(&text.chars().count())
        && !text.contains("://")
        && text.chars().all(|character| character.is_alphanumeric() || "_-.!()#:/\\".contains(character))
}

/// Whether `name` is a URI or similar and may contain a password. Then a quote or line break is missing in the source,
/// and it must not be shown as a name.
#[must_use]
pub fn may_hold_a_login(name: &str) -> bool {
    name.contains("://")
        || name.split_once(':').is_some_and(|(_, after)| after.contains('@'))
        || plain::has_secret(Plain::Name, name)
}

/// Where a definition was read. Displayed as `connections.json:12#/warehouse/0` or `env:AIRFLOW_CONN_WAREHOUSE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The source's name, as the user gave it.
    pub source: String,
    /// The line, counted from 1, if the source has lines.
    pub line: Option<usize>,
    /// A JSON pointer into the source, or another name of the definition there; `:NAME` for an environment variable; or
    /// empty.
    pub pointer: String,
    /// 0 for the first entry at this pointer, more for repeated keys.
    pub occurrence: usize,
}

impl Origin {
    /// The ID if the source gives none: a digest of the origin without the line, so that edits above an entry do not
    /// change it.
    fn id(&self) -> String {
        Fingerprint::of(&[&self.source, &self.pointer, &self.occurrence.to_string()]).id()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match self.pointer.as_str() {
            "" => Ok(()),
            variable if variable.starts_with(':') => f.write_str(variable),
            pointer => write!(f, "#{pointer}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_words_are_compared_without_case_dash_and_dialect() {
        for (written, normalized) in [
            ("Postgres", "postgres"),
            ("postgresql+psycopg2", "postgresql"),
            ("azure-sql", "azure_sql"),
            ("mongodb+srv", "mongodb+srv"),
            ("MongoDB+SRV", "mongodb+srv"),
        ] {
            assert_eq!(normalize_type(written), normalized, "{written}");
        }
    }

    #[test]
    fn id_survives_a_moved_line_but_not_a_moved_entry() {
        let origin = Origin { source: "c.json".into(), line: Some(3), pointer: "/a".into(), occurrence: 0 };
        let moved = Origin { line: Some(9), ..origin.clone() };
        let other = Origin { occurrence: 1, ..origin.clone() };
        assert_eq!(origin.id(), moved.id());
        assert_ne!(origin.id(), other.id());
        assert_eq!(origin.to_string(), "c.json:3#/a");
    }

    #[test]
    fn a_name_is_what_airflow_could_have_stored() {
        for name in ["warehouse", "a.b-c_d", "é", "a/b:c\\d", "#1!(x)", &"x".repeat(250)] {
            assert!(is_airflow_name(name), "{name}");
        }
        for text in ["", "a b", "a=b", "postgres://h", "u@h", "a\n", "{", "\"a\"", &"x".repeat(251)] {
            assert!(!is_airflow_name(text), "{text}");
        }
    }

    #[test]
    fn a_variable_is_shown_as_its_source_is_given() {
        let origin = Origin { source: "env".into(), line: None, pointer: ":AIRFLOW_CONN_A".into(), occurrence: 0 };
        assert_eq!(origin.to_string(), "env:AIRFLOW_CONN_A");
    }
}
