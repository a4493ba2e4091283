//! A session of the driver crate.

use std::io::ErrorKind;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, IoError, Row, Value};
use tokio::time::timeout;

use super::login::log_in;
use super::packet::{Inside, Server, nonsense};
use super::refusal::Refusal;
use super::relay::Relay;
use super::settings::Settings;
use crate::driver::{Attempt, Cell};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::Protocol;

/// How long a farewell may take.
const LINGER: Duration = Duration::from_millis(200);

/// A session, logged in.
pub struct Session {
    connection: Conn,
    relay: Relay,
    encrypted: bool,
    tap: Tap,
}

impl Session {
    /// A session that has just been logged in to, between the crate `inside` and the `server`.
    pub(super) fn begin(connection: Conn, inside: Inside, server: Server, encrypted: bool, tap: Tap) -> Self {
        Self { connection, relay: Relay::between(inside, server), encrypted, tap }
    }

    /// What an error of the crate's means for a login by `settings`.
    #[must_use]
    pub fn failure(&self, error: &Error, settings: &Settings) -> Failure {
        match error {
            Error::Io(_) if self.relay.hung_up() && self.tap.stopped().is_none() => {
                fault::hung_up(&self.tap, Protocol::Mysql)
            }
            // The crate's own, over a packet that ends too early: nobody hung up.
            Error::Io(IoError::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                fault::classify(&nonsense("a packet that ends too early"), &self.tap, Protocol::Mysql)
            }
            error => failure(error, settings, self.encrypted, &self.tap),
        }
    }

    /// Gives `take` every row of `query` as it comes, and returns the names of the columns.
    ///
    /// # Errors
    ///
    /// The server's refusal, or what broke the dialogue; `settings` are those of the login.
    pub async fn each(
        &mut self,
        query: &str,
        settings: &Settings,
        take: impl FnMut(Vec<Cell<'_>>),
    ) -> Result<Vec<String>, Failure> {
        self.ask(query, take).await.map_err(|error| self.failure(&error, settings))
    }

    /// The same, with the crate's own errors: after a refusal the session is as it was.
    pub(super) async fn ask(&mut self, query: &str, mut take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Error> {
        let asked = async {
            let mut answer = self.connection.query_iter(query).await?;
            let names = answer.columns_ref().iter().map(|column| column.name_str().into_owned()).collect();
            answer.for_each(|row| take((0..row.len()).map(|column| cell(&row, column)).collect())).await?;
            Ok(names)
        };
        self.relay.pass_during(asked).await
    }

    /// Says goodbye in the protocol's own way, so that no server counts an aborted connection.
    pub async fn close(self) {
        let Self { connection, mut relay, encrypted, .. } = self;
        let farewell = async {
            let (_gone_already, ()) = tokio::join!(connection.disconnect(), relay.pass());
            // TLS has a farewell of its own.
            if encrypted { relay.hang_up().await } else { Ok(()) }
        };
        let _in_time = timeout(LINGER, farewell).await;
    }
}

/// Dials and logs in, in the phases of those names.
///
/// # Errors
///
/// Why there is no session.
pub async fn connect(settings: &Settings, attempt: &Attempt) -> Result<Session, Failure> {
    let material = settings.tls.material()?;
    let wire = attempt.dial(&settings.endpoint).await?;
    log_in(wire, material, settings, attempt).await
}

/// The crate parses no value of an answer in text.
fn cell(row: &Row, column: usize) -> Cell<'_> {
    match row.as_ref(column) {
        None | Some(Value::NULL) => Cell::Null,
        Some(Value::Bytes(bytes)) => Cell::of(Some(bytes)),
        Some(_) => Cell::NotText,
    }
}

/// What an error of the crate's means.
pub(super) fn failure(error: &Error, settings: &Settings, encrypted: bool, tap: &Tap) -> Failure {
    match error {
        Error::Server(error) => {
            Refusal { code: error.code, text: error.message.clone() }.into_failure(settings, encrypted)
        }
        Error::Driver(DriverError::LocalInfile(_)) => Failure::new(
            Class::Protocol,
            "the server asked for a file of this machine instead of answering; nothing was sent",
        )
        .hint("this is not an honest server: check host and port, and change the password"),
        error => fault::classify(error, tap, Protocol::Mysql),
    }
}
