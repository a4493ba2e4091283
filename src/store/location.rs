//! The location of a store, and the options for opening it.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::files;
use crate::beside::CallersRuntime;
use crate::driver::Policy;
use crate::engine::Logins;
use crate::model::connection::Connection;
use crate::model::redact::escape_control;

/// The location of a store.
#[derive(Clone, Debug)]
pub enum Location {
    /// In this file.
    Sqlite(PathBuf),
    /// In the schema `connprobe` of the database that this connection logs in to.
    Postgres(Arc<Connection>),
}

impl fmt::Display for Location {
    /// The name of the location in messages, without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.write_str(&files::shown(path)),
            Self::Postgres(connection) => f.write_str(&shown(connection)),
        }
    }
}

/// The options for using a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file of its key. Without a key, no secret is read or stored.
    pub key_file: Option<PathBuf>,
    /// How long one call may wait for another process or for the server.
    pub limit: Duration,
    /// The moment after which no call waits, if there is one. A call that begins later may still wait for a short time.
    pub until: Option<Instant>,
    /// The policy for connections to a server.
    pub policy: Policy,
    /// The logins to a server, under the ledger of accounts.
    pub logins: Arc<Logins>,
}

impl Options {
    pub(super) fn limit(&self) -> Limit {
        Limit { most: self.limit, until: self.until }
    }
}

/// A server that holds a store, and the runtime that drives the dialogue with it.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) connection: Arc<Connection>,
    pub(super) runtime: CallersRuntime,
}

/// How long a call may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) most: Duration,
    pub(super) until: Option<Instant>,
}

impl Limit {
    /// The time of a call that begins after the end, because the results of the run are saved then.
    const LAST: Duration = Duration::from_millis(250);

    /// The limit of a call that begins now.
    pub(super) fn now(self) -> Duration {
        let left = |until: Instant| until.saturating_duration_since(Instant::now()).max(Self::LAST);
        self.until.map_or(self.most, |until| self.most.min(left(until)))
    }
}

/// The purpose that a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To read definitions.
    Read,
    /// To change them, or to remember results.
    Write,
}

/// The name in messages of the store that `connection` leads to, without its password.
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
