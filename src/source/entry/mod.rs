//! One entry → one [`Connection`]: with every problem it has, so that a bad entry hides neither its
//! other faults nor the other entries. A value is quoted in a message only where it cannot be a secret.

mod extra;
mod given;
mod object;
mod port;
mod uri;

pub(super) use self::extra::read_text as read_extra;
pub(super) use self::given::{is_blank, is_definition, is_named, likeness};
pub(super) use self::port::read as read_port;
use serde_json::Value as Json;

use crate::model::connection::{Connection, Problem};
use crate::model::document::{Node, Value};
use crate::model::json;
use crate::model::reason::{Field, ReasonCode};
use crate::model::warning::{Warning, WarningCode};

/// What Airflow prints in place of a secret.
pub(super) const MASK: &str = "***";

/// How many characters of a name are shown.
const SHOWN: usize = 64;

/// How many warnings one entry collects.
const WARNINGS: usize = 50;

/// Fills `connection`, which knows its origin and perhaps its name, from a value in a file.
pub(super) fn read(value: &Value<'_>, connection: &mut Connection) {
    match value {
        Value::Object(members) => object::read(members, connection),
        Value::Text(text) => return text_in_file(text, connection),
        Value::List(nodes) if nodes.is_empty() => connection.problems.push(
            Problem::of(ReasonCode::BadEntry, "the list under this name is empty: there is no definition to check")
                .hint("remove the name, or put a definition into its list"),
        ),
        other => connection.problems.push(
            Problem::of(ReasonCode::BadEntry, format!("a definition must be an object or a URI, not {}", other.kind()))
                .hint("write `{\"conn_type\": …, \"host\": …}` or `\"TYPE://LOGIN:PASSWORD@HOST:PORT/DATABASE\"`"),
        ),
    }
    find_masks(connection);
}

/// Fills `connection` from a text that Airflow reads from a file of definitions, and there takes for
/// a URI whatever it is.
pub(super) fn text_in_file(text: &str, connection: &mut Connection) {
    if is_json(text) {
        warn(
            connection,
            WarningCode::JsonText,
            "the definition is JSON inside a text: in a file Airflow takes that for a URI".to_owned(),
        );
    }
    value(text, connection);
}

/// Fills `connection` from the value form of environment variables and secret stores: a JSON object,
/// or else a URI.
pub(super) fn value(text: &str, connection: &mut Connection) {
    let text = text.trim();
    if text.is_empty() {
        connection.problems.push(Problem::of(ReasonCode::BadEntry, "the definition is empty"));
    } else if is_json(text) {
        match json::parse(text) {
            Ok(Node { value: Value::Object(members), .. }) => object::read(&members, connection),
            Ok(_) => unreachable!("what begins with a brace is an object"),
            Err(error) => connection.problems.push(
                Problem::of(ReasonCode::BadEntry, format!("the definition is a text, but not JSON: {error}"))
                    .hint(error.hint.unwrap_or("write it as an object")),
            ),
        }
    } else {
        uri::read(text, connection);
    }
    find_masks(connection);
}

/// Fills `extra` of `connection` from a text that holds nothing else.
pub(super) fn extra(text: &str, connection: &mut Connection) {
    connection.extra = extra::read_text(text, "extra", connection).unwrap_or_default();
    find_masks(connection);
}

/// As Airflow tells the two.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// `connections list --hide-sensitive` and the UI give stars where a secret was.
fn find_masks(connection: &mut Connection) {
    let mut masked = Vec::new();
    if connection.password.as_ref().is_some_and(|password| password.expose() == MASK) {
        masked.push(("`password`".to_owned(), Field::PASSWORD));
    }
    masked.extend(
        connection
            .extra
            .object()
            .iter()
            .filter(|(_, value)| is_masked(value))
            .map(|(key, _)| (format!("extra `{}`", name(key)), Field::extra(&name(key)))),
    );
    connection.problems.extend(masked.into_iter().map(|(shown, field)| masked_problem(&shown, field)));
}

fn is_masked(value: &Json) -> bool {
    match value {
        Json::String(text) => text == MASK,
        Json::Array(values) => values.iter().any(is_masked),
        Json::Object(object) => object.values().any(is_masked),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

fn masked_problem(shown: &str, field: Field) -> Problem {
    Problem::of(ReasonCode::SecretMasked, format!("{shown} is masked: `***` stands where the secret was"))
        .fields([field])
        .hint("write the file with `airflow connections export`, which masks nothing")
}

/// Adds a warning, each once and not without end: what is repeated may be repeated a million times.
fn warn(connection: &mut Connection, code: WarningCode, message: String) {
    let warning = Warning::new(code, message);
    if connection.warnings.len() < WARNINGS && !connection.warnings.contains(&warning) {
        connection.warnings.push(warning);
    }
}

/// Said of an entry that has the name `inner` inside, and another outside.
pub(super) fn mismatch(inner: &str) -> String {
    format!("the entry calls itself `{inner}` inside: Airflow refuses that")
}

/// Said of an entry whose name is not shown.
pub(super) fn hidden_name() -> Warning {
    Warning::new(
        WarningCode::NameHidden,
        "the name looks like a URI with a login, and is not shown: give the entry a name of its own",
    )
}

/// A name as it is shown in messages. What no name looks like is not: a quote that is missing makes
/// names of secrets.
pub(super) fn name(key: &str) -> String {
    if !key.chars().all(|character| character.is_alphanumeric() || "_-.+$/".contains(character)) {
        return "…".to_owned();
    }
    match key.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}
