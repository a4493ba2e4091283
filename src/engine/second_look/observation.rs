//! What the second look finds: one observation, the likeliest for the class of the failure. Its words are made in `model`.

use super::placeholder::is_placeholder;
use super::text::oddity;
use crate::driver::extras::{ExtraKind, meant};
use crate::driver::{Driver, Registry, Spec};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::{Field, Observation};
use crate::model::secret::Secret;

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
