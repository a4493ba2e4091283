//! `SourceSpec`: the SOURCE argument.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::SourceError;
use crate::model::plain;
use crate::model::reason::Source;
use crate::model::redact::escape_control;

/// A place to load connections from: the SOURCE argument, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSpec {
    /// The label that the user gave it (`NAME=SOURCE`).
    pub(super) label: Option<String>,
    pub(super) kind: Kind,
}

/// The kind of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file or standard input. Without a format it is read as JSON if it looks like JSON.
    Text { input: Input, format: Option<Format> },
    /// Every environment variable `AIRFLOW_CONN_*`.
    Environment,
    /// The metadata database of the Airflow that the environment describes.
    Airflow,
    /// A metadata database, given by its URL.
    Database(DatabaseUrl),
    /// The secrets below a path of Vault.
    Vault { path: String },
    /// AWS Secrets Manager: names with this prefix.
    SecretsManager { prefix: String },
    /// AWS SSM Parameter Store: names below this path.
    ParameterStore { prefix: String },
    /// connprobe's own store.
    Store,
}

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Yaml,
    /// Lines `conn_id=URI or JSON`.
    Env,
}

/// The origin of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Stdin,
    File(PathBuf),
}

/// The origin of a database's URL, which may contain the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DatabaseUrl {
    /// The argument itself. It contains no password.
    Given(String),
    /// An environment variable.
    Variable(String),
    /// The first line of a file.
    File(PathBuf),
}

/// Converts the text after a prefix to the kind of source; `None` if it is missing or superfluous.
type Rest = fn(&str) -> Option<Kind>;

/// The prefixes of SOURCE, and the conversion of the text after each. Any other prefix is part of a file name.
const PREFIXES: [(&str, Rest); 11] = [
    ("json:", |name| text(name, Format::Json)),
    ("yaml:", |name| text(name, Format::Yaml)),
    ("env-file:", |name| text(name, Format::Env)),
    ("env:", |rest| rest.is_empty().then_some(Kind::Environment)),
    ("airflow:", |rest| rest.is_empty().then_some(Kind::Airflow)),
    ("store:", |rest| rest.is_empty().then_some(Kind::Store)),
    ("url-env:", |name| filled(name).map(|name| Kind::Database(DatabaseUrl::Variable(name)))),
    ("url-file:", |path| filled(path).map(|path| Kind::Database(DatabaseUrl::File(path.into())))),
    ("vault:", |path| filled(path).map(|path| Kind::Vault { path })),
    ("aws-sm:", |prefix| Some(Kind::SecretsManager { prefix: prefix.to_owned() })),
    ("aws-ssm:", |prefix| Some(Kind::ParameterStore { prefix: prefix.to_owned() })),
];

impl FromStr for SourceSpec {
    type Err = SourceError;

    fn from_str(word: &str) -> Result<Self, SourceError> {
        let argument = word;
        let (label, word) = labelled(argument);
        if plain::has_secret(plain::Plain::Text, argument) || holds_password(word) {
            return Err(SourceError::Own(Source::PasswordInArgument));
        }
        let source = |kind| Self { label: label.map(str::to_owned), kind };
        let nameless = || SourceError::Own(Source::Nameless { word: word.to_owned() });
        for (prefix, kind) in PREFIXES {
            if let Some(rest) = word.strip_prefix(prefix) {
                return kind(rest).map(source).ok_or_else(nameless);
            }
        }
        if word.contains("://") {
            return Ok(source(Kind::Database(DatabaseUrl::Given(word.to_owned()))));
        }
        let input = Input::named(word).ok_or_else(nameless)?;
        let format = input.extension().and_then(|extension| match extension.as_str() {
            "json" => Some(Format::Json),
            "yaml" | "yml" => Some(Format::Yaml),
            "env" => Some(Format::Env),
            _ => None,
        });
        Ok(source(Kind::Text { input, format }))
    }
}

/// The label before `=`, and the rest. A file whose name begins with such a label is written with its directory, as
/// `./a=b.json`.
fn labelled(word: &str) -> (Option<&str>, &str) {
    match word.split_once('=') {
        Some((label, rest)) if is_label(label) => (Some(label), rest),
        _ => (None, word),
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character))
}

