//! The store in a schema of a PostgreSQL server, for teams.

use std::sync::Arc;

use super::Options;
use super::database::Transaction;
use super::error::StoreError;
use super::header::Header;
use crate::model::connection::Connection;

/// A server that holds a store.
pub(super) struct Postgres {
    place: String,
}

impl Postgres {
    pub(super) fn open(connection: &Arc<Connection>, _options: &Options) -> Result<Self, StoreError> {
        Err(StoreError::Missing { place: shown(connection) })
    }

    pub(super) fn create(
        connection: &Arc<Connection>,
        options: &Options,
        _header: impl FnOnce() -> Result<Header, StoreError>,
    ) -> Result<Self, StoreError> {
        Self::open(connection, options)
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn read<T>(
        &mut self,
        _body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        Err(StoreError::Missing { place: self.place.clone() })
    }

    pub(super) fn write<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read(body)
    }
}

/// How messages name the store that `connection` leads to.
pub(super) fn shown(connection: &Connection) -> String {
    let mut text = "postgresql://".to_owned();
    if let Some(login) = &connection.login {
        text.extend([login.as_str(), "@"]);
    }
    text.push_str(connection.host.as_deref().unwrap_or_default());
    if let Some(port) = connection.port {
        text.push_str(&format!(":{port}"));
    }
    if let Some(database) = &connection.schema {
        text.extend(["/", database.as_str()]);
    }
    crate::model::redact::escape_control(&text)
}
