//! PostgreSQL, and what speaks its protocol: Redshift, `TimescaleDB`, `AlloyDB`, `CockroachDB`.
//!
//! The driver crate sees an open, encrypted and watched stream; hosts, TLS, SCRAM, limits and verdicts
//! are made here.

mod auth;
mod channel;
mod derivation;
mod extras;
mod failover;
mod failure;
mod frames;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod hosts;
mod lacking;
mod libpq;
mod options;
mod probe;
mod protocol;
mod refused;
mod scram;
#[cfg(test)]
mod scripted;
mod session;
mod tls_options;
mod watch;
mod watched;

use std::sync::Arc;

use self::options::Options;
pub use self::session::Session;
use self::tls_options::SslMode;
use super::fields::without_server;
use super::tls_file::TlsFile;
use super::{Attempt, Circumstances, Driver, Encryption, Fields, Plan, Proof, Refusal, Spec};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::notice::PostgresNotice;
use crate::model::secret::Secret;
use crate::net::dial::Endpoint;

/// The PostgreSQL driver.
pub struct Postgres;

static SPEC: Spec = Spec {
    name: "postgres",
    product: "PostgreSQL",
    types: &[
        ("postgres", 5432),
        ("postgresql", 5432),
        ("pgsql", 5432),
        ("timescaledb", 5432),
        ("alloydb", 5432),
        ("redshift", 5439),
        ("cockroachdb", 26257),
        ("cockroach", 26257),
    ],
    schema: "the database; the login's name when absent",
    extras: extras::EXTRAS,
    extras_ignore_case: false,
    blocks_after_interruptions: false,
    proof: Proof::explicit(
        "AuthenticationOk after the server has asked for the password (with SCRAM after it has proved that it knows it too), and a query that is answered; where it asks for none (trust, peer, a client certificate), warning `password_not_checked`, or `login_not_demanded` where the definition has neither password nor certificate",
    ),
};

impl Driver for Postgres {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn folded_login(&self, login: &str) -> String {
        folded(login).to_owned()
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (options, warnings) = options::read(connection)?;
        let hosts = u32::try_from(options.hosts.len()).unwrap_or(u32::MAX);
        Ok(Plan {
            target: hosts::target(&options.hosts, &options.database),
            endpoints: options.hosts.iter().map(|host| host.endpoint.clone()).collect(),
            aliases: Vec::new(),
            account: account(&options),
            credential: credential(connection, options.password.as_ref()),
            circumstances: circumstances(&options),
            login: Some(options.user.clone()),
            timeout: options.connect_timeout.map(|each| each.saturating_mul(hosts)),
            warnings,
            probe: Arc::new(probe::Login(Arc::new(options))),
        })
    }
}

/// Logs in as `connection` says, for who wants to read: nothing is retried, and phases, facts and
/// warnings go to `attempt` as for a probe.
///
/// # Errors
///
/// What is wrong with the definition, or why the login failed.
pub async fn connect<'a>(connection: &Connection, attempt: &'a Attempt) -> Result<Session<'a>, Failure> {
    let (options, warnings) = options::read(connection).map_err(Refusal::into_failure)?;
    for warning in warnings {
        attempt.recorder.warn(warning);
    }
    Box::pin(failover::open(attempt, &Arc::new(options))).await
}

/// The server cuts names at 63 bytes, and Azure's gateway takes the server's name off.
fn account(options: &Options) -> String {
    let host = options.hosts.first().map(|host| &host.endpoint);
    let user = match host {
        Some(Endpoint::Tcp { host, .. }) => without_server(&options.user, host),
        _ => &options.user,
    };
    folded(user).to_owned()
}

fn folded(user: &str) -> &str {
    &user[..user.floor_char_boundary(63)]
}

/// TLS or not, the client's certificate, and the server behind a name that many share. The method is the server's to choose.
fn circumstances(options: &Options) -> Circumstances {
    let sockets = options.hosts.iter().filter(|host| matches!(host.endpoint, Endpoint::Unix(_))).count();
    let encryption = match options.tls.mode {
        SslMode::Disable => Encryption::Never,
        _ if sockets == options.hosts.len() => Encryption::Never,
        SslMode::Allow => Encryption::IfDemanded,
        SslMode::Prefer => Encryption::IfOffered,
        _ if sockets > 0 => Encryption::IfOffered,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Encryption::Always,
    };
    let certificate = options.tls.identity.iter().flat_map(|identity| [&identity.chain, &identity.key]);
    let server = options.settings.as_deref().map(options::routing).unwrap_or_default();
    Circumstances::of(encryption).with(server).presenting(certificate.map(TlsFile::identity))
}

