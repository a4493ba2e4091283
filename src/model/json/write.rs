//! Writes JSON as Python's `json.dumps` does: a blank after `:` and `,`, and ASCII only, so that no reader can mistake
//! the encoding.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::{Map, Value as Json};

use crate::model::document::{Meaning, Member, Value};

/// Writes an object on one line.
pub(crate) fn push_object(object: &Map<String, Json>, out: &mut String) {
    out.push('{');
    for (position, (key, value)) in object.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        push_text(key, out);
        out.push_str(": ");
        push_value(value, out);
    }
    out.push('}');
}

fn push_value(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(flag) => push(format_args!("{flag}"), out),
        Json::Number(number) => push(format_args!("{number}"), out),
        Json::String(text) => push_text(text, out),
        Json::Array(values) => {
            out.push('[');
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                push_value(value, out);
            }
            out.push(']');
        }
        Json::Object(object) => push_object(object, out),
    }
}

/// Writes an object of a document on one line, with its keys in order. Of a repeated key, the last value takes the
/// first position, as in a Python dictionary.
pub(crate) fn push_members(members: &[Member<'_>], out: &mut String) {
    let mut last: HashMap<&str, &Value<'_>> = members.iter().map(|member| (&*member.key, &member.value)).collect();
    out.push('{');
    for (position, member) in members.iter().enumerate() {
        let Some(value) = last.remove(&*member.key) else { continue };
        if position > 0 {
            out.push_str(", ");
        }
        push_text(&member.key, out);
        out.push_str(": ");
        push_node(value, out);
    }
    out.push('}');
}

fn push_node(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Null | Value::Tagged => out.push_str("null"),
        Value::Bool(flag) | Value::Word { meaning: Meaning::Flag(flag), .. } => push(format_args!("{flag}"), out),
        Value::Number(number) => out.push_str(number),
        Value::Word { meaning: Meaning::Number(number), .. } => out.push_str(number),
        Value::Text(text) | Value::Word { text, meaning: Meaning::Time } => push_text(text, out),
        Value::List(nodes) => {
            out.push('[');
            for (position, node) in nodes.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                push_node(&node.value, out);
            }
            out.push(']');
        }
        Value::Object(members) => push_members(members, out),
    }
}

/// Writes a string in double quotes.
pub(crate) fn push_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            character => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    push(format_args!("\\u{unit:04x}"), out);
                }
            }
        }
    }
    out.push('"');
}

fn push(text: std::fmt::Arguments<'_>, out: &mut String) {
    let Ok(()) = out.write_fmt(text) else { unreachable!("writing to a string does not fail") };
}
