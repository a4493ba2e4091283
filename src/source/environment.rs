//! `env:`: every `AIRFLOW_CONN_*` of the process, and what the name of such a variable says.

use super::entry;
use super::error::SourceError;
use super::settings::Settings;
use crate::model::connection::{Connection, Origin};
use crate::model::notice::VariableNotice;
use crate::model::problem::EntryFlaw;
use crate::model::reason::unusable::Entries;
use crate::model::secret::Secret;

/// How the variables begin that Airflow looks for definitions in.
pub(super) const PREFIX: &str = "AIRFLOW_CONN_";

/// Reads every variable that is set; an empty one is not.
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

/// Whether a variable is one that Airflow looks for definitions in, but for its case.
pub(super) fn is_variable(name: &str) -> bool {
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Sets the `conn_id` that the name of a variable, which begins with [`PREFIX`] in any case, stands for. Airflow
/// looks it up in capitals, so that its case is lost; in one file or environment of several teams
/// `AIRFLOW_CONN__TEAM___ID` is the team's own.
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
