//! `Engine`: the secrets below one path of a KV secrets engine. Handles the differences between the two versions:
//! version 2 keeps histories, and has separate API paths for the list and for the values.

use super::refusal::{self, Refusal};
use super::server::Vault;
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::document::Value;
use crate::model::failure::Failure;
use crate::model::notice::SourceNotice;
use crate::model::problem::EntryFlaw;
use crate::model::reason;
use crate::source::backend::{self, SECRETS};
use crate::source::entry;

/// The maximum depth of nested folders.
const DEPTH: usize = 16;

/// The key whose value Airflow uses as the URI of the connection, whatever the other keys are.
const URI: &str = "conn_uri";

/// The secrets of an engine below a path.
pub(super) struct Engine<'a> {
    vault: &'a Vault,
    /// The path where the engine is mounted, with a slash at its end.
    mount: String,
    /// The path below the mount: empty, or without slashes at its ends.
    path: String,
    histories: bool,
}

impl<'a> Engine<'a> {
    /// Finds the engine at the start of `path` by asking Vault.
    pub(super) async fn find(vault: &'a Vault, path: &str) -> Result<Self, Failure> {
        let asked = vault.get(&format!("sys/internal/ui/mounts/{path}"), "").await;
        let answer = asked.map_err(|refusal| match refusal {
            Refusal::Denied { mounted: false } => not_mounted(path),
            // Every valid token may make this request, so this token is invalid.
            Refusal::Denied { mounted: true } => refusal::refused(),
            other => other.into_failure(|| not_mounted(path), || not_mounted(path)),
        })?;
        let document = answer.json();
        let mount = document.as_ref().and_then(|node| node.value.get("data"));
        let text = |key| mount?.get(key)?.scalar();
        let (Some(at), Some(kind)) = (text("path"), text("type")) else {
            return Err(backend::foreign(answer.status, "Vault"));
        };
        let Some(below) = format!("{path}/").strip_prefix(at).map(|below| below.trim_matches('/').to_owned()) else {
            return Err(backend::foreign(answer.status, "Vault"));
        };
        if !matches!(kind, "kv" | "generic") {
            return Err(Failure::of(reason::Vault::NotKv { mount: at.to_owned() }));
        }
        let version = mount.and_then(|mount| mount.get("options")?.get("version")?.scalar());
        Ok(Self { vault, mount: at.to_owned(), path: below, histories: version == Some("2") })
    }

    /// The names below the path, in Vault's order; one empty name if the path itself is a secret.
    pub(super) async fn list(&self) -> Result<Vec<String>, Failure> {
        let mut secrets = Vec::new();
        let mut folders = vec![String::new()];
        let mut asked = 0;
        while let Some(folder) = folders.pop() {
            asked += 1;
            if asked + secrets.len() > SECRETS || folder.matches('/').count() > DEPTH {
                return Err(Failure::of(reason::Vault::TooMany { most: SECRETS, depth: DEPTH }));
            }
            let before = folders.len();
            for key in self.keys(&folder).await? {
                let name = format!("{folder}{key}");
                if key.ends_with('/') { folders.push(name) } else { secrets.push(name) }
            }
            folders[before..].reverse();
        }
        if secrets.is_empty() && !self.path.is_empty() {
            secrets.push(String::new());
        }
        Ok(secrets)
    }

    /// The names in a folder; none if the folder does not exist. The folder's name is empty or ends with a slash.
    async fn keys(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let path = self.api_path("metadata", folder);
        let answer = match self.vault.get(&path, "?list=true").await {
            Ok(answer) => answer,
            Err(Refusal::Absent) => return Ok(Vec::new()),
            Err(refusal) => {
                return Err(refusal.into_failure(|| may_not("list", &path), || may_not("list", &path)));
            }
        };
        let document = answer.json();
        let keys = document.as_ref().and_then(|node| node.value.get("data")?.get("keys"));
        let Some(Value::List(keys)) = keys else { return Err(backend::foreign(answer.status, "Vault")) };
        Ok(keys.iter().filter_map(|key| key.value.scalar()).filter(|key| !key.is_empty()).map(str::to_owned).collect())
    }

