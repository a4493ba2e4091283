//! A secret of Secrets Manager: a URI, or an object in the words that Airflow understands there,
//! which are not those of the other backends. Whatever else stands there it drops without a word.

use crate::model::connection::Connection;
use crate::model::failure::Warning;
use crate::source::backend;
use crate::source::document::{Member, Node, Text, Value};
use crate::source::{entry, json};

/// What Airflow reads.
const READ: [&str; 19] = [
    "login",
    "user",
    "username",
    "user_name",
    "password",
    "pass",
    "key",
    "host",
    "remote_host",
    "server",
    "port",
    "database",
    "schema",
    "conn_type",
    "conn_id",
    "connection_type",
    "engine",
    "extra",
    "description",
];

/// What Airflow takes for the type, whichever stands first.
const TYPES: [&str; 4] = ["conn_type", "conn_id", "connection_type", "engine"];

/// What we read besides, and Airflow drops: as in the secrets that RDS makes.
const DROPPED: [&str; 10] =
    ["dbname", "db", "hostname", "type", "pw", "passwd", "uri", "conn_uri", "extras", "extra_dejson"];

/// Fills `connection` from the text of a secret.
pub(super) fn read(text: &str, connection: &mut Connection) {
    match json::parse(text.trim()) {
        Ok(Node { value: Value::Object(members), .. }) => {
            let members = understood(members, connection);
            entry::read(&Value::Object(members), connection);
        }
        _ => backend::read_value(text, connection),
    }
}

/// The members under the names that definitions have everywhere.
fn understood<'a>(mut members: Vec<Member<'a>>, connection: &mut Connection) -> Vec<Member<'a>> {
    let dropped: Vec<String> = members
        .iter()
        .filter(|member| DROPPED.contains(&&*member.key))
        .map(|member| format!("`{}`", &*member.key))
        .collect();
    if !dropped.is_empty() {
        let message = format!("Airflow does not read {} of a secret in Secrets Manager", dropped.join(", "));
        connection.warnings.push(Warning::new("airflow_ignores", message));
    }
    let first =
        members.iter().find(|member| TYPES.contains(&&*member.key)).is_some_and(|member| &*member.key == "conn_id");
    let only = !members.iter().any(|member| TYPES.contains(&&*member.key) && &*member.key != "conn_id");
    if first {
        let read = if only { "as here" } else { "and not the type that stands behind it" };
        let message = format!("Airflow takes `conn_id` in this secret for the connection's type, {read}");
        connection.warnings.push(Warning::new("conn_id_is_type", message));
    }
    members.retain_mut(|member| match &*member.key {
        "conn_id" if only => {
            member.key = Text::Plain("conn_type");
            true
        }
        "conn_id" => false,
        "key" => {
            member.key = Text::Plain("password");
            true
        }
        _ => true,
    });
    members
}
