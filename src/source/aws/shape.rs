//! A secret of Secrets Manager: a URI, or an object with the keys that Airflow understands there, which differ from
//! those of other backends. Airflow ignores all other keys silently.

use crate::model::connection::Connection;
use crate::model::document::{Member, Node, Text, Value};
use crate::model::json;
use crate::model::notice::SourceNotice;
use crate::source::backend;
use crate::source::entry;

const CONN_ID: &str = "conn_id";

/// The keys that Airflow takes for the type; the first one in the object counts.
const TYPES: [&str; 4] = ["conn_type", CONN_ID, "connection_type", "engine"];

/// The keys that connprobe reads and Airflow ignores. The secrets that RDS creates contain such keys.
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

/// The members, with the keys that definitions have everywhere else.
fn understood<'a>(mut members: Vec<Member<'a>>, connection: &mut Connection) -> Vec<Member<'a>> {
    let keys: Vec<String> =
        members.iter().filter(|member| DROPPED.contains(&&*member.key)).map(|member| member.key.to_string()).collect();
    if !keys.is_empty() {
        connection.warnings.push(SourceNotice::SecretDropped { keys }.into());
    }
    let first =
        members.iter().find(|member| TYPES.contains(&&*member.key)).is_some_and(|member| &*member.key == "conn_id");
    let only = !members.iter().any(|member| TYPES.contains(&&*member.key) && &*member.key != "conn_id");
    if first {
        connection.warnings.push(SourceNotice::ConnIdIsType { beside_type: !only }.into());
    }
    members.retain_mut(|member| match &*member.key {
        CONN_ID if only => {
            member.key = Text::Plain("conn_type");
            true
        }
        CONN_ID => false,
        "key" => {
            member.key = Text::Plain("password");
            true
        }
        _ => true,
    });
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::secret::Secret;

    fn read_from(text: &str) -> Connection {
        let mut connection = backend::connection("aws-sm:", "warehouse", "warehouse");
        read(text, &mut connection);
        connection
    }

    fn codes(connection: &Connection) -> Vec<&str> {
        connection.warnings.iter().map(|warning| warning.code.as_str()).collect()
    }

    #[test]
    fn a_secret_is_a_uri_or_an_object_in_airflows_words() {
        let uri = read_from(" postgres://etl:CANARY@db:5433/sales\n");
        assert_eq!((uri.host.as_deref(), uri.port, codes(&uri)), (Some("db"), Some(5433), vec![]));
        for text in [
            r#"{"conn_type": "postgres", "login": "etl", "password": "CANARY", "host": "db", "schema": "sales"}"#,
            r#"{"engine": "postgres", "username": "etl", "key": "CANARY", "remote_host": "db", "database": "sales"}"#,
            r#"{"connection_type": "postgres", "user_name": "etl", "pass": "CANARY", "server": "db", "database": "sales"}"#,
        ] {
            let connection = read_from(text);
            assert_eq!(connection.conn_type.as_deref(), Some("postgres"), "{text}");
            assert_eq!(connection.login.as_deref(), Some("etl"), "{text}");
            assert_eq!(connection.password().map(Secret::expose), Some("CANARY"), "{text}");
            assert_eq!(connection.host.as_deref(), Some("db"), "{text}");
            assert_eq!(connection.schema.as_deref(), Some("sales"), "{text}");
            assert_eq!((codes(&connection), connection.problems.len()), (vec![], 0), "{text}");
        }
    }

    #[test]
    fn a_secret_that_rds_made_is_read_whole_and_airflow_loses_its_database() {
        let connection = read_from(r#"{"engine": "mysql", "host": "db", "username": "etl", "dbname": "sales"}"#);
        assert_eq!(connection.schema.as_deref(), Some("sales"));
        assert_eq!(codes(&connection), ["airflow_ignores"]);
    }

    #[test]
    fn a_conn_id_inside_is_what_airflow_takes_for_the_type() {
        for (text, conn_type, warned) in [
            (r#"{"conn_id": "postgres", "host": "db"}"#, "postgres", true),
            (r#"{"conn_id": "warehouse", "conn_type": "postgres", "host": "db"}"#, "postgres", true),
            (r#"{"conn_type": "postgres", "conn_id": "warehouse", "host": "db"}"#, "postgres", false),
        ] {
            let connection = read_from(text);
            assert_eq!(connection.conn_type.as_deref(), Some(conn_type), "{text}");
            assert_eq!(connection.conn_id.as_deref(), Some("warehouse"), "{text}");
            assert_eq!(codes(&connection).contains(&"conn_id_is_type"), warned, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_told_without_being_repeated() {
        for text in ["{\"host\": CANARY}", "[\"CANARY\"]", "\"CANARY\"", "", "{}"] {
            let connection = read_from(text);
            let told = format!("{:?} {:?}", connection.problems, connection.warnings);
            assert!(!told.contains("CANARY"), "{told}");
        }
    }
}
