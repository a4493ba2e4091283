//! Writes definitions in exactly the shapes of `airflow connections export`, which Airflow imports and connprobe's own
//! sources read back.
//!
//! A name is not a key: definitions with the same name become a list in JSON and YAML, and repeated lines in
//! environment files. connprobe's sources and Airflow read such files; Airflow then rejects the name, because it is
//! ambiguous.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{env, json, yaml};
use crate::model::connection::{Connection, Origin};
use crate::model::json::push_text;
use crate::model::os_error::in_words;
use crate::model::secret::Secret;

/// The format of exported definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// An object with the names as keys, indented by two.
    Json,
    /// The same in YAML, sorted as in Airflow's export.
    Yaml,
    /// `conn_id=URI` lines, without descriptions.
    Env,
    /// `conn_id={…}` lines. Airflow writes them with `--serialization-format json`, but cannot import them.
    EnvJson,
}

/// Whether the password and `extra`, which is secret as a whole, are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// They are written in clear.
    With,
    /// They are `null`, or absent from a URI.
    Without,
}

/// Why definitions cannot be written. Its text is a lower-case fragment; [`ExportError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A definition has no `conn_id`.
    #[error("`{origin}` has no conn_id")]
    Unnamed {
        /// The definition.
        origin: Origin,
    },
    /// A `conn_id` could not be read back from an environment file.
    #[error("the conn_id of `{origin}` cannot stand in an environment file")]
    Name {
        /// The definition.
        origin: Origin,
    },
    /// A definition has no type, or one that cannot begin a URI.
    #[error("`{origin}` has no type that a URI can begin with")]
    Type {
        /// The definition.
        origin: Origin,
    },
    /// Writing the text failed.
    #[error("{}", in_words(.0))]
    Io(#[from] io::Error),
}

impl ExportError {
    /// One sentence on what to do, if there is anything to suggest.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unnamed { .. } => Some("an export is a mapping of names: give it one"),
            Self::Name { .. } | Self::Type { .. } => Some("export as JSON or YAML"),
            Self::Io(_) => None,
        }
    }
}

/// Writes `connections` in the order of their names, as Airflow does. Parts that could not be read are left out.
/// Definitions that cannot be written are detected before the first byte is written.
///
/// # Errors
///
/// The first definition that the format cannot represent, or the error of writing the text.
pub fn write<'a>(
    out: &mut dyn Write,
    format: ExportFormat,
    connections: impl Iterator<Item = &'a Connection>,
    secrets: Secrets,
) -> Result<(), ExportError> {
    let mut named = connections
        .map(|connection| match connection.conn_id.as_deref() {
            Some(conn_id) => Ok((conn_id, connection)),
            None => Err(ExportError::Unnamed { origin: connection.origin.clone() }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    named.sort_by_key(|(conn_id, _)| *conn_id);
    match format {
        ExportFormat::Json => json::write(out, &by_name(&named), secrets)?,
        ExportFormat::Yaml => yaml::write(out, by_name(&named), secrets)?,
        ExportFormat::Env => env::write_uris(out, &named, secrets)?,
        ExportFormat::EnvJson => env::write_json(out, &named, secrets)?,
    }
    Ok(())
}

/// Groups definitions by name.
fn by_name<'a>(named: &[(&'a str, &'a Connection)]) -> Vec<(&'a str, Vec<&'a Connection>)> {
    let group = |sharing: &[(&'a str, &'a Connection)]| {
        (sharing[0].0, sharing.iter().map(|(_, connection)| *connection).collect())
    };
    named.chunk_by(|(one, _), (other, _)| one == other).map(group).collect()
}

/// The value of a key of a definition.
pub(super) enum Field<'a> {
    Null,
    Port(u16),
    Text(&'a str),
    /// `extra` as stored.
    Extra(Cow<'a, str>),
}

impl<'a> Field<'a> {
    /// Writes the value as JSON.
    pub(super) fn push(&self, out: &mut String) {
        match self {
            Field::Null => out.push_str("null"),
            Field::Port(port) => out.push_str(&port.to_string()),
            Field::Text(text) => push_text(text, out),
            Field::Extra(text) => push_text(text, out),
        }
    }

    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

/// The keys of a definition in Airflow's order. All are always present.
pub(super) fn fields<'a>(connection: &'a Connection, secrets: Secrets) -> [(&'static str, Field<'a>); 8] {
    let shown = secrets == Secrets::With;
    let field =
        |text: &'a Option<String>, view: Option<&'a str>| Field::text(if shown { text.as_deref() } else { view });
    let view = connection.view();
    let extra = connection.extra.written().filter(|_| shown).map_or(Field::Null, Field::Extra);
    [
        ("conn_type", field(&connection.conn_type, view.conn_type())),
        ("description", field(&connection.description, view.description())),
        ("login", field(&connection.login, view.login())),
        ("password", Field::text(connection.password().filter(|_| shown).map(Secret::expose))),
        ("host", field(&connection.host, view.whole_host())),
        ("port", connection.port.map_or(Field::Null, Field::Port)),
        ("schema", field(&connection.schema, view.schema())),
        ("extra", extra),
    ]
}
