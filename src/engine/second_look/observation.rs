//! What a second look finds: one observation, the likeliest for the class of the failure.

use super::placeholder::is_placeholder;
use super::text::{Oddity, oddity};
use crate::driver::extras::{ExtraKind, meant};
use crate::driver::{Driver, Registry, Spec};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::Field;
use crate::model::secret::Secret;

/// What may be the reason of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Observation {
    /// Something that was never filled in.
    Placeholder(Field),
    /// A text that has something which does not belong to it.
    Odd(Field, Oddity),
    /// `+` in the password of a URI, which is no blank there.
    PlusInUri,
    /// A key that is not read, and the one that it seems to mean.
    Ignored { key: String, meant: &'static str },
    /// A name that the world cannot know.
    NameOfOneNetwork(String),
    /// The usual port of another type: port, that type's product, the own product and its port.
    PortOfAnother { port: u16, other: &'static str, own: &'static str, usual: u16 },
    /// A schema inside a database, taken for one.
    SchemaInside(String),
}

impl Observation {
    /// The field to look at.
    pub(super) fn field(&self) -> Field {
        match self {
            Self::Placeholder(field) | Self::Odd(field, _) => field.clone(),
            Self::PlusInUri => Field::PASSWORD,
            Self::Ignored { key, .. } => Field::extra(key),
            Self::NameOfOneNetwork(_) => Field::HOST,
            Self::PortOfAnother { .. } => Field::PORT,
            Self::SchemaInside(_) => Field::SCHEMA,
        }
    }

    /// One sentence on it. It says nothing of which character a secret has, or how many.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Placeholder(field) => format!("`{field}` looks like a placeholder that was never filled in"),
            Self::Odd(field, oddity) => odd(field, *oddity),
            Self::PlusInUri => {
                "`password` comes from a URI with a `+` in it, which is no blank there: write a blank as `%20`, and a `+` that is meant as `%2B`"
                    .to_owned()
            }
            Self::Ignored { key, meant } => {
                format!("extra `{key}` is not read, and may be meant as `{meant}`: give it that name")
            }
            Self::NameOfOneNetwork(host) => format!(
                "`{}` is a name that only one network knows: run connprobe inside it",
                host.escape_default()
            ),
            Self::PortOfAnother { port, other, own, usual } => format!(
                "{port} is the usual port of {other}, that of {own} is {usual}: check `port` and `conn_type`"
            ),
            Self::SchemaInside(schema) => format!(
                "`schema` names the database, and `{schema}` looks like a schema inside one: name the database, and put the other into extra `options` as `-c search_path={schema}`"
            ),
        }
    }
}

fn odd(field: &Field, oddity: Oddity) -> String {
    // A secret may begin with a blank on purpose.
    let unless = if *field == Field::PASSWORD { ", unless it belongs to it" } else { "" };
    match oddity {
        Oddity::LineEnd => format!("`{field}` has a line end in it: store it without{unless}"),
        Oddity::Blank => format!("`{field}` begins or ends with a blank: store it without{unless}"),
        Oddity::Invisible => format!("`{field}` has a character in it that is not seen: type it instead of pasting it"),
        Oddity::Quotes => format!("`{field}` stands in quotes: store it without{unless}"),
        Oddity::FernetToken => {
            format!("`{field}` looks like a Fernet token: store the value itself, not what Airflow made of it")
        }
        Oddity::Escapes => {
            format!("`{field}` looks percent-encoded, as in a URI: a field of its own holds it as it is")
        }
    }
}

