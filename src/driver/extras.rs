//! The keys of `extra`: how each driver treats them, and which hold secrets.

use std::borrow::Cow;

use serde_json::Value;

use super::route::is_route;
use super::{Spec, synonyms};
use crate::model::connection::Connection;
use crate::model::reason::Field;

/// How a driver treats one key of `extra`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraKind {
    /// Read; its value may be shown.
    Used,
    /// Read; its text is a secret (a key, a token, inline PEM).
    Secret,
    /// Known, but without effect on a login; its value may be shown. It is ignored without a warning.
    Irrelevant,
    /// Asks for a way to log in that connprobe does not support: `skipped/unsupported`, and no packet is sent.
    Unsupported,
}

/// One known key of `extra`.
#[derive(Clone, Copy, Debug)]
pub struct ExtraSpec {
    /// The key, as written in definitions.
    pub name: &'static str,
    /// How it is treated.
    pub kind: ExtraKind,
    /// One line for `connprobe types TYPE`.
    pub doc: &'static str,
}

/// An extra that takes the place of a field of the form.
#[derive(Clone, Copy, Debug)]
pub struct StandIn {
    /// The extra.
    pub extra: &'static str,
    /// The path of the field.
    pub field: &'static str,
    /// Whether it overrides the field; if not, it counts only where the field is empty.
    pub wins: bool,
}

/// An extra that overrides `field`.
pub(super) const fn over(field: &'static str, extra: &'static str) -> StandIn {
    StandIn { extra, field, wins: true }
}

/// An extra that counts where `field` is empty.
pub(super) const fn beside(field: &'static str, extra: &'static str) -> StandIn {
    StandIn { extra, field, wins: false }
}

/// A key that is read and whose value may be shown.
pub(super) const fn used(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Used, doc }
}

/// A key that is read and whose text is a secret.
pub(super) const fn secret(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Secret, doc }
}

/// A key without effect on a login.
pub(super) const fn irrelevant(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Irrelevant, doc }
}

/// A key that asks for a way to log in that connprobe does not support.
pub(super) const fn unsupported(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Unsupported, doc }
}

impl Spec {
    /// The known key called `name`, compared as this driver compares extras.
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&'static ExtraSpec> {
        self.extras.iter().find(|extra| {
            if self.extras_ignore_case { extra.name.eq_ignore_ascii_case(name) } else { extra.name == name }
        })
    }

    /// Whether `name` is one of the extras that this driver accepts besides those in its spec. A name that is nearly
    /// that of a known extra is taken for a misspelling, and a tunnel or a proxy is not accepted either.
    #[must_use]
    pub fn is_open(&self, name: &str) -> bool {
        if self.open_extras.is_none() || self.extra(name).is_some() || is_route(name) {
            return false;
        }
        let is_near = |extra: &ExtraSpec| distance(name, extra.name, 1).is_some();
        synonyms::meant(self, name).is_none() && !self.extras.iter().any(is_near)
    }

    /// Where `connection` gives the value of `field`: the field itself, or the extra that takes its place.
    #[must_use]
    pub fn place_of(&self, field: &Field, connection: &Connection) -> Field {
        let own = match field.as_str() {
            "host" => connection.host.as_deref().is_some_and(|host| !host.is_empty()),
            "login" => connection.login.as_deref().is_some_and(|login| !login.is_empty()),
            "password" => connection.password().is_some(),
            "schema" => connection.schema.as_deref().is_some_and(|schema| !schema.is_empty()),
            _ => connection.port.is_some(),
        };
        let set = |extra: &str| {
            let extras = &connection.extra;
            let value = if self.extras_ignore_case { extras.get_ignoring_case(extra) } else { extras.get(extra) };
            value.is_some_and(|value| value.as_str() != Some(""))
        };
        let stand_in =
            self.stand_ins.iter().find(|one| one.field == field.as_str() && (one.wins || !own) && set(one.extra));
        stand_in.map_or_else(|| field.clone(), |one| Field::extra(one.extra))
    }

    /// The keys of `extra` whose values are read and may be shown.
    #[must_use]
    pub fn plain_extras(&self) -> Vec<&'static str> {
        self.extras.iter().filter(|extra| extra.kind == ExtraKind::Used).map(|extra| extra.name).collect()
    }

    /// Every text of `connection` that must not be shown: the password, and the values of `extra` except under keys
    /// known to be harmless.
    #[must_use]
    pub fn secrets<'a>(&self, connection: &'a Connection) -> Vec<Cow<'a, str>> {
        let mut secrets: Vec<Cow<'_, str>> = password(connection).collect();
        for (name, value) in connection.extra.object() {
            let harmless =
                self.extra(name).is_some_and(|extra| matches!(extra.kind, ExtraKind::Used | ExtraKind::Irrelevant));
            if !harmless {
                texts(value, &mut secrets);
            }
        }
        secrets
    }
}

