//! Reads the table from a server: one login by the server's own driver, one read-only transaction, and the end of the
//! session. Errors have the words of a probe.

use std::sync::Arc;
use std::time::Duration;

use super::Trouble;
use super::aside::{Lost, aside};
use super::table::{self, Name, Table};
use crate::driver::attempt::Trace;
use crate::driver::{Attempt, Recorder};
use crate::engine::{self, Logins};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, Shortage, Source, Timeout};
use crate::model::redact::Redactor;
use crate::model::url_parts;
use crate::net::guard::Budget;
use crate::source::airflow::row::Row;
use crate::source::loading::Waiter;
use crate::source::settings::Settings;
use crate::sql::{Kind, Session, mysql, postgres};

/// The bytes that the table may hold, and half as many for the protocol around them.
const BUDGET: Budget = Budget { read: table::BYTES as u64 * 3 / 2, write: 256 << 10 };

/// Returns every row of the table in the database that `connection` names, read until the deadline of `waiter`.
pub(super) fn read(
    kind: Kind,
    connection: Box<Connection>,
    table: Name,
    settings: &Settings,
    waiter: &Waiter,
) -> Result<Vec<Row>, Trouble> {
    let recorder = Arc::new(Recorder::default());
    let (limit, deadline) = (settings.limit, waiter.deadline);
    let attempt = Attempt {
        network: Arc::new(settings.policy.network(BUDGET)),
        policy: settings.policy.clone(),
        deadline,
        recorder: Arc::clone(&recorder),
        controls: Arc::default(),
        expected: Arc::default(),
    };
    let late = move |recorder: &Recorder| recorder.look(|trace| late(trace, kind, limit));
    let redactor = redactor(kind, &connection);
    settings.sent.add_of(kind.spec(), &connection);
    let (runtime, logins) = (waiter.runtime.clone(), Arc::clone(&settings.logins));
    let outcome = aside(waiter, move || {
        let read = runtime.block_on(async {
            let read = log_in_and_read(kind, &connection, &table, &attempt, &logins);
            tokio::select! {
                biased;
                read = read => read,
                () = logins.until_answered(deadline) => Err(late(&attempt.recorder).into()),
            }
        });
        match read {
            // The guard of the stream reports a timeout too, but does not know what it was for. If the caller is gone,
            // nobody reads the failure.
            Some(Err(Trouble::Failure(failure))) if failure.class == Class::Timeout => {
                Err(late(&attempt.recorder).into())
            }
            Some(read) => read,
            None => Err(late(&attempt.recorder).into()),
        }
    });
    let outcome = outcome.unwrap_or_else(|lost| {
        Err(match lost {
            Lost::Late => late(&recorder).into(),
            Lost::NoThread => Failure::of(Machine::Short(Shortage::Threads)).into(),
            Lost::Broken => Failure::of(Machine::DriverPanicked { driver: kind.spec().name }).into(),
        })
    });
    outcome.map_err(|trouble| match trouble {
        Trouble::Failure(failure) => shown(*failure, &recorder, &redactor).into(),
        other => other,
    })
}

async fn log_in_and_read(
    kind: Kind,
    connection: &Connection,
    table: &Name,
    attempt: &Attempt,
    logins: &Logins,
) -> Result<Vec<Row>, Trouble> {
    match kind {
        Kind::Postgres => {
            let session = logins.log_in(connection, attempt, postgres::connect(connection, attempt)).await?;
            in_session(session, table, connection, attempt).await
        }
        Kind::Mysql => {
            let session = logins.log_in(connection, attempt, mysql::connect(connection, attempt)).await?;
            in_session(session, table, connection, attempt).await
        }
    }
}

/// Reads the table in `session`, and ends the session whether or not that succeeded.
async fn in_session<S: Session>(
    mut session: S,
    table: &Name,
    connection: &Connection,
    attempt: &Attempt,
) -> Result<Vec<Row>, Trouble> {
    let rows = attempt.phase(Phase::Query, rows(&mut session, table, connection, attempt)).await;
    session.close().await;
    rows
}

async fn rows<S: Session>(
    session: &mut S,
    name: &Name,
    connection: &Connection,
    attempt: &Attempt,
) -> Result<Vec<Row>, Trouble> {
    for statement in S::opening(attempt.remaining()) {
        session.each(&statement, |_| ()).await?;
    }
    let names = session.each(&name.columns_query(S::QUOTE), |_| ()).await;
    let names = names.map_err(|failure| about_the_table::<S>(failure, name, connection))?;
    let mut table = Table::with(&names)?;
    let ended = session.each(&table.query(name, S::QUOTE), |cells| table.add(cells)).await;
    // A table that is too large also breaks the stream's budget.
    let rows = table.finish()?;
    ended.map_err(|failure| about_the_table::<S>(failure, name, connection))?;
    session.each("COMMIT", |_| ()).await?;
    Ok(rows)
}

/// The meaning of `failure` for the reading of the table.
fn about_the_table<S: Session>(failure: Failure, name: &Name, connection: &Connection) -> Trouble {
    match failure.code.as_deref() {
        Some(code) if S::NO_TABLE.contains(&code) => name.absent(),
        Some(code) if code == S::NO_RIGHT => {
            let refusal = Failure::of(Source::TableDenied { login: connection.login.clone().unwrap_or_default() });
            let Failure { code, known_code, detail, .. } = failure;
            Failure { code, known_code, detail, ..refusal }.into()
        }
        _ => failure.into(),
    }
}

/// The failure of reading for longer than `limit`.
fn late(trace: &Trace, kind: Kind, limit: Duration) -> Failure {
    let failure = engine::timeout(trace, kind.spec().product, limit);
    match trace.phase() {
        Some(Phase::Query) => {}
        // Other sources held the places at this server.
        None => return Failure::of(Timeout::Source { limit }),
        _ => return failure,
    }
    Failure::of(Timeout::Table { limit })
}

/// The failure with its phase, and with foreign text as the engine shows it.
fn shown(mut failure: Failure, recorder: &Recorder, redactor: &Redactor) -> Failure {
    failure.phase = failure.phase.or_else(|| recorder.look(Trace::phase));
    failure.scrub(redactor);
    url_parts::named(failure)
}

fn redactor(kind: Kind, connection: &Connection) -> Redactor {
    let secrets = kind.spec().secrets(connection);
    let own: Vec<&str> = [&connection.host, &connection.login].into_iter().flatten().map(String::as_str).collect();
    Redactor::new(secrets.iter().map(AsRef::as_ref), &own)
}
