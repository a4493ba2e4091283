//! MySQL, MariaDB, Aurora and TiDB: a login by `mysql_async`, which is shown a greeting of ours and
//! only packets found sane, while greeting, TLS and every packet of the login pass through here.
//!
//! Why TLS is ours and not the crate's: the crate cannot check a certificate without its name
//! (`VERIFY_CA`), shows nothing of the channel, and would be alone with the server inside it.

mod exchange;
mod greeting;
mod login;
mod method;
mod packet;
mod probe;
mod refusal;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

pub use self::session::{Session, connect};
pub use self::settings::Settings;
use super::extras::ExtraKind::{Irrelevant, Secret, Unsupported, Used};
use super::extras::ExtraSpec;
use super::{Driver, Plan, Refusal, Spec};
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
};

const EXTRAS: &[ExtraSpec] = &[
    extra("ssl_mode", Used, "DISABLED, PREFERRED (the default), REQUIRED, VERIFY_CA or VERIFY_IDENTITY"),
    extra(
        "ssl",
        Secret,
        "an object, or JSON text: `ca`, `cert`, `key` as path or PEM text; `ca` alone means VERIFY_CA",
    ),
    extra("unix_socket", Used, "the server's socket, where `host` is absent or `localhost`"),
    extra("charset", Used, "the character set that the session is given"),
    extra("client", Used, "`mysql-connector-python` reads `ssl_ca`, `ssl_cert`, `ssl_key` and the like beside `ssl`"),
    extra("ssl_ca", Secret, "as `ca` in `ssl`, for the client `mysql-connector-python` only"),
    extra("ssl_cert", Secret, "as `cert` in `ssl`, for the client `mysql-connector-python` only"),
    extra("ssl_key", Secret, "as `key` in `ssl`, for the client `mysql-connector-python` only"),
    extra("ssl_disabled", Used, "as `ssl_mode` DISABLED, for the client `mysql-connector-python` only"),
    extra("ssl_verify_cert", Used, "as `ssl_mode` VERIFY_CA, for the client `mysql-connector-python` only"),
    extra("ssl_verify_identity", Used, "as `ssl_mode` VERIFY_IDENTITY, for the client `mysql-connector-python` only"),
    extra("ssl-mode", Used, "a misspelling of `ssl_mode`, which clients ignore"),
    extra("sslmode", Used, "PostgreSQL's word for `ssl_mode`, which clients ignore"),
    extra("iam", Unsupported, "a password that AWS issues"),
    extra("aws_conn_id", Irrelevant, "for `iam` only"),
    extra("cursor", Irrelevant, "how rows are fetched"),
    extra("local_infile", Irrelevant, "never allowed by connprobe"),
    extra("init_command", Irrelevant, "ignored by Airflow, and never run by connprobe"),
    extra("connect_timeout", Irrelevant, "ignored by Airflow"),
    extra("read_timeout", Irrelevant, "ignored by Airflow"),
    extra("write_timeout", Irrelevant, "ignored by Airflow"),
];

const fn extra(name: &'static str, kind: super::ExtraKind, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind, doc }
}

impl Driver for Mysql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (settings, warnings) = Settings::of(connection)?;
        Ok(Plan {
            target: settings.target(),
            endpoints: vec![settings.endpoint.clone()],
            account: settings.login.clone(),
            credential: settings.password.as_ref().map(|secret| Fingerprint::of(&[secret.expose()])),
            login: Some(settings.login.clone()),
            timeout: None,
            warnings,
            probe: Box::new(probe::Login(settings)),
        })
    }
}
