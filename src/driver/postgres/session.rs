//! `Session`: one login, and its queries.

use std::pin::pin;
use std::time::Duration;

use futures_util::{FutureExt as _, TryStreamExt as _};
use tokio_postgres::config::{ChannelBinding, Config, SslMode};
use tokio_postgres::tls::{NoTls, NoTlsStream};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Connection, Error, SimpleQueryMessage, SimpleQueryRow};

use super::channel::{ChannelKind, Opened, open};
use super::failure::{Login, Peer};
use super::options::Options;
use super::watch::Watch;
use super::watched::Watched;
use crate::driver::Cell;
use crate::driver::attempt::Protection;
use crate::driver::kit::wire::{Stream, hear_out};
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;

/// How long the server may take to end the session.
const FAREWELL: Duration = Duration::from_millis(200);

/// A session after its login.
pub struct Session<'a> {
    client: Client,
    connection: Connection<Watched<'a, Box<dyn Stream>>, NoTlsStream>,
    /// The error that ended the connection right after an answer; the next query gets it.
    ended: Option<Error>,
    peer: Peer<'a>,
}

/// A login that failed.
pub(super) struct Unopened {
    pub(super) failure: Failure,
    pub(super) ended: Ended,
}

/// How far a failed login got, to decide whether another kind of channel is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The TLS handshake failed.
    InHandshake,
    /// The server refused the client on a channel of this kind, before a credential was sent.
    TurnedAway(Protection),
    /// In any other way.
    Otherwise,
}

impl From<Failure> for Unopened {
    fn from(failure: Failure) -> Self {
        Self { failure, ended: Ended::Otherwise }
    }
}

impl<'a> Session<'a> {
    /// Logs in.
    pub(super) async fn log_in(login: Login<'a>, kind: ChannelKind) -> Result<Self, Unopened> {
        let attempt = login.attempt;
        attempt.learn(|facts| *facts = Facts::default());
        let Opened { mut stream, channel, end_point, address, tap } = open(&login, kind).await?;
        if let Err(failure) = attempt.admit(&address, channel) {
            hear_out(&mut stream, &tap).await;
            return Err(failure.into());
        }
        let config = config(&login.options);
        let peer = Peer { login, address, channel, tap };
        let stream = Watched::new(stream, Watch::new(peer.clone(), end_point));
        match attempt.phase(Phase::Auth, config.connect_raw(stream, NoTls)).await {
            Ok((client, connection)) => {
                let session = Self { client, connection, ended: None, peer };
                attempt.learn(|facts| session.tell(facts));
                Ok(session)
            }
            Err(error) => {
                if error.as_db_error().is_none() {
                    // If the dialogue broke off, only what was known before it counts.
                    attempt.learn(|facts| facts.server_proved = (channel == Protection::Verified).then_some(true));
                }
                let ended = if peer.turned_away(&error) { Ended::TurnedAway(channel) } else { Ended::Otherwise };
                Err(Unopened { failure: peer.failure(&error), ended })
            }
        }
    }

    /// Records what the server reports about itself and the session.
    fn tell(&self, facts: &mut Facts) {
        let version = self.parameter("server_version");
        facts.server = Some(product(version, self.parameter("crdb_version").is_some()).to_owned());
        facts.version = version.map(str::to_owned);
        facts.user = self.parameter("session_authorization").map(str::to_owned);
        facts.read_only = self.reported_read_only();
    }

