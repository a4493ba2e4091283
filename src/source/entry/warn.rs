//! Warnings of an entry.

use crate::model::connection::Connection;
use crate::model::notice::EntryNotice;
use crate::model::warning::Warning;

/// The maximum number of warnings of one entry.
const WARNINGS: usize = 50;

/// Adds a warning unless the entry has it already or has too many: a fault may be repeated a million times.
pub(super) fn warn(connection: &mut Connection, notice: EntryNotice) {
    let warning = Warning::from(notice);
    if connection.warnings.len() < WARNINGS && !connection.warnings.contains(&warning) {
        connection.warnings.push(warning);
    }
}
