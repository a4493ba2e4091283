//! The keys of `extra`: what each driver makes of them, and which are secret.

use serde_json::Value;

use super::Spec;
use crate::model::connection::Connection;
use crate::model::secret::Secret;

/// What a driver makes of one key of `extra`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraKind {
    /// Read, and nothing to hide.
    Used,
    /// Read, and its text is a secret (a key, a token, inline PEM).
    Secret,
    /// Known, without meaning for a login, and nothing to hide: passed over in silence.
    Irrelevant,
    /// It asks for a way to log in that we lack: `skipped/unsupported`, without a packet.
    Unsupported,
}

/// One known key of `extra`.
#[derive(Clone, Copy, Debug)]
pub struct ExtraSpec {
    /// The key, as written in definitions.
    pub name: &'static str,
    /// What becomes of it.
    pub kind: ExtraKind,
    /// One line for `connprobe types TYPE`.
    pub doc: &'static str,
}

/// A key that is read, with nothing to hide.
pub(super) const fn used(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Used, doc }
}

/// A key that is read, and whose text is a secret.
pub(super) const fn secret(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Secret, doc }
}

/// A key without meaning for a login.
pub(super) const fn irrelevant(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Irrelevant, doc }
}

/// A key that asks for a way to log in that we lack.
pub(super) const fn unsupported(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Unsupported, doc }
}

impl Spec {
    /// The known key that `name` is, compared as this driver compares extras.
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&'static ExtraSpec> {
        self.extras.iter().find(|extra| {
            if self.extras_ignore_case { extra.name.eq_ignore_ascii_case(name) } else { extra.name == name }
        })
    }

    /// Every text of `connection` that must not be shown: the password, and what `extra` holds
    /// except under keys known to be harmless.
    #[must_use]
    pub fn secrets<'a>(&self, connection: &'a Connection) -> Vec<&'a str> {
        let mut secrets: Vec<&str> = connection.password.iter().map(Secret::expose).collect();
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

/// Every text of a connection that has no driver: nothing is known to be harmless.
#[must_use]
pub fn all_secrets(connection: &Connection) -> Vec<&str> {
    let mut secrets: Vec<&str> = connection.password.iter().map(Secret::expose).collect();
    connection.extra.object().values().for_each(|value| texts(value, &mut secrets));
    secrets
}

fn texts<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, into)),
        Value::Object(object) => object.values().for_each(|value| texts(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// No name that anybody knows is longer; comparing costs the product of the lengths.
const LONGEST_NAME: usize = 64;

/// The one of `known` that `word` is most likely a misspelling of.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_NAME {
        return None;
    }
    let word = word.to_lowercase();
    known
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 5)
        .min()
        .map(|(_, name)| name)
}
