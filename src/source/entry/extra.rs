//! Reads `extra`, an object or a text that contains one. Yields the map that drivers read and the text that is stored.

use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use crate::model::connection::Connection;
use crate::model::document::{Member, Value};
use crate::model::extra::Extra;
use crate::model::extra_text::{self, Fault, Oddity};
use crate::model::json;
use crate::model::notice::EntryNotice;
use crate::model::problem::GivenFlaw;
use crate::model::reason::Field;

/// Reads an `extra`. Its problems and warnings are added to `connection`.
pub(super) fn read(member: &Member<'_>, connection: &mut Connection) -> Extra {
    match &member.value {
        Value::Object(members) => {
            let object = extra_text::members_and_oddities(members, &mut tell(&member.key, connection));
            // The same text that Airflow stores when it imports an object.
            let mut text = Zeroizing::new(String::new());
            json::push_members(members, &mut text);
            Extra::stored(object, &text)
        }
        Value::Text(text) => read_text(text, &member.key, connection).unwrap_or_default(),
        other => {
            connection
                .problems
                .push(GivenFlaw::ExtraNotObject { field: member.key.to_string(), found: other.kind() }.into());
            Extra::default()
        }
    }
}

/// Reads an object from JSON text, and keeps the text. `None` if there is a problem.
pub(in crate::source) fn read_text(text: &str, field: &str, connection: &mut Connection) -> Option<Extra> {
    read_object(text, field, connection).map(|object| Extra::stored(object, text))
}

/// Reads only the object.
pub(super) fn read_object(text: &str, field: &str, connection: &mut Connection) -> Option<Map<String, Json>> {
    if text == super::MASK {
        connection.problems.push(GivenFlaw::Masked { written: field.to_owned(), field: Field::EXTRA }.into());
        return None;
    }
    let read = extra_text::object_and_oddities(text, &mut tell(field, connection));
    let flaw = match read {
        Ok(object) => return Some(object),
        Err(Fault::Other(found)) => GivenFlaw::ExtraNotObject { field: field.to_owned(), found },
        Err(Fault::Syntax(error)) => GivenFlaw::ExtraNotJson { field: field.to_owned(), error },
    };
    connection.note_unread(text);
    connection.problems.push(flaw.into());
    None
}

/// Reports an oddity of `field` as a warning or problem of `connection`.
fn tell<'a>(field: &'a str, connection: &'a mut Connection) -> impl FnMut(&[&str], Oddity) + 'a {
    move |path, oddity| {
        let path = path.iter().fold(String::new(), |path, key| path + "." + &super::name(key));
        match oddity {
            Oddity::Repeated => super::warn(connection, EntryNotice::KeyTwice { path: format!("{field}{path}") }),
            Oddity::Tagged => {
                let path = format!("{field}{path}");
                connection.problems.push(GivenFlaw::ExtraTagged { path, found: Value::Tagged.kind() }.into());
            }
        }
    }
}