/// Every text of a connection without a driver, which may be a secret: no key is known to be harmless.
#[must_use]
pub fn all_secrets(connection: &Connection) -> Vec<Cow<'_, str>> {
    let mut secrets: Vec<Cow<'_, str>> = password(connection).collect();
    connection.extra.object().values().for_each(|value| texts(value, &mut secrets));
    secrets
}

fn password(connection: &Connection) -> impl Iterator<Item = Cow<'_, str>> {
    connection.password.iter().map(|secret| Cow::Borrowed(secret.expose()))
}

/// Collects every text in `value`. Numbers count too, since a driver reads them as text, unless they are too short to
/// be a secret.
fn texts<'a>(value: &'a Value, into: &mut Vec<Cow<'a, str>>) {
    match value {
        Value::String(text) => into.push(Cow::Borrowed(text)),
        Value::Number(number) => into.extend(Some(number.to_string()).filter(|text| text.len() >= 4).map(Cow::Owned)),
        Value::Array(values) => values.iter().for_each(|value| texts(value, into)),
        Value::Object(object) => object.values().for_each(|value| texts(value, into)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The extra that is most likely meant by `written`, which `spec` does not have: one of the same meaning, else one of
/// similar spelling.
#[must_use]
pub fn meant(spec: &Spec, written: &str) -> Option<&'static str> {
    synonyms::meant(spec, written).or_else(|| nearest(written, spec.extras.iter().map(|extra| extra.name)))
}

/// No known name is longer. The cost of a comparison is the product of both lengths.
const LONGEST_NAME: usize = 64;

/// The name of `known` of which `word` is most likely a misspelling.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.filter_map(|name| Some((distance(word, name, 1 + name.len() / 5)?, name)));
    near.min().map(|(_, name)| name)
}

/// The edit distance between `word` and `name` without regard to case, if it is at most `most`. A definition may have a
/// hundred thousand words, so words whose length alone differs by more are not compared.
fn distance(word: &str, name: &str, most: usize) -> Option<usize> {
    if word.len() > LONGEST_NAME || word.chars().count().abs_diff(name.chars().count()) > most {
        return None;
    }
    Some(strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase())).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::driver::Registry;
    use crate::model::connection::Origin;
    use crate::model::extra::Extra;
    use crate::model::secret::Secret;

    #[test]
    fn whatever_is_not_known_to_be_harmless_is_a_secret() {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        let Value::Object(extra) = json!({
            "sslmode": "require", "sslkey": "a key", "odd": {"deep": ["text", 123_456, 7, true]}
        }) else {
            unreachable!("it is an object")
        };
        let connection = Connection {
            password: Some(Secret::new("hunter2".to_owned())),
            extra: Extra::new(extra),
            ..Connection::new(origin)
        };
        let (driver, _) = Registry::builtin().find("postgres").unwrap();
        let mut secrets = driver.spec().secrets(&connection);
        secrets.sort_unstable();
        assert_eq!(secrets, ["123456", "a key", "hunter2", "text"]);
        assert!(all_secrets(&connection).contains(&Cow::Borrowed("require")));
    }

    #[test]
    fn a_misspelling_finds_its_word_and_nonsense_finds_none() {
        for (word, found) in [("sslmod", Some("sslmode")), ("SSLMODE", Some("sslmode")), ("zzzzzz", None)] {
            assert_eq!(nearest(word, ["sslmode", "sslkey"].into_iter()), found, "{word}");
        }
        assert_eq!(nearest(&"s".repeat(1 << 20), ["sslmode"].into_iter()), None);
    }
}
