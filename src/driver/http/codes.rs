//! What a refusal means: the statuses of HTTP, since a server of any kind may answer.

use crate::driver::kit::http::{CHECKED, FIELDS, STATUSES};
use crate::model::codes::CodeTable;

pub(super) static CODES: CodeTable = CodeTable::new(STATUSES).checked(CHECKED).fields(FIELDS);
