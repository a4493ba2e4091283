//! `Builder`: creates a connection in a program instead of reading it from a source.

use serde_json::Value;

use super::connection::{Connection, Origin};
use super::extra::Extra;
use super::secret::Secret;

/// The name of the origin of such connections.
const SOURCE: &str = "program";

/// A connection under construction. Nothing is checked here: problems appear in the result of its check.
#[derive(Debug)]
pub struct Builder {
    connection: Connection,
    extra: serde_json::Map<String, Value>,
}

impl Connection {
    /// Starts a connection of this type, such as `postgres` or `s3`.
    #[must_use]
    pub fn builder(conn_type: impl Into<String>) -> Builder {
        let mut connection = Connection::of_program();
        connection.conn_type = Some(conn_type.into());
        Builder { connection, extra: serde_json::Map::new() }
    }

    /// An empty connection that was not read from a source.
    pub(crate) fn of_program() -> Self {
        Self::new(Origin { source: SOURCE.to_owned(), line: None, pointer: String::new(), occurrence: 0 })
    }
}

impl Builder {
    /// The name, from which the ID of its results is derived: all connections without a name share one ID.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.connection.origin.pointer.clone_from(&name);
        self.connection.conn_id = Some(name).filter(|name| !name.is_empty());
        self
    }

    /// Host name, address, socket directory or list of hosts.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.connection.host = Some(host.into()).filter(|host| !host.is_empty());
        self
    }

    /// The port, 1 to 65535. The default is the usual port of the type.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.connection.port = Some(port);
        self
    }

    /// The user, or key id.
    #[must_use]
    pub fn login(mut self, login: impl Into<String>) -> Self {
        self.connection.login = Some(login.into()).filter(|login| !login.is_empty());
        self
    }

    /// The password, or secret key.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.connection.password = Some(Secret::new(password.into()));
        self
    }

    /// The database to log in to (MongoDB: the authentication database; S3: a bucket).
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.connection.schema = Some(schema.into()).filter(|schema| !schema.is_empty());
        self
    }

    /// The extra `name`, such as `sslmode`. `connprobe types` lists the extras of a type.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// The connection.
    #[must_use]
    pub fn build(self) -> Connection {
        Connection { extra: Extra::new(self.extra), ..self.connection }
    }
}
