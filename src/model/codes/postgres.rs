//! Rows of the code table for postgres.

use super::CodeEntry;

pub(super) const CODES: &[CodeEntry] = &[];
