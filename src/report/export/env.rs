//! The export as lines of an environment file.

use std::io::Write;

use zeroize::Zeroizing;

use super::definitions::{ExportError, Secrets, fields};
use crate::model::connection::{Connection, is_airflow_name};
use crate::model::secret::Secret;
use crate::model::uri;

/// Writes `conn_id=URI` lines.
pub(super) fn write_uris(
    out: &mut dyn Write,
    named: &[(&str, &Connection)],
    secrets: Secrets,
) -> Result<(), ExportError> {
    let line = |(conn_id, connection): &(&str, &Connection)| {
        let uri = uri::write(connection, secrets == Secrets::With)
            .ok_or_else(|| ExportError::Type { origin: connection.origin.clone() })?;
        line(conn_id, uri.expose(), connection)
    };
    write_lines(out, &named.iter().map(line).collect::<Result<Vec<_>, _>>()?)
}

/// Writes `conn_id={…}` lines.
pub(super) fn write_json(
    out: &mut dyn Write,
    named: &[(&str, &Connection)],
    secrets: Secrets,
) -> Result<(), ExportError> {
    let line = |(conn_id, connection): &(&str, &Connection)| {
        let mut text = Zeroizing::new(String::new());
        for (position, (key, field)) in fields(connection, secrets).iter().enumerate() {
            text.push_str(if position > 0 { ", \"" } else { "{\"" });
            text.push_str(key);
            text.push_str("\": ");
            field.push(&mut text);
        }
        text.push('}');
        line(conn_id, &text, connection)
    };
    write_lines(out, &named.iter().map(line).collect::<Result<Vec<_>, _>>()?)
}

fn line(conn_id: &str, value: &str, connection: &Connection) -> Result<Secret, ExportError> {
    // A `#` begins a comment, and `AIRFLOW_` a setting.
    let is_other = conn_id.starts_with('#') || conn_id.starts_with("AIRFLOW_");
    if is_other || !is_airflow_name(conn_id) {
        return Err(ExportError::Name { origin: connection.origin.clone() });
    }
    Ok(Secret::new(format!("{conn_id}={value}\n")))
}

fn write_lines(out: &mut dyn Write, lines: &[Secret]) -> Result<(), ExportError> {
    lines.iter().try_for_each(|line| out.write_all(line.expose().as_bytes()))?;
    Ok(())
}
