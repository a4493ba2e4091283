//! Where a store is, and what opening it needs.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::files;
use crate::driver::Policy;
use crate::engine::Logins;
use crate::model::connection::Connection;
use crate::model::redact::escape_control;

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Location {
    /// In this file.
    Sqlite(PathBuf),
    /// In the schema `connprobe` of the database that this connection logs in to.
    Postgres(Arc<Connection>),
}

impl fmt::Display for Location {
    /// As messages name it: without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.write_str(&files::shown(path)),
            Self::Postgres(connection) => f.write_str(&shown(connection)),
        }
    }
}

/// What using a store needs besides its place.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file of its key. Without one, secrets are neither read nor stored.
    pub key_file: Option<PathBuf>,
    /// How long one call may wait: for another process, or for the server.
    pub limit: Duration,
    /// When no call waits any more, if there is such a moment. One that begins then has a moment all the same.
    pub until: Option<Instant>,
    /// What is demanded of the connection to a server.
    pub policy: Policy,
    /// The logins to a server.
    pub logins: Arc<Logins>,
}

impl Options {
    pub(super) fn limit(&self) -> Limit {
        Limit { most: self.limit, until: self.until }
    }
}

/// How long a call may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) most: Duration,
    pub(super) until: Option<Instant>,
}

impl Limit {
    /// What a call has that begins at the end: what the run came to is still to be saved.
    const LAST: Duration = Duration::from_millis(250);

    /// How long it is for a call that begins now.
    pub(super) fn now(self) -> Duration {
        let left = |until: Instant| until.saturating_duration_since(Instant::now()).max(Self::LAST);
        self.until.map_or(self.most, |until| self.most.min(left(until)))
    }
}

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read definitions.
    Read,
    /// To change them, or to remember results.
    Write,
}

/// How messages name the store that `connection` leads to: without its password.
pub(super) fn shown(connection: &Connection) -> String {
    let mut text = "postgresql://".to_owned();
    if let Some(login) = &connection.login {
        text.extend([login, "@"]);
    }
    text.push_str(connection.host.as_deref().unwrap_or_default());
    if let Some(port) = connection.port {
        let _infallible = write!(text, ":{port}");
    }
    if let Some(database) = &connection.schema {
        text.extend(["/", database]);
    }
    escape_control(&text)
}
