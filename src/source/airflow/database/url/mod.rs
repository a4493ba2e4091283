//! SQLAlchemy's URL of a database → the file, or the server in the words of our own drivers.
//!
//! Reads what SQLAlchemy reads; an unescaped `@` in a password, which it takes for the end of it, is
//! read as meant where only one reading is possible, else refused: half a password taken for a host
//! would be shown, and dialled. What only tunes a Python driver is passed over. No message quotes the URL.

mod parameters;
mod parts;
#[cfg(test)]
mod tests;

use self::parts::{Parts, decode};
use super::Trouble;
use crate::driver::mysql::Mysql;
use crate::driver::postgres::Postgres;
use crate::driver::{Driver, Spec};
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::redact::escape_control;
use crate::model::secret::Secret;

/// Where the table is.
#[derive(Debug)]
pub(super) enum Place {
    /// On a server, and how to log in.
    Server(Kind, Box<Connection>),
    /// In a SQLite file.
    File(String),
}

/// Whose protocol the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Postgres,
    /// MariaDB too.
    Mysql,
}

impl Kind {
    pub(super) fn spec(self) -> &'static Spec {
        match self {
            Self::Postgres => Postgres.spec(),
            Self::Mysql => Mysql.spec(),
        }
    }
}

/// What the database of `text` is called whatever its host: its scheme and its name, or that of its file.
pub(super) fn label(text: &str) -> Option<String> {
    let parts = Parts::of(text.trim())?;
    let scheme = parts.scheme.to_ascii_lowercase();
    let dialect = scheme.split_once('+').map_or(scheme.as_str(), |(dialect, _)| dialect);
    let dialect = if dialect == "postgres" { "postgresql" } else { dialect };
    let name = parts.database.rsplit('/').next().unwrap_or_default();
    Some(format!("{dialect}:{}", escape_control(name)))
}

/// Reads `text`; `source` is what the connection is said to come from.
pub(super) fn parse(text: &str, source: &str) -> Result<Place, Trouble> {
    let parts = Parts::of(text.trim()).ok_or_else(|| {
        Trouble::unusable(
            "what should be the URL of a database is none",
            "write it as SQLAlchemy does: `postgresql://LOGIN:PASSWORD@HOST/DATABASE`, `mysql://…` or `sqlite:////PATH`, special characters in the password percent-encoded",
        )
    })?;
    let scheme = parts.scheme.to_ascii_lowercase();
    let (dialect, driver) = scheme.split_once('+').unwrap_or((&scheme, ""));
    match dialect {
        "postgresql" | "postgres" => parts.server(Kind::Postgres, driver, source),
        "mysql" | "mariadb" => parts.server(Kind::Mysql, driver, source),
        "sqlite" => parts.file(),
        other => Err(Trouble::unusable(
            format!("databases of the kind `{other}` are not read"),
            "Airflow's metadata is read from PostgreSQL, MySQL, MariaDB and SQLite",
        )),
    }
}

impl Parts<'_> {
    fn file(&self) -> Result<Place, Trouble> {
        const FORMS: &str = "write `sqlite:////PATH`, four slashes, for an absolute path, or `sqlite:///FILE`";
        if [self.login, self.password, self.host, self.port].iter().any(|part| !part.is_empty()) {
            return Err(Trouble::unusable("the URL names a host, and SQLite has none", FORMS));
        }
        match self.database {
            "" | ":memory:" => Err(Trouble::unusable("the URL names a database in memory, which is empty", FORMS)),
            path if path.starts_with("file:") => {
                Err(Trouble::unusable("the URL names its file by another URL (`file:`)", FORMS))
            }
            path => Ok(Place::File(path.to_owned())),
        }
    }

    fn server(&self, kind: Kind, driver: &str, source: &str) -> Result<Place, Trouble> {
        let origin = Origin { source: source.to_owned(), line: None, pointer: String::new(), occurrence: 0 };
        let present = |text: String| Some(text).filter(|text| !text.is_empty());
        if self.is_ambiguous {
            return Err(Trouble::unusable(
                "the URL has an `@` behind its host, or a part of its password is taken for the host",
                "write an `@` in login, password or database as %40, and a `/` or `?` in the password as %2F or %3F",
            ));
        }
        let port = match self.port {
            "" => None,
            port => Some(port.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
                Trouble::unusable(
                    "the port in the URL is not a number from 1 to 65535",
                    "a `:`, `/` or `@` in the login or password must be written %3A, %2F or %40",
                )
            })?),
        };
        let extra = match kind {
            Kind::Postgres => parameters::of_postgres(self),
            Kind::Mysql => parameters::of_mysql(self, driver)?,
        };
        Ok(Place::Server(
            kind,
            Box::new(Connection {
                conn_type: Some(kind.spec().name.to_owned()),
                host: present(self.host.to_owned()),
                port,
                login: present(decode(self.login)),
                password: present(decode(self.password)).map(Secret::new),
                schema: present(self.database.to_owned()),
                extra: Extra::new(extra),
                ..Connection::new(origin)
            }),
        ))
    }
}
