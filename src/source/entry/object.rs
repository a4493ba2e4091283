//! Reads an entry that is an object, field by field.

use serde_json::Map;

use super::given::{Field, Given, has_blank_extra};
use super::{extra, port, uri};
use crate::model::connection::{Connection, may_hold_a_login};
use crate::model::document::{Member, Value};
use crate::model::extra::Extra;
use crate::model::notice::{EntryNotice, SourceNotice};
use crate::model::problem::GivenFlaw;
use crate::model::reason::Field as FormField;
use crate::model::secret::Secret;

/// The fields that a URI contains. None of them may be given beside a URI.
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

/// The fields that are secret.
pub(super) const SECRET: [Field; 3] = [Field::Password, Field::Extra, Field::ExtraDejson];

/// Fills `connection` from the members of an object.
pub(super) fn read(members: &[Member<'_>], connection: &mut Connection) {
    let given = Given::collect(members, connection);
    fill(&given, members, connection);
    given.warn_unknown(connection);
}

fn fill(given: &Given<'_>, members: &[Member<'_>], connection: &mut Connection) {
    read_name(given, connection);
    connection.description = text(given, Field::Description, connection);
    if let Some(member) = given.get(Field::Uri) {
        refuse_mixture(given, connection);
        if let Some(written) = text(given, Field::Uri, connection).map(Secret::new) {
            if written.expose() == super::MASK {
                let (written, field) = (member.key.to_string(), FormField::at(&member.key));
                connection.problems.push(GivenFlaw::Masked { written, field }.into());
            } else {
                uri::read(written.expose(), connection);
            }
        }
        return;
    }
    connection.conn_type = text(given, Field::ConnType, connection);
    connection.host = text(given, Field::Host, connection);
    connection.schema = text(given, Field::Schema, connection);
    connection.login = text(given, Field::Login, connection);
    connection.password = text(given, Field::Password, connection).map(Secret::new);
    if let Some(member) = given.get(Field::Port) {
        match port::read(&member.value) {
            Ok(port) => {
                connection.port = Some(port);
                if let Some(octal) = port::octal(&member.value, port) {
                    super::warn(connection, EntryNotice::YamlOctal { read: octal.to_owned() });
                }
            }
            Err(flaw) => connection.problems.push(flaw.into()),
        }
    }
    let extra = match (given.get(Field::Extra), given.get(Field::ExtraDejson)) {
        (Some(one), Some(other)) => {
            for member in [one, other] {
                note_lost(&member.value, connection);
            }
            connection.problems.push(GivenFlaw::TwoExtras.into());
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

/// Sets the name. The key of the entry is its name; a name inside the entry is used only if there is no key.
fn read_name(given: &Given<'_>, connection: &mut Connection) {
    let inner = name(given, Field::ConnId, connection);
    match (&connection.conn_id, inner) {
        (Some(key), Some(inner)) if *key != inner => {
            super::warn(connection, EntryNotice::OtherName { inner: super::name(&inner) });
            connection.inner_name = Some(inner);
        }
        (Some(_), _) => {}
        (None, Some(inner)) => connection.conn_id = Some(inner),
        (None, None) => {
            connection.conn_id = name(given, Field::Name, connection).or_else(|| id(given, connection));
        }
    }
}

/// The `id`, which is the name in the community's Helm chart. In Airflow's own lists it is a number and not the name.
fn id(given: &Given<'_>, connection: &mut Connection) -> Option<String> {
    let is_number = given.get(Field::Id)?.value.scalar().is_some_and(|id| id.parse::<u64>().is_ok());
    if is_number { None } else { name(given, Field::Id, connection) }
}

/// The name in `field`, unless it may contain a password.
fn name(given: &Given<'_>, field: Field, connection: &mut Connection) -> Option<String> {
    let name = text(given, field, connection)?;
    if may_hold_a_login(&name) {
        connection.note_unread(&name);
        connection.warnings.push(SourceNotice::NameHidden.into());
        return None;
    }
    Some(name)
}

fn refuse_mixture(given: &Given<'_>, connection: &mut Connection) {
    let written = |field: &Field| Some((given.get(*field)?.key.to_string(), field.of_form()?));
    let fields: Vec<_> = IN_URI.iter().filter_map(written).collect();
    if !fields.is_empty() {
        for member in SECRET.iter().filter_map(|field| given.get(*field)) {
            note_lost(&member.value, connection);
        }
        connection.problems.push(GivenFlaw::BesideUri { fields }.into());
    }
}

/// Records the parts of an unused value that may be secrets.
pub(super) fn note_lost(value: &Value<'_>, connection: &mut Connection) {
    match value {
        // If the text is a document, only the values in it are recorded.
        Value::Text(text) if text.trim_start().starts_with('{') => connection.note_unread(text),
        Value::Text(text) => connection.unread.push(Secret::new(text.to_string())),
        Value::Object(members) => members.iter().for_each(|member| note_lost(&member.value, connection)),
        Value::List(nodes) => nodes.iter().for_each(|node| note_lost(&node.value, connection)),
        _ => {}
    }
}

/// The text of a field. A number or word is used as written, with a warning.
fn text(given: &Given<'_>, field: Field, connection: &mut Connection) -> Option<String> {
    let member = given.get(field)?;
    match &member.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(written) | Value::Word { text: written, .. } => {
            let (field, kind) = (member.key.to_string(), member.value.kind());
            super::warn(connection, EntryNotice::NotText { field, kind });
            Some(written.to_string())
        }
        other => {
            let (written, field) = (member.key.to_string(), field.of_form());
            connection.problems.push(GivenFlaw::NotText { written, field, found: other.kind() }.into());
            None
        }
    }
}
