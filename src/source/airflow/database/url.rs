//! SQLAlchemy's URL of a database → the file, or the server in the words of our own drivers.
//!
//! Reads what SQLAlchemy reads; an unescaped `@` in a password, which it takes for the end of it, is
//! read as meant. What only tunes a Python driver is passed over. No message quotes the URL.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::Trouble;
use crate::driver::mysql::Mysql;
use crate::driver::postgres::Postgres;
use crate::driver::{Driver, Spec};
use crate::model::connection::{Connection, Origin};
use crate::model::extra::{self, Extra};
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

/// The parts of a URL, as they are written but for the query; absent ones are empty.
#[derive(Default)]
struct Parts<'a> {
    scheme: &'a str,
    login: &'a str,
    password: &'a str,
    host: &'a str,
    port: &'a str,
    database: &'a str,
    /// Names and values; empty values are none.
    query: Vec<(String, Zeroizing<String>)>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_word = |letter: u8| letter.is_ascii_alphanumeric() || b"_+".contains(&letter);
        if scheme.is_empty() || scheme.len() > 64 || !scheme.bytes().all(is_word) {
            return None;
        }
        let (login, password, rest) = userinfo(rest);
        let (host, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) if !host.contains(['/', '?']) => (host, rest),
            _ => cut(rest, &['/', ':', '?']),
        };
        let (port, rest) = match rest.strip_prefix(':') {
            Some(rest) => cut(rest, &['/', '?']),
            None => ("", rest),
        };
        let (database, rest) = match rest.strip_prefix('/') {
            Some(rest) => cut(rest, &['?']),
            None => ("", rest),
        };
        let query = match rest.strip_prefix('?') {
            Some(query) => parameters(query),
            None if rest.is_empty() => Vec::new(),
            None => return None,
        };
        Some(Self { scheme, login, password, host, port, database, query })
    }

    /// The last value of a parameter.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

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
            Kind::Postgres => self.postgres_extra(),
            Kind::Mysql => self.mysql_extra(driver)?,
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

    /// Parameters are libpq's keywords, but for asyncpg's `ssl`, which is libpq's `sslmode`.
    fn postgres_extra(&self) -> Map<String, Value> {
        let spec = Kind::Postgres.spec();
        let mut extra = Map::new();
        for (name, value) in &self.query {
            match name.as_str() {
                // Each parameter is one host of a list, or all of them.
                "host" => {
                    let hosts: Vec<&str> =
                        self.query.iter().filter(|(name, _)| name == "host").map(|(_, host)| host.as_str()).collect();
                    extra.insert("host".to_owned(), json!(hosts.join(",")));
                }
                "ssl" if extra::flag(&json!(value.as_str())).is_none() => {
                    extra.insert("sslmode".to_owned(), json!(value.as_str()));
                }
                name if spec.extra(name).is_some() => {
                    extra.insert(name.to_owned(), json!(value.as_str()));
                }
                _ => {}
            }
        }
        extra
    }

    /// The words of mysqlclient, PyMySQL and Connector/Python, which differ in TLS alone.
    fn mysql_extra(&self, driver: &str) -> Result<Map<String, Value>, Trouble> {
        if self.query.iter().any(|(name, _)| name.starts_with("read_default_")) {
            return Err(Trouble::unusable(
                "the URL names a file of options (`read_default_file`), which is not read",
                "write host, login, password and TLS options into the URL",
            ));
        }
        let mut extra = Map::new();
        let mut ssl = Map::new();
        for (name, key) in [("ssl_ca", "ca"), ("ssl_cert", "cert"), ("ssl_key", "key"), ("ssl_capath", "capath")] {
            if let Some(value) = self.parameter(name) {
                ssl.insert(key.to_owned(), json!(value));
            }
        }
        if let Some(mode) = self.parameter("ssl_mode").or_else(|| self.mysql_mode(driver)) {
            extra.insert("ssl_mode".to_owned(), json!(mode));
        }
        match self.parameter("ssl").map(|value| (value, extra::flag(&json!(value)))) {
            _ if !ssl.is_empty() => extra.insert("ssl".to_owned(), Value::Object(ssl)),
            Some((_, Some(flag))) => extra.insert("ssl".to_owned(), json!(flag)),
            Some((object, None)) => extra.insert("ssl".to_owned(), json!(object)),
            None => None,
        };
        if let Some(path) = self.parameter("unix_socket") {
            extra.insert("unix_socket".to_owned(), json!(path));
        }
        Ok(extra)
    }

    /// What the drivers' other words for `ssl_mode` come to.
    fn mysql_mode(&self, driver: &str) -> Option<&'static str> {
        let flag = |name| self.parameter(name).and_then(|value| extra::flag(&json!(value)));
        // PyMySQL checks the name wherever it checks the chain, unless it is told not to.
        let checks_name = ["pymysql", "aiomysql"].contains(&driver) && flag("ssl_check_hostname") != Some(false);
        if flag("ssl_disabled") == Some(true) {
            Some("DISABLED")
        } else if flag("ssl_verify_identity") == Some(true) || (checks_name && self.parameter("ssl_ca").is_some()) {
            Some("VERIFY_IDENTITY")
        } else if flag("ssl_verify_cert") == Some(true) {
            Some("VERIFY_CA")
        } else {
            None
        }
    }
}

