//! The export as JSON.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::definitions::{Secrets, fields};
use crate::model::connection::Connection;
use crate::model::json::push_text;

pub(super) fn write(out: &mut dyn Write, groups: &[(&str, Vec<&Connection>)], secrets: Secrets) -> io::Result<()> {
    if groups.is_empty() {
        return writeln!(out, "{{}}");
    }
    out.write_all(b"{")?;
    for (position, (conn_id, sharing)) in groups.iter().enumerate() {
        let mut text = Zeroizing::new(String::from(if position > 0 { ",\n  " } else { "\n  " }));
        push_text(conn_id, &mut text);
        text.push_str(": ");
        if let [connection] = sharing[..] {
            push_definition(connection, secrets, 2, &mut text);
        } else {
            for (position, connection) in sharing.iter().enumerate() {
                text.push_str(if position > 0 { ",\n    " } else { "[\n    " });
                push_definition(connection, secrets, 4, &mut text);
            }
            text.push_str("\n  ]");
        }
        out.write_all(text.as_bytes())?;
    }
    out.write_all(b"\n}\n")
}

/// Writes one definition, with its closing brace indented by `indent`.
fn push_definition(connection: &Connection, secrets: Secrets, indent: usize, text: &mut String) {
    let line = format!("\n{:indent$}", "");
    for (position, (key, field)) in fields(connection, secrets).iter().enumerate() {
        text.push_str(if position > 0 { "," } else { "{" });
        text.push_str(&line);
        text.push_str("  \"");
        text.push_str(key);
        text.push_str("\": ");
        field.push(text);
    }
    text.push_str(&line);
    text.push('}');
}
