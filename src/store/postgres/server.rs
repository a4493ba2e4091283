//! `Postgres`: the server of a store, a session for each transaction, and what its errors mean.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::migrate;
use crate::driver::attempt::Trace;
use crate::driver::{Attempt, Policy, Recorder};
use crate::engine::Logins;
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::os_error::in_words;
use crate::model::phase::Phase;
use crate::model::reason::{ReasonCode, Timeout};
use crate::model::redact::Redactor;
use crate::model::url_parts;
use crate::net::Network;
use crate::net::guard::Budget;
use crate::sql::Kind;
use crate::sql::postgres::{Client, connect};
use crate::store::Options;
use crate::store::database::{LONGEST_LINE, Line, Take, Transaction};
use crate::store::error::StoreError;
use crate::store::header::Header;
use crate::store::location::{Access, Limit, shown};

/// What one session may carry: a hundred thousand definitions, and their results.
const BUDGET: Budget = Budget { read: 512 << 20, write: 512 << 20 };

/// How long a writer waits for another at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// The code of a lock that was not given in time.
const NO_LOCK: &str = "55P03";

/// A server that holds a store.
pub(in crate::store) struct Postgres {
    connection: Arc<Connection>,
    network: Arc<Network>,
    policy: Policy,
    logins: Arc<Logins>,
    limit: Limit,
    place: String,
    runtime: Runtime,
}

impl Postgres {
    /// Finds the store, and brings an older one up to date, whatever it is opened for.
    pub(in crate::store) fn open(
        connection: &Arc<Connection>,
        options: &Options,
        _access: Access,
    ) -> Result<Self, StoreError> {
        let mut postgres = Self::new(connection, options)?;
        let place = postgres.place.clone();
        if postgres.transaction("BEGIN READ ONLY", |open| migrate::is_older(open, &place))? {
            postgres.transaction("BEGIN", |open| migrate::upgrade(open, &place))?;
        }
        Ok(postgres)
    }

    /// Creates a store, if there is none.
    pub(in crate::store) fn create(
        connection: &Arc<Connection>,
        options: &Options,
        header: impl FnOnce() -> Result<Header, StoreError>,
    ) -> Result<Self, StoreError> {
        Self::new(connection, options)?.transaction("BEGIN", |open| migrate::create(open, header))?;
        Self::open(connection, options, Access::Write)
    }

    fn new(connection: &Arc<Connection>, options: &Options) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self {
            connection: Arc::clone(connection),
            network: Arc::new(options.policy.network(BUDGET)),
            policy: options.policy.clone(),
            logins: Arc::clone(&options.logins),
            limit: options.limit(),
            place: shown(connection),
            runtime: runtime.map_err(|error| StoreError::Local { reason: in_words(&error) })?,
        })
    }

    pub(in crate::store) fn place(&self) -> &str {
        &self.place
    }

    pub(in crate::store) fn read<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", |open| body(open))
    }

    pub(in crate::store) fn write<T>(
        &mut self,
        body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction("BEGIN", |open| {
            // Keeps out writers, but no readers.
            open.batch("LOCK TABLE store IN EXCLUSIVE MODE")?;
            body(open)
        })
    }

    fn transaction<T>(
        &mut self,
        begin: &str,
        body: impl FnOnce(&mut Open<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let recorder = Arc::new(Recorder::default());
        let limit = self.limit.now();
        let deadline = Instant::now() + limit;
        let attempt = Attempt {
            network: Arc::clone(&self.network),
            policy: self.policy.clone(),
            deadline,
            recorder,
            controls: Arc::default(),
        };
        let server = Server { runtime: &self.runtime, attempt: &attempt, limit, store: self };
        let login = connect(&self.connection, &attempt);
        let session = server.within(self.logins.log_in(&self.connection, &attempt, login))?;
        let mut open = Open { server, session };
        let done = open.begin(begin).and_then(|()| body(&mut open)).and_then(|done| {
            open.batch("COMMIT")?;
            Ok(done)
        });
        // What was not committed the server takes back.
        self.runtime.block_on(open.session.close());
        done
    }
}

