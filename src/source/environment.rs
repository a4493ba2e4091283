//! `env:`: reads every environment variable `AIRFLOW_CONN_*`, and the `conn_id` in the name of such a variable.

use super::entry;
use super::error::SourceError;
use super::settings::Settings;
use crate::model::connection::{Connection, Origin};
use crate::model::notice::VariableNotice;
use crate::model::problem::EntryFlaw;
use crate::model::reason::unusable::Entries;
use crate::model::secret::Secret;

/// The prefix of the variables in which Airflow looks for definitions.
pub(super) const PREFIX: &str = "AIRFLOW_CONN_";

/// Reads every variable that is set and not empty.
pub(super) fn load(name: &str, settings: &Settings) -> Result<Vec<Connection>, SourceError> {
    let mut connections = Vec::new();
    for (variable, value) in settings.environment.starting_with(PREFIX) {
        if value.is_some_and(Secret::is_empty) {
            continue;
        }
        let mut connection = Connection::new(Origin {
            source: name.to_owned(),
            line: None,
            pointer: format!(":{variable}"),
            occurrence: 0,
        });
        read_name(variable, &mut connection);
        match value {
            Some(value) => entry::value(value.expose(), &mut connection),
            None => {
                connection.problems.push(EntryFlaw::VariableNotUtf8.into());
            }
        }
        connections.push(connection);
    }
    if connections.is_empty() {
        return Err(SourceError::unusable(name, Entries::NoVariable));
    }
    Ok(connections)
}

/// Whether a variable has the prefix of Airflow's definitions, in any case.
pub(super) fn is_variable(name: &str) -> bool {
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Sets the `conn_id` from the name of a variable that begins with [`PREFIX`] in any case. Airflow looks variables up
/// in capitals, so the case of the `conn_id` is lost. If several teams share a file or an environment,
/// `AIRFLOW_CONN__TEAM___ID` belongs to one team.
pub(super) fn read_name(variable: &str, connection: &mut Connection) {
    let rest = variable.get(PREFIX.len()..).unwrap_or_default();
    let conn_id = behind_team(rest).unwrap_or(rest);
    if conn_id.is_empty() {
        connection.problems.push(EntryFlaw::VariableNameless.into());
        return;
    }
    connection.conn_id = Some(conn_id.to_lowercase());
    let capitals = variable.to_uppercase();
    if variable != capitals {
        connection.warnings.push(VariableNotice::SmallLetters { capitals: entry::name(&capitals) }.into());
    }
}

fn behind_team(rest: &str) -> Option<&str> {
    let (team, conn_id) = rest.strip_prefix('_')?.split_once("___")?;
    (!team.is_empty()).then_some(conn_id)
}
