//! The forms of a value: an object, a URI, or JSON in a text.

use super::extra::read_text;
use super::masks::find as find_masks;
use super::{object, uri, warn};
use crate::model::connection::Connection;
use crate::model::document::{Node, Value};
use crate::model::json;
use crate::model::notice::EntryNotice;
use crate::model::problem::EntryFlaw;

/// Fills `connection`, which already has its origin and possibly its name, from a value in a file.
pub(in crate::source) fn read(value: &Value<'_>, connection: &mut Connection) {
    match value {
        Value::Object(members) => object::read(members, connection),
        Value::Text(text) => return text_in_file(text, connection),
        Value::List(nodes) if nodes.is_empty() => connection.problems.push(EntryFlaw::EmptyList.into()),
        other => connection.problems.push(EntryFlaw::OtherKind { found: other.kind() }.into()),
    }
    find_masks(connection);
}

/// Fills `connection` from a text in a file of definitions. Airflow reads any such text as a URI.
pub(in crate::source) fn text_in_file(text: &str, connection: &mut Connection) {
    if is_json(text) {
        warn(connection, EntryNotice::JsonText);
    }
    value(text, connection);
}

/// Fills `connection` from a value of an environment variable or a secret store: a JSON object, otherwise a URI.
pub(in crate::source) fn value(text: &str, connection: &mut Connection) {
    let text = text.trim();
    if text.is_empty() {
        connection.problems.push(EntryFlaw::Empty.into());
    } else if is_json(text) {
        match json::parse(text) {
            Ok(Node { value: Value::Object(members), .. }) => object::read(&members, connection),
            Ok(_) => unreachable!("what begins with a brace is an object"),
            Err(error) => {
                connection.note_unread(text);
                connection.problems.push(EntryFlaw::NotJson { error }.into());
            }
        }
    } else {
        uri::read(text, connection);
    }
    find_masks(connection);
}

/// Fills `extra` of `connection` from a text that contains nothing else.
pub(in crate::source) fn extra(text: &str, connection: &mut Connection) {
    connection.extra = read_text(text, "extra", connection).unwrap_or_default();
    find_masks(connection);
}

/// Whether the text is JSON instead of a URI, by Airflow's own rule.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}
