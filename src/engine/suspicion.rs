//! What in a definition may be the reason of its failure: found by looking at the definition again,
//! without another login. A suspicion sharpens the failure's hint; it changes no verdict.

use crate::driver::{Driver, Registry};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::Field;
use crate::model::secret::Secret;

/// What looks wrong in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Suspicion {
    /// The password begins or ends with a blank or line end. Which, and how many, would be a part of it.
    PaddedPassword,
    /// So does the login.
    PaddedLogin,
    /// The password is what Airflow makes of one.
    FernetToken,
    /// The password is written as in a URI.
    PercentEncoded,
    /// The host is a name that only one network knows.
    LocalName { host: String },
    /// The port is the usual one of another type.
    PortOfAnother { port: u16, other: &'static str, product: &'static str, usual: u16 },
    /// A schema inside a database was taken for the database.
    SchemaForDatabase { schema: String },
}

impl Suspicion {
    fn hint(&self) -> String {
        match self {
            Self::PaddedPassword => {
                "`password` begins or ends with a blank or a line end: store it without, unless it belongs to it"
                    .to_owned()
            }
            Self::PaddedLogin => "`login` begins or ends with a blank or a line end: store it without".to_owned(),
            Self::FernetToken => {
                "`password` looks like a Fernet token: store the password itself, not what Airflow made of it"
                    .to_owned()
            }
            Self::PercentEncoded => {
                "`password` looks percent-encoded, as in a URI: a field of its own holds it as it is".to_owned()
            }
            Self::LocalName { host } => {
                format!("`{}` is a name that only one network knows: run connprobe inside it", host.escape_default())
            }
            Self::PortOfAnother { port, other, product, usual } => format!(
                "{port} is the usual port of {other}, that of {product} is {usual}: check `port` and `conn_type`"
            ),
            Self::SchemaForDatabase { schema } => format!(
                "`schema` names the database, and `{schema}` looks like a schema inside one: name the database, and put the other into extra `options` as `-c search_path={schema}`"
            ),
        }
    }

    fn fields(&self) -> &'static [Field] {
        const PASSWORD: &[Field] = &[Field::PASSWORD];
        const LOGIN: &[Field] = &[Field::LOGIN];
        const HOST: &[Field] = &[Field::HOST];
        const PORT: &[Field] = &[Field::PORT, Field::CONN_TYPE];
        const SCHEMA: &[Field] = &[Field::SCHEMA, Field::named("extra.options")];
        match self {
            Self::PaddedPassword | Self::FernetToken | Self::PercentEncoded => PASSWORD,
            Self::PaddedLogin => LOGIN,
            Self::LocalName { .. } => HOST,
            Self::PortOfAnother { .. } => PORT,
            Self::SchemaForDatabase { .. } => SCHEMA,
        }
    }
}

/// Hints of `failure`, the likeliest first: what looks wrong in `connection`, else what is usual. The fields that
/// the suspicion points at are added.
pub(super) fn sharpen(failure: &mut Failure, connection: &Connection, driver: Option<&'static dyn Driver>) {
    let Some(suspicion) = suspicion(failure, connection, driver) else { return };
    failure.point_at(suspicion.fields().iter().cloned());
    failure.hint = Some(match failure.hint.take() {
        Some(usual) => format!("{}; otherwise {usual}", suspicion.hint()),
        None => suspicion.hint(),
    });
}

fn suspicion(failure: &Failure, connection: &Connection, driver: Option<&'static dyn Driver>) -> Option<Suspicion> {
    match failure.class {
        Class::Auth => login(connection),
        Class::Resolve => name(connection),
        Class::Unreachable | Class::Timeout | Class::Protocol => port(connection, driver),
        Class::NotFound => database(connection, driver),
        _ => None,
    }
}

fn login(connection: &Connection) -> Option<Suspicion> {
    let padded = |text: &str| text.trim() != text;
    let password = connection.password().map_or("", Secret::expose);
    if padded(password) {
        return Some(Suspicion::PaddedPassword);
    }
    if connection.login.as_deref().is_some_and(padded) {
        return Some(Suspicion::PaddedLogin);
    }
    if password.starts_with("gAAAAA") && password.len() >= 100 {
        return Some(Suspicion::FernetToken);
    }
    percent_encoded(password).then_some(Suspicion::PercentEncoded)
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

/// Of names without a dot the failure itself says that only one network knows them.
fn name(connection: &Connection) -> Option<Suspicion> {
    let host = connection.host.as_deref()?.trim().trim_end_matches('.');
    let inside = [".docker.internal", ".svc", ".svc.cluster.local", ".internal", ".local"];
    let known = inside.iter().any(|suffix| host.ends_with(suffix));
    known.then(|| Suspicion::LocalName { host: host.to_owned() })
}

fn port(connection: &Connection, driver: Option<&'static dyn Driver>) -> Option<Suspicion> {
    let (own, port) = (driver?.spec(), connection.port?);
    let usual = |spec: &crate::driver::Spec| spec.types.iter().any(|(_, usual)| *usual == port);
    if usual(own) {
        return None;
    }
    let other = Registry::builtin().drivers().map(Driver::spec).find(|spec| usual(spec))?;
    let (_, usual) = own.types.first()?;
    Some(Suspicion::PortOfAnother { port, other: other.product, product: own.product, usual: *usual })
}

fn database(connection: &Connection, driver: Option<&'static dyn Driver>) -> Option<Suspicion> {
    let schema = connection.schema.as_deref()?;
    let is_schema = ["public", "pg_catalog", "information_schema"].contains(&schema);
    (driver?.spec().name == "postgres" && is_schema).then(|| Suspicion::SchemaForDatabase { schema: schema.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;
    use crate::model::reason::{ReasonCode, Words};

    fn hint(class: Class, conn_type: &str, fill: impl FnOnce(&mut Connection)) -> String {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        let mut connection = Connection::new(origin);
        fill(&mut connection);
        let driver = Registry::builtin().find(conn_type).map(|(driver, _)| driver);
        let mut failure = Failure::of(Words::new(ReasonCode::ServerError, "failed").class(class)).hint("ask somebody");
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
