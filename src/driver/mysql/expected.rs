//! Looks for what a wait expects of the database: a table, or a row of a query. The query is a subquery in a read-only
//! transaction, which the server limits in time; must not change anything.

use std::fmt::Write as _;

use super::auth::DialogueError;
use super::options::Options;
use super::session::Session;
use crate::driver::{Attempt, Cell};
use crate::model::expected::{Expected, ExpectedKind, statement};
use crate::model::failure::Failure;
use crate::model::reason::{Expectation, Timeout};

/// From here on the session only reads.
const READ_ONLY: [&str; 2] = ["SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"];

/// Looks for everything that `attempt` expects.
pub(super) async fn look_for(session: &mut Session, settings: &Options, attempt: &Attempt) -> Result<(), Failure> {
    for expected in attempt.expected.iter() {
        let found = match expected.kind {
            ExpectedKind::Table => table(session, expected).await,
            ExpectedKind::Query => query(session, &expected.name, attempt).await,
            ExpectedKind::Collection | ExpectedKind::Object | ExpectedKind::Key => continue,
        };
        found.map_err(|stopped| match stopped {
            Stopped::By(failure) => failure,
            Stopped::Server(error) => session.failure(error, settings),
            Stopped::Query(error) => judged(error, |error| session.failure(error, settings)),
        })?;
    }
    // Before the session is closed, which ends the transaction: nothing was changed in it.
    Ok(())
}

/// Why an expectation was not met.
enum Stopped {
    By(Failure),
    /// The server refused a statement of connprobe.
    Server(DialogueError),
    /// The server refused the user's query.
    Query(DialogueError),
}

impl From<DialogueError> for Stopped {
    fn from(error: DialogueError) -> Self {
        Self::Server(error)
    }
}

async fn table(session: &mut Session, expected: &Expected) -> Result<(), Stopped> {
    let (database, name) = expected.split('.');
    let place = database.map_or_else(|| "COALESCE(DATABASE(), table_schema)".to_owned(), text);
    let query = format!(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = {place} AND table_name = {} LIMIT 1",
        text(name)
    );
    let missing =
        || Expectation::Missing { kind: expected.kind, name: name.to_owned(), place: database.map(str::to_owned) };
    if has_row(session, &query).await? { Ok(()) } else { Err(Stopped::By(Failure::of(missing()))) }
}

/// Asks whether `sql` has a row. The session takes one statement, and a subquery only reads: a compound statement of
/// MariaDB could end the transaction.
async fn query(session: &mut Session, sql: &str, attempt: &Attempt) -> Result<(), Stopped> {
    let limit = attempt.remaining();
    for statement in READ_ONLY {
        session.ask(statement, |_row| ()).await?;
    }
    limit_time(session, attempt).await?;
    let mut found = false;
    let exists = format!("SELECT EXISTS (\n{}\n)", statement(sql));
    let asked = session.ask(&exists, |row| {
        found = row.into_iter().next().and_then(Cell::text).is_some_and(|value| value == "1");
    });
    asked.await.map_err(Stopped::Query)?;
    // MySQL may end a query at its limit without an error.
    if attempt.remaining().is_zero() {
        return Err(Stopped::By(Failure::of(Timeout::Query { limit })));
    }
    if found { Ok(()) } else { Err(Stopped::By(Failure::of(Expectation::NoRow))) }
}

/// MySQL has one variable for the limit of a query (in milliseconds), MariaDB another (in seconds). A server that has
/// neither is not limited; the login's own limit ends the query there.
async fn limit_time(session: &mut Session, attempt: &Attempt) -> Result<(), DialogueError> {
    let left = attempt.remaining();
    let mysql = format!("SET SESSION max_execution_time = {}", left.as_millis().max(1));
    let mariadb = format!("SET SESSION max_statement_time = {:.3}", left.as_secs_f64().max(0.001));
    for statement in [mysql, mariadb] {
        match session.ask(&statement, |_row| ()).await {
            Err(DialogueError::Refused(_)) => {}
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    Ok(())
}

async fn has_row(session: &mut Session, query: &str) -> Result<bool, DialogueError> {
    let mut has_row = false;
    session.ask(query, |_row| has_row = true).await?;
    Ok(has_row)
}

/// `text` as a literal that no mode and no character set of the server reads in another way.
fn text(text: &str) -> String {
    let mut literal = "CONVERT(0x".to_owned();
    for byte in text.bytes() {
        // Writing to a string cannot fail.
        let _written = write!(literal, "{byte:02x}");
    }
    literal + " USING utf8mb4)"
}

/// What a refusal of the query means. Codes: MySQL's error reference, and MariaDB's.
fn judged(error: DialogueError, failure: impl Fn(DialogueError) -> Failure) -> Failure {
    let meaning = match &error {
        DialogueError::Refused(refusal) => match refusal.code {
            // Unknown database, table, column, function.
            1049 | 1146 | 1054 | 1305 | 1630 => Some(Expectation::NotYet),
            // Syntax, empty query, read-only transaction, LOCAL INFILE, statement not allowed there.
            1064 | 1065 | 1792 | 1148 | 3948 | 1295 | 1149 => Some(Expectation::QueryRefused),
            _ => None,
        },
        DialogueError::Failed(_) | DialogueError::Nonsense(_) => None,
    };
    let failure = failure(error);
    match meaning {
        Some(meaning) => failure.because(meaning),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_literal() {
        assert_eq!(text("a'\\"), "CONVERT(0x61275c USING utf8mb4)");
        assert_eq!(text("ü"), "CONVERT(0xc3bc USING utf8mb4)");
    }
}
