//! Converts the text or tree of an `extra` to the map that drivers read. Of a repeated key, the last value counts, as
//! in Python. A number that cannot be represented (`NaN`, `1e999`) becomes a string, as written.

use serde_json::{Map, Number, Value as Json};

use super::document::{Meaning, Member, Node, SyntaxError, Value};
use super::json;

/// Why a text contains no object.
pub(crate) enum Fault {
    Syntax(SyntaxError),
    /// The kind of value that it contains instead.
    Other(&'static str),
}

/// What is unusual about a value.
pub(crate) enum Oddity {
    /// Its key occurs more than once in its object.
    Repeated,
    /// It has a YAML tag that connprobe does not interpret.
    Tagged,
}

/// The object in `text`; `null` is an empty object.
pub(crate) fn object(text: &str) -> Result<Map<String, Json>, Fault> {
    object_and_oddities(text, &mut |_, _| ())
}

/// Like [`object`], and calls `tell` with the path of each unusual value.
pub(crate) fn object_and_oddities(
    text: &str,
    tell: &mut dyn FnMut(&[&str], Oddity),
) -> Result<Map<String, Json>, Fault> {
    // Airflow stores an empty text if nothing was entered.
    if text.is_empty() {
        return Ok(Map::new());
    }
    match json::parse(text).map_err(Fault::Syntax)? {
        Node { value: Value::Object(members), .. } => Ok(members_and_oddities(&members, tell)),
        Node { value: Value::Null, .. } => Ok(Map::new()),
        Node { value, .. } => Err(Fault::Other(value.kind())),
    }
}

/// The map of `members`. Calls `tell` with the path of each unusual value.
pub(crate) fn members_and_oddities(members: &[Member<'_>], tell: &mut dyn FnMut(&[&str], Oddity)) -> Map<String, Json> {
    read_members(members, &mut Vec::new(), tell)
}

fn read_members<'a>(
    members: &'a [Member<'_>],
    path: &mut Vec<&'a str>,
    tell: &mut dyn FnMut(&[&str], Oddity),
) -> Map<String, Json> {
    let mut object = Map::new();
    for member in members {
        path.push(&member.key);
        let value = read_value(&member.value, path, tell);
        if object.insert(member.key.to_string(), value).is_some() {
            tell(path, Oddity::Repeated);
        }
        path.pop();
    }
    object
}

fn read_value<'a>(value: &'a Value<'_>, path: &mut Vec<&'a str>, tell: &mut dyn FnMut(&[&str], Oddity)) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) | Value::Word { meaning: Meaning::Flag(flag), .. } => Json::Bool(*flag),
        Value::Number(number) => read_number(number),
        Value::Word { meaning: Meaning::Number(number), .. } => read_number(number),
        Value::Text(text) | Value::Word { text, meaning: Meaning::Time } => Json::String(text.to_string()),
        Value::Tagged => {
            tell(path, Oddity::Tagged);
            Json::Null
        }
        Value::List(nodes) => nodes.iter().map(|node| read_value(&node.value, path, tell)).collect(),
        Value::Object(members) => Json::Object(read_members(members, path, tell)),
    }
}

fn read_number(written: &str) -> Json {
    serde_json::from_str::<Number>(written).map_or_else(|_| Json::String(written.to_owned()), Json::Number)
}
