//! `View`: what may be shown of a connection's plain fields. Every list, report and export uses it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::judgement::{HIDDEN, Plain, has_secret, is_secret, passwords, shown, shown_host};
use super::reading::others;
use super::word::{drop_beginnings, replace_word};
use crate::model::connection::{Connection, Problem};
use crate::model::extra;
use crate::model::reason::Field;
use crate::model::redact::{escape_control, is_fixed_wording};

/// The minimum length of a secret to be hidden in other texts; a shorter one may be part of any word.
const SHORTEST: usize = 4;

/// The plain fields of a connection as they may be shown: a placeholder replaces each that may contain a password, or
/// that contains one of the connection's secrets.
pub struct View<'a> {
    connection: &'a Connection,
    misplaced: Vec<Cow<'a, str>>,
}

impl Connection {
    /// The parts that may be shown.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View::of(self)
    }
}

impl<'a> View<'a> {
    /// The view of `connection`.
    #[must_use]
    pub fn of(connection: &'a Connection) -> Self {
        let texts = Texts::of(connection);
        let mut misplaced: Vec<Cow<'a, str>> = Vec::new();
        for (plain, text) in texts.all().filter(|(plain, text)| has_secret(*plain, text)) {
            misplaced.push(Cow::Borrowed(text));
            misplaced.extend(passwords(plain, text));
        }
        for secret in stored(connection) {
            // A text that contains the secret in another form is hidden as a whole.
            let formed = texts.plain.iter().map(|(_, text)| *text).filter(|text| holds_formed(text, &secret));
            let formed: Vec<&str> = formed.collect();
            let stands = texts.plain.iter().any(|(_, text)| holds(text, &secret));
            if (stands || !formed.is_empty()) && is_looked_for(connection, &secret) {
                misplaced.extend(formed.into_iter().map(Cow::Borrowed));
                misplaced.extend(Some(secret).filter(|_| stands));
            }
        }
        // Longest first, so that a part of another secret is replaced after it.
        misplaced.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        misplaced.dedup();
        Self { connection, misplaced }
    }

    /// The view of `connection`, if [`Self::is_plain`] was true for it before.
    #[must_use]
    pub fn of_plain(connection: &'a Connection) -> Self {
        Self { connection, misplaced: Vec::new() }
    }

