//! `extra` as an object, or as a text that holds one → the map that drivers read, and the text that is
//! stored.

use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use crate::model::connection::{Connection, Problem};
use crate::model::document::{Member, Value};
use crate::model::extra::Extra;
use crate::model::extra_text::{self, Fault, Oddity};
use crate::model::json;
use crate::model::reason::Field;
use crate::model::warning::WarningCode;

/// Reads an `extra` that is given; what is wrong with it goes to `connection`.
pub(super) fn read(member: &Member<'_>, connection: &mut Connection) -> Extra {
    match &member.value {
        Value::Object(members) => {
            let object = extra_text::members_and_oddities(members, &mut tell(&member.key, connection));
            // As Airflow stores what it imports.
            let mut text = Zeroizing::new(String::new());
            json::push_members(members, &mut text);
            Extra::stored(object, &text)
        }
        Value::Text(text) => read_text(text, &member.key, connection).unwrap_or_default(),
        other => {
            connection.problems.push(not_an_object(&member.key, other.kind()));
            Extra::default()
        }
    }
}

/// Reads an object written as JSON text, which is kept; `None` where there is a problem with it.
pub(in crate::source) fn read_text(text: &str, field: &str, connection: &mut Connection) -> Option<Extra> {
    read_object(text, field, connection).map(|object| Extra::stored(object, text))
}

/// The object alone.
pub(super) fn read_object(text: &str, field: &str, connection: &mut Connection) -> Option<Map<String, Json>> {
    if text == super::MASK {
        connection.problems.push(super::masked_problem(&format!("`{field}`"), Field::EXTRA));
        return None;
    }
    let read = extra_text::object_and_oddities(text, &mut tell(field, connection));
    match read {
        Ok(object) => return Some(object),
        Err(Fault::Other(kind)) => connection.problems.push(not_an_object(field, kind)),
        Err(Fault::Syntax(error)) => connection.problems.push(
            Problem::bad(Field::EXTRA, format!("`{field}` is not JSON: {error}"))
                .hint(error.hint.unwrap_or("write it as an object, or as the text of one")),
        ),
    }
    None
}

fn not_an_object(field: &str, found: &str) -> Problem {
    Problem::bad(Field::EXTRA, format!("`{field}` must be an object, not {found}"))
        .hint("write it as an object, or as the text of one")
}

/// Says of `connection` what is odd about its `field`.
fn tell<'a>(field: &'a str, connection: &'a mut Connection) -> impl FnMut(&[&str], Oddity) + 'a {
    move |path, oddity| {
        let path = path.iter().fold(String::new(), |path, key| path + "." + &super::name(key));
        match oddity {
            Oddity::Repeated => super::warn(
                connection,
                WarningCode::DuplicateField,
                format!("`{field}{path}` stands more than once; the last one counts, as in Airflow"),
            ),
            Oddity::Tagged => connection.problems.push(
                Problem::bad(Field::EXTRA, format!("`{field}{path}` is {}", Value::Tagged.kind()))
                    .hint("write what it stands for, without the tag"),
            ),
        }
    }
}