/// Login, password, and what follows: the password begins at the first `:` and ends at an `@`, the last
/// one before the next part.
fn userinfo(text: &str) -> (&str, &str, &str) {
    let (run, rest) = cut(text, &[':', '/']);
    if let Some((password, behind)) = rest.strip_prefix(':').and_then(|rest| rest.split_once('@')) {
        let (authority, _) = cut(behind, &['/', '?']);
        let more = authority.rfind('@').map_or(0, |at| at + 1);
        let end = run.len() + 1 + password.len() + more;
        return (run, &text[run.len() + 1..end], &text[end + 1..]);
    }
    match run.rfind('@') {
        Some(at) => (&text[..at], "", &text[at + 1..]),
        None => ("", "", text),
    }
}

/// What comes before the first of `ends`, and the rest from there.
fn cut<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// `+` is a blank in a query, and nowhere else.
fn parameters(query: &str) -> Vec<(String, Zeroizing<String>)> {
    let read = |text: &str| decode(&Zeroizing::new(text.replace('+', " ")));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (read(name), Zeroizing::new(read(value))))
        .collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> (Kind, Box<Connection>) {
        match parse(text, "test") {
            Ok(Place::Server(kind, connection)) => (kind, connection),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn refused(text: &str) -> (String, String) {
        match parse(text, "test") {
            Err(Trouble::Unusable { message, hint }) => (message, hint),
            other => panic!("{text}: {other:?}"),
        }
    }

    /// `login password host port schema`, absent ones as `-`.
    fn shown(text: &str) -> String {
        let (_, connection) = server(text);
        let password = connection.password.as_ref().map(|secret| secret.expose().to_owned());
        let port = connection.port.map(|port| port.to_string());
        let parts = [connection.login, password, connection.host, port, connection.schema];
        parts.map(|part| part.unwrap_or("-".to_owned())).join(" ")
    }

    fn extra(text: &str) -> Value {
        Value::Object(server(text).1.extra.object().clone())
    }

    #[test]
    fn each_dialect_has_its_driver() {
        for (kind, schemes) in [
            (
                Kind::Postgres,
                &[
                    "postgresql",
                    "postgres",
                    "postgresql+psycopg2",
                    "postgresql+psycopg",
                    "postgresql+asyncpg",
                    "postgresql+pg8000",
                ][..],
            ),
            (
                Kind::Mysql,
                &[
                    "mysql",
                    "mariadb",
                    "mysql+mysqldb",
                    "mysql+pymysql",
                    "mysql+mysqlconnector",
                    "mysql+aiomysql",
                    "MySQL",
                ],
            ),
        ] {
            for scheme in schemes {
                assert_eq!(server(&format!("{scheme}://u:p@h/db")).0, kind, "{scheme}");
            }
        }
    }

    #[test]
    fn the_parts_are_where_sqlalchemy_finds_them() {
        for (text, parts) in [
            ("postgresql://u:p@h:5432/db", "u p h 5432 db"),
            (" postgresql://u:p@h/db\n", "u p h - db"),
            ("postgresql://h/db", "- - h - db"),
            ("postgresql://h:6000", "- - h 6000 -"),
            ("postgresql://u@h/db", "u - h - db"),
            ("postgresql://u@h:6000/db", "u - h 6000 db"),
            ("postgresql://u:@h/db", "u - h - db"),
            ("postgresql://:p@h/db", "- p h - db"),
            ("postgresql:///db", "- - - - db"),
            ("postgresql://u:p@/db", "u p - - db"),
            ("postgresql://u:p@[::1]:6000/db", "u p ::1 6000 db"),
            ("postgresql://u:p@h1,h2/db", "u p h1,h2 - db"),
            ("postgresql://u:p@H.Example/Db", "u p H.Example - Db"),
            ("postgresql://u:p@h/a/b", "u p h - a/b"),
            // Azure's logins have one.
            ("postgresql://u@server:p@h/db", "u@server p h - db"),
        ] {
            assert_eq!(shown(text), parts, "{text}");
        }
    }

    #[test]
    fn a_password_is_decoded_as_sqlalchemy_does_it() {
        for (written, password) in [
            ("p%40ss%3Aw%2Frd%25", "p@ss:w/rd%"),
            ("p+w", "p+w"),
            ("p%2Bw", "p+w"),
            ("p%20w", "p w"),
            ("p%w", "p%w"),
            ("p:w", "p:w"),
            ("p/w?x#y", "p/w?x#y"),
            ("p@ss", "p@ss"),
            ("p@s:s", "p@s:s"),
            ("p%C3%A9", "pé"),
        ] {
            let (_, connection) = server(&format!("postgresql://u%40x:{written}@h:5432/db?connect_timeout=3"));
            assert_eq!(connection.password.as_ref().map(Secret::expose), Some(password), "{written}");
            assert_eq!(connection.login.as_deref(), Some("u@x"));
            assert_eq!((connection.host.as_deref(), connection.port), (Some("h"), Some(5432)), "{written}");
        }
    }

    #[test]
    fn parameters_of_postgres_are_the_extras_of_its_driver() {
        for (query, expected) in [
            ("", json!({})),
            ("sslmode=verify-full&sslrootcert=%2Fca.pem", json!({"sslmode": "verify-full", "sslrootcert": "/ca.pem"})),
            ("ssl=verify-full", json!({"sslmode": "verify-full"})),
            ("ssl=true", json!({"ssl": "true"})),
            ("host=/var/run/postgresql", json!({"host": "/var/run/postgresql"})),
            ("host=a:1&host=b:2", json!({"host": "a:1,b:2"})),
            ("options=-csearch_path%3Dairflow+-c+x%3D1", json!({"options": "-csearch_path=airflow -c x=1"})),
            ("connect_timeout=1&connect_timeout=5&sslmode=", json!({"connect_timeout": "5"})),
            ("prepared_statement_cache_size=0&executemany_mode=values", json!({})),
            ("service=prod", json!({"service": "prod"})),
        ] {
            assert_eq!(extra(&format!("postgresql://u:p@h/db?{query}")), expected, "{query}");
        }
    }

    #[test]
    fn parameters_of_mysql_are_put_into_the_words_of_its_driver() {
        let ca = json!({"ca": "/ca.pem"});
        for (driver, query, expected) in [
            ("mysqldb", "charset=utf8mb4&connect_timeout=3", json!({})),
            ("mysqldb", "ssl_ca=/ca.pem", json!({"ssl": ca})),
            ("mysqldb", "ssl_mode=REQUIRED", json!({"ssl_mode": "REQUIRED"})),
            ("mysqldb", "ssl_cert=c&ssl_key=k", json!({"ssl": {"cert": "c", "key": "k"}})),
            ("pymysql", "ssl_ca=/ca.pem", json!({"ssl": ca, "ssl_mode": "VERIFY_IDENTITY"})),
            ("pymysql", "ssl_ca=/ca.pem&ssl_check_hostname=false", json!({"ssl": ca})),
            ("mysqlconnector", "ssl_ca=/ca.pem&ssl_verify_cert=true", json!({"ssl": ca, "ssl_mode": "VERIFY_CA"})),
            ("mysqlconnector", "ssl_disabled=True", json!({"ssl_mode": "DISABLED"})),
            ("mysqldb", "ssl=true", json!({"ssl": true})),
            ("mysqldb", "unix_socket=/run/mysqld.sock", json!({"unix_socket": "/run/mysqld.sock"})),
        ] {
            assert_eq!(extra(&format!("mysql+{driver}://u:p@h/db?{query}")), expected, "{driver} {query}");
        }
        assert!(refused("mysql://u@h/db?read_default_file=~/.my.cnf").0.contains("`read_default_file`"));
    }

    #[test]
    fn a_file_is_named_after_three_slashes() {
        for (text, expected) in [
            ("sqlite:////home/airflow/airflow.db", "/home/airflow/airflow.db"),
            ("sqlite:///airflow.db", "airflow.db"),
            ("sqlite+aiosqlite:////a%20b.db?timeout=30", "/a%20b.db"),
            ("sqlite:////a@b:c.db", "/a@b:c.db"),
        ] {
            assert!(matches!(parse(text, "test"), Ok(Place::File(path)) if path == expected), "{text}");
        }
        for (text, part) in [
            ("sqlite://", "in memory"),
            ("sqlite:///", "in memory"),
            ("sqlite:///:memory:", "in memory"),
            ("sqlite://airflow.db", "a host"),
            ("sqlite://u:p@h/airflow.db", "a host"),
            ("sqlite:///file:airflow.db?uri=true", "another URL"),
        ] {
            let (message, hint) = refused(text);
            assert!(message.contains(part) && hint.contains("sqlite:////PATH"), "{text}: {message}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_quoting_the_url() {
        for (text, part) in [
            ("CANARY", "is none"),
            ("", "is none"),
            ("CANARY CANARY://u@h", "is none"),
            ("postgresql://u:p@[::1]CANARY/db", "is none"),
            ("postgresql://u:p@h:CANARY/db", "port"),
            ("postgresql://u:p@h:0/db", "port"),
            ("mysql://u:p@h:99999/CANARY", "port"),
            ("mssql+pyodbc://u:CANARY@h/db", "`mssql`"),
        ] {
            let (message, hint) = refused(text);
            assert!(message.contains(part), "{text}: {message}");
            assert!(!format!("{message} {hint}").contains("CANARY"), "{message} {hint}");
        }
        assert!(!format!("{:?}", parse("postgresql://u:CANARY@h/db", "test")).contains("CANARY"));
    }
}
