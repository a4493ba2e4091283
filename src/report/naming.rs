//! Names of connections as keys of other programs: test cases, labels of series. Such a key must be unique and should
//! not change from run to run, and several definitions may share a name.

use std::collections::HashMap;

use super::table::label;
use super::table::layout::shortened;
use crate::model::result::CheckResult;
use crate::model::warning::WarningCode;

/// The most columns of a name. Airflow allows 250 characters.
const WIDTH: usize = 250;

/// The names of a run's connections, and which of them are shared.
#[derive(Debug, Default)]
pub(super) struct Naming(HashMap<String, bool>);

impl Naming {
    /// Notes the name of `result`, and returns it; it is empty if the connection has none.
    pub(super) fn note(&mut self, result: &CheckResult) -> String {
        let name = if result.conn_id.is_some() { shortened(&label(result), WIDTH) } else { String::new() };
        // A name that another definition has remains shared if only one of them is selected.
        let shared = name.is_empty() || result.warnings.iter().any(|one| one.code == WarningCode::AmbiguousConnId);
        self.0.entry(name.clone()).and_modify(|is_shared| *is_shared = true).or_insert(shared);
        name
    }

    /// Whether the name alone does not tell which connection is meant. To be asked when all names are noted.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.0.get(name).copied().unwrap_or(true)
    }
}
