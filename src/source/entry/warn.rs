//! Warnings of an entry.

use crate::model::connection::Connection;
use crate::model::notice::EntryNotice;
use crate::model::warning::Warning;

/// How many warnings one entry collects.
const WARNINGS: usize = 50;

/// Adds a warning, each once and not without end: what is repeated may be repeated a million times.
pub(super) fn warn(connection: &mut Connection, notice: EntryNotice) {
    let warning = Warning::from(notice);
    if connection.warnings.len() < WARNINGS && !connection.warnings.contains(&warning) {
        connection.warnings.push(warning);
    }
}
