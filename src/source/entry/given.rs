//! Collects the fields of an entry under all their spellings.

use super::object::{SECRET, note_lost};
use crate::driver::extras::nearest;
use crate::model::connection::Connection;
use crate::model::document::{Member, Value};
use crate::model::notice::EntryNotice;
use crate::model::plain::HIDDEN;
use crate::model::problem::GivenFlaw;
use crate::model::reason;
use crate::model::several;
use crate::source::likeness::Likeness;

/// A field of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    ConnId,
    /// The `conn_id` in hand-written lists; a title if there is a `conn_id` beside it.
    Name,
    ConnType,
    Description,
    Host,
    Schema,
    Login,
    Password,
    Port,
    Extra,
    ExtraDejson,
    Uri,
    /// A number of Airflow's own, but the `conn_id` in some files of other programs.
    Id,
    /// Airflow's own bookkeeping, without effect on a login.
    Bookkeeping,
}

impl Field {
    /// The field of a form; `None` for a whole URI and for bookkeeping, which no form has.
    pub(super) fn of_form(self) -> Option<reason::Field> {
        Some(match self {
            Self::ConnId | Self::Name | Self::Id => reason::Field::named("conn_id"),
            Self::ConnType => reason::Field::CONN_TYPE,
            Self::Description => reason::Field::named("description"),
            Self::Host => reason::Field::HOST,
            Self::Schema => reason::Field::SCHEMA,
            Self::Login => reason::Field::LOGIN,
            Self::Password => reason::Field::PASSWORD,
            Self::Port => reason::Field::PORT,
            Self::Extra | Self::ExtraDejson => reason::Field::EXTRA,
            Self::Uri | Self::Bookkeeping => return None,
        })
    }
}

/// The spellings of fields: first Airflow's own names, then those of its secrets backends, its REST API, hand-written
/// files and Astro's `airflow_settings.yaml`.
const SPELLINGS: [(&str, Field); 44] = [
    ("conn_id", Field::ConnId),
    ("conn_type", Field::ConnType),
    ("description", Field::Description),
    ("host", Field::Host),
    ("schema", Field::Schema),
    ("login", Field::Login),
    ("password", Field::Password),
    ("port", Field::Port),
    ("extra", Field::Extra),
    ("extra_dejson", Field::ExtraDejson),
    ("uri", Field::Uri),
    ("conn_uri", Field::Uri),
    ("name", Field::Name),
    ("connection_id", Field::ConnId),
    ("type", Field::ConnType),
    ("connection_type", Field::ConnType),
    ("engine", Field::ConnType),
    ("hostname", Field::Host),
    ("server", Field::Host),
    ("remote_host", Field::Host),
    ("database", Field::Schema),
    ("db", Field::Schema),
    ("dbname", Field::Schema),
    ("user", Field::Login),
    ("username", Field::Login),
    ("user_name", Field::Login),
    ("pw", Field::Password),
    ("pass", Field::Password),
    ("passwd", Field::Password),
    ("extras", Field::Extra),
    ("conn_host", Field::Host),
    ("conn_schema", Field::Schema),
    ("conn_login", Field::Login),
    ("conn_password", Field::Password),
    ("conn_port", Field::Port),
    ("conn_extra", Field::Extra),
    ("id", Field::Id),
    ("team_id", Field::Bookkeeping),
    ("team_name", Field::Bookkeeping),
    ("is_encrypted", Field::Bookkeeping),
    ("is_extra_encrypted", Field::Bookkeeping),
    ("get_uri", Field::Bookkeeping),
    ("created_at", Field::Bookkeeping),
    ("updated_at", Field::Bookkeeping),
];

/// The maximum number of unknown fields that the warnings of an entry name.
const NAMED: usize = 10;

/// The field with the spelling `key`.
fn field(key: &str) -> Option<Field> {
    SPELLINGS.iter().find(|(spelling, _)| *spelling == key).map(|(_, field)| *field)
}

/// Whether an object is one definition, not a mapping of names to definitions: it has a type or host in plain text, or
/// a URI beside nothing but fields, and none of its members is a definition.
pub(in crate::source) fn is_definition(members: &[Member<'_>]) -> bool {
    let all_fields = members.iter().all(|member| field(&member.key).is_some());
    let tells = |member: &Member<'_>| match (field(&member.key), &member.value) {
        (Some(Field::ConnType | Field::Host), Value::Text(text)) => !text.contains("://"),
        (Some(Field::Uri), Value::Text(_)) => all_fields,
        _ => false,
    };
    let is_extra = |member: &Member<'_>| matches!(field(&member.key), Some(Field::Extra | Field::ExtraDejson));
    members.iter().any(tells) && !members.iter().any(|member| !is_extra(member) && holds_definition(&member.value))
}

fn holds_definition(value: &Value<'_>) -> bool {
    let tells = |member: &Member<'_>| {
        matches!(field(&member.key), Some(Field::ConnType | Field::Host | Field::Login | Field::Uri))
    };
    match value {
        Value::Object(members) => members.iter().any(tells),
        Value::List(nodes) => {
            nodes.iter().any(|node| matches!(&node.value, Value::Object(members) if members.iter().any(tells)))
        }
        _ => false,
    }
}

