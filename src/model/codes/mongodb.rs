//! Rows of the code table for mongodb.

use super::CodeEntry;

pub(super) const CODES: &[CodeEntry] = &[];
