//! What is said of a definition that failed, and what is not.

use super::*;
use crate::driver::Registry;
use crate::model::class::Class;
use crate::model::connection::Origin;
use crate::model::reason::{Field, ReasonCode};
use crate::model::secret::Secret;

fn hint(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> String {
    let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    fill(&mut connection);
    let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
    let mut failure = Failure::made_up(ReasonCode::ServerError, class, "failed").hint("ask somebody");
    refine_hint(&mut failure, &connection, driver);
    failure.hint.unwrap_or_default()
}

#[test]
fn a_refused_login_is_looked_at_again_without_telling_of_the_secret() {
    for (password, expected) in [
        ("hunter2\n", "`password` "),
        (" hunter2", "`password` "),
        ("hunter%40two", "`password` looks percent-encoded"),
        ("100%", "ask somebody"),
        ("%zz%40", "ask somebody"),
        ("a%41b", "ask somebody"),
        ("hunter2", "ask somebody"),
        (&format!("gAAAAA{}", "x".repeat(94)), "`password` looks like a Fernet token"),
    ] {
        let hint = hint(Class::Auth, "postgres", |connection| {
            connection.password = Some(Secret::new(password.to_owned()));
        });
        assert!(hint.starts_with(expected), "{hint}");
        assert!(hint.ends_with("ask somebody") && !hint.contains("hunter"), "{hint}");
    }
    let hint = hint(Class::Auth, "mysql", |connection| connection.login = Some("etl ".to_owned()));
    assert!(hint.starts_with("`login` begins or ends"), "{hint}");
}

#[test]
fn names_and_ports_tell_where_they_belong() {
    for (class, host, port, expected) in [
        (Class::Resolve, "db", None, "ask somebody"),
        (Class::Resolve, "db.prod.svc.cluster.local", None, "`db.prod.svc.cluster.local` is a name that only one"),
        (Class::Resolve, "host.docker.internal", None, "`host.docker.internal` is a name that only one"),
        (Class::Resolve, "db.example.com", None, "ask somebody"),
        (Class::Unreachable, "localhost", None, "ask somebody"),
        (Class::Unreachable, "db.example.com", Some(3306), "3306 is the usual port of MySQL"),
        (Class::Protocol, "localhost", Some(1433), "1433 is the usual port of SQL Server"),
        (Class::Timeout, "10.0.0.7", Some(5439), "ask somebody"),
        (Class::Auth, "localhost", Some(3306), "ask somebody"),
    ] {
        let hint = hint(class, "postgres", |connection| {
            connection.host = Some(host.to_owned());
            connection.port = port;
        });
        assert!(hint.starts_with(expected), "{class:?} {host}: {hint}");
    }
}

#[test]
fn a_postgres_schema_is_no_database() {
    for (conn_type, schema, expected) in [
        ("postgres", "public", "`schema` names the database, and `public`"),
        ("postgres", "sales", "ask somebody"),
        ("mysql", "public", "ask somebody"),
    ] {
        let hint = hint(Class::NotFound, conn_type, |connection| connection.schema = Some(schema.to_owned()));
        assert!(hint.starts_with(expected), "{hint}");
    }
}

/// The fields that a failure of `class` points at after the second look.
fn fields(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> Vec<String> {
    let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    fill(&mut connection);
    let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
    let mut failure = Failure::made_up(ReasonCode::ServerError, class, "failed");
    refine_hint(&mut failure, &connection, driver);
    failure.fields.iter().map(Field::to_string).collect()
}

#[test]
fn whatever_people_paste_is_looked_at_in_every_field() {
    for pasted in ["x\n", " x", "x\u{200b}", "'x'", "${X}", "{{ .Values.x }}", "<your_x>", "a%40b", "op://v/i/x"] {
        let set = |field: fn(&mut Connection) -> &mut Option<String>| {
            move |connection: &mut Connection| *field(connection) = Some(pasted.to_owned())
        };
        for (class, conn_type, expected, found) in [
            (Class::Auth, "postgres", "login", fields(Class::Auth, "postgres", set(|one| &mut one.login))),
            (Class::Auth, "mongo", "schema", fields(Class::Auth, "mongo", set(|one| &mut one.schema))),
            (Class::NotFound, "mysql", "schema", fields(Class::NotFound, "mysql", set(|one| &mut one.schema))),
            (Class::Denied, "mssql", "schema", fields(Class::Denied, "mssql", set(|one| &mut one.schema))),
            (Class::Resolve, "mssql", "host", fields(Class::Resolve, "mssql", set(|one| &mut one.host))),
        ] {
            assert_eq!(found, [expected], "{class:?} {conn_type} {pasted:?}");
        }
        let password = fields(Class::Auth, "mysql", |one| one.password = Some(Secret::new(pasted.to_owned())));
        let extra = fields(Class::Auth, "s3", |one| {
            let key = ("aws_secret_access_key".to_owned(), pasted.into());
            one.extra = crate::model::extra::Extra::new([key].into_iter().collect());
        });
        assert_eq!((password, extra), (vec!["password".to_owned()], vec!["extra.aws_secret_access_key".to_owned()]));
    }
}

#[test]
fn a_plus_is_told_of_where_it_came_from_a_uri() {
    for (is_uri, expected) in [(true, vec!["password".to_owned()]), (false, Vec::new())] {
        let found = fields(Class::Auth, "postgres", |one| {
            one.is_uri = is_uri;
            one.password = Some(Secret::new("two+words".to_owned()));
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn an_extra_that_is_not_read_is_named_in_the_hint_of_any_failure() {
    for (conn_type, written) in
        [("s3", "endpoint"), ("s3", "aws_access_key"), ("postgres", "sslca"), ("mongo", "auth_source")]
    {
        let found = fields(Class::Auth, conn_type, |one| {
            one.extra = crate::model::extra::Extra::new([(written.to_owned(), "x".into())].into_iter().collect());
        });
        assert_eq!(found, [format!("extra.{written}")], "{conn_type}");
    }
}
