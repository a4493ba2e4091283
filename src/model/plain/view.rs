//! `View`: what of a connection's plain fields may be shown. Every list, report and export asks it.

use std::borrow::Cow;

use super::judgement::{HIDDEN, Plain, has_secret, is_secret, passwords, shown, shown_host};
use crate::model::connection::Connection;
use crate::model::extra;
use crate::model::redact::is_fixed_wording;

/// A shorter piece may be part of any word.
const SHORTEST: usize = 4;

/// The plain fields of a connection as they may be shown: a mark stands for each in which a password may stand, or one
/// of the connection's secrets does.
pub struct View<'a> {
    connection: &'a Connection,
    misplaced: Vec<Cow<'a, str>>,
}

impl<'a> View<'a> {
    /// That of `connection`.
    #[must_use]
    pub fn of(connection: &'a Connection) -> Self {
        let mut misplaced: Vec<Cow<'a, str>> = Vec::new();
        for (plain, text) in texts(connection).filter(|(plain, text)| has_secret(*plain, text)) {
            misplaced.push(Cow::Borrowed(text));
            misplaced.extend(passwords(plain, text).map(Cow::Borrowed));
        }
        misplaced.extend(stored(connection).filter(|secret| {
            fields(connection).any(|(_, text)| holds(text, secret)) && is_looked_for(connection, secret)
        }));
        Self { connection, misplaced }
    }

    /// That of `connection`, in none of whose plain fields a secret stands, as [`Self::is_plain`] has found before.
    #[must_use]
    pub fn of_plain(connection: &'a Connection) -> Self {
        Self { connection, misplaced: Vec::new() }
    }

    /// Whether no secret stands in a plain field.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.misplaced.is_empty()
    }

    /// The secrets that stand in plain fields, or may: whole fields, and the passwords in them.
    pub fn misplaced(&self) -> impl Iterator<Item = &str> {
        self.misplaced.iter().map(AsRef::as_ref)
    }

    /// Whether `text` holds one of them.
    #[must_use]
    pub fn hides(&self, text: &str) -> bool {
        self.misplaced().any(|secret| text == secret || secret.chars().count() >= SHORTEST && holds(text, secret))
    }

    /// Whether a secret stands in `text` that is in its own field.
    #[must_use]
    pub fn holds_secret(&self, text: &str) -> bool {
        let connection = self.connection;
        stored(connection).any(|secret| holds(text, &secret) && is_looked_for(connection, &secret))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.text(Plain::Name, self.connection.conn_id.as_deref())
    }

    /// The type word.
    #[must_use]
    pub fn conn_type(&self) -> Option<&'a str> {
        self.text(Plain::Type, self.connection.conn_type.as_deref())
    }

    /// The text for people.
    #[must_use]
    pub fn description(&self) -> Option<&'a str> {
        self.text(Plain::Text, self.connection.description.as_deref())
    }

    /// The host; of one with a login before it the name alone.
    #[must_use]
    pub fn host(&self) -> Option<Cow<'a, str>> {
        let host = self.connection.host.as_deref()?;
        let shown = if self.is_plain() { Cow::Borrowed(host) } else { shown_host(host) };
        Some(if self.hides(&shown) { Cow::Borrowed(HIDDEN) } else { shown })
    }

    /// The host, unless something of it is hidden: a part of one is no host to be read back.
    #[must_use]
    pub fn whole_host(&self) -> Option<&'a str> {
        self.text(Plain::Host, self.connection.host.as_deref())
    }

    /// The database.
    #[must_use]
    pub fn schema(&self) -> Option<&'a str> {
        self.text(Plain::Text, self.connection.schema.as_deref())
    }

    /// The login; a driver may show less of it.
    #[must_use]
    pub fn login(&self) -> Option<&'a str> {
        self.text(Plain::Login, self.connection.login.as_deref())
    }

    /// The keys of `extra`.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.connection.extra.keys().filter_map(|key| self.text(Plain::Key, Some(key)))
    }

    /// What may be shown of `text`, which is a plain field.
    fn text(&self, plain: Plain, text: Option<&'a str>) -> Option<&'a str> {
        // All of them were judged for the view.
        if self.is_plain() {
            return text;
        }
        let shown = shown(plain, text?);
        Some(if self.hides(shown) { HIDDEN } else { shown })
    }
}

/// Whether `secret` of `connection` is looked for in plain texts: no short one, and none that is a word like others. What
/// equals a field is shown anyway: to hide it elsewhere would tell.
fn is_looked_for(connection: &Connection, secret: &str) -> bool {
    let equals = |text: &str| text.trim().to_lowercase() == secret.trim().to_lowercase();
    secret.chars().count() >= SHORTEST && !is_fixed_wording(secret) && !fields(connection).any(|(_, text)| equals(text))
}