fn text(name: &str, format: Format) -> Option<Kind> {
    Some(Kind::Text { input: Input::named(name)?, format: Some(format) })
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl SourceSpec {
    /// connprobe's own store, which is the default source.
    #[must_use]
    pub fn store() -> Self {
        Self { label: None, kind: Kind::Store }
    }

    /// The error for a source that was not read before a signal arrived.
    #[must_use]
    pub fn interrupted(&self) -> SourceError {
        SourceError::Own(Source::Interrupted { file: self.to_string() })
    }

    /// Whether it is standard input, in any format.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        matches!(self.kind, Kind::Text { input: Input::Stdin, .. })
    }

    /// Whether it is connprobe's own store, under any label.
    #[must_use]
    pub fn is_store(&self) -> bool {
        self.kind == Kind::Store
    }

    /// The position in Airflow's search for a name: a secrets backend, the environment, then the database. `None` for
    /// sources that Airflow does not search, for example a file, which it would have to be configured for.
    pub(super) fn turn(&self) -> Option<u8> {
        match &self.kind {
            Kind::Vault { .. } | Kind::SecretsManager { .. } | Kind::ParameterStore { .. } => Some(0),
            Kind::Environment => Some(1),
            Kind::Airflow | Kind::Database(_) => Some(2),
            Kind::Text { .. } | Kind::Store => None,
        }
    }

    /// The file, if the source is a file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Text { input: Input::File(path), .. } => Some(path),
            _ => None,
        }
    }
}

impl Input {
    fn named(name: &str) -> Option<Self> {
        match name {
            "" => None,
            "-" => Some(Self::Stdin),
            name => Some(Self::File(PathBuf::from(name))),
        }
    }

    fn extension(&self) -> Option<String> {
        match self {
            Self::Stdin => None,
            // For `Path`, a file named `.env` has no extension.
            Self::File(path) if path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(".env")) => {
                Some("env".to_owned())
            }
            Self::File(path) => Some(path.extension()?.to_str()?.to_ascii_lowercase()),
        }
    }

    /// The directory from which relative file names in the definitions start.
    pub(super) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::File(path) => path.parent(),
        }
    }
}

impl fmt::Display for SourceSpec {
    /// The name in results: the name of the file, `stdin`, or the argument.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Text { input: Input::Stdin, .. } => f.write_str("stdin"),
            Kind::Text { input: Input::File(path), .. } => f.write_str(&escape_control(&path.to_string_lossy())),
            Kind::Environment => f.write_str("env"),
            Kind::Airflow => f.write_str("airflow"),
            Kind::Store => f.write_str("store"),
            Kind::Database(DatabaseUrl::Given(url)) => f.write_str(&escape_control(url)),
            Kind::Database(DatabaseUrl::Variable(name)) => write!(f, "url-env:{}", escape_control(name)),
            Kind::Database(DatabaseUrl::File(path)) => {
                write!(f, "url-file:{}", escape_control(&path.to_string_lossy()))
            }
            Kind::Vault { path } => write!(f, "vault:{}", escape_control(path)),
            Kind::SecretsManager { prefix } => write!(f, "aws-sm:{}", escape_control(prefix)),
            Kind::ParameterStore { prefix } => write!(f, "aws-ssm:{}", escape_control(prefix)),
        }
    }
}

/// Whether `word` followed by a colon is the prefix of a source.
#[must_use]
pub fn is_source_prefix(word: &str) -> bool {
    PREFIXES.iter().any(|(prefix, _)| prefix.strip_suffix(':') == Some(word))
}

