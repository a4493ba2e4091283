//! The export as YAML: everything sorted, as `PyYAML` does, and quoted wherever a parser of YAML 1.1 or 1.2 could read
//! a text as something else.

use std::fmt::Write as _;
use std::io::{self, Write};

use zeroize::Zeroizing;

use super::definitions::{Field, Secrets, fields};
use crate::model::connection::Connection;

/// Words that some parsers read as a boolean, a number or null.
const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

pub(super) fn write(out: &mut dyn Write, groups: Vec<(&str, Vec<&Connection>)>, secrets: Secrets) -> io::Result<()> {
    if groups.is_empty() {
        return writeln!(out, "{{}}");
    }
    for (conn_id, sharing) in groups {
        let mut text = Zeroizing::new(String::new());
        push_text(conn_id, &mut text);
        text.push_str(":\n");
        let first = if sharing.len() > 1 { "- " } else { "  " };
        for connection in sharing {
            let mut fields = fields(connection, secrets);
            fields.sort_by_key(|(key, _)| *key);
            for (position, (key, field)) in fields.iter().enumerate() {
                text.push_str(if position > 0 { "  " } else { first });
                text.push_str(key);
                text.push_str(": ");
                match field {
                    Field::Null => text.push_str("null"),
                    Field::Port(port) => push(format_args!("{port}"), &mut text),
                    Field::Text(written) => push_text(written, &mut text),
                    Field::Extra(written) => push_text(written, &mut text),
                }
                text.push('\n');
            }
        }
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Writes a text in the first form that is possible: plain, in single quotes, or in double quotes with escapes.
fn push_text(written: &str, text: &mut String) {
    if is_plain(written) {
        text.push_str(written);
    } else if written.chars().all(|character| matches!(character, ' '..='~')) {
        text.push('\'');
        text.push_str(&Zeroizing::new(written.replace('\'', "''")));
        text.push('\'');
    } else {
        text.push('"');
        for character in written.chars() {
            match character {
                '"' | '\\' => text.extend(['\\', character]),
                '\n' => text.push_str("\\n"),
                ' '..='~' => text.push(character),
                '\0'..='\u{ff}' => push(format_args!("\\x{:02x}", u32::from(character)), text),
                '\0'..='\u{ffff}' => push(format_args!("\\u{:04x}", u32::from(character)), text),
                _ => push(format_args!("\\U{:08x}", u32::from(character)), text),
            }
        }
        text.push('"');
    }
}

fn is_plain(text: &str) -> bool {
    text.starts_with(|character: char| character.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-./ ".contains(character))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn push(written: std::fmt::Arguments<'_>, text: &mut String) {
    let Ok(()) = text.write_fmt(written) else { unreachable!("writing to a string does not fail") };
}