    /// A parameter that the server reports unasked.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.connection.parameter(name)
    }

    /// Whether the session is read-only.
    pub(super) async fn is_read_only(&mut self) -> Result<bool, Failure> {
        let read_only = match self.reported_read_only() {
            Some(read_only) => read_only,
            None => self.asked("SHOW transaction_read_only").await? == "on",
        };
        self.peer.login.attempt.learn(|facts| facts.read_only = Some(read_only));
        Ok(read_only)
    }

    /// Whether the server is a standby.
    pub(super) async fn is_standby(&mut self) -> Result<bool, Failure> {
        match self.parameter("in_hot_standby") {
            Some(standby) => Ok(standby == "on"),
            None => Ok(self.asked("SELECT pg_is_in_recovery()").await? == "t"),
        }
    }

    /// The single value of `query`; servers before PostgreSQL 14 do not report these values unasked.
    async fn asked(&mut self, query: &str) -> Result<String, Failure> {
        let attempt = self.peer.login.attempt;
        let rows = attempt.phase(Phase::Query, self.rows(query)).await?;
        Ok(rows.into_iter().flatten().next().flatten().unwrap_or_default())
    }

    /// Whether the session is read-only, if the server reports that.
    fn reported_read_only(&self) -> Option<bool> {
        let recovering = self.parameter("in_hot_standby")?;
        let read_only = self.parameter("default_transaction_read_only")?;
        Some(recovering == "on" || read_only == "on")
    }

    /// The rows of `query`; every value is text, `NULL` is `None`.
    pub async fn rows(&mut self, query: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let mut rows = Vec::new();
        self.each(query, |row| rows.push(row.into_iter().map(Cell::text).collect())).await?;
        Ok(rows)
    }

    /// Passes each row of `query` to `take` as it arrives, and returns the names of the columns.
    ///
    /// # Errors
    ///
    /// The server's refusal, or the error that broke the dialogue.
    pub async fn each(&mut self, query: &str, mut take: impl FnMut(Vec<Cell<'_>>)) -> Result<Vec<String>, Failure> {
        let mut names = Vec::new();
        let taken = self.simple_query(query, |message| match message {
            SimpleQueryMessage::RowDescription(columns) => {
                names = columns.iter().map(|column| column.name().to_owned()).collect();
            }
            SimpleQueryMessage::Row(row) => take((0..row.len()).map(|column| cell(&row, column)).collect()),
            _ => {}
        });
        taken.await.map_err(|error| self.peer.query_failure(&error))?;
        Ok(names)
    }

    async fn simple_query(&mut self, query: &str, mut take: impl FnMut(SimpleQueryMessage)) -> Result<(), Error> {
        let client = &self.client;
        let answer = async move {
            let mut messages = pin!(client.simple_query_raw(query).await?);
            while let Some(message) = messages.try_next().await? {
                take(message);
            }
            Ok(())
        };
        over(&mut self.connection, &mut self.ended, answer).await
    }

    /// Runs one statement with parameters (`$1`…, all of them text), and passes each row to `take` as it arrives, until
    /// that returns false. Every column must be text.
    ///
    /// # Errors
    ///
    /// The server's refusal, or the error that broke the dialogue.
    pub async fn execute(
        &mut self,
        statement: &str,
        parameters: &[Option<String>],
        mut take: impl FnMut(Vec<Option<String>>) -> bool,
    ) -> Result<(), Failure> {
        let client = &self.client;
        let answer = async move {
            let parameters = parameters.iter().map(|text| (text, Type::TEXT));
            let mut rows = pin!(client.query_typed_raw(statement, parameters).await?);
            while let Some(row) = rows.try_next().await? {
                let row = (0..row.len()).map(|column| row.try_get(column)).collect::<Result<_, _>>()?;
                if !take(row) {
                    break;
                }
            }
            Ok(())
        };
        over(&mut self.connection, &mut self.ended, answer).await.map_err(|error| self.peer.query_failure(&error))
    }

    /// Closes the session as the protocol requires, so that the server logs no complaint.
    pub async fn close(self) {
        let Self { client, connection, ended, .. } = self;
        drop(client);
        if ended.is_none() {
            // The verdict does not depend on whether the server ends the session.
            let _gone = tokio::time::timeout(FAREWELL, connection).await;
        }
    }

    /// The address that it is connected to.
    pub(super) fn address(&self) -> &Address {
        &self.peer.address
    }
}

fn config(options: &Options) -> Config {
    let mut config = Config::new();
    config
        .user(&options.user)
        .dbname(&options.database)
        .application_name(&options.application_name)
        // The channel is open already, and the crate cannot bind to TLS that it does not see: both are done here.
        .ssl_mode(SslMode::Disable)
        .channel_binding(ChannelBinding::Disable);
    if let Some(password) = &options.password {
        config.password(password.expose());
    }
    if let Some(settings) = &options.settings {
        config.options(settings);
    }
    config
}

/// Drives `connection` until `answer` is complete. If the server ends the session in the same moment (an administrator's
/// command, a restart), its error is kept in `was_ended` for the next call.
async fn over<T>(
    connection: &mut Connection<Watched<'_, Box<dyn Stream>>, NoTlsStream>,
    was_ended: &mut Option<Error>,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    if let Some(error) = was_ended.take() {
        return Err(error);
    }
    let mut answer = pin!(answer);
    let ended = tokio::select! {
        biased;
        answer = &mut answer => return answer,
        ended = connection => ended,
    };
    // The connection may end right after the server's last message, which counts.
    match (answer.now_or_never(), ended) {
        (Some(Ok(done)), ended) => {
            *was_ended = ended.err();
            Ok(done)
        }
        (Some(Err(words)), _) if words.as_db_error().is_some() => Err(words),
        (_, Err(error)) | (Some(Err(error)), Ok(())) => Err(error),
        (None, Ok(())) => unreachable!("the connection only ends without an error after its client is gone"),
    }
}

/// The crate gives no access to bytes, and its `get` panics on bytes that are not text.
fn cell(row: &SimpleQueryRow, column: usize) -> Cell<'_> {
    row.try_get(column).map_or(Cell::NotText, |text| Cell::of(text.map(str::as_bytes)))
}

fn product(version: Option<&str>, cockroach: bool) -> &'static str {
    match version {
        _ if cockroach => "CockroachDB",
        // Redshift was forked from this release, and still reports it.
        Some(version) if version.starts_with("8.0.2") => "Amazon Redshift",
        _ => "PostgreSQL",
    }
}
