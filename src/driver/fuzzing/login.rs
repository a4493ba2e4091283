//! A whole login of each driver, by its public seam, in clear, against a scripted peer.

use serde_json::{Value, json};

use super::script::{against, choice};
use super::{PASSWORD, attempt};
use crate::driver::Registry;
use crate::model::class::Class;
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::secret::Secret;

/// A login to PostgreSQL.
#[must_use]
pub fn login_postgres(input: &[u8]) -> String {
    log_in(
        input,
        &[
            |_| json!({"login": "scramuser", "password": PASSWORD, "schema": "appdb"}),
            |_| json!({"login": "scramuser", "password": PASSWORD, "extra": {"target_session_attrs": "read-write"}}),
            |_| json!({"login": "scramuser", "extra": {"target_session_attrs": "primary"}}),
        ],
        "postgres",
    )
}

/// A login to MySQL or MariaDB.
#[must_use]
pub fn login_mysql(input: &[u8]) -> String {
    log_in(
        input,
        &[
            |_| json!({"login": "native", "password": PASSWORD, "schema": "appdb", "extra": {"ssl_mode": "DISABLED", "get_server_public_key": true}}),
            |_| json!({"login": "native", "password": PASSWORD, "extra": {"charset": "utf8mb4"}}),
            |_| json!({"login": "native"}),
        ],
        "mysql",
    )
}

/// A login to SQL Server.
#[must_use]
pub fn login_mssql(input: &[u8]) -> String {
    log_in(
        input,
        &[
            |_| json!({"login": "sa", "password": PASSWORD, "schema": "appdb"}),
            |_| json!({"login": "sa", "extra": {"encryption": "off"}}),
        ],
        "mssql",
    )
}

/// A login to MongoDB.
#[must_use]
pub fn login_mongodb(input: &[u8]) -> String {
    log_in(
        input,
        &[
            |_| json!({"login": "adminuser", "password": PASSWORD}),
            |_| json!({"login": "adminuser", "password": PASSWORD, "extra": {"authMechanism": "SCRAM-SHA-1"}}),
            |_| json!({"login": "adminuser", "password": PASSWORD, "extra": {"authMechanism": "PLAIN"}}),
            |_| json!({"extra": {"loadBalanced": true}}),
            |_| json!({"extra": {"replicaSet": "rs0"}}),
        ],
        "mongo",
    )
}

/// A login to Redis.
#[must_use]
pub fn login_redis(input: &[u8]) -> String {
    log_in(
        input,
        &[
            |_| json!({"login": "etl", "password": PASSWORD}),
            |_| json!({"password": PASSWORD, "extra": {"db": 3}}),
            |_| json!({}),
            |_| json!({"login": "etl", "extra": {"cluster": true}}),
        ],
        "redis",
    )
}

/// A check of S3, or of its STS.
#[must_use]
pub fn login_s3(input: &[u8]) -> String {
    fn keyed(port: u16, schema: Option<&str>, mut extra: Value) -> Value {
        extra["endpoint_url"] = json!(format!("http://127.0.0.1:{port}"));
        json!({"login": "AKIAIOSFODNN7EXAMPLE", "password": PASSWORD, "schema": schema, "extra": extra})
    }
    log_in(
        input,
        &[
            |port| keyed(port, Some("bucket"), json!({})),
            |port| keyed(port, None, json!({})),
            |port| keyed(port, Some("bucket"), json!({"role_arn": "arn:aws:iam::123456789012:role/reader"})),
        ],
        "s3",
    )
}

/// A login over HTTP.
#[must_use]
pub fn login_http(input: &[u8]) -> String {
    log_in(
        input,
        &[
            |_| json!({"login": "etl", "password": PASSWORD}),
            |_| json!({"extra": {"X-Api-Key": PASSWORD}}),
            |_| json!({"extra": {"Accept": "application/json"}}),
        ],
        "http",
    )
}

/// Logs in by one of `definitions` as a peer has it that follows the script in `input`, and says how it
/// ended: `ok`, or in which phase and class. It ends soon, and what went wrong is never connprobe's own fault.
fn log_in(input: &[u8], definitions: &[fn(u16) -> Value], conn_type: &str) -> String {
    let (chosen, script) = choice(input, definitions.len());
    against(script, async |port| {
        let connection = connection(&definitions[chosen](port), conn_type, port);
        let Some((driver, _)) = Registry::builtin().find(conn_type) else { unreachable!("no driver `{conn_type}`") };
        let plan =
            driver.plan(&connection).unwrap_or_else(|refusal| unreachable!("{}", refusal.into_failure().message));
        let attempt = attempt();
        let Err(failure) = plan.probe.run(&attempt).await else { return "ok".to_owned() };
        assert!(!matches!(failure.class, Class::Internal | Class::Timeout | Class::Local), "{failure:?}");
        let phase = failure.phase.or(attempt.recorder.snapshot().phase());
        format!("{}-{}", phase.map_or("none", |phase| phase.as_str()), failure.class.as_str())
    })
}

fn connection(definition: &Value, conn_type: &str, port: u16) -> Connection {
    let text = |field: &str| definition[field].as_str().map(str::to_owned);
    let origin = Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    connection.conn_type = Some(conn_type.to_owned());
    if conn_type != "s3" {
        (connection.host, connection.port) = (Some("127.0.0.1".to_owned()), Some(port));
    }
    connection.schema = text("schema");
    connection.login = text("login");
    connection.password = text("password").map(Secret::new);
    connection.extra = Extra::new(definition["extra"].as_object().cloned().unwrap_or_default());
    connection
}
