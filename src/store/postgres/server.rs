//! `Postgres`: a store on a server. Each transaction has a session of its own; errors of the server become [`StoreError`]s.
//! The dialogue runs on the runtime of the caller, and this thread waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::migrate;
use crate::beside::CallersRuntime;
use crate::driver::attempt::Trace;
use crate::driver::{Attempt, Policy, Recorder};
use crate::engine::Logins;
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{ReasonCode, Timeout};
use crate::model::redact::Redactor;
use crate::model::url_parts;
use crate::net::Network;
use crate::net::guard::Budget;
use crate::sql::Kind;
use crate::sql::postgres::{Client, connect};
use crate::store::Options;
use crate::store::error::StoreError;
use crate::store::header::Header;
use crate::store::location::{Access, Limit, Server, shown};
use crate::store::transaction::{LONGEST_LINE, Line, Take, Transaction};

/// The most bytes of one session: a hundred thousand definitions, and their results.
const BUDGET: Budget = Budget { read: 512 << 20, write: 512 << 20 };

/// The longest time that a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(5);

/// The code for a lock that was not granted in time.
const NO_LOCK: &str = "55P03";

/// A server that holds a store.
pub(in crate::store) struct Postgres {
    connection: Arc<Connection>,
    runtime: CallersRuntime,
    network: Arc<Network>,
    policy: Policy,
    logins: Arc<Logins>,
    limit: Limit,
    place: String,
}

impl Postgres {
    /// Finds the store, and migrates an older one, also when it is opened for reading.
    pub(in crate::store) fn open(server: &Server, options: &Options, _access: Access) -> Result<Self, StoreError> {
        let mut postgres = Self::new(server, options);
        let place = postgres.place.clone();
        if postgres.transaction("BEGIN READ ONLY", |open| migrate::is_older(open, &place))? {
            postgres.transaction("BEGIN", |open| migrate::upgrade(open, &place))?;
        }
        Ok(postgres)
    }

    /// Creates a store, if there is none.
    pub(in crate::store) fn create(
        server: &Server,
        options: &Options,
        header: impl FnOnce() -> Result<Header, StoreError>,
    ) -> Result<Self, StoreError> {
        Self::new(server, options).transaction("BEGIN", |open| migrate::create(open, header))?;
        Self::open(server, options, Access::Write)
    }

    fn new(Server { connection, runtime }: &Server, options: &Options) -> Self {
        Self {
            connection: Arc::clone(connection),
            runtime: runtime.clone(),
            network: Arc::new(options.policy.network(BUDGET)),
            policy: options.policy.clone(),
            logins: Arc::clone(&options.logins),
            limit: options.limit(),
            place: shown(connection),
        }
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
            expected: Arc::default(),
        };
        let dialogue = Dialogue { attempt: &attempt, limit, store: self };
        let login = connect(&self.connection, &attempt);
        let session = dialogue.within(self.logins.log_in(&self.connection, &attempt, login))?;
        let mut open = Open { dialogue, session };
        let done = open.begin(begin).and_then(|()| body(&mut open)).and_then(|done| {
            open.batch("COMMIT").map_err(if begin.ends_with("READ ONLY") { |error| error } else { unanswered })?;
            Ok(done)
        });
        // The server rolls back what was not committed. If the caller is gone, the connection is closed without a farewell.
        let _gone = self.runtime.block_on(open.session.close());
        done
    }
}

/// The codes of errors that end a session (class 57): the server may have committed before.
const ENDS: &str = "57";

/// The meaning of `error`, which came instead of the answer to COMMIT. An error of the server's says that it has not
/// committed, unless it ends the session.
fn unanswered(error: StoreError) -> StoreError {
    match error {
        StoreError::Server { place, failure } if failure.code.as_deref().is_none_or(|code| code.starts_with(ENDS)) => {
            StoreError::Unanswered { place, failure }
        }
        other => other,
    }
}

/// The limits of one session, and the store that it belongs to.
#[derive(Clone, Copy)]
struct Dialogue<'a> {
    attempt: &'a Attempt,
    /// How long the session may take.
    limit: Duration,
    store: &'a Postgres,
}

impl Dialogue<'_> {
    /// Waits for `answer`, but not beyond the limit.
    fn within<T>(&self, answer: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
        let answer = self.store.runtime.block_on(async {
            tokio::select! {
                biased;
                answer = answer => Ok(answer),
                () = self.store.logins.until_answered(self.attempt.deadline) => Err(()),
            }
        });
        match answer {
            // If the caller is gone, nobody reads the error.
            Some(Err(())) | None => Err(self.error(self.late())),
            // The stream has the same deadline, and reports every timeout as one of the login.
            Some(Ok(Err(failure))) if failure.class == Class::Timeout && self.is_logged_in() => {
                Err(self.error(self.late()))
            }
            Some(Ok(answer)) => answer.map_err(|failure| self.error(failure)),
        }
    }

    fn late(&self) -> Failure {
        let limit = self.limit;
        Failure::of(if self.is_logged_in() { Timeout::Table { limit } } else { Timeout::Store { limit } })
    }

    fn is_logged_in(&self) -> bool {
        self.attempt.recorder.look(Trace::phase) == Some(Phase::Query)
    }

    /// The meaning of `failure` for the store, with text of the server as the engine would show it.
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

/// An open transaction on a server.
pub(super) struct Open<'a> {
    dialogue: Dialogue<'a>,
    session: Client<'a>,
}

impl Open<'_> {
    fn begin(&mut self, begin: &str) -> Result<(), StoreError> {
        let attempt = self.dialogue.attempt;
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

    /// The name of the store in messages.
    pub(super) fn place(&self) -> &str {
        &self.dialogue.store.place
    }

    /// Runs statements without a result.
    pub(super) fn batch(&mut self, statements: &str) -> Result<(), StoreError> {
        self.dialogue.within(self.session.rows(statements)).map(drop)
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
        match self.dialogue.within(rows) {
            // The dialogue was understood so far, so this message has a value that is longer than any row of connprobe.
            Err(StoreError::Server { failure, .. }) if failure.reason == ReasonCode::NotUnderstood => {
                Err(StoreError::Full { place: self.place().to_owned() })
            }
            read => read.and(taken),
        }
    }
}
