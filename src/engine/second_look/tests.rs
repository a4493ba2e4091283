//! What is observed in a definition after its login failed, and which fields it adds.

use super::observation::observe;
use super::refine_hint;
use crate::driver::Registry;
use crate::model::class::Class;
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::failure::Failure;
use crate::model::reason::{Field, Observation, Oddity, ReasonCode};
use crate::model::secret::Secret;

/// A definition, filled by `fill`.
fn connection(fill: impl FnOnce(&mut Connection)) -> Connection {
    let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    fill(&mut connection);
    connection
}

/// What is observed in the definition that `fill` makes, after a failure of `class`.
fn observed(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> Option<Observation> {
    let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
    observe(&Failure::made_up(ReasonCode::ServerError, class, "failed"), &connection(fill), driver)
}

fn password(text: &str) -> impl FnOnce(&mut Connection) {
    move |connection| connection.password = Some(Secret::new(text.to_owned()))
}

fn extra(key: &str, value: &str) -> impl FnOnce(&mut Connection) {
    move |connection| connection.extra = Extra::new([(key.to_owned(), value.into())].into_iter().collect())
}

#[test]
fn an_observation_stands_before_the_usual_hint_and_adds_its_field() {
    let driver = Registry::builtin().find("postgres").map(|(driver, _)| driver);
    let failure = |hint: Option<&str>| Failure {
        hint: hint.map(str::to_owned),
        ..Failure::made_up(ReasonCode::AccountDisabled, Class::Auth, "failed")
    };
    for (text, usual, expected) in [
        ("hunter2\n", Some("ask somebody"), Some("{}; otherwise ask somebody")),
        ("hunter2\n", None, Some("{}")),
        ("hunter2", Some("ask somebody"), Some("ask somebody")),
    ] {
        let mut refined = failure(usual);
        refine_hint(&mut refined, &connection(password(text)), driver);
        let words = Observation::Odd(Field::PASSWORD, Oddity::LineEnd).words();
        assert_eq!(refined.hint, expected.map(|hint| hint.replace("{}", &words)), "{text:?}");
        let fields: &[Field] = if text == "hunter2" { &[Field::LOGIN] } else { &[Field::LOGIN, Field::PASSWORD] };
        assert_eq!(&*refined.fields, fields, "{text:?}");
    }
}

#[test]
fn a_refused_login_is_looked_at_again() {
    let odd = |oddity| Some(Observation::Odd(Field::PASSWORD, oddity));
    for (text, expected) in [
        ("hunter2\n", odd(Oddity::LineEnd)),
        (" hunter2", odd(Oddity::Blank)),
        ("hunter%40two", odd(Oddity::Escapes)),
        ("100%", None),
        ("%zz%40", None),
        ("a%41b", None),
        ("hunter2", None),
        (&format!("gAAAAA{}", "x".repeat(94)), odd(Oddity::FernetToken)),
    ] {
        assert_eq!(observed(Class::Auth, "postgres", password(text)), expected, "{text:?}");
    }
    let login = observed(Class::Auth, "mysql", |connection| connection.login = Some("etl ".to_owned()));
    assert_eq!(login, Some(Observation::Odd(Field::LOGIN, Oddity::Blank)));
}

#[test]
fn names_and_ports_tell_where_they_belong() {
    let name = |host: &str| Some(Observation::NameOfOneNetwork(host.to_owned()));
    let port = |port, other| Some(Observation::PortOfAnother { port, other, own: "PostgreSQL", usual: 5432 });
    for (class, host, number, expected) in [
        (Class::Resolve, "db", None, None),
        (Class::Resolve, "db.prod.svc.cluster.local", None, name("db.prod.svc.cluster.local")),
        (Class::Resolve, "host.docker.internal", None, name("host.docker.internal")),
        (Class::Resolve, "db.example.com", None, None),
        (Class::Unreachable, "localhost", None, None),
        (Class::Unreachable, "db.example.com", Some(3306), port(3306, "MySQL")),
        (Class::Protocol, "localhost", Some(1433), port(1433, "SQL Server")),
        (Class::Timeout, "10.0.0.7", Some(5439), None),
        (Class::Auth, "localhost", Some(3306), None),
    ] {
        let found = observed(class, "postgres", |connection| {
            connection.host = Some(host.to_owned());
            connection.port = number;
        });
        assert_eq!(found, expected, "{class:?} {host}");
    }
}

#[test]
fn a_postgres_schema_is_no_database() {
    for (conn_type, schema, expected) in [
        ("postgres", "public", Some(Observation::SchemaInside("public".to_owned()))),
        ("postgres", "sales", None),
        ("mysql", "public", None),
    ] {
        let found = observed(Class::NotFound, conn_type, |connection| connection.schema = Some(schema.to_owned()));
        assert_eq!(found, expected, "{conn_type} {schema}");
    }
}

#[test]
fn whatever_people_paste_is_looked_at_in_every_field() {
    let field = |class, conn_type, fill: &dyn Fn(&mut Connection)| {
        observed(class, conn_type, fill).map(|observation| observation.field().to_string())
    };
    for pasted in ["x\n", " x", "x\u{200b}", "'x'", "${X}", "{{ .Values.x }}", "<your_x>", "a%40b", "op://v/i/x"] {
        let set = |field: fn(&mut Connection) -> &mut Option<String>| {
            move |connection: &mut Connection| *field(connection) = Some(pasted.to_owned())
        };
        for (class, conn_type, expected, found) in [
            (Class::Auth, "postgres", "login", field(Class::Auth, "postgres", &set(|one| &mut one.login))),
            (Class::Auth, "mongo", "schema", field(Class::Auth, "mongo", &set(|one| &mut one.schema))),
            (Class::NotFound, "mysql", "schema", field(Class::NotFound, "mysql", &set(|one| &mut one.schema))),
            (Class::Denied, "mssql", "schema", field(Class::Denied, "mssql", &set(|one| &mut one.schema))),
            (Class::Resolve, "mssql", "host", field(Class::Resolve, "mssql", &set(|one| &mut one.host))),
        ] {
            assert_eq!(found.as_deref(), Some(expected), "{class:?} {conn_type} {pasted:?}");
        }
        let of_password = field(Class::Auth, "mysql", &|one| password(pasted)(one));
        assert_eq!(of_password.as_deref(), Some("password"), "{pasted:?}");
        let of_extra = field(Class::Auth, "s3", &|one| extra("aws_secret_access_key", pasted)(one));
        assert_eq!(of_extra.as_deref(), Some("extra.aws_secret_access_key"), "{pasted:?}");
    }
}

#[test]
fn a_plus_is_reported_where_it_came_from_a_uri() {
    for (is_uri, expected) in [(true, Some(Observation::PlusInUri)), (false, None)] {
        let found = observed(Class::Auth, "postgres", |one| {
            one.is_uri = is_uri;
            password("two+words")(one);
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn an_extra_that_is_not_read_is_named_after_any_failure() {
    for (conn_type, written, meant) in [
        ("s3", "endpoint", "endpoint_url"),
        ("s3", "aws_access_key", "aws_access_key_id"),
        ("postgres", "sslca", "sslrootcert"),
        ("mongo", "auth_source", "authSource"),
    ] {
        let found = observed(Class::Auth, conn_type, extra(written, "x"));
        assert_eq!(found, Some(Observation::Ignored { key: written.to_owned(), meant }), "{conn_type}");
    }
}
