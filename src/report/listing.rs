//! What `connprobe list` shows: definitions as they are, without secrets and without a packet.

use std::io::{self, Write};

use serde::Serialize;

use super::schema::{write_indented, write_line};
use super::table::Style;
use super::table::layout::{column, shortened};
use crate::model::failure::Warning;
use crate::model::redact::escape_control;

/// One definition.
#[derive(Serialize)]
pub struct Listed<'a> {
    /// See [`crate::model::connection::Origin::id`].
    pub id: String,
    /// Its name, where it has one.
    pub conn_id: Option<&'a str>,
    /// The stored type word, as written.
    pub conn_type: Option<&'a str>,
    /// The driver that takes it, where there is one.
    pub driver: Option<&'static str>,
    /// Where it was read.
    pub origin: String,
    /// What would be logged in to, as `db1.example:5432/sales`; absent when there can be no plan.
    pub target: Option<String>,
    /// The user; S3 key ids are shortened.
    pub login: Option<String>,
    /// Whether a password is stored.
    pub has_password: bool,
    /// The keys of `extra`; never their values.
    pub extra_keys: Vec<&'a str>,
    /// Why there can be no plan.
    pub problem: Option<String>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Writes the definitions as one JSON document.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_json(out: &mut impl Write, listed: &[Listed<'_>]) -> io::Result<()> {
    write_indented(out, &listed)
}

/// Writes each definition as one line of JSON.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_ndjson(out: &mut impl Write, listed: &[Listed<'_>]) -> io::Result<()> {
    listed.iter().try_for_each(|one| write_line(out, one))
}

/// Writes the definitions for people.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_table(out: &mut impl Write, listed: &[Listed<'_>], style: &Style) -> io::Result<()> {
    const TYPE: usize = 13;
    let flexible = style.width - TYPE - 3;
    let (name, target) = (flexible * 3 / 10, flexible * 4 / 10);
    let origin = flexible - name - target;
    let line = |cells: [&str; 4]| {
        let [conn_id, conn_type, place, from] = cells.map(escape_control);
        let row = format!(
            "{} {} {} {}",
            column(&conn_id, name),
            column(&conn_type, TYPE),
            column(&place, target),
            shortened(&from, origin)
        );
        row.trim_end().to_owned()
    };
    if !listed.is_empty() {
        writeln!(out, "{}", line(["CONNECTION", "TYPE", "TARGET", "ORIGIN"]))?;
    }
    for one in listed {
        let place = one.target.as_deref().unwrap_or("-");
        writeln!(out, "{}", line([one.conn_id.unwrap_or("-"), one.conn_type.unwrap_or("-"), place, &one.origin]))?;
        if let Some(problem) = &one.problem {
            style.wrapped(out, &escape_control(problem), "  ", "    ")?;
        }
        for warning in &one.warnings {
            style.wrapped(out, &escape_control(&format!("warning: {}", warning.message)), "  ", "    ")?;
        }
    }
    let noun = if listed.len() == 1 { "connection" } else { "connections" };
    writeln!(out, "{} {noun}", listed.len())
}
