//! The parameters of a definition, as Airflow's hook and redis-py read it. Pure.
//!
//! Sources: Airflow `providers/redis/src/airflow/providers/redis/hooks/redis.py` (4.7.1); redis-py 8.1
//! `redis/connection.py` (`SSLConnection`, `on_connect_check_health`) and `redis/credentials.py`.

use super::flaws::RedisFlaw;
use super::notices::RedisNotice;
use crate::driver::kit::hosts::{parse, together};
use crate::driver::kit::lines::is_within_line;
use crate::driver::kit::tls_options::{TlsFiles, TlsOptions};
use crate::driver::{Fields, Target};
use crate::model::fingerprint::Fingerprint;
use crate::model::problem::BadHosts;
use crate::model::secret::Secret;
use crate::net::dial::Endpoint;
use crate::net::tls::Verification;

const PORT: u16 = 6379;

/// Passwords that the hook treats as none.
const NO_PASSWORD: [&str; 2] = ["none", "false"];

/// The extra that turns TLS on.
pub(super) const SSL: &str = "ssl";

/// The authorities, the client's certificate, and its key.
pub(super) const FILES: [&str; 3] = ["ssl_ca_certs", "ssl_certfile", "ssl_keyfile"];

const REQUIREMENTS: &[(&str, bool)] = &[("required", true), ("optional", true), ("none", false)];

/// The same as numbers of Python's `ssl.VerifyMode`.
const NUMBERS: &[(&str, bool)] = &[("2", true), ("1", true), ("0", false)];

/// The parameters of a definition.
pub(super) struct Options {
    /// In order of trial.
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) login: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) db: u32,
    pub(super) tls: Option<TlsOptions>,
    /// Whether the server must be a node of a cluster.
    pub(super) cluster: bool,
}

impl Options {
    /// Reads all fields, and adds problems to `fields`. `None` only if there is no host.
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let login = fields.login().map(str::to_owned);
        if login.as_deref().is_some_and(|login| !is_within_line(login)) {
            fields.problem(RedisFlaw::LoginNotALine);
        }
        let password = password(fields);
        let db = db(fields);
        let tls = tls(fields);
        let cluster = fields.flag_unlike_python("cluster") == Some(true);
        if cluster && db != 0 {
            fields.problem(RedisFlaw::DbInCluster);
        }
        let nodes = nodes(fields, cluster);
        let host = fields.single_host()?.to_owned();
        let mut endpoints = vec![Endpoint::Tcp { host, port: fields.port(PORT) }];
        // A server that is listed again is not tried again.
        endpoints.extend(nodes.into_iter().filter(|node| *node != endpoints[0]).collect::<Vec<_>>());
        Some(Self { endpoints, login, password, db, tls, cluster })
    }

    /// The user of the password: without a login, the default user of every server.
    pub(super) fn user(&self) -> &str {
        self.login.as_deref().unwrap_or("default")
    }

    /// The arguments of AUTH, if the definition logs in. The user `default` is not named: a server without a password
    /// would accept any password for it, and reports that it has none otherwise.
    pub(super) fn auth(&self) -> Option<Vec<&str>> {
        let password = self.password.as_ref().map_or("", Secret::expose);
        match self.user() {
            "default" => self.password.is_some().then(|| vec!["AUTH", password]),
            user => Some(vec!["AUTH", user, password]),
        }
    }

    pub(super) fn credential(&self) -> Option<Fingerprint> {
        self.password.as_ref().map(|password| Fingerprint::of(&[password.expose()]))
    }

    pub(super) fn target(&self) -> Target {
        let (host, port) = together(&self.endpoints);
        Target { host: Some(host), port, database: (self.db != 0).then(|| self.db.to_string()) }
    }
}

fn password(fields: &mut Fields<'_>) -> Option<Secret> {
    let stored = fields.password()?.expose();
    if NO_PASSWORD.iter().any(|word| word.eq_ignore_ascii_case(stored)) {
        fields.warn(RedisNotice::PasswordMeansNone);
        return None;
    }
    Some(Secret::new(stored.to_owned()))
}

/// The database number: extra `db`, else `schema`, where a URI has the number.
fn db(fields: &mut Fields<'_>) -> u32 {
    let schema = fields.schema().map(str::parse);
    let Some(text) = fields.text("db") else {
        match schema {
            Some(Ok(0)) | None => {}
            Some(Ok(db)) => fields.warn(RedisNotice::SchemaIsDb { db }),
            Some(Err(_)) => fields.warn(RedisNotice::SchemaIgnored),
        }
        return schema.and_then(Result::ok).unwrap_or_default();
    };
    // The client sends the text to the server unchanged.
    let db = text.parse().map_err(drop).and_then(|db: u32| if db.to_string() == text { Ok(db) } else { Err(()) });
    if db.is_err() {
        fields.problem(RedisFlaw::BadDb);
    }
    if schema.is_some_and(|schema| schema.ok() != db.ok()) {
        fields.warn(RedisNotice::SchemaIgnored);
    }
    db.unwrap_or_default()
}

fn tls(fields: &mut Fields<'_>) -> Option<TlsOptions> {
    let by_type = fields.connection().normalized_type().as_deref() == Some("rediss");
    let ssl = fields.flag_unlike_python(SSL);
    if by_type && ssl == Some(false) {
        fields.problem(RedisFlaw::TlsByType);
    }
    let requirements = if fields.is_number("ssl_cert_reqs") { NUMBERS } else { REQUIREMENTS };
    // redis-py takes `None` for "none" (`redis/connection.py`, `SSLConnection`).
    let is_null = fields.is_null("ssl_cert_reqs");
    let is_verified = !is_null && fields.choice("ssl_cert_reqs", requirements).unwrap_or(true);
    let has_name = fields.flag_unlike_python("ssl_check_hostname").unwrap_or(true);
    let [ca, certificate, key] = FILES.map(|key| TlsFiles::named(fields, key));
    if !ssl.unwrap_or(by_type) {
        for (_, key) in [&ca, &certificate, &key].into_iter().zip(FILES).filter(|(file, _)| file.is_some()) {
            fields.warn(RedisNotice::FileWithoutTls { key });
        }
        return None;
    }
    let verification = match (is_verified, has_name) {
        (false, _) => Verification::None,
        (true, false) => Verification::Chain,
        (true, true) => Verification::Full,
    };
    Some(TlsOptions { verification, files: TlsFiles { ca, certificate, key } })
}

fn nodes(fields: &mut Fields<'_>, cluster: bool) -> Vec<Endpoint> {
    let Some(text) = fields.text("startup_nodes") else { return Vec::new() };
    let nodes = parse(&text, PORT);
    let is_socket = |node: &Endpoint| matches!(node, Endpoint::Unix(_));
    match nodes {
        Ok(nodes) if nodes.iter().any(is_socket) => fields.problem(RedisFlaw::StartupNodes(BadHosts::More)),
        Ok(nodes) if cluster => return nodes,
        Ok(_) => fields.warn(RedisNotice::NodesWithoutCluster),
        Err(why) => fields.problem(RedisFlaw::StartupNodes(why)),
    }
    Vec::new()
}

#[cfg(any(fuzzing, test))]
impl Options {
    /// A login as `etl` with a password to the database 3.
    pub(super) fn for_tests() -> Self {
        Self {
            endpoints: vec![Endpoint::Tcp { host: "db1.example".to_owned(), port: PORT }],
            login: Some("etl".to_owned()),
            password: Some(Secret::new("canary-password".to_owned())),
            db: 3,
            tls: None,
            cluster: false,
        }
    }
}
