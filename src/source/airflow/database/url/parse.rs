//! Reads a whole URL.

use super::parameters;
use super::parts::{Parts, decode};
use super::place::Place;
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::reason::unusable::Metadata;
use crate::model::redact::escape_control;
use crate::model::secret::Secret;
use crate::source::airflow::database::Trouble;
use crate::sql::Kind;

/// The label of the database of `text`, which does not depend on the host: its scheme and its name, or the name of its file.
pub(in crate::source::airflow::database) fn label(text: &str) -> Option<String> {
    let parts = Parts::of(text.trim())?;
    let scheme = parts.scheme.to_ascii_lowercase();
    let dialect = scheme.split_once('+').map_or(scheme.as_str(), |(dialect, _)| dialect);
    let dialect = if dialect == "postgres" { "postgresql" } else { dialect };
    let name = parts.database.rsplit('/').next().unwrap_or_default();
    Some(format!("{dialect}:{}", escape_control(name)))
}

/// Reads `text`. `source` is the source in the origin of the connection.
pub(in crate::source::airflow::database) fn parse(text: &str, source: &str) -> Result<Place, Trouble> {
    let parts = Parts::of(text.trim()).ok_or(Metadata::NotAUrl)?;
    let scheme = parts.scheme.to_ascii_lowercase();
    let (dialect, driver) = scheme.split_once('+').unwrap_or((&scheme, ""));
    match dialect {
        "postgresql" | "postgres" => parts.server(Kind::Postgres, driver, source),
        "mysql" | "mariadb" => parts.server(Kind::Mysql, driver, source),
        "sqlite" => parts.file(),
        other => Err(Metadata::OtherKind { dialect: other.to_owned() }.into()),
    }
}

impl Parts<'_> {
    fn file(&self) -> Result<Place, Trouble> {
        if [self.login, self.password, self.host, self.port].iter().any(|part| !part.is_empty()) {
            return Err(Metadata::HostOfFile.into());
        }
        match self.database {
            "" | ":memory:" => Err(Metadata::InMemory.into()),
            path if path.starts_with("file:") => Err(Metadata::FileUrl.into()),
            path => Ok(Place::File(path.to_owned())),
        }
    }

    fn server(&self, kind: Kind, driver: &str, source: &str) -> Result<Place, Trouble> {
        let origin = Origin { source: source.to_owned(), line: None, pointer: String::new(), occurrence: 0 };
        let present = |text: String| Some(text).filter(|text| !text.is_empty());
        if self.is_ambiguous {
            return Err(Metadata::Ambiguous.into());
        }
        let port = match self.port {
            "" => None,
            port => Some(port.parse().ok().filter(|port| *port != 0).ok_or(Metadata::BadPort)?),
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
