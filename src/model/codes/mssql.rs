//! Rows of the code table for mssql.

use super::CodeEntry;

pub(super) const CODES: &[CodeEntry] = &[];
