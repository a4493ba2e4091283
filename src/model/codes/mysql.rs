//! Rows of the code table for mysql.

use super::CodeEntry;

pub(super) const CODES: &[CodeEntry] = &[];
