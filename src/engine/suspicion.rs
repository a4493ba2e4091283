//! What in a definition may be the reason of its failure: found by looking at the definition again,
//! without another login. A suspicion sharpens the failure's hint; it changes no verdict.

use crate::driver::{Driver, Registry};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::secret::Secret;

/// Hints of `failure`, the likeliest first: what looks wrong in `connection`, else what is usual.
pub(super) fn sharpen(failure: &mut Failure, connection: &Connection, driver: Option<&'static dyn Driver>) {
    let Some(suspicion) = suspicion(failure, connection, driver) else { return };
    failure.hint = Some(match failure.hint.take() {
        Some(usual) => format!("{suspicion}; otherwise {usual}"),
        None => suspicion,
    });
}

fn suspicion(failure: &Failure, connection: &Connection, driver: Option<&'static dyn Driver>) -> Option<String> {
    match failure.class {
        Class::Auth => login(connection),
        Class::Resolve => name(connection),
        Class::Unreachable | Class::Timeout | Class::Protocol => port(connection, driver),
        Class::NotFound => database(connection, driver),
        _ => None,
    }
}

/// Says nothing of which character it is, or how many: that would be a part of the secret.
fn login(connection: &Connection) -> Option<String> {
    let padded = |text: &str| text.trim() != text;
    let password = connection.password().map_or("", Secret::expose);
    if padded(password) {
        return Some(
            "`password` begins or ends with a blank or a line end: store it without, unless it belongs to it"
                .to_owned(),
        );
    }
    if connection.login.as_deref().is_some_and(padded) {
        return Some("`login` begins or ends with a blank or a line end: store it without".to_owned());
    }
    if password.starts_with("gAAAAA") && password.len() >= 100 {
        return Some(
            "`password` looks like a Fernet token: store the password itself, not what Airflow made of it".to_owned(),
        );
    }
    percent_encoded(password)
        .then(|| "`password` looks percent-encoded, as in a URI: a field of its own holds it as it is".to_owned())
}

/// Every `%` begins an escape, and some escape stands for what a URI cannot hold as it is.
fn percent_encoded(text: &str) -> bool {
    let mut escapes =
        text.split('%').skip(1).map(|rest| rest.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()));
    let mut reserved = false;
    escapes.all(|escape| {
        reserved |= escape.is_some_and(|byte| b"/?#[]@:%&+= !$'()*,;".contains(&byte));
        escape.is_some()
    }) && reserved
}

/// Names that the world cannot know. Of names without a dot the failure itself says so.
fn name(connection: &Connection) -> Option<String> {
    let host = connection.host.as_deref()?.trim().trim_end_matches('.');
    let inside = [".docker.internal", ".svc", ".svc.cluster.local", ".internal", ".local"];
    inside
        .iter()
        .any(|suffix| host.ends_with(suffix))
        .then(|| format!("`{}` is a name that only one network knows: run connprobe inside it", host.escape_default()))
}

/// A port that is the usual one of another type.
fn port(connection: &Connection, driver: Option<&'static dyn Driver>) -> Option<String> {
    let (own, port) = (driver?.spec(), connection.port?);
    let usual = |spec: &crate::driver::Spec| spec.types.iter().any(|(_, usual)| *usual == port);
    if usual(own) {
        return None;
    }
    let other = Registry::builtin().drivers().map(Driver::spec).find(|spec| usual(spec))?;
    let (_, usual) = own.types.first()?;
    Some(format!(
        "{port} is the usual port of {}, that of {} is {usual}: check `port` and `conn_type`",
        other.product, own.product
    ))
}

fn database(connection: &Connection, driver: Option<&'static dyn Driver>) -> Option<String> {
    let schema = connection.schema.as_deref()?;
    let is_schema = ["public", "pg_catalog", "information_schema"].contains(&schema);
    (driver?.spec().name == "postgres" && is_schema).then(|| {
        format!("`schema` names the database, and `{schema}` looks like a schema inside one: name the database, and put the other into extra `options` as `-c search_path={schema}`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;

    fn hint(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> String {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        let mut connection = Connection::new(origin);
        fill(&mut connection);
        let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
        let mut failure = Failure::new(class, "failed").hint("ask somebody");
        sharpen(&mut failure, &connection, driver);
        failure.hint.unwrap_or_default()
    }

    #[test]
    fn a_refused_login_is_looked_at_again_without_telling_of_the_secret() {
        for (password, expected) in [
            ("hunter2\n", "`password` begins or ends with a blank or a line end"),
            (" hunter2", "`password` begins or ends with a blank or a line end"),
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
}
