//! The meaning of refusals: the statuses of HTTP, since any kind of server may answer.

use crate::driver::kit::http::{CHECKED, FIELDS, STATUSES};
use crate::model::codes::CodeTable;

pub(super) static CODES: CodeTable = CodeTable::new(STATUSES).checked(CHECKED).fields(FIELDS);
