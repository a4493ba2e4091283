//! Ids, which assign the results of several runs to one definition. An id is made of the label of the source, the
//! name, and the number of the definition among those with the same name. So it does not change if other definitions
//! are edited, files are moved or the order changes.

use std::collections::HashMap;
use std::os::unix::fs::FileTypeExt;

use super::airflow;
use super::settings::Settings;
use super::spec::{Input, Kind, SourceSpec};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;

/// The first part of the ids of `spec`: the label that the user gave it; otherwise the name of the file without its
/// directory, the kind of the source, or the parts of a database's URL except its host.
pub(super) fn label(spec: &SourceSpec, settings: &Settings) -> String {
    if let Some(label) = &spec.label {
        return label.clone();
    }
    match &spec.kind {
        Kind::Text { input: Input::Stdin, .. } => "stdin".to_owned(),
        // A pipe has a different name in each run.
        Kind::Text { input: Input::File(path), .. } => match path.metadata() {
            Ok(metadata) if metadata.file_type().is_fifo() => "stdin".to_owned(),
            _ => path.file_name().map_or_else(|| spec.to_string(), |name| name.to_string_lossy().into_owned()),
        },
        Kind::Environment => "env".to_owned(),
        Kind::Airflow => "airflow".to_owned(),
        Kind::Store => "store".to_owned(),
        Kind::Vault { .. } => "vault".to_owned(),
        Kind::SecretsManager { .. } | Kind::ParameterStore { .. } => "aws".to_owned(),
        Kind::Database(url) => airflow::label(url, settings).unwrap_or_else(|| spec.to_string()),
    }
}

/// Sets the id of each of `connections`, which all come from the source with this label. Definitions of the store keep
/// their permanent ids.
pub fn identify(connections: &mut [Connection], label: &str, is_store: bool) {
    if is_store {
        return;
    }
    let mut named: HashMap<String, usize> = HashMap::new();
    for connection in connections {
        let parts = if let Some(conn_id) = &connection.conn_id {
            let occurrence = named.entry(conn_id.clone()).or_default();
            *occurrence += 1;
            [label, "name", conn_id, &(*occurrence - 1).to_string()].map(str::to_owned)
        } else {
            let origin = &connection.origin;
            [label, "place", &origin.pointer, &origin.occurrence.to_string()].map(str::to_owned)
        };
        connection.id = Some(Fingerprint::of(&parts).id());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;

    /// Definitions with these names, at `/0`, `/1` and so on.
    fn definitions(names: &[Option<&str>]) -> Vec<Connection> {
        let definition = |(n, name): (usize, Option<&str>)| {
            let origin = Origin { source: "dir/c.json".into(), line: Some(n), pointer: format!("/{n}"), occurrence: 0 };
            Connection { conn_id: name.map(str::to_owned), ..Connection::new(origin) }
        };
        names.iter().copied().enumerate().map(definition).collect()
    }

    fn ids(names: &[Option<&str>], label: &str) -> Vec<String> {
        let mut definitions = definitions(names);
        identify(&mut definitions, label, false);
        definitions.iter().map(Connection::id).collect()
    }

    #[test]
    fn an_id_outlives_edits_of_others() {
        let before = ids(&[Some("a"), Some("b"), Some("a")], "c.json");
        let after = ids(&[Some("new"), Some("b"), Some("a"), None, Some("a")], "c.json");
        assert_eq!(before, [after[2].clone(), after[1].clone(), after[4].clone()]);
        assert!(before.iter().all(|id| id.len() == 16), "{before:?}");
        assert_ne!(before, ids(&[Some("a"), Some("b"), Some("a")], "other"));
    }

    #[test]
    fn what_has_no_name_is_known_by_its_place() {
        let found = ids(&[None, None, Some("/0"), Some("place")], "c.json");
        let different: std::collections::BTreeSet<&String> = found.iter().collect();
        assert_eq!(different.len(), 4, "{found:?}");
        assert_eq!(found, ids(&[None, None, Some("/0"), Some("place")], "c.json"));
    }

    #[test]
    fn the_label_says_neither_folder_nor_host() {
        let variables = [("URL", "postgresql+psycopg2://u:CANARY@db1:5432/airflow?sslmode=require")];
        let environment = super::super::Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
        let settings = Settings { environment, ..Settings::default() };
        for (word, expected) in [
            ("dir/connections.json", "connections.json"),
            ("prod=dir/connections.json", "prod"),
            ("-", "stdin"),
            ("env:", "env"),
            ("airflow:", "airflow"),
            ("store:", "store"),
            ("vault:kv/airflow", "vault"),
            ("aws-sm:x", "aws"),
            ("aws-ssm:/x", "aws"),
            ("postgres://u@db1:5432/airflow", "postgresql:airflow"),
            ("mysql+mysqldb://u@db2/airflow", "mysql:airflow"),
            ("sqlite:////home/me/airflow.db", "sqlite:airflow.db"),
            ("url-env:URL", "postgresql:airflow"),
            ("url-env:ABSENT", "url-env:ABSENT"),
        ] {
            assert_eq!(label(&word.parse().unwrap(), &settings), expected, "{word}");
        }
    }
}
