//! What the second look finds: one observation, the likeliest for the class of the failure. Its words are made in
//! `model`.

use serde_json::Value;

use super::text::oddity;
use crate::driver::extras::{ExtraKind, meant};
use crate::driver::{Driver, Registry, Spec};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::placeholder::is_placeholder;
use crate::model::reason::{Field, Observation};
use crate::model::secret::Secret;

/// What in `connection` may be the reason of `failure`: the likeliest observation.
pub(super) fn observe(failure: &Failure, connection: &Connection, spec: &'static Spec) -> Option<Observation> {
    if let Some(swapped) = swapped_keys(failure, connection, spec) {
        return Some(swapped);
    }
    // The fields that the class concerns come first.
    let first: &[Field] = match failure.class {
        Class::Auth => &[Field::PASSWORD, Field::LOGIN, Field::SCHEMA],
        Class::Resolve | Class::Unreachable | Class::Timeout => &[Field::HOST],
        Class::NotFound | Class::Denied => &[Field::SCHEMA, Field::LOGIN],
        Class::Server | Class::Protocol | Class::Closed => &[Field::SCHEMA, Field::LOGIN, Field::HOST],
        Class::Definition | Class::Policy | Class::Tls => &[],
        _ => return None,
    };
    let texts = texts(connection, spec);
    let odd_at = |wanted: &Field| texts.iter().filter(|text| text.path == *wanted).find_map(|text| text.odd(wanted));
    let about = first.iter().find_map(|field| odd_at(&spec.place_of(field, connection)));
    let at_fault = || {
        // Other oddities of a host are already reported by its flaws.
        let said = |found: &Observation| matches!(found, Observation::Odd(field, _) if *field == Field::HOST);
        failure.fields.iter().find_map(|field| odd_at(field).filter(|found| !said(found)))
    };
    // Once the server has examined the login, any extra may be the reason.
    let of_extras = || {
        let seen = matches!(failure.class, Class::Auth | Class::Denied | Class::NotFound | Class::Server);
        texts
            .iter()
            .filter(|text| seen && text.field.as_str().starts_with("extra."))
            .find_map(|text| text.odd(&text.field))
    };
    let found = about.or_else(at_fault).or_else(of_extras);
    found.or_else(|| usual_for(failure.class, connection, spec)).or_else(|| ignored(failure.class, connection, spec))
}

/// A secret key in the place of the key id, whatever the server or the plan reports.
fn swapped_keys(failure: &Failure, connection: &Connection, spec: &Spec) -> Option<Observation> {
    let refused = matches!(failure.class, Class::Auth | Class::Denied | Class::Definition | Class::Server);
    let forms = spec.key_forms.filter(|_| refused)?;
    let [id, secret] = [Field::LOGIN, Field::PASSWORD].map(|field| spec.place_of(&field, connection));
    let extra = |field: &Field| connection.extra.get(field.as_str().strip_prefix("extra.")?)?.as_str();
    let stored_id = extra(&id).or(connection.login.as_deref())?;
    let stored_secret = extra(&secret).or_else(|| connection.password().map(Secret::expose))?;
    let swapped = (forms.is_secret)(stored_id.trim()) && (forms.is_id)(stored_secret.trim());
    swapped.then_some(Observation::KeysSwapped { id, secret })
}

/// A text from a field that people paste into.
struct Pasted<'a> {
    /// Its field; for a text inside an extra, that extra. The keys inside an extra may be anything, and are not shown.
    field: Field,
    /// Its exact place.
    path: Field,
    text: &'a str,
    /// Whether it is sent as it stands and may be anything that the server accepts.
    is_header: bool,
}

impl Pasted<'_> {
    /// The oddity of the text, as an observation about `field`.
    fn odd(&self, field: &Field) -> Option<Observation> {
        if is_placeholder(self.text) || self.is_header && is_scheme_alone(self.text) {
            return Some(Observation::Placeholder(field.clone()));
        }
        if self.is_header {
            return None;
        }
        // Line ends belong to PEM text. A host may be a list.
        let lines = self.text.contains("-----BEGIN ");
        oddity(self.text).filter(|_| !lines).map(|oddity| Observation::Odd(field.clone(), oddity))
    }
}

/// Whether `header` is the scheme of a credential, followed by a placeholder or by nothing.
fn is_scheme_alone(header: &str) -> bool {
    let (scheme, token) = header.trim().split_once(char::is_whitespace).unwrap_or((header.trim(), ""));
    let is_scheme = ["basic", "bearer", "token", "apikey"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_nothing = ["", "none", "null", "undefined"].iter().any(|word| token.trim().eq_ignore_ascii_case(word));
    is_scheme && (is_nothing || is_placeholder(token))
}

/// The texts in the fields and extras that are read, including those that are sent as headers.
fn texts<'a>(connection: &'a Connection, spec: &Spec) -> Vec<Pasted<'a>> {
    let own = [
        (Field::PASSWORD, connection.password().map(Secret::expose)),
        (Field::LOGIN, connection.login.as_deref()),
        (Field::SCHEMA, connection.schema.as_deref()),
        (Field::HOST, connection.host.as_deref()),
    ];
    let own = own
        .into_iter()
        .filter_map(|(field, text)| Some(Pasted { path: field.clone(), field, text: text?, is_header: false }));
    let mut texts: Vec<Pasted<'_>> = own.collect();
    let read =
        |key: &str| spec.extra(key).is_some_and(|known| matches!(known.kind, ExtraKind::Used | ExtraKind::Secret));
    for (key, value) in connection.extra.object().iter().filter(|(key, _)| read(key)) {
        inside(&Field::extra(key), key, value, &mut texts);
    }
    for (key, value) in connection.extra.object().iter().filter(|(key, _)| spec.is_open(key)) {
        if let Some(text) = value.as_str() {
            texts.push(Pasted { field: Field::extra(key), path: Field::extra(key), text, is_header: true });
        }
    }
    texts
}

/// The texts in `value`, which is at `path` in the extra of `field`.
fn inside<'a>(field: &Field, path: &str, value: &'a Value, into: &mut Vec<Pasted<'a>>) {
    match value {
        Value::String(text) => {
            into.push(Pasted { field: field.clone(), path: Field::extra(path), text, is_header: false });
        }
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| inside(field, &format!("{path}.{key}"), value, into));
        }
        _ => {}
    }
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

/// For names without a dot, the failure itself has this hint.
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
    spec.inside_databases.contains(&schema).then(|| Observation::SchemaInside(schema.to_owned()))
}

/// Finds only a name of the same meaning: the warning about the extra itself names those with similar spelling.
fn ignored(class: Class, connection: &Connection, spec: &Spec) -> Option<Observation> {
    if matches!(class, Class::Definition | Class::Policy | Class::Tls) {
        return None;
    }
    let unknown = connection.extra.keys().filter(|key| spec.extra(key).is_none());
    let mut unknown = unknown;
    unknown.find_map(|key| Some(Observation::Ignored { key: key.to_owned(), meant: meant(spec, key)? }))
}
