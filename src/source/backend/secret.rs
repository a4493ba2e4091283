//! Reads one secret as one connection. Its name is the one by which Airflow asks a backend for it.

use crate::model::connection::{Connection, Origin};
use crate::model::document::{Member, Node, Value};
use crate::model::failure::Failure;
use crate::model::json;
use crate::model::notice::SourceNotice;
use crate::model::problem::{EntryFlaw, SecretFlaw};
use crate::source::entry;

/// The largest definition, in bytes.
const LARGEST: usize = 1 << 20;

/// The keys that Airflow knows in the JSON form. With any other key, Airflow finds no connection.
const KNOWN: [&str; 10] =
    ["conn_type", "description", "host", "login", "password", "schema", "port", "extra", "uri", "team_name"];

/// An empty definition called `conn_id`, whose name in `source` is `secret`.
pub(in crate::source) fn connection(source: &str, secret: &str, conn_id: &str) -> Connection {
    let pointer = if secret.is_empty() { String::new() } else { format!("/{secret}") };
    let origin = Origin { source: source.to_owned(), line: None, pointer, occurrence: 0 };
    Connection { conn_id: Some(conn_id.to_owned()).filter(|name| !name.is_empty()), ..Connection::new(origin) }
}

/// Fills `connection` from the text of a secret.
pub(in crate::source) fn read_value(text: &str, connection: &mut Connection) {
    if text.len() > LARGEST {
        connection.problems.push(EntryFlaw::SecretTooLarge { kib: LARGEST >> 10 }.into());
        return;
    }
    if let Ok(Node { value: Value::Object(members), .. }) = json::parse(text.trim()) {
        warn_unread(&members, connection);
    }
    entry::value(text, connection);
}

/// Warns if Airflow finds no connection in an object because of a key that it does not know.
pub(in crate::source) fn warn_unread(members: &[Member<'_>], connection: &mut Connection) {
    let Some(member) = members.iter().find(|member| !KNOWN.contains(&&*member.key)) else { return };
    connection.warnings.push(SourceNotice::SecretUnread { key: entry::name(&member.key) }.into());
}

/// Notes that the secret exists, but the backend refused it with `failure`.
pub(in crate::source) fn unreadable(failure: Failure, connection: &mut Connection) {
    let Failure { message, hint, .. } = failure;
    connection.problems.push(SecretFlaw::Refused { message, hint }.into());
}