/// How much an object looks like a definition.
pub(in crate::source) fn likeness(members: &[Member<'_>]) -> Likeness {
    let given =
        |wanted: &[Field]| members.iter().any(|member| field(&member.key).is_some_and(|field| wanted.contains(&field)));
    let own = |name: &str| members.iter().any(|member| &*member.key == name && !member.value.is_absent());
    let beside = given(&[Field::Login, Field::Password, Field::Schema]);
    if own("conn_type") || own("conn_uri") || given(&[Field::Host]) && (given(&[Field::ConnType]) || beside) {
        Likeness::Surely
    } else if given(&[
        Field::ConnType,
        Field::Host,
        Field::Schema,
        Field::Login,
        Field::Password,
        Field::Port,
        Field::Extra,
        Field::ExtraDejson,
        Field::Uri,
    ]) {
        Likeness::Perhaps
    } else {
        Likeness::No
    }
}

/// Whether a definition in a list contains its name.
pub(in crate::source) fn is_named(value: &Value<'_>) -> bool {
    let names = |member: &Member<'_>| matches!(field(&member.key), Some(Field::ConnId | Field::Name | Field::Id));
    matches!(value, Value::Object(members) if members.iter().any(names))
}

/// Whether an object has no values, like a template that was not filled in.
pub(in crate::source) fn is_blank(value: &Value<'_>) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|member| is_blank(&member.value) || fills_templates(member)),
        value => value.is_absent(),
    }
}

/// Whether the member is the placeholder for options in Astro's template.
fn fills_templates(member: &Member<'_>) -> bool {
    &*member.key == "example_extra_field"
}

/// The fields of an entry, each once. Absent values (`null`, `""`) are left out.
pub(super) struct Given<'a> {
    given: Vec<(Field, &'a Member<'a>)>,
    /// The keys that are not fields.
    unknown: Vec<&'a str>,
}

impl<'a> Given<'a> {
    /// Sorts `members` into fields. If a key is repeated, the last one counts, with a warning. Two spellings of one
    /// field must have the same value. Keys that are not fields are kept for `warn_unknown`.
    pub(super) fn collect(members: &'a [Member<'a>], connection: &mut Connection) -> Self {
        let mut found: Vec<(Field, &Member<'_>, usize)> = Vec::new();
        let mut unknown = Vec::new();
        for member in members {
            let Some(field) = field(&member.key) else {
                unknown.push(&*member.key);
                continue;
            };
            match found.iter_mut().find(|(_, earlier, _)| *earlier.key == *member.key) {
                Some((_, earlier, count)) => {
                    *earlier = member;
                    *count += 1;
                }
                None => found.push((field, member, 1)),
            }
        }
        for (_, member, count) in found.iter().filter(|(_, _, count)| *count > 1) {
            super::warn(connection, EntryNotice::FieldTwice { field: member.key.to_string(), count: *count });
        }
        found.retain(|(_, member, _)| !member.value.is_absent());
        let mut given: Vec<(Field, &Member<'_>)> = Vec::new();
        for (field, member, _) in found {
            match given.iter().find(|(earlier, _)| *earlier == field) {
                Some((_, earlier)) if field != Field::Bookkeeping && !agree(&earlier.value, &member.value) => {
                    if SECRET.contains(&field) {
                        for value in [&earlier.value, &member.value] {
                            note_lost(value, connection);
                        }
                    }
                    let (one, other) = (earlier.key.to_string(), member.key.to_string());
                    connection.problems.push(GivenFlaw::Differ { one, other, field: field.of_form() }.into());
                }
                Some(_) => {}
                None => given.push((field, member)),
            }
        }
        Self { given, unknown }
    }

    /// Warns about keys that are not fields. `connection` must be complete, because a key that contains one of its
    /// secrets is not shown.
    pub(super) fn warn_unknown(&self, connection: &mut Connection) {
        let named = several::named(self.unknown.len(), NAMED);
        for key in &self.unknown[..named] {
            let fields = SPELLINGS
                .iter()
                .filter(|(_, field)| !matches!(field, Field::Bookkeeping | Field::Id))
                .map(|(spelling, _)| *spelling);
            let guess = if key.len() > super::SHOWN { None } else { nearest(key, fields) };
            let field = if connection.view().holds_secret(key) { HIDDEN.to_owned() } else { super::name(key) };
            super::warn(connection, EntryNotice::UnknownField { field, guess });
        }
        if self.unknown.len() > named {
            super::warn(connection, EntryNotice::MoreUnknownFields { count: self.unknown.len() - named });
        }
    }

    pub(super) fn get(&self, field: Field) -> Option<&'a Member<'a>> {
        self.given.iter().find(|(given, _)| *given == field).map(|(_, member)| *member)
    }
}

/// Whether `extra` is the empty text. It contains no option, but is stored.
pub(super) fn has_blank_extra(members: &[Member<'_>]) -> bool {
    members.iter().any(|member| {
        field(&member.key) == Some(Field::Extra) && matches!(&member.value, Value::Text(text) if text.is_empty())
    })
}

fn agree(one: &Value<'_>, other: &Value<'_>) -> bool {
    one.scalar().is_some() && one.scalar() == other.scalar()
}
