//! A session of the driver crate, and the hands that pass bytes between it and the server.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, IoError, Row, Value};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, split};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::login::log_in;
use super::packet::nonsense;
use super::refusal::Refusal;
use super::settings::Settings;
use crate::driver::{Attempt, Cell};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::net::dial::Socket;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::Protocol;

/// How long a farewell may take.
const LINGER: Duration = Duration::from_millis(200);

/// A way to the server, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A session, logged in.
pub struct Session {
    connection: Conn,
    encrypted: bool,
    tap: Tap,
    hung_up: Arc<AtomicBool>,
    hands: AbortOnDropHandle<()>,
}

impl Session {
    /// A session that has just been logged in to, between the crate `inside` and the `server`.
    pub(super) fn begin(connection: Conn, inside: Socket, server: Box<dyn Stream>, encrypted: bool, tap: Tap) -> Self {
        let hung_up = Arc::<AtomicBool>::default();
        let hands = AbortOnDropHandle::new(tokio::spawn(pass(inside, server, Arc::clone(&hung_up))));
        Self { connection, encrypted, tap, hung_up, hands }
    }

    /// The crate's own connection.
    pub fn connection(&mut self) -> &mut Conn {
        &mut self.connection
    }

    /// What an error of the crate's means for a login by `settings`.
    #[must_use]
    pub fn failure(&self, error: &Error, settings: &Settings) -> Failure {
        match error {
            Error::Io(_) if self.hung_up.load(Ordering::Relaxed) => fault::hung_up(&self.tap, Protocol::Mysql),
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
        mut take: impl FnMut(Vec<Cell<'_>>),
    ) -> Result<Vec<String>, Failure> {
        let asked = async {
            let mut answer = self.connection.query_iter(query).await?;
            let names = answer.columns_ref().iter().map(|column| column.name_str().into_owned()).collect();
            answer.for_each(|row| take((0..row.len()).map(|column| cell(&row, column)).collect())).await?;
            Ok(names)
        };
        asked.await.map_err(|error: Error| self.failure(&error, settings))
    }

    /// Says goodbye in the protocol's own way, so that no server counts an aborted connection.
    pub async fn close(self) {
        let Self { connection, hands, .. } = self;
        let farewell = async {
            let _gone_already = connection.disconnect().await;
            let _passed_on = hands.await;
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

/// After the login: whatever one side says, until one has hung up and the other knows it. The crate
/// cannot tell a server that hung up from nonsense, so it is noted.
async fn pass(inside: Socket, server: Box<dyn Stream>, hung_up: Arc<AtomicBool>) {
    let (mut from_crate, mut to_crate) = split(inside);
    let (mut from_server, mut to_server) = split(server);
    tokio::select! {
        _ended = copy(&mut from_server, &mut to_crate) => hung_up.store(true, Ordering::Relaxed),
        _ended = copy(&mut from_crate, &mut to_server) => {
            let _gone_already = to_server.shutdown().await;
        }
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
