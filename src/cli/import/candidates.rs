//! Judges the definitions from the sources one by one, before anything else. A bad entry is skipped with its reason and
//! does not stop the others.

use std::sync::Arc;

use crate::cli::diagnostics;
use crate::cli::exit::Exit;
use crate::driver::{Plan, Refusal, Registry};
use crate::engine;
use crate::model::connection::{Connection, normalize_type};
use crate::model::failure::Failure;
use crate::model::plain;
use crate::model::problem::Misplaced;
use crate::model::warning::WarningCode;

/// A definition from a source.
pub(super) struct Candidate<'a> {
    pub(super) connection: &'a Arc<Connection>,
    /// The target of its logins.
    pub(super) target: Option<String>,
    /// Why it cannot be saved.
    pub(super) fault: Option<Failure>,
}

/// Judges every definition without sending a packet.
pub(super) fn judge<'a>(connections: &'a [Arc<Connection>], registry: &Registry) -> Vec<Candidate<'a>> {
    connections
        .iter()
        .map(|connection| match engine::plan(connection, registry).1.and_then(|plan| storable(connection, plan)) {
            Ok(plan) => Candidate { connection, target: Some(plan.target.to_string()), fault: None },
            Err(refusal) => {
                let mut fault = refusal.into_failure();
                if fault.hint.is_none() && connection.conn_type.is_none() {
                    fault.hint = Some("give it a type, or all that have none with --default-type".to_owned());
                }
                Candidate { connection, target: None, fault: Some(fault) }
            }
        })
        .collect()
}

/// Returns `plan`, unless a secret would be stored in clear.
fn storable(connection: &Connection, plan: Plan) -> Result<Plan, Refusal> {
    let is_hidden = || connection.warnings.iter().any(|warning| warning.code == WarningCode::NameHidden);
    let problem = match &connection.conn_id {
        None if is_hidden() => Some(Misplaced::HiddenName.into()),
        _ => plain::stored_in_clear(connection, false),
    };
    match problem {
        Some(problem) => Err(Refusal { class: problem.class, problems: vec![problem], warnings: Vec::new() }),
        None => Ok(plan),
    }
}

/// `--default-type`: the type of definitions that have none.
pub(super) struct DefaultType {
    conn_type: String,
    port: u16,
}

impl DefaultType {
    /// Reads `TYPE[:PORT]`.
    pub(super) fn parse(word: &str, registry: &Registry) -> Result<Self, Exit> {
        let (conn_type, port) = word.split_once(':').map_or((word, None), |(conn_type, port)| (conn_type, Some(port)));
        let conn_type = normalize_type(conn_type);
        let Some((_, usual)) = registry.find(&conn_type) else {
            let guess = registry.nearest(&conn_type).map(|name| format!("did you mean `{name}`?"));
            diagnostics::error(
                format!("no driver for connection type `{conn_type}` of --default-type"),
                Some(guess.as_deref().unwrap_or("`connprobe types` lists the supported ones")),
            );
            return Err(Exit::Usage);
        };
        let port = match port {
            None => usual,
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                diagnostics::error("the port of --default-type is not a number from 1 to 65535", None);
                Exit::Usage
            })?,
        };
        Ok(Self { conn_type, port })
    }

    /// Sets the type of `connection` if it has none, and then also the port if it names a host without one.
    pub(super) fn fill(&self, connection: &mut Connection) {
        if connection.conn_type.as_deref().is_none_or(|word| word.trim().is_empty()) {
            connection.conn_type = Some(self.conn_type.clone());
            if connection.host.is_some() && connection.port.is_none() {
                connection.port = Some(self.port);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;

    #[test]
    fn what_has_no_type_gets_one_and_its_port() {
        let definition = |conn_type: Option<&str>, host: Option<&str>, port| Connection {
            conn_type: conn_type.map(str::to_owned),
            host: host.map(str::to_owned),
            port,
            ..Connection::new(Origin { source: "c".into(), line: None, pointer: String::new(), occurrence: 0 })
        };
        for (word, given, expected) in [
            ("redshift", (None, Some("h"), None), ("redshift", Some(5439))),
            ("Redshift", (Some(" "), Some("h"), None), ("redshift", Some(5439))),
            ("postgres:5439", (None, Some("h"), None), ("postgres", Some(5439))),
            ("postgres:5439", (None, Some("h"), Some(1)), ("postgres", Some(1))),
            ("postgres", (None, None, None), ("postgres", None)),
            ("postgres", (Some("mysql"), Some("h"), None), ("mysql", None)),
        ] {
            let mut connection = definition(given.0, given.1, given.2);
            DefaultType::parse(word, Registry::builtin()).unwrap().fill(&mut connection);
            assert_eq!((connection.conn_type.as_deref().unwrap(), connection.port), expected, "{word}");
        }
        for word in ["nonsense", "", "postgres:x", "postgres:0", "postgres:65536"] {
            assert!(DefaultType::parse(word, Registry::builtin()).is_err(), "{word}");
        }
    }
}
