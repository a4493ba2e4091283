//! What is read of each URL, and what is said of one that cannot be.

use serde_json::{Value, json};

use super::*;
use crate::model::connection::Connection;
use crate::model::reason::unusable::Metadata;
use crate::model::reason::{Reason, Source, Unusable};
use crate::model::secret::Secret;
use crate::source::airflow::database::Trouble;
use crate::sql::Kind;

fn server(text: &str) -> (Kind, Box<Connection>) {
    match parse(text, "test") {
        Ok(Place::Server(kind, connection)) => (kind, connection),
        other => panic!("{text}: {other:?}"),
    }
}

fn refused(text: &str) -> Metadata {
    match parse(text, "test") {
        Err(Trouble::Unusable(Unusable::Metadata(why))) => why,
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
            &["mysql", "mariadb", "mysql+mysqldb", "mysql+pymysql", "mysql+mysqlconnector", "mysql+aiomysql", "MySQL"],
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
        ("application_name=a@b", json!({"application_name": "a@b"})),
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
    assert_eq!(refused("mysql://u@h/db?read_default_file=~/.my.cnf"), Metadata::OptionFile);
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
    for (text, why) in [
        ("sqlite://", Metadata::InMemory),
        ("sqlite:///", Metadata::InMemory),
        ("sqlite:///:memory:", Metadata::InMemory),
        ("sqlite://airflow.db", Metadata::HostOfFile),
        ("sqlite://u:p@h/airflow.db", Metadata::HostOfFile),
        ("sqlite:///file:airflow.db?uri=true", Metadata::FileUrl),
    ] {
        assert_eq!(refused(text), why, "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_without_quoting_the_url() {
    for (text, why) in [
        ("CANARY", Metadata::NotAUrl),
        ("", Metadata::NotAUrl),
        ("CANARY CANARY://u@h", Metadata::NotAUrl),
        ("postgresql://u:p@[::1]CANARY/db", Metadata::NotAUrl),
        ("postgresql://u:p@h:CANARY/db", Metadata::BadPort),
        ("postgresql://u:p@h:0/db", Metadata::BadPort),
        ("mysql://u:p@h:99999/CANARY", Metadata::BadPort),
        ("mssql+pyodbc://u:CANARY@h/db", Metadata::OtherKind { dialect: "mssql".to_owned() }),
        ("postgresql://u:p@CANARY/w@h/db", Metadata::Ambiguous),
        ("postgresql://u:p@CANARY?w@h/db", Metadata::Ambiguous),
    ] {
        assert_eq!(refused(text), why, "{text}");
        let words = Reason::from(Source::unusable("test", why)).words();
        assert!(!format!("{words:?}").contains("CANARY"), "{words:?}");
    }
    assert!(!format!("{:?}", parse("postgresql://u:CANARY@h/db", "test")).contains("CANARY"));
}
