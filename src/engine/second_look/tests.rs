//! The observations in a definition whose login failed, and the fields that they add.

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

/// The observation in the definition that `fill` makes, after a failure of `class`.
fn observed(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> Option<Observation> {
    let (driver, _) = Registry::builtin().find(conn_type)?;
    observe(&Failure::made_up(ReasonCode::ServerError, class, "failed"), &connection(fill), driver.spec())
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
fn a_header_that_was_never_filled_in_is_a_placeholder() {
    for (key, text, expected) in [
        ("Authorization", "Bearer <token>", true),
        ("Authorization", "Bearer {{ var.value.token }}", true),
        ("authorization", "bearer None", true),
        ("Authorization", "Token  ", true),
        ("Authorization", "Basic", true),
        ("X-Api-Key", "${API_KEY}", true),
        ("Authorization", "Bearer abc", false),
        ("Authorization", "None of it", false),
        ("X-Api-Key", " a%20b", false),
        ("Cookie", "a=\"b\"", false),
    ] {
        let found = observed(Class::Auth, "http", extra(key, text));
        let placeholder = Observation::Placeholder(Field::extra(key));
        assert_eq!(found, expected.then_some(placeholder), "{key}: {text}");
    }
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
fn swapped_keys_are_told_by_their_form_wherever_they_stand() {
    let (id, secret) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let fields =
        |id: &str, secret: &str| Some(Observation::KeysSwapped { id: Field::at(id), secret: Field::at(secret) });
    for (class, login, password, expected) in [
        (Class::Auth, secret, id, fields("login", "password")),
        (Class::Definition, secret, id, fields("login", "password")),
        (Class::Auth, id, secret, None),
        (Class::Auth, secret, secret, None),
        (Class::Auth, id, id, None),
        (Class::Timeout, secret, id, None),
    ] {
        let found = observed(class, "aws", |connection| {
            connection.login = Some(login.to_owned());
            password_of(connection, password);
        });
        assert_eq!(found, expected, "{class:?} {login} {password}");
    }
    let found = observed(Class::Auth, "aws", |connection| {
        let keys = serde_json::json!({"aws_access_key_id": secret, "aws_secret_access_key": id});
        connection.login = None;
        connection.password = None;
        connection.extra = Extra::new(keys.as_object().cloned().unwrap());
    });
    assert_eq!(found, fields("extra.aws_access_key_id", "extra.aws_secret_access_key"));
}

fn password_of(connection: &mut Connection, text: &str) {
    connection.password = Some(Secret::new(text.to_owned()));
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
        observed(class, conn_type, fill).map(|observation| observation.fields()[0].to_string())
    };
    for pasted in ["x\n", " x", "x\u{200b}", "'x'", "${X}", "{{ .Values.x }}", "<your_x>", "a%40b", "op://v/i/x"] {
        let set = |field: fn(&mut Connection) -> &mut Option<String>| {
            move |connection: &mut Connection| *field(connection) = Some(pasted.to_owned())
        };
        for (class, conn_type, expected, found) in [
            (Class::Auth, "postgres", "login", field(Class::Auth, "postgres", &set(|one| &mut one.login))),
            (Class::Auth, "mongo", "schema", field(Class::Auth, "mongo", &set(|one| &mut one.schema))),
            (Class::NotFound, "postgres", "schema", field(Class::NotFound, "postgres", &set(|one| &mut one.schema))),
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

/// An `Extra` with these keys.
fn extras(value: &serde_json::Value) -> Extra {
    Extra::new(value.as_object().cloned().unwrap_or_default())
}

/// The refined hint of a failure of `class` whose own hint is "ask somebody", and the fields that it points at.
fn refined(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> (String, Vec<String>) {
    let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
    let mut failure = Failure::made_up(ReasonCode::ServerError, class, "failed").hint("ask somebody");
    refine_hint(&mut failure, &connection(fill), driver);
    (failure.hint.unwrap_or_default(), failure.fields.iter().map(Field::to_string).collect())
}

/// The hint of a failure of `class` that points at `at`, in a definition with the extra `value`, and the fields that it
/// points at afterwards.
fn looked_at(class: Class, conn_type: &str, at: &[&'static str], value: &serde_json::Value) -> (String, Vec<String>) {
    let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
    let connection = Connection { extra: extras(value), ..Connection::new(origin) };
    let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
    let mut failure = Failure::made_up(ReasonCode::ServerError, class, "failed");
    failure.point_at(at.iter().map(|path| Field::named(path)));
    refine_hint(&mut failure, &connection, driver);
    (failure.hint.unwrap_or_default(), failure.fields.iter().map(Field::to_string).collect())
}

#[test]
fn an_extra_that_stands_for_a_field_is_at_fault_in_its_place() {
    // libpq, "Parameter Key Words"; pymssql `connect`; Airflow's Amazon and MongoDB hooks.
    for (conn_type, class, field, key) in [
        ("postgres", Class::NotFound, "schema", "dbname"),
        ("postgres", Class::NotFound, "schema", "database"),
        ("postgres", Class::Auth, "login", "user"),
        ("postgres", Class::Auth, "password", "password"),
        ("postgres", Class::Resolve, "host", "host"),
        ("mssql", Class::Resolve, "host", "host"),
        ("mongo", Class::Auth, "login", "username"),
        ("mongo", Class::Auth, "schema", "authSource"),
        ("s3", Class::NotFound, "schema", "bucket_name"),
        ("s3", Class::Auth, "login", "aws_access_key_id"),
        ("aws", Class::Resolve, "host", "endpoint_url"),
    ] {
        for pasted in ["x", "x\n", "${X}", "{{ .Values.x }}", "'x'"] {
            let (hint, fields) = looked_at(class, conn_type, &[field], &serde_json::json!({key: pasted}));
            assert_eq!(fields, [format!("extra.{key}")], "{conn_type} {key} {pasted:?}");
            assert_eq!(hint.is_empty(), pasted == "x", "{conn_type} {key} {pasted:?}: {hint}");
        }
    }
    // boto3's keys count only if the form has none.
    let (_, own) = refined(Class::NotFound, "s3", |one| {
        one.schema = Some("lake\n".to_owned());
        one.extra = extras(&serde_json::json!({"bucket_name": "x"}));
    });
    assert_eq!(own, ["schema"]);
}

#[test]
fn a_definition_that_cannot_be_is_looked_at_where_it_is_wrong() {
    for (class, conn_type, path, value) in [
        (Class::Definition, "s3", "extra.endpoint_url", serde_json::json!({"endpoint_url": "http://${HOST}:9000"})),
        (
            Class::Definition,
            "aws",
            "extra.service_config.s3.endpoint_url",
            serde_json::json!({"service_config": {"s3": {"endpoint_url": "{{ s3 }}"}}}),
        ),
        (Class::Definition, "s3", "extra.region_name", serde_json::json!({"region_name": "${AWS_REGION}"})),
        (Class::Definition, "postgres", "extra.sslmode", serde_json::json!({"sslmode": "<sslmode>"})),
        (Class::Definition, "postgres", "extra.port", serde_json::json!({"port": "$(DB_PORT)"})),
        (Class::Tls, "postgres", "extra.sslrootcert", serde_json::json!({"sslrootcert": "${CA}"})),
        (Class::Policy, "mongo", "extra.tlsCAFile", serde_json::json!({"tlsCAFile": "{{ ca }}"})),
        (Class::Definition, "mssql", "extra.encryption", serde_json::json!({"encryption": "%ENCRYPTION%"})),
        (Class::Definition, "mysql", "extra.ssl_mode", serde_json::json!({"ssl_mode": "#{MODE}"})),
    ] {
        let at = Box::leak(path.to_owned().into_boxed_str());
        let (hint, fields) = looked_at(class, conn_type, &[at], &value);
        assert_eq!(fields, [path], "{conn_type}");
        assert!(!hint.is_empty(), "{conn_type} {path}");
    }
    for (host, told) in [("{{ .Values.host }}", true), ("${DB_HOST}", true), (" db", false)] {
        let (found, _) = refined(Class::Definition, "postgres", |one| one.host = Some(host.to_owned()));
        assert_eq!(found, "ask somebody", "no field is at fault: {host}");
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        let connection = Connection { host: Some(host.to_owned()), ..Connection::new(origin) };
        let mut failure = Failure::made_up(ReasonCode::BadField, Class::Definition, "failed");
        failure.point_at([Field::HOST]);
        refine_hint(&mut failure, &connection, Registry::builtin().find("postgres").map(|(driver, _)| driver));
        assert_eq!(failure.hint.is_some(), told, "{host}");
    }
}

#[test]
fn of_a_secret_that_is_a_placeholder_no_part_is_told() {
    for secret in [
        "${CANARY_PW}",
        "$(CANARY_PW)",
        "{{ .Values.canary }}",
        "env:CANARY_PW",
        "{ fromEnv: CANARY }",
        "op://canary/item/password",
        "<your_canary>",
        "vault:canary#canary",
        "%(canary)s",
        "ENC[canary,data:x]",
        "'${CANARY}'",
    ] {
        for (conn_type, key) in [
            ("postgres", ""),
            ("postgres", "password"),
            ("mongo", "password"),
            ("s3", "aws_secret_access_key"),
            ("s3", "aws_session_token"),
        ] {
            let (hint, _) = refined(Class::Auth, conn_type, |one| {
                if key.is_empty() {
                    one.password = Some(Secret::new(secret.to_owned()));
                } else {
                    one.extra = extras(&serde_json::json!({key: secret}));
                }
            });
            assert_ne!(hint, "ask somebody", "{conn_type} {secret}");
            assert!(!hint.to_lowercase().contains("canary"), "{conn_type} {hint}");
        }
        let inner = serde_json::json!({"ssl": {"canary": secret}});
        let (hint, fields) = looked_at(Class::Auth, "mysql", &[], &inner);
        assert_eq!(fields, ["extra.ssl"]);
        assert!(!hint.to_lowercase().contains("canary"), "{hint}");
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

#[test]
fn an_old_word_is_read_as_the_one_that_took_its_place() {
    // Airflow 1.10 `docs/howto/connection/postgres.rst` (`sslca`); MySQL's `ssl_ca` in the PostgreSQL form; JDBC.
    let (postgres, _) = Registry::builtin().find("postgres").unwrap();
    assert_eq!(crate::driver::extras::meant(postgres.spec(), "sslca"), Some("sslrootcert"));
}
