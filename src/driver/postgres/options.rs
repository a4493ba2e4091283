//! `Options`: the parameters of a login, read from the definition and checked.

use std::fmt;
use std::time::Duration;

use tokio_postgres::config::ChannelBinding;

use super::auth::{self, Method};
use super::flaws::PostgresFlaw;
use super::hosts::{self, Host};
use super::lacking;
use super::libpq::{self, NUMBERS};
use super::notices::PostgresNotice;
use super::overrides::overrides;
use super::protocol::{self, Versions};
use super::spec::SPEC;
use super::tls_options::{self, SslMode, TlsOptions};
use crate::driver::kit::CLIENT_NAME;
use crate::driver::{Fields, Refusal};
use crate::model::connection::Connection;
use crate::model::reason::Field;
use crate::model::secret::Secret;
use crate::model::warning::Warning;
use crate::net::dial::Endpoint;

/// The kind of session that libpq's `target_session_attrs` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionKind {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl SessionKind {
    const WORDS: [(&str, Self); 6] = [
        ("any", Self::Any),
        ("read-write", Self::ReadWrite),
        ("read-only", Self::ReadOnly),
        ("primary", Self::Primary),
        ("standby", Self::Standby),
        ("prefer-standby", Self::PreferStandby),
    ];

    pub(super) fn as_str(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// The parameters of a login.
pub(super) struct Options {
    /// In order of trial.
    pub(super) hosts: Vec<Host>,
    pub(super) user: String,
    pub(super) password: Option<Secret>,
    pub(super) database: String,
    pub(super) tls: TlsOptions,
    pub(super) channel_binding: ChannelBinding,
    /// The methods that the server may request; `None` if all.
    pub(super) require_auth: Option<Vec<Method>>,
    /// The versions of the protocol that may be used.
    pub(super) versions: Versions,
    /// Whether the definition has the extras that an OAuth login needs.
    pub(super) oauth: bool,
    pub(super) session: SessionKind,
    /// Settings for the session, as in libpq's `options`.
    pub(super) settings: Option<String>,
    pub(super) application_name: String,
    /// The definition's own limit for each host.
    pub(super) connect_timeout: Option<Duration>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// Reads the definition. Also returns the warnings.
pub(super) fn read(connection: &Connection) -> Result<(Options, Vec<Warning>), Refusal> {
    const BINDINGS: [(&str, ChannelBinding); 3] = [
        ("disable", ChannelBinding::Disable),
        ("prefer", ChannelBinding::Prefer),
        ("require", ChannelBinding::Require),
    ];
    let mut fields = Fields::new(&SPEC, connection);
    let default_port = connection.normalized_type().and_then(|word| port_of(&word)).unwrap_or(5432);
    lacking::sessions(&mut fields);
    let hosts = hosts::read(&mut fields, default_port);
    let user = user(&mut fields);
    let options = Options {
        password: password(&mut fields),
        database: database(&mut fields, &user),
        tls: tls_options::read(&mut fields),
        channel_binding: libpq::choice(&mut fields, "channel_binding", &BINDINGS).unwrap_or(ChannelBinding::Prefer),
        require_auth: auth::required(&mut fields),
        versions: protocol::read(&mut fields),
        oauth: lacking::has_oauth(&mut fields),
        session: libpq::choice(&mut fields, "target_session_attrs", &SessionKind::WORDS).unwrap_or(SessionKind::Any),
        settings: settings(&mut fields),
        application_name: fields.text("application_name").unwrap_or_else(own_name),
        connect_timeout: connect_timeout(&mut fields),
        hosts,
        user,
    };
    options.check(&mut fields);
    without_effect(&mut fields);
    Ok((options, fields.finish()?))
}

impl Options {
    /// Checks that need several fields together.
    fn check(&self, fields: &mut Fields<'_>) {
        let unencrypted = self.tls.mode == SslMode::Disable
            || self.hosts.iter().any(|host| matches!(host.endpoint, Endpoint::Unix(_)));
        if self.channel_binding == ChannelBinding::Require && unencrypted {
            fields.problem(PostgresFlaw::BindingWithoutTls);
        }
        lacking::logins(self, fields);
        let texts = [
            (Field::LOGIN, self.user.as_str()),
            (Field::PASSWORD, self.password.as_ref().map_or("", Secret::expose)),
            (Field::SCHEMA, &self.database),
            (Field::named("extra.application_name"), &self.application_name),
            (Field::named("extra.options"), self.settings.as_deref().unwrap_or_default()),
        ];
        for (field, text) in texts {
            if text.contains('\0') {
                fields.problem(PostgresFlaw::Nul { field });
            }
        }
    }
}

fn port_of(word: &str) -> Option<u16> {
    SPEC.types.iter().find(|(name, _)| *name == word).map(|(_, port)| *port)
}

/// The name of connprobe's sessions, if the definition gives none.
pub(super) fn own_name() -> String {
    CLIENT_NAME.to_owned()
}

/// The definition's limit for each host. Zero and less mean no limit.
fn connect_timeout(fields: &mut Fields<'_>) -> Option<Duration> {
    let seconds = libpq::integer(fields, "connect_timeout")?;
    u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

/// Checks the extras that do not affect a login, since libpq refuses other values.
fn without_effect(fields: &mut Fields<'_>) {
    for key in NUMBERS {
        libpq::integer(fields, key);
    }
    libpq::encoding(fields);
    libpq::choice(fields, "load_balance_hosts", &[("disable", ()), ("random", ())]);
    let gss = [("disable", false), ("prefer", false), ("require", true)];
    if libpq::choice(fields, "gssencmode", &gss) == Some(true) {
        fields.unsupported(PostgresFlaw::Gss);
    }
}

fn user(fields: &mut Fields<'_>) -> String {
    let stored = fields.login();
    if let Some(user) = fields.text("user") {
        overrides(fields, "user", "login", stored, &user);
        return user;
    }
    if stored.is_none() {
        fields.problem(PostgresFlaw::NoLogin);
    }
    stored.unwrap_or_default().to_owned()
}

fn password(fields: &mut Fields<'_>) -> Option<Secret> {
    let stored = fields.password().map(Secret::expose);
    match fields.text("password") {
        Some(password) => {
            if stored.is_some_and(|stored| stored != password) {
                fields.warn(PostgresNotice::PasswordOverridden);
            }
            Some(Secret::new(password))
        }
        None => stored.map(|stored| Secret::new(stored.to_owned())),
    }
}

/// The database. As in libpq, the default is the login's name.
fn database(fields: &mut Fields<'_>, user: &str) -> String {
    let stored = fields.schema();
    for key in ["dbname", "database"] {
        if let Some(database) = fields.text(key) {
            overrides(fields, key, "schema", stored, &database);
            return database;
        }
    }
    stored.unwrap_or(user).to_owned()
}

fn settings(fields: &mut Fields<'_>) -> Option<String> {
    let text = fields.text("options")?;
    if !are_settings(&text) {
        fields.unsupported(PostgresFlaw::OtherSwitches);
    }
    Some(text)
}

/// Whether `options` only sets parameters: `-c name=value`, `-cname=value`, `--name=value`, or the bare
/// `name=value` that proxies read (Neon's `endpoint=…`).
fn are_settings(options: &str) -> bool {
    let is_setting = |text: &str| {
        text.split_once('=').is_some_and(|(name, _)| {
            name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
        })
    };
    let mut words = split(options).into_iter();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            Some("") if word == "-c" => words.next().unwrap_or_default(),
            Some(setting) => setting.to_owned(),
            None => word,
        };
        if !is_setting(&setting) {
            return false;
        }
    }
    true
}

/// The part of `options` that selects the server behind a shared name: Neon's endpoint or project, Supabase's project
/// and CockroachDB's cluster. The rest sets parameters of the session.
pub(super) fn routing(options: &str) -> String {
    const KEYS: [&str; 4] = ["endpoint", "project", "reference", "cluster"];
    let mut words = split(options);
    words.retain(|word| word.trim_start_matches("--").split_once('=').is_some_and(|(key, _)| KEYS.contains(&key)));
    words.sort_unstable();
    words.join(" ")
}

/// Splits at blanks as the server does; `\` before a blank makes it part of the word.
fn split(options: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = options.chars();
    while let Some(letter) = letters.next() {
        match (letter, words.last_mut()) {
            ('\\', Some(word)) => word.extend(letters.next()),
            (blank, _) if blank.is_whitespace() => words.push(String::new()),
            (letter, Some(word)) => word.push(letter),
            (_, None) => unreachable!("it starts with one word and only grows"),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::postgres::tests::{connection, problems};
    use crate::model::problem::{PlanFlaw, Problem};

    fn options(definition: &Value) -> Options {
        read(&connection(definition)).unwrap().0
    }

    #[test]
    fn the_database_is_the_login_s_unless_named() {
        let definition = |extra: Value| json!({"host": "db", "login": "etl", "schema": "sales", "extra": extra});
        assert_eq!(options(&json!({"host": "db", "login": "etl"})).database, "etl");
        assert_eq!(options(&definition(json!({}))).database, "sales");
        assert_eq!(options(&definition(json!({"dbname": "hr"}))).database, "hr");
        assert_eq!(options(&json!({"host": "db", "extra": {"user": "etl"}})).database, "etl");
    }

    #[test]
    fn types_bring_their_port() {
        for (conn_type, port) in
            [("postgres", 5432), ("Redshift", 5439), ("cockroachdb", 26257), ("postgresql+psycopg2", 5432)]
        {
            let options = options(&json!({"conn_type": conn_type, "host": "db", "login": "etl"}));
            assert_eq!(options.hosts[0].port, port, "{conn_type}");
        }
    }

    #[test]
    fn overriding_extras_are_named_without_showing_a_password() {
        let definition = json!({"host": "db", "login": "etl", "password": "stored", "port": 1, "schema": "sales",
            "extra": {"host": "other", "port": 2, "user": "u", "dbname": "d", "password": "hunter2"}});
        let (options, warnings) = read(&connection(&definition)).unwrap();
        assert_eq!(options.password.as_ref().map(Secret::expose), Some("hunter2"));
        let overrides = |key: &str, own: &str, field: &str, stored: &str| {
            let [key, own, field, stored] = [key, own, field, stored].map(str::to_owned);
            Warning::from(PostgresNotice::Overrides { key, own, field, stored })
        };
        assert_eq!(
            warnings,
            [
                overrides("host", "other", "host", "db"),
                overrides("port", "2", "port", "1"),
                overrides("user", "u", "login", "etl"),
                PostgresNotice::PasswordOverridden.into(),
                overrides("dbname", "d", "schema", "sales"),
            ]
        );
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let definition = json!({"password": "a\u{0}b", "extra": {"sslmode": "x", "connect_timeout": "soon"}});
        let words = SslMode::WORDS.map(|(word, _)| word.to_owned()).into();
        assert_eq!(
            problems(&definition),
            [
                Problem::from(PlanFlaw::Missing { field: Field::HOST }),
                PostgresFlaw::NoLogin.into(),
                PostgresFlaw::NotOneOf { key: "sslmode".to_owned(), words, empty: false }.into(),
                PostgresFlaw::NotANumber { key: "connect_timeout".to_owned() }.into(),
                PostgresFlaw::Nul { field: Field::PASSWORD }.into(),
            ]
        );
    }

    #[test]
    fn logins_that_are_lacking_are_unsupported_and_harmless_values_are_not() {
        let refused = |extra: Value| {
            read(&connection(&json!({"host": "db", "login": "etl", "extra": extra})))
                .err()
                .map(|refusal| refusal.class.as_str())
        };
        for extra in [
            json!({"service": "prod"}),
            json!({"passfile": "/home/etl/.pgpass"}),
            json!({"ssl_max_protocol_version": "TLSv1.1"}),
            json!({"iam": true}),
            json!({"azure_conn_id": "azure"}),
            json!({"gssencmode": "require"}),
            json!({"replication": "database"}),
            json!({"sslcrl": "revoked.crl"}),
            json!({"options": "-W 30"}),
            json!({"krbsrvname": "postgres"}),
            json!({"oauth_issuer": "https://issuer.example", "oauth_client_id": "etl"}),
            json!({"host": "/run/postgresql", "requirepeer": "postgres", "password": "hunter2"}),
        ] {
            assert_eq!(refused(extra.clone()), Some("unsupported"), "{extra}");
        }
        for extra in [
            json!({"iam": "false", "cluster_identifier": "c"}),
            json!({"gssencmode": "disable"}),
            json!({"replication": false}),
            json!({"ssl_min_protocol_version": "TLSv1.2"}),
            json!({"keepalives": 1, "cursor": "dictcursor", "sqlalchemy_query": {"a": "b"}}),
            // libpq 18.6 logs in with each of these if the server requests a password.
            json!({"krbsrvname": "postgres", "password": "hunter2"}),
            json!({"gsslib": "gssapi", "gssdelegation": "1", "password": "hunter2"}),
            json!({"oauth_issuer": "https://issuer.example", "oauth_client_id": "etl", "password": "hunter2"}),
            json!({"requirepeer": "postgres"}),
        ] {
            assert_eq!(refused(extra.clone()), None, "{extra}");
        }
    }

    #[test]
    fn options_may_only_set_parameters() {
        for (text, expected) in [
            ("-c search_path=sales", true),
            ("-csearch_path=sales --statement_timeout=5s", true),
            (r"-c search_path=a,\ b", true),
            ("endpoint=ep-cool-darkness-123456", true),
            ("--cluster=good-dog-1", true),
            ("-c search_path=a, b", false),
            ("-c", false),
            ("-c work_mem", false),
            ("-P", false),
            ("-d 5", false),
            ("-- x=1", false),
        ] {
            assert_eq!(are_settings(text), expected, "{text}");
        }
    }
}
