//! The real servers for the tests of accounts: how to create a login there, and how many logins the server has refused.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::postgres::{administrator, sql};
use crate::servers::{port, server};

/// The right password, if the test can choose it.
pub const RIGHT: &str = "CANARYright";

/// A kind of server, each with its own way to lock accounts or to count refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Blocks a user after three refusals (`max_password_errors`).
    MariaDb,
    /// Locks a user after three refusals (`FAILED_LOGIN_ATTEMPTS`).
    MySql,
    /// Counts in its log.
    Postgres,
    /// Counts in its log; `auth_file` holds SCRAM verifiers, so the salt stays the same.
    PgBouncer,
    /// Counts in its log; `auth_file` holds plain passwords, so each login gets a new salt.
    PgBouncerPlain,
}

pub fn definition(conn_type: &str, port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

impl Kind {
    pub fn definition(self, login: &str, password: &str) -> Value {
        let (conn_type, key, database) = match self {
            Self::MariaDb => ("mysql", "MARIADB_PORT", None),
            Self::MySql => ("mysql", "MYSQL_PORT", None),
            Self::Postgres => ("postgres", "PG_PORT", Some("postgres")),
            Self::PgBouncer => ("postgres", "PGBOUNCER_PORT", Some("appdb")),
            Self::PgBouncerPlain => ("postgres", "PGBOUNCER_PLAIN_PORT", Some("appdb")),
        };
        let mut definition = definition(conn_type, port(key), login, password);
        definition["schema"] = json!(database);
        definition
    }

    /// An extra without effect, different for each number.
    pub fn edit(self, number: u64) -> Value {
        match self {
            Self::MariaDb | Self::MySql => json!({"connect_timeout": 10 + number}),
            _ => json!({"application_name": format!("n{number}")}),
        }
    }

    /// Creates a login for `name`; returns it with its password. `PgBouncer` only accepts the logins in its list, of
    /// which one is right.
    pub fn make(self, name: &str) -> (String, &'static str) {
        match self {
            Self::MariaDb => {
                mariadb(&format!("SET GLOBAL max_password_errors = 3; CREATE USER {name} IDENTIFIED BY '{RIGHT}'"));
            }
            Self::MySql => mysql(&format!(
                "CREATE USER {name} IDENTIFIED BY '{RIGHT}' FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 1"
            )),
            Self::Postgres => {
                sql(&administrator("postgres"), &format!("CREATE ROLE {name} LOGIN PASSWORD '{RIGHT}'"));
            }
            Self::PgBouncer | Self::PgBouncerPlain => return ("scramuser".to_owned(), "right"),
        }
        (name.to_owned(), RIGHT)
    }

    pub fn set_password(self, name: &str, password: &str) {
        match self {
            Self::MariaDb => mariadb(&format!("SET PASSWORD FOR {name} = PASSWORD('{password}')")),
            Self::MySql => mysql(&format!("ALTER USER {name} IDENTIFIED BY '{password}'")),
            _ => drop(sql(&administrator("postgres"), &format!("ALTER ROLE {name} PASSWORD '{password}'"))),
        }
    }

    pub fn remove(self, name: &str) {
        match self {
            Self::MariaDb => mariadb(&format!("DROP USER {name}")),
            Self::MySql => mysql(&format!("DROP USER {name}")),
            Self::Postgres => drop(sql(&administrator("postgres"), &format!("DROP ROLE {name}"))),
            Self::PgBouncer | Self::PgBouncerPlain => {}
        }
    }

    /// The number of logins as `login` that the server has refused, if its log tells.
    pub fn refused(self, login: &str) -> Option<usize> {
        let (log, marks) = match self {
            Self::MariaDb | Self::MySql => return None,
            Self::Postgres => ("PG_LOG", [format!("authentication failed for user \"{login}\""), "FATAL".to_owned()]),
            Self::PgBouncer => ("PGBOUNCER_LOG", refusal_of_pgbouncer(login)),
            Self::PgBouncerPlain => ("PGBOUNCER_PLAIN_LOG", refusal_of_pgbouncer(login)),
        };
        let log = fs::read(server(log)).unwrap();
        let lines = String::from_utf8_lossy(&log).into_owned();
        Some(lines.lines().filter(|line| marks.iter().all(|mark| line.contains(mark))).count())
    }
}

fn refusal_of_pgbouncer(login: &str) -> [String; 2] {
    [format!("/{login}@"), "closing because: SASL authentication failed".to_owned()]
}

pub fn mariadb(statements: &str) {
    client(&server("MARIADB_SOCKET"), statements);
}

fn mysql(statements: &str) {
    client(&server("MYSQL_SOCKET"), statements);
}

/// Runs `statements` as the administrator.
pub fn client(socket: &str, statements: &str) {
    let output = Command::new("mariadb")
        .args(["--no-defaults", &format!("--socket={socket}"), "-uroot", "-e", statements])
        .output()
        .unwrap();
    assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
}