    /// Whether no plain field contains a secret.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.misplaced.is_empty()
    }

    /// The secrets, or possible secrets, in plain fields: whole fields, and the passwords in them.
    pub fn misplaced(&self) -> impl Iterator<Item = &str> {
        self.misplaced.iter().map(AsRef::as_ref)
    }

    /// Whether `text` contains one of [`Self::misplaced`].
    #[must_use]
    pub fn hides(&self, text: &str) -> bool {
        self.misplaced().any(|secret| text == secret || secret.chars().count() >= SHORTEST && holds(text, secret))
    }

    /// Whether `text` contains a secret of the connection's own secret fields.
    #[must_use]
    pub fn holds_secret(&self, text: &str) -> bool {
        let connection = self.connection;
        let stands = |secret: &str| holds(text, secret) || holds_formed(text, secret);
        stored(connection).iter().any(|secret| stands(secret) && is_looked_for(connection, secret))
    }

    /// Replaces misplaced secrets in `text`, which is connprobe's own: messages about a field quote its value.
    pub fn conceal(&self, text: &mut String) {
        for secret in self.misplaced().filter(|secret| secret.chars().count() >= SHORTEST) {
            let forms =
                [secret.escape_default().to_string(), secret.escape_debug().to_string(), escape_control(secret)];
            for form in std::iter::once(secret).chain(forms.iter().map(String::as_str).filter(|form| *form != secret)) {
                replace_word(text, form, HIDDEN);
            }
            // Long names are truncated in messages.
            drop_beginnings(text, secret, HIDDEN, SHORTEST);
        }
    }

    /// Replaces misplaced secrets in the message and hint of `problem`.
    pub fn conceal_in(&self, problem: &mut Problem) {
        for text in std::iter::once(&mut problem.message).chain(&mut problem.hint) {
            self.conceal(text);
        }
        self.conceal_fields(&mut problem.fields);
    }

    /// Replaces those of `fields` whose names, keys of `extra`, contain misplaced secrets.
    pub fn conceal_fields(&self, fields: &mut [Field]) {
        for field in fields.iter_mut().filter(|field| self.hides(field.as_str())) {
            *field = Field::EXTRA;
        }
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

    /// The description.
    #[must_use]
    pub fn description(&self) -> Option<&'a str> {
        self.text(Plain::Text, self.connection.description.as_deref())
    }

    /// The host; of one with a login before it, only the name.
    #[must_use]
    pub fn host(&self) -> Option<Cow<'a, str>> {
        let host = self.connection.host.as_deref()?;
        let shown = if self.is_plain() { Cow::Borrowed(host) } else { shown_host(host) };
        Some(if self.hides(&shown) { Cow::Borrowed(HIDDEN) } else { shown })
    }

    /// The host, unless a part of it is hidden: a partial host must not be imported again.
    #[must_use]
    pub fn whole_host(&self) -> Option<&'a str> {
        self.text(Plain::Host, self.connection.host.as_deref())
    }

    /// The database.
    #[must_use]
    pub fn schema(&self) -> Option<&'a str> {
        self.text(Plain::Text, self.connection.schema.as_deref())
    }

    /// The login. A driver may show less of it.
    #[must_use]
    pub fn login(&self) -> Option<&'a str> {
        self.text(Plain::Login, self.connection.login.as_deref())
    }

    /// The keys of `extra`.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.connection.extra.keys().map(|key| self.key(key))
    }

    /// One key of `extra`.
    #[must_use]
    pub fn key<'k>(&self, key: &'k str) -> &'k str {
        let shown = shown(Plain::Key, key);
        if self.hides(shown) { HIDDEN } else { shown }
    }

    /// The plain field `text` as it may be shown.
    fn text(&self, plain: Plain, text: Option<&'a str>) -> Option<&'a str> {
        // Without misplaced secrets, every field may be shown.
        if self.is_plain() {
            return text;
        }
        let shown = shown(plain, text?);
        Some(if self.hides(shown) { HIDDEN } else { shown })
    }
}

/// Whether plain texts are searched for `secret` of `connection`: not if it is short or a common word. A secret that
/// equals a field is shown there anyway, and hiding it elsewhere would reveal it.
fn is_looked_for(connection: &Connection, secret: &str) -> bool {
    let equals = |text: &str| text.trim().to_lowercase() == secret.trim().to_lowercase();
    secret.chars().count() >= SHORTEST && !is_fixed_wording(secret) && !fields(connection).any(|(_, text)| equals(text))
}

/// Whether `text` contains `secret`, ignoring case, since host names lose theirs.
fn holds(text: &str, secret: &str) -> bool {
    text.contains(secret) || text.to_lowercase().contains(&secret.to_lowercase())
}

