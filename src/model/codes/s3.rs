//! Rows of the code table for s3.

use super::CodeEntry;

pub(super) const CODES: &[CodeEntry] = &[];