/// Whether `text` holds `secret`, in whatever case: names of hosts lose theirs.
fn holds(text: &str, secret: &str) -> bool {
    text.contains(secret) || text.to_lowercase().contains(&secret.to_lowercase())
}

/// The plain fields of `connection`.
fn fields(connection: &Connection) -> impl Iterator<Item = (Plain, &str)> {
    let Connection { conn_id, conn_type, description, host, schema, login, .. } = connection;
    let fields = [
        (Plain::Name, conn_id),
        (Plain::Type, conn_type),
        (Plain::Text, description),
        (Plain::Host, host),
        (Plain::Text, schema),
        (Plain::Login, login),
    ];
    fields.into_iter().filter_map(|(plain, text)| Some((plain, text.as_deref()?)))
}

/// Those, and what `extra` holds.
fn texts(connection: &Connection) -> impl Iterator<Item = (Plain, &str)> {
    let extra = &connection.extra;
    let texts = extra.object().values().filter_map(serde_json::Value::as_str).map(|text| (Plain::Text, text));
    fields(connection).chain(texts).chain(extra.keys().map(|key| (Plain::Key, key)))
}

/// The secrets that are where they belong.
pub(super) fn stored(connection: &Connection) -> impl Iterator<Item = Cow<'_, str>> {
    let password = connection.password().map(|secret| Cow::Borrowed(secret.expose()));
    let extras = connection.extra.object().iter().filter(|(key, _)| is_secret(key));
    password.into_iter().chain(extras.filter_map(|(_, value)| extra::text(value).map(Cow::Owned)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;
    use crate::model::secret::Secret;

    const SECRET: &str = "Sup3rS3cret";

    fn connection() -> Connection {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        Connection {
            conn_id: Some("warehouse".into()),
            host: Some("db.example".into()),
            schema: Some("sales".into()),
            login: Some("etl".into()),
            password: Some(Secret::new(SECRET.to_owned())),
            ..Connection::new(origin)
        }
    }

    #[test]
    fn a_field_that_holds_the_secret_is_hidden() {
        let held = |text: &str| Some(text.replace('*', SECRET));
        for text in ["*", "x*", "xsup3rs3cret", "etl/*", "the password is *"] {
            let view_of = |connection: &Connection| {
                let view = View::of(connection);
                [view.name(), view.description(), view.schema(), view.login()].map(|text| text == Some(HIDDEN))
            };
            // What equals the secret is shown anyway.
            let expected = |place: usize| std::array::from_fn(|other| other == place && text != "*");
            assert_eq!(view_of(&Connection { conn_id: held(text), ..connection() }), expected(0), "{text}");
            assert_eq!(view_of(&Connection { description: held(text), ..connection() }), expected(1), "{text}");
            assert_eq!(view_of(&Connection { schema: held(text), ..connection() }), expected(2), "{text}");
            assert_eq!(view_of(&Connection { login: held(text), ..connection() }), expected(3), "{text}");
            let host = Connection { host: held(text), ..connection() };
            assert_eq!(View::of(&host).host().as_deref() == Some(HIDDEN), text != "*", "{text}");
        }
    }

    #[test]
    fn a_secret_of_one_field_hides_others() {
        let connection = Connection {
            host: Some("sa:Hunter22".into()),
            description: Some("log in as sa with Hunter22".into()),
            ..connection()
        };
        let view = View::of(&connection);
        assert_eq!((view.host().as_deref(), view.description()), (Some(HIDDEN), Some(HIDDEN)));
        assert_eq!((view.login(), view.schema()), (Some("etl"), Some("sales")));
        assert!(view.misplaced().any(|secret| secret == "Hunter22"));
    }

    #[test]
    fn what_only_resembles_a_secret_is_shown() {
        for (password, login, shown) in [
            // A word that servers use anyway, and one that is too short.
            ("admin", "admin_user", true),
            ("etl", "etl_user", true),
            ("warehouse-2024", "warehouse", true),
            ("tulip", "tulip_user", false),
        ] {
            let password = Some(Secret::new(password.to_owned()));
            let connection = Connection { login: Some(login.into()), password, ..connection() };
            assert_eq!(View::of(&connection).login() == Some(login), shown, "{login}");
        }
    }

    #[test]
    fn a_login_in_the_host_is_not_shown() {
        for (host, shown) in [("db", "db"), ("etl:hunter2@db:1", "…@db:1"), ("a:b@c@d", "…@d"), ("@socket", "@socket")]
        {
            let connection = Connection { host: Some(host.to_owned()), ..connection() };
            assert_eq!(View::of(&connection).host().as_deref(), Some(shown));
        }
    }
}
