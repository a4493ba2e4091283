//! `extra` as an object, or as a text that holds one → the map that drivers read.

use serde_json::{Map, Number, Value as Json};

use crate::model::connection::{Connection, Problem};
use crate::model::reason::Field;
use crate::model::warning::WarningCode;
use crate::source::document::{Meaning, Member, Node, Value};
use crate::source::json;

/// Reads an `extra` that is given; what is wrong with it goes to `connection`.
pub(super) fn read(member: &Member<'_>, connection: &mut Connection) -> Map<String, Json> {
    match &member.value {
        Value::Object(members) => read_members(members, &member.key, connection),
        Value::Text(text) => read_text(text, &member.key, connection).unwrap_or_default(),
        other => {
            connection.problems.push(not_an_object(&member.key, other));
            Map::new()
        }
    }
}

/// Reads an object written as JSON text; `None` where there is a problem with it.
pub(in crate::source) fn read_text(text: &str, field: &str, connection: &mut Connection) -> Option<Map<String, Json>> {
    if text == super::MASK {
        connection.problems.push(super::masked_problem(&format!("`{field}`"), Field::EXTRA));
        return None;
    }
    match json::parse(text) {
        Ok(Node { value: Value::Object(members), .. }) => return Some(read_members(&members, field, connection)),
        Ok(Node { value: Value::Null, .. }) => return Some(Map::new()),
        Ok(Node { value: other, .. }) => connection.problems.push(not_an_object(field, &other)),
        Err(error) => connection.problems.push(
            Problem::bad(Field::EXTRA, format!("`{field}` is not JSON: {error}"))
                .hint(error.hint.unwrap_or("write it as an object, or as the text of one")),
        ),
    }
    None
}

fn not_an_object(field: &str, found: &Value<'_>) -> Problem {
    Problem::bad(Field::EXTRA, format!("`{field}` must be an object, not {}", found.kind()))
        .hint("write it as an object, or as the text of one")
}

/// Of a key that stands twice the last counts.
fn read_members(members: &[Member<'_>], path: &str, connection: &mut Connection) -> Map<String, Json> {
    let mut object = Map::new();
    for member in members {
        let path = format!("{path}.{}", super::name(&member.key));
        let value = read_value(&member.value, &path, connection);
        if object.insert(member.key.to_string(), value).is_some() {
            super::warn(
                connection,
                WarningCode::DuplicateField,
                format!("`{path}` stands more than once; the last one counts, as in Airflow"),
            );
        }
    }
    object
}

fn read_value(value: &Value<'_>, path: &str, connection: &mut Connection) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) | Value::Word { meaning: Meaning::Flag(flag), .. } => Json::Bool(*flag),
        Value::Number(number) => read_number(number),
        Value::Word { meaning: Meaning::Number(number), .. } => read_number(number),
        Value::Text(text) | Value::Word { text, meaning: Meaning::Time } => Json::String(text.to_string()),
        Value::Tagged => {
            connection.problems.push(
                Problem::bad(Field::EXTRA, format!("`{path}` is {}", value.kind()))
                    .hint("write what it stands for, without the tag"),
            );
            Json::Null
        }
        Value::List(nodes) => nodes.iter().map(|node| read_value(&node.value, path, connection)).collect(),
        Value::Object(members) => Json::Object(read_members(members, path, connection)),
    }
}

/// What no number can hold (`NaN`, `1e999`) stays as it is written.
fn read_number(written: &str) -> Json {
    serde_json::from_str::<Number>(written).map_or_else(|_| Json::String(written.to_owned()), Json::Number)
}