/// What a session of the store's needs besides itself.
#[derive(Clone, Copy)]
struct Server<'a> {
    runtime: &'a Runtime,
    attempt: &'a Attempt,
    /// How long the session may take.
    limit: Duration,
    store: &'a Postgres,
}

impl Server<'_> {
    /// Waits for `answer`, but not beyond the limit.
    fn within<T>(&self, answer: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
        let deadline = self.attempt.deadline.into();
        let answer = self.runtime.block_on(async { tokio::time::timeout_at(deadline, answer).await });
        match answer {
            Err(_elapsed) => Err(self.error(self.late())),
            // The stream has the same deadline, and reports every timeout as one of the login.
            Ok(Err(failure)) if failure.class == Class::Timeout && self.is_logged_in() => Err(self.error(self.late())),
            Ok(answer) => answer.map_err(|failure| self.error(failure)),
        }
    }

    fn late(&self) -> Failure {
        let limit = self.limit;
        Failure::of(if self.is_logged_in() { Timeout::Table { limit } } else { Timeout::Store { limit } })
    }

    fn is_logged_in(&self) -> bool {
        self.attempt.recorder.look(Trace::phase) == Some(Phase::Query)
    }

    /// What `failure` means for the store; text of the server's as the engine would show it.
    fn error(&self, mut failure: Failure) -> StoreError {
        let place = self.store.place.clone();
        if failure.code.as_deref() == Some(NO_LOCK) {
            return StoreError::Locked { place };
        }
        let connection = &self.store.connection;
        let own: Vec<&str> = [&connection.host, &connection.login].into_iter().flatten().map(String::as_str).collect();
        let secrets = Kind::Postgres.spec().secrets(connection);
        failure.scrub(&Redactor::new(secrets.iter().map(AsRef::as_ref), &own));
        failure.phase = failure.phase.or_else(|| self.attempt.recorder.look(Trace::phase));
        StoreError::Server { place, failure: Box::new(url_parts::named(failure)) }
    }
}

/// A transaction of a server's.
pub(super) struct Open<'a> {
    server: Server<'a>,
    session: Client<'a>,
}

impl Open<'_> {
    fn begin(&mut self, begin: &str) -> Result<(), StoreError> {
        let attempt = self.server.attempt;
        attempt.recorder.enter(Phase::Query);
        // A server does not notice that the client has closed the connection while a statement waits for a lock.
        // The server has to give up first: its error names the lock, a limit of the client's would only be silence.
        let lock = (attempt.remaining() * 3 / 4).min(PATIENCE).as_millis().max(1);
        let statement = attempt.remaining().as_millis() + 1000;
        self.batch(&format!(
            "{begin}; SET LOCAL search_path = connprobe; SET LOCAL lock_timeout = {lock}; \
             SET LOCAL statement_timeout = {statement}"
        ))
    }

    /// How messages name the store.
    pub(super) fn place(&self) -> &str {
        &self.server.store.place
    }

    /// Runs statements that give nothing.
    pub(super) fn batch(&mut self, statements: &str) -> Result<(), StoreError> {
        self.server.within(self.session.rows(statements)).map(drop)
    }
}

impl Transaction for Open<'_> {
    fn each(&mut self, statement: &str, parameters: Line, take: &mut Take<'_>) -> Result<(), StoreError> {
        let (mut taken, place) = (Ok(()), self.place().to_owned());
        let rows = self.session.execute(statement, &parameters, |row| {
            let length: usize = row.iter().flatten().map(String::len).sum();
            taken = if length > LONGEST_LINE { Err(StoreError::Full { place: place.clone() }) } else { take(row) };
            taken.is_ok()
        });
        match self.server.within(rows) {
            // So far it was understood: this is the one message of a value that is longer than any row of connprobe's.
            Err(StoreError::Server { failure, .. }) if failure.reason == ReasonCode::NotUnderstood => {
                Err(StoreError::Full { place: self.place().to_owned() })
            }
            read => read.and(taken),
        }
    }
}
