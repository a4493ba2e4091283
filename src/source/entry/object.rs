//! An entry written as an object, field by field.

use serde_json::Map;

use super::given::{Field, Given, has_blank_extra};
use super::{extra, port, uri};
use crate::model::connection::{Connection, Problem, may_hold_a_login};
use crate::model::document::{Member, Value};
use crate::model::extra::Extra;
use crate::model::reason::{Field as FormField, ReasonCode};
use crate::model::secret::Secret;
use crate::model::warning::WarningCode;

/// The fields that a URI gives, and that cannot be given beside one.
const IN_URI: [Field; 8] = [
    Field::ConnType,
    Field::Host,
    Field::Schema,
    Field::Login,
    Field::Password,
    Field::Port,
    Field::Extra,
    Field::ExtraDejson,
];

/// Fills `connection` from the members of an object.
pub(super) fn read(members: &[Member<'_>], connection: &mut Connection) {
    let given = Given::collect(members, connection);
    read_name(&given, connection);
    connection.description = text(&given, Field::Description, connection);
    if let Some(member) = given.get(Field::Uri) {
        refuse_mixture(&given, connection);
        if let Some(written) = text(&given, Field::Uri, connection).map(Secret::new) {
            if written.expose() == super::MASK {
                connection
                    .problems
                    .push(super::masked_problem(&format!("`{}`", &*member.key), FormField::at(&member.key)));
            } else {
                uri::read(written.expose(), connection);
            }
        }
        return;
    }
    connection.conn_type = text(&given, Field::ConnType, connection);
    connection.host = text(&given, Field::Host, connection);
    connection.schema = text(&given, Field::Schema, connection);
    connection.login = text(&given, Field::Login, connection);
    connection.password = text(&given, Field::Password, connection).map(Secret::new);
    if let Some(member) = given.get(Field::Port) {
        match port::read(&member.value) {
            Ok(port) => {
                connection.port = Some(port);
                if let Some(octal) = port::octal(&member.value, port) {
                    let message =
                        format!("Airflow reads this port as {octal}: in YAML a number that begins with 0 is octal");
                    super::warn(connection, WarningCode::YamlOctal, message);
                }
            }
            Err(problem) => connection.problems.push(problem),
        }
    }
    let extra = match (given.get(Field::Extra), given.get(Field::ExtraDejson)) {
        (Some(_), Some(_)) => {
            let problem =
                Problem::bad(FormField::EXTRA, "`extra` and `extra_dejson` are both given").hint("keep one of them");
            connection.problems.push(problem);
            None
        }
        (one, other) => one.or(other),
    };
    if let Some(member) = extra {
        connection.extra = extra::read(member, connection);
    } else if has_blank_extra(members) {
        connection.extra = Extra::stored(Map::new(), "");
    }
}

/// The key of the entry is its name; an inner one is for entries that have no key.
fn read_name(given: &Given<'_>, connection: &mut Connection) {
    let inner = name(given, Field::ConnId, connection);
    match (&connection.conn_id, inner) {
        (Some(key), Some(inner)) if *key != inner => {
            super::warn(connection, WarningCode::ConnIdMismatch, super::mismatch(&super::name(&inner)));
        }
        (Some(_), _) => {}
        (None, Some(inner)) => connection.conn_id = Some(inner),
        (None, None) => {
            connection.conn_id = name(given, Field::Name, connection).or_else(|| id(given, connection));
        }
    }
}

/// What the community's Helm chart calls the name; in lists of Airflow's own it is a number.
fn id(given: &Given<'_>, connection: &mut Connection) -> Option<String> {
    let is_number = given.get(Field::Id)?.value.scalar().is_some_and(|id| id.parse::<u64>().is_ok());
    if is_number { None } else { name(given, Field::Id, connection) }
}

/// A name, unless it is one that may hold a password.
fn name(given: &Given<'_>, field: Field, connection: &mut Connection) -> Option<String> {
    let name = text(given, field, connection)?;
    if may_hold_a_login(&name) {
        connection.warnings.push(super::hidden_name());
        return None;
    }
    Some(name)
}

fn refuse_mixture(given: &Given<'_>, connection: &mut Connection) {
    let beside: Vec<String> =
        IN_URI.iter().filter_map(|field| given.get(*field)).map(|member| format!("`{}`", &*member.key)).collect();
    if !beside.is_empty() {
        connection.problems.push(
            Problem::of(
                ReasonCode::ContradictingFields,
                format!("a URI cannot be mixed with fields of its own: {}", beside.join(", ")),
            )
            .hint("keep either the URI or the fields; which of them Airflow should use it does not know"),
        );
    }
}

/// A field's text. A number or word is taken for one as it is written, with a warning.
fn text(given: &Given<'_>, field: Field, connection: &mut Connection) -> Option<String> {
    let member = given.get(field)?;
    match &member.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(written) | Value::Word { text: written, .. } => {
            let kind = member.value.kind();
            let message = format!("`{}` is {kind}, and should be a text: put it in quotes", &*member.key);
            super::warn(connection, WarningCode::NotText, message);
            Some(written.to_string())
        }
        other => {
            let problem = Problem::bad(
                FormField::at(&member.key),
                format!("`{}` must be a text, not {}", &*member.key, other.kind()),
            );
            connection.problems.push(problem);
            None
        }
    }
}
