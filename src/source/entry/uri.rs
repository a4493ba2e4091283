//! Reads an entry that is a URI. The query becomes `extra`.

use serde_json::{Map, Value as Json};

use super::extra;
use crate::model::connection::{Connection, Problem};
use crate::model::extra::Extra;
use crate::model::notice::EntryNotice;
use crate::model::secret::Secret;
use crate::model::uri::Uri;

/// The parameter whose value is the complete `extra` as JSON.
const WHOLE: &str = "__extra__";

/// Fills `connection` from the URI `text`.
pub(super) fn read(text: &str, connection: &mut Connection) {
    let uri = Uri::parse(text);
    connection.is_uri = true;
    connection.conn_type = uri.conn_type;
    connection.host = uri.host;
    connection.schema = uri.schema;
    connection.login = uri.login;
    connection.password = uri.password;
    connection.port = uri.port;
    connection.warnings.extend(uri.warnings);
    if let Some(problem) = uri.problem {
        connection.note_unread(text);
        connection.problems.push(Problem::from(problem));
    }
    connection.extra = read_query(&uri.query, connection);
}

fn read_query(query: &[(String, Secret)], connection: &mut Connection) -> Extra {
    let mut object = Map::new();
    let mut whole = None;
    for (name, value) in query {
        let repeated = if name == WHOLE {
            whole.replace(value).is_some()
        } else {
            object.insert(name.clone(), read_value(value.expose())).is_some()
        };
        if repeated {
            super::warn(connection, EntryNotice::ParameterTwice { name: super::name(name) });
        }
    }
    if let Some(whole) = whole.filter(|value| !value.is_empty()) {
        if object.is_empty() {
            return extra::read_text(whole.expose(), WHOLE, connection).unwrap_or_default();
        }
        // Airflow ignores all other parameters.
        let names = object.keys().map(|name| super::name(name)).collect();
        super::warn(connection, EntryNotice::ParametersLost { names });
        object.extend(extra::read_object(whole.expose(), WHOLE, connection).unwrap_or_default());
    }
    Extra::new(object)
}

/// Reads lists and objects as JSON, like Airflow's server. Any other value stays the text that Airflow's workers use.
fn read_value(text: &str) -> Json {
    let decoded = if text.starts_with(['{', '[']) { serde_json::from_str(text).ok() } else { None };
    decoded.unwrap_or_else(|| Json::String(text.to_owned()))
}