/// What proves the login: the password, else the client's certificate.
fn credential(connection: &Connection, password: Option<&Secret>) -> Option<Fingerprint> {
    if let Some(password) = password {
        return Some(Fingerprint::of(&[password.expose()]));
    }
    let pair: Vec<&str> = ["sslcert", "sslkey"].iter().filter_map(|key| connection.extra.get(key)?.as_str()).collect();
    (!pair.is_empty()).then(|| Fingerprint::of(&pair))
}

/// Warns that an extra takes the place of a field.
fn overrides(fields: &mut Fields<'_>, key: &str, field: &str, stored: Option<&str>, own: &str) {
    if let Some(stored) = stored.filter(|stored| *stored != own) {
        let [key, own, field, stored] = [key, own, field, stored].map(str::to_owned);
        fields.warn(PostgresNotice::Overrides { key, own, field, stored });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::connection::Origin;
    use crate::model::extra::Extra;
    use crate::model::problem::Problem;

    /// A connection as a JSON source would read it.
    pub(super) fn connection(definition: Value) -> Connection {
        let Value::Object(mut definition) = definition else { panic!("not an object") };
        let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
        let mut text = |key: &str| definition.remove(key).map(|value| value.as_str().unwrap().to_owned());
        let mut connection = Connection {
            conn_type: text("conn_type").or(Some("postgres".to_owned())),
            host: text("host"),
            login: text("login"),
            password: text("password").map(Secret::new),
            schema: text("schema"),
            ..Connection::new(origin)
        };
        connection.port = definition.remove("port").map(|port| u16::try_from(port.as_u64().unwrap()).unwrap());
        if let Some(Value::Object(extra)) = definition.remove("extra") {
            connection.extra = Extra::new(extra);
        }
        assert!(definition.is_empty(), "{definition:?} is not read");
        connection
    }

    /// Every problem of a definition.
    pub(super) fn problems(definition: Value) -> Vec<Problem> {
        Postgres.plan(&connection(definition)).unwrap_err().problems
    }

    #[test]
    fn a_plan_says_what_will_be_asked_of_whom() {
        let definition = json!({"host": "a,b", "port": 6000, "login": "etl", "password": "hunter2", "extra": {"connect_timeout": "3"}});
        let plan = Postgres.plan(&connection(definition)).unwrap();
        assert_eq!(plan.target.to_string(), "a,b:6000/etl");
        assert_eq!((plan.account.as_str(), plan.login.as_deref()), ("etl", Some("etl")));
        assert_eq!(plan.credential, Some(Fingerprint::of(&["hunter2"])));
        assert_eq!(plan.timeout.map(|limit| limit.as_secs()), Some(6));
        assert_eq!(plan.endpoints.len(), 2);
    }

    #[test]
    fn what_chooses_the_server_behind_a_name_is_a_circumstance_and_a_setting_is_none() {
        let of = |options: &str| {
            let definition = json!({"host": "a", "login": "etl", "extra": {"options": options}});
            Postgres.plan(&connection(definition)).unwrap().circumstances
        };
        for (one, other) in [
            ("endpoint=ep-one", "endpoint=ep-two"),
            ("project=one", ""),
            ("reference=one", "reference=two"),
            ("--cluster=one-1", "--cluster=two-2"),
            ("-c search_path=a --cluster=one-1", "-c search_path=a"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
        for (one, other) in [
            ("-c search_path=a", "-c search_path=b"),
            ("--statement_timeout=5", ""),
            ("endpoint=ep-one -c search_path=a", "-csearch_path=b  endpoint=ep-one"),
        ] {
            assert_eq!(of(one), of(other), "{one} {other}");
        }
    }

    #[test]
    fn a_login_without_password_is_told_apart_by_its_certificate() {
        let definition = |extra: Value| json!({"host": "a", "login": "etl", "extra": extra});
        let credential = |extra: Value| Postgres.plan(&connection(definition(extra))).unwrap().credential;
        let pair = |name: &str| json!({"sslcert": name, "sslkey": "key.pem"});
        assert_eq!(credential(json!({})), None);
        assert!(credential(pair("a.pem")).is_some());
        assert_ne!(credential(pair("a.pem")), credential(pair("b.pem")));
    }
}
