//! MySQL, MariaDB, Aurora and TiDB: a login by `mysql_async`, which is shown a greeting made here and
//! only packets found sane, while greeting, TLS and every packet of the login pass through here.
//!
//! Why TLS is made here and not by the crate: the crate cannot check a certificate without its name
//! (`VERIFY_CA`), shows nothing of the channel, and would be alone with the server inside it.

mod account;
mod exchange;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod greeting;
mod login;
mod method;
mod packet;
mod probe;
mod query;
mod refusal;
mod server_key;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

pub use self::session::{Session, connect};
pub use self::settings::Settings;
use std::sync::Arc;

use super::extras::{ExtraSpec, irrelevant, secret, unsupported, used};
use super::{Driver, Plan, Proof, Refusal, Spec};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;

/// The MySQL driver.
pub struct Mysql;

static SPEC: Spec = Spec {
    name: "mysql",
    product: "MySQL",
    types: &[("mysql", 3306), ("mariadb", 3306), ("aurora_mysql", 3306), ("tidb", 4000)],
    schema: "database",
    extras: EXTRAS,
    extras_ignore_case: false,
    blocks_after_interruptions: true,
    proof: Proof::by_code(
        "the server takes the login (OK packet) and answers a query; where the account has no password, none was checked",
    ),
};

const EXTRAS: &[ExtraSpec] = &[
    used("ssl_mode", "DISABLED, PREFERRED (the default), REQUIRED, VERIFY_CA or VERIFY_IDENTITY"),
    secret("ssl", "an object, or JSON text: `ca`, `cert`, `key` as path or PEM text; `ca` alone means VERIFY_CA"),
    used("unix_socket", "the server's socket, where `host` is absent or `localhost`"),
    used("get_server_public_key", "true lets a password go without TLS, encrypted with the key that the server gives"),
    used("charset", "the character set that the session is given"),
    used("client", "`mysql-connector-python` reads `ssl_ca`, `ssl_cert`, `ssl_key` and the like beside `ssl`"),
    secret("ssl_ca", "as `ca` in `ssl`, for the client `mysql-connector-python` only"),
    secret("ssl_cert", "as `cert` in `ssl`, for the client `mysql-connector-python` only"),
    secret("ssl_key", "as `key` in `ssl`, for the client `mysql-connector-python` only"),
    used("ssl_disabled", "as `ssl_mode` DISABLED, for the client `mysql-connector-python` only"),
    used("ssl_verify_cert", "as `ssl_mode` VERIFY_CA, for the client `mysql-connector-python` only"),
    used("ssl_verify_identity", "as `ssl_mode` VERIFY_IDENTITY, for the client `mysql-connector-python` only"),
    used("ssl-mode", "a misspelling of `ssl_mode`, which clients ignore"),
    used("sslmode", "PostgreSQL's word for `ssl_mode`, which clients ignore"),
    unsupported("iam", "a password that AWS issues"),
    irrelevant("aws_conn_id", "for `iam` only"),
    irrelevant("cursor", "how rows are fetched"),
    irrelevant("local_infile", "never allowed by connprobe"),
    irrelevant("init_command", "ignored by Airflow, and never run by connprobe"),
    irrelevant("connect_timeout", "ignored by Airflow"),
    irrelevant("read_timeout", "ignored by Airflow"),
    irrelevant("write_timeout", "ignored by Airflow"),
];

impl Driver for Mysql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn folded_login(&self, login: &str) -> String {
        account::folded(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (settings, warnings) = Settings::of(connection)?;
        Ok(Plan {
            target: settings.target(),
            endpoints: vec![settings.endpoint.clone()],
            aliases: settings.aliases(),
            account: settings.account(),
            circumstances: settings.circumstances(),
            credential: settings.password.as_ref().map(|secret| Fingerprint::of(&[secret.expose()])),
            login: Some(settings.login.clone()),
            timeout: None,
            warnings,
            probe: Arc::new(probe::Login(settings)),
        })
    }
}