    /// Reads a listed secret; `None` if it was deleted. If Vault refuses it, this is a problem of this connection only.
    pub(super) async fn connection(&self, secret: &str, source: &str) -> Result<Option<Connection>, Failure> {
        let own = self.path.rsplit('/').next().unwrap_or_default();
        let mut connection = backend::connection(source, secret, if secret.is_empty() { own } else { secret });
        let path = self.api_path("data", secret);
        match self.vault.get(&path, "").await {
            Ok(answer) => {
                let document = answer.json();
                let data = document.as_ref().and_then(|node| node.value.get("data"));
                let data = if self.histories { data.and_then(|data| data.get("data")) } else { data };
                match data {
                    Some(object @ Value::Object(_)) => read(object, &mut connection),
                    Some(Value::Null) => return Ok(None),
                    _ => return Err(backend::foreign(answer.status, "Vault")),
                }
            }
            Err(Refusal::Absent) => return Ok(None),
            Err(Refusal::Denied { .. }) => backend::unreadable(may_not("read", &path), &mut connection),
            Err(Refusal::Failed(failure)) if failure.class == Class::Server => {
                backend::unreadable(failure, &mut connection);
            }
            Err(Refusal::Failed(failure)) => return Err(failure),
        }
        Ok(Some(connection))
    }

    /// The failure for a path below which no secret is left.
    pub(super) fn nothing(&self) -> Failure {
        Failure::of(reason::Vault::Nothing { mount: self.mount.clone(), path: self.path.clone() })
    }

    /// The API path of `name`, which is relative to the engine's path. Only version 2 has a `branch`.
    fn api_path(&self, branch: &str, name: &str) -> String {
        let branch = if self.histories { branch } else { "" };
        let steps = [self.mount.trim_end_matches('/'), branch, &self.path, name.trim_end_matches('/')];
        steps.into_iter().filter(|step| !step.is_empty()).collect::<Vec<_>>().join("/")
    }
}

/// Reads the content of a secret: a URI, or otherwise the fields of a connection.
fn read(object: &Value<'_>, connection: &mut Connection) {
    let Value::Object(members) = object else { return };
    match object.get(URI) {
        Some(Value::Text(uri)) => {
            if members.len() > 1 {
                connection.warnings.push(SourceNotice::OnlyUri { key: URI }.into());
            }
            backend::read_value(uri, connection);
        }
        Some(_) => connection.problems.push(EntryFlaw::UriNotText { key: URI }.into()),
        None => {
            backend::warn_unread(members, connection);
            entry::read(object, connection);
        }
    }
}

fn may_not(verb: &'static str, path: &str) -> Failure {
    Failure::of(reason::Vault::NotPermitted { verb, path: path.to_owned() }).known_code("403")
}

fn not_mounted(path: &str) -> Failure {
    Failure::of(reason::Vault::NotMounted { path: path.to_owned() }).known_code("403")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json;
    use crate::model::secret::Secret;

    fn read_from(text: &str) -> Connection {
        let mut connection = backend::connection("vault:secret/connections", "warehouse", "warehouse");
        read(&json::parse(text).unwrap().value, &mut connection);
        connection
    }

    #[test]
    fn a_secret_holds_a_uri_or_the_fields() {
        for (text, codes) in [
            (r#"{"conn_uri": "postgres://etl:CANARY@db/sales"}"#, vec![]),
            (r#"{"conn_uri": "postgres://etl:CANARY@db/sales", "host": "other"}"#, vec!["ignored_field"]),
            (
                r#"{"conn_type": "postgres", "login": "etl", "password": "CANARY", "host": "db", "schema": "sales"}"#,
                vec![],
            ),
            (
                r#"{"conn_type": "postgres", "user": "etl", "password": "CANARY", "host": "db", "schema": "sales"}"#,
                vec!["airflow_ignores"],
            ),
        ] {
            let connection = read_from(text);
            assert_eq!(connection.conn_type.as_deref(), Some("postgres"), "{text}");
            assert_eq!(connection.login.as_deref(), Some("etl"), "{text}");
            assert_eq!(connection.password().map(Secret::expose), Some("CANARY"), "{text}");
            assert_eq!(connection.host.as_deref(), Some("db"), "{text}");
            assert_eq!(connection.problems, [], "{text}");
            let warned: Vec<&str> = connection.warnings.iter().map(|warning| warning.code.as_str()).collect();
            assert_eq!(warned, codes, "{text}");
        }
    }

    #[test]
    fn a_uri_that_is_no_text_is_a_problem() {
        assert_eq!(read_from(r#"{"conn_uri": {"host": "db"}}"#).problems.len(), 1);
    }
}