/// Whether `text`, decoded or as people see it, contains `secret`.
fn holds_formed(text: &str, secret: &str) -> bool {
    let is_in = |text: &str| others(text).iter().any(|other| holds(other, secret));
    // Web forms encode a blank as a plus sign.
    is_in(text) || text.contains('%') && text.contains('+') && is_in(&text.replace('+', " "))
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

/// The texts of a connection.
struct Texts<'a> {
    /// The plain fields, the keys of `extra`, and the values of extras that are not secret.
    plain: Vec<(Plain, &'a str)>,
    /// The values of secret extras.
    secret: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn of(connection: &'a Connection) -> Self {
        let mut texts = Self { plain: fields(connection).collect(), secret: Vec::new() };
        texts.add_members(connection.extra.object(), false);
        texts
    }

    fn all(&self) -> impl Iterator<Item = (Plain, &'a str)> {
        self.plain.iter().copied().chain(self.secret.iter().map(|text| (Plain::Text, *text)))
    }

    fn add_members(&mut self, object: &'a Map<String, Value>, secret: bool) {
        for (key, value) in object {
            self.plain.push((Plain::Key, key));
            self.add(value, secret || is_secret(key));
        }
    }

    fn add(&mut self, value: &'a Value, secret: bool) {
        match value {
            Value::String(text) if secret => self.secret.push(text),
            Value::String(text) => self.plain.push((Plain::Text, text)),
            Value::Array(values) => values.iter().for_each(|value| self.add(value, secret)),
            Value::Object(object) => self.add_members(object, secret),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The secrets in their proper fields, and those of the parts that could not be parsed.
pub(super) fn stored(connection: &Connection) -> Vec<Cow<'_, str>> {
    let mut found: Vec<Cow<'_, str>> = connection
        .password()
        .into_iter()
        .chain(&connection.unread)
        .map(|secret| Cow::Borrowed(secret.expose()))
        .collect();
    for (key, value) in connection.extra.object() {
        add_stored(value, is_secret(key), &mut found);
    }
    found
}

fn add_stored<'a>(value: &'a Value, secret: bool, found: &mut Vec<Cow<'a, str>>) {
    match value {
        Value::String(text) if secret => found.push(Cow::Borrowed(text)),
        Value::Array(values) => values.iter().for_each(|value| add_stored(value, secret, found)),
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| add_stored(value, secret || is_secret(key), found));
        }
        _ if secret => found.extend(extra::text(value).map(Cow::Owned)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::connection::Origin;
    use crate::model::extra::Extra;
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
    fn a_field_that_holds_the_secret_in_another_form_is_hidden() {
        for text in [
            "xZq9Ka%20nari%2B7x%2FW",
            "xZq9Ka%2520nari%252B7x%252FW",
            "xZq9Ka+nari%2B7x%2FW",
            "Zq9Ka\u{a0}nari+7x/W-x",
            "xZq9Ka n\u{200b}ari+7x/W",
            "x\u{ff3a}q9Ka nari+7x/W",
        ] {
            let password = Some(Secret::new("Zq9Ka nari+7x/W".to_owned()));
            let connection = Connection { schema: Some(text.into()), password, ..connection() };
            let view = View::of(&connection);
            assert_eq!((view.schema(), view.login()), (Some(HIDDEN), Some("etl")), "{text}");
            assert!(view.holds_secret(text), "{text}");
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
    fn a_secret_in_an_extra_is_taken_out_of_messages() {
        let of = |extra: Value| {
            let Value::Object(extra) = extra else { unreachable!("it is an object") };
            Connection { extra: Extra::new(extra), ..connection() }
        };
        for (extra, message, expected) in [
            (json!({"region_name": "Sup3rS3cret!"}), "is `Sup3rS3cret!`, which", "is `…!`, which"),
            (json!({"config_kwargs": {"region_name": "Sup3rS3cret"}}), "is `sup3rs3cret`", "is `…`"),
            (json!({"region_name": "t0k\"en-7", "aws_session_token": "t0k\"en-7"}), r#"is `t0k\"en-7`"#, "is `…`"),
            (json!({"a": [{"token": "t0ken-77"}, "t0ken-77"]}), "is `t0ken-77`", "is `…`"),
            (json!({"pw-Sup3rS3cret": 1}), "`pw-Sup3rS3cret` is not known", "`…` is not known"),
            (json!({"pw-Sup3rS3cret": 1}), "`pw-Sup3rS3…` is not known", "`pw-…` is not known"),
            (json!({"sslmode": "require", "password": "Other-77"}), "Other-77 Sup3rS3cret", "Other-77 Sup3rS3cret"),
        ] {
            let (connection, mut text) = (of(extra), message.to_owned());
            View::of(&connection).conceal(&mut text);
            assert!(text == expected || text == expected.replace('…', "pw-…"), "{message}: {text}");
        }
        let connection = of(json!({"pw-Sup3rS3cret": 1, "sslmode": "x"}));
        let view = View::of(&connection);
        assert_eq!(view.keys().collect::<Vec<_>>(), [HIDDEN, "sslmode"]);
        let mut fields = [Field::extra("pw-Sup3rS3cret"), Field::extra("sslmode")];
        view.conceal_fields(&mut fields);
        assert_eq!(fields, [Field::EXTRA, Field::extra("sslmode")]);
    }

    #[test]
    fn what_only_resembles_a_secret_is_shown() {
        for (password, login, shown) in [
            // A common word of servers, and a secret that is too short.
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
