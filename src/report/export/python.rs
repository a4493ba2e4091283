//! JSON as Python's `json.dumps` writes it: a blank behind `:` and `,`, and nothing but ASCII, which
//! no reader takes for another encoding.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::Field;

/// An object on one line.
pub(super) fn push_object(object: &Map<String, Value>, out: &mut String) {
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

fn push_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => push(format_args!("{flag}"), out),
        Value::Number(number) => push(format_args!("{number}"), out),
        Value::String(text) => push_text(text, out),
        Value::Array(values) => {
            out.push('[');
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                push_value(value, out);
            }
            out.push(']');
        }
        Value::Object(object) => push_object(object, out),
    }
}

/// A field of a definition.
pub(super) fn push_field(field: &Field<'_>, out: &mut String) {
    match field {
        Field::Null => out.push_str("null"),
        Field::Port(port) => push(format_args!("{port}"), out),
        Field::Text(text) => push_text(text, out),
        Field::Extra(text) => push_text(text, out),
    }
}

/// A text in double quotes.
pub(super) fn push_text(text: &str, out: &mut String) {
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