/// What in `connection` may be the reason of `failure`, the likeliest first.
pub(super) fn observe(
    failure: &Failure,
    connection: &Connection,
    driver: Option<&'static dyn Driver>,
) -> Option<Observation> {
    let spec = driver?.spec();
    let texts = texts(connection, spec);
    // What the class is about, before anything else.
    let first: &[Field] = match failure.class {
        Class::Auth => &[Field::PASSWORD, Field::LOGIN, Field::SCHEMA],
        Class::Resolve | Class::Unreachable | Class::Timeout => &[Field::HOST],
        Class::NotFound | Class::Denied => &[Field::SCHEMA, Field::LOGIN],
        Class::Server | Class::Protocol => &[Field::SCHEMA, Field::LOGIN, Field::HOST],
        _ => return None,
    };
    let about = first.iter().find_map(|wanted| texts.iter().find(|(field, _)| field == wanted).and_then(odd_text));
    let secrets = || {
        let of_login = matches!(failure.class, Class::Auth | Class::Denied);
        texts.iter().filter(|(field, _)| of_login && field.as_str().starts_with("extra.")).find_map(odd_text)
    };
    about.or_else(secrets).or_else(|| usual_for(failure.class, connection, spec)).or_else(|| ignored(connection, spec))
}

/// The texts that people paste into, each with its field.
fn texts<'a>(connection: &'a Connection, spec: &Spec) -> Vec<(Field, &'a str)> {
    let own = [
        (Field::PASSWORD, connection.password().map(Secret::expose)),
        (Field::LOGIN, connection.login.as_deref()),
        (Field::SCHEMA, connection.schema.as_deref()),
        (Field::HOST, connection.host.as_deref()),
    ];
    let own = own.into_iter().filter_map(|(field, text)| Some((field, text?)));
    let read =
        |key: &str| spec.extra(key).is_some_and(|known| matches!(known.kind, ExtraKind::Used | ExtraKind::Secret));
    let extras = connection.extra.object().iter().filter(|(key, _)| read(key));
    own.chain(extras.filter_map(|(key, value)| Some((Field::extra(key), value.as_str()?)))).collect()
}

fn odd_text((field, text): &(Field, &str)) -> Option<Observation> {
    if is_placeholder(text) {
        return Some(Observation::Placeholder(field.clone()));
    }
    // Of PEM text the lines belong to it, and a host may be a list.
    let lines = text.contains("-----BEGIN ");
    oddity(text).filter(|_| !lines).map(|oddity| Observation::Odd(field.clone(), oddity))
}

fn usual_for(class: Class, connection: &Connection, spec: &'static Spec) -> Option<Observation> {
    match class {
        Class::Auth => {
            let plus = connection.is_uri && connection.password().is_some_and(|secret| secret.expose().contains('+'));
            plus.then_some(Observation::PlusInUri)
        }
        Class::Resolve => name_of_one_network(connection),
        Class::Unreachable | Class::Timeout | Class::Protocol => port_of_another(connection, spec),
        Class::NotFound => schema_inside(connection, spec),
        _ => None,
    }
}

/// Of names without a dot the failure itself says so.
fn name_of_one_network(connection: &Connection) -> Option<Observation> {
    let host = connection.host.as_deref()?.trim().trim_end_matches('.');
    let inside = [".docker.internal", ".svc", ".svc.cluster.local", ".internal", ".local"];
    inside.iter().any(|suffix| host.ends_with(suffix)).then(|| Observation::NameOfOneNetwork(host.to_owned()))
}

fn port_of_another(connection: &Connection, own: &'static Spec) -> Option<Observation> {
    let port = connection.port?;
    let is_usual = |spec: &Spec| spec.types.iter().any(|(_, usual)| *usual == port);
    if is_usual(own) {
        return None;
    }
    let other = Registry::builtin().drivers().map(Driver::spec).find(|spec| is_usual(spec))?.product;
    let (_, usual) = *own.types.first()?;
    Some(Observation::PortOfAnother { port, other, own: own.product, usual })
}

fn schema_inside(connection: &Connection, spec: &Spec) -> Option<Observation> {
    let schema = connection.schema.as_deref()?;
    let is_schema = ["public", "pg_catalog", "information_schema"].contains(&schema);
    (spec.name == "postgres" && is_schema).then(|| Observation::SchemaInside(schema.to_owned()))
}

/// Only a name of the same meaning: one of similar letters is told by the warning of the extra itself.
fn ignored(connection: &Connection, spec: &Spec) -> Option<Observation> {
    let unknown = connection.extra.keys().filter(|key| spec.extra(key).is_none());
    let mut unknown = unknown;
    unknown.find_map(|key| Some(Observation::Ignored { key: key.to_owned(), meant: meant(spec, key)? }))
}