/// Whether `word`, with or without its prefix, contains a password. A file with such a name can be given on standard
/// input.
#[must_use]
pub fn holds_password(word: &str) -> bool {
    match PREFIXES.iter().find_map(|(prefix, _)| Some((*prefix, word.strip_prefix(*prefix)?))) {
        // A file may be named `a@b`.
        Some(("json:" | "yaml:" | "env-file:", rest)) => plain::holds_password(rest),
        Some((_, rest)) => plain::holds_password(word) || plain::holds_password(rest),
        None => plain::holds_password(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_or_standard_input() {
        for (word, shown, expected) in [
            ("connections.json", "connections.json", Some(Format::Json)),
            ("dir/Connections.JSON", "dir/Connections.JSON", Some(Format::Json)),
            ("connections", "connections", None),
            ("connections.txt", "connections.txt", None),
            ("-", "stdin", None),
            ("json:-", "stdin", Some(Format::Json)),
            ("json:all.yaml", "all.yaml", Some(Format::Json)),
            ("yaml:-", "stdin", Some(Format::Yaml)),
            ("all.YML", "all.YML", Some(Format::Yaml)),
            ("prod.env", "prod.env", Some(Format::Env)),
            (".env", ".env", Some(Format::Env)),
            ("env-file:prod", "prod", Some(Format::Env)),
            ("a:b.json", "a:b.json", Some(Format::Json)),
            ("./-", "./-", None),
            ("a\u{1b}[2J.json", "a\\u{1b}[2J.json", Some(Format::Json)),
        ] {
            let spec = word.parse::<SourceSpec>().unwrap();
            assert_eq!(spec.to_string(), shown);
            assert!(matches!(spec.kind, Kind::Text { format, .. } if format == expected), "{word}");
        }
    }

    #[test]
    fn or_another_place_by_its_prefix_or_a_url() {
        for (word, shown, expected) in [
            ("env:", "env", Kind::Environment),
            ("airflow:", "airflow", Kind::Airflow),
            ("store:", "store", Kind::Store),
            ("vault:kv/airflow", "vault:kv/airflow", Kind::Vault { path: "kv/airflow".into() }),
            ("aws-sm:", "aws-sm:", Kind::SecretsManager { prefix: String::new() }),
            ("aws-ssm:/a", "aws-ssm:/a", Kind::ParameterStore { prefix: "/a".into() }),
            (
                "sqlite:////airflow.db",
                "sqlite:////airflow.db",
                Kind::Database(DatabaseUrl::Given("sqlite:////airflow.db".into())),
            ),
            (
                "postgresql://airflow@db/airflow",
                "postgresql://airflow@db/airflow",
                Kind::Database(DatabaseUrl::Given("postgresql://airflow@db/airflow".into())),
            ),
            ("url-env:DB", "url-env:DB", Kind::Database(DatabaseUrl::Variable("DB".into()))),
            ("url-file:f", "url-file:f", Kind::Database(DatabaseUrl::File("f".into()))),
        ] {
            let spec = word.parse::<SourceSpec>().unwrap();
            assert_eq!((spec.to_string().as_str(), spec.kind), (shown, expected), "{word}");
        }
    }

    #[test]
    fn a_label_stands_before_any_of_them() {
        for (word, label, shown) in [
            ("prod=connections.json", Some("prod"), "connections.json"),
            ("a-b_1=env:", Some("a-b_1"), "env"),
            ("prod=postgresql://u@db/airflow?a=b", Some("prod"), "postgresql://u@db/airflow?a=b"),
            ("prod=-", Some("prod"), "stdin"),
            ("./a=b.json", None, "./a=b.json"),
            ("json:a=b.json", None, "a=b.json"),
            ("postgresql://u@db/airflow?a=b", None, "postgresql://u@db/airflow?a=b"),
            ("=x.json", None, "=x.json"),
        ] {
            let spec = word.parse::<SourceSpec>().unwrap();
            assert_eq!((spec.label.as_deref(), spec.to_string().as_str()), (label, shown), "{word}");
        }
        assert!("x=store:".parse::<SourceSpec>().unwrap().is_store());
        assert!(matches!("x=".parse::<SourceSpec>(), Err(SourceError::Own(Source::Nameless { .. }))));
    }

    #[test]
    fn a_prefix_without_what_it_needs_names_nothing() {
        for word in ["", "json:", "yaml:", "env-file:", "url-env:", "url-file:", "vault:", "env:X", "airflow:x"] {
            let error = word.parse::<SourceSpec>().unwrap_err();
            assert!(matches!(error, SourceError::Own(Source::Nameless { .. })), "{word}: {error}");
            assert!(error.hint().is_some(), "{word}");
        }
    }

    #[test]
    fn a_prefix_hides_no_password() {
        for (prefix, _) in PREFIXES {
            for word in [
                "password: CANARY",
                "Bearer CANARY-7x",
                "{\"w\":{\"password\":{\"value\":\"CANARY\"}}}",
                "{\\\"password\\\":\\\"CANARY\\\"}",
                "db:5432:app:etl:CANARY",
            ] {
                for label in ["", "prod="] {
                    let word = format!("{label}{prefix}{word}");
                    let error = word.parse::<SourceSpec>().unwrap_err();
                    assert!(matches!(error, SourceError::Own(Source::PasswordInArgument)), "{word}");
                }
            }
        }
    }

    #[test]
    fn a_password_among_the_arguments_is_not_echoed() {
        for word in [
            "postgresql://airflow:CANARY@db/airflow",
            "postgresql+psycopg2://airflow:p@CANARY@db",
            "postgresql://db/airflow?user=u&Password=CANARY",
            "postgresql://db/airflow?user=u&passwd=CANARY",
            "url-file:/run/x?pwd=CANARY",
            "host=db password=CANARY",
            "postgresql:/airflow:CANARY@db",
            "airflow:CANARY@db",
            "json:postgres://u:CANARY@h",
            "vault://:CANARY@h",
            "prod=postgresql://airflow:CANARY@db/airflow",
            "prod=json:postgres://u:CANARY@h",
            "json:{\"conn_type\":\"postgres\",\"password\":\"CANARY\"}",
            "json:{\"conn_type\":\"postgres\",\"extra\":{\"x\":\"CANARY\"}}",
            "yaml:{a: {conn_type: postgres, x: CANARY}}",
            "yaml:a:\n  x: CANARY",
            "json:[{\"x\":\"CANARY\"}]",
            "{\"x\":\"CANARY\"}",
            "password: CANARY",
            "password=CANARY",
            "prod=password=CANARY",
            "db:5432:app:etl:CANARY",
            "dir/db:5432:app:etl:CANARY",
            "dir/Bearer CANARY-7x",
        ] {
            let error = word.parse::<SourceSpec>().unwrap_err();
            assert!(matches!(error, SourceError::Own(Source::PasswordInArgument)), "{word}");
            assert!(!format!("{error} {error:?} {:?}", error.hint()).contains("CANARY"), "{word}");
        }
    }
}
