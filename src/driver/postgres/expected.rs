//! Looks for what a wait expects of the database: a table, or a row of a query. The query is a subquery in a read-only
//! transaction, which the server limits in time; must not change anything.

use super::session::Session;
use crate::driver::Attempt;
use crate::model::expected::{Expected, ExpectedKind, statement};
use crate::model::failure::Failure;
use crate::model::reason::Expectation;

/// `information_schema` shows what the login may use. Without a schema the search path decides, as it does for queries.
const TABLE: &str = "SELECT table_name::text FROM information_schema.tables \
    WHERE table_name = $1::text AND (table_schema = $2::text OR $2::text IS NULL AND table_schema = ANY (current_schemas(true)))";

/// Looks for everything that `attempt` expects.
pub(super) async fn look_for(session: &mut Session<'_>, attempt: &Attempt) -> Result<(), Failure> {
    for expected in attempt.expected.iter() {
        match expected.kind {
            ExpectedKind::Table => table(session, expected).await?,
            ExpectedKind::Query => query(session, &expected.name, attempt).await?,
            ExpectedKind::Collection | ExpectedKind::Object | ExpectedKind::Key => {}
        }
    }
    Ok(())
}

async fn table(session: &mut Session<'_>, expected: &Expected) -> Result<(), Failure> {
    let (schema, name) = expected.split('.');
    let parameters = [Some(name.to_owned()), schema.map(str::to_owned)];
    let mut exists = false;
    session
        .execute(TABLE, &parameters, |_row| {
            exists = true;
            false
        })
        .await?;
    let missing =
        || Expectation::Missing { kind: expected.kind, name: name.to_owned(), place: schema.map(str::to_owned) };
    if exists { Ok(()) } else { Err(Failure::of(missing())) }
}

/// Asks whether `sql` has a row. A server takes one statement in a prepared one, and a subquery only reads.
async fn query(session: &mut Session<'_>, sql: &str, attempt: &Attempt) -> Result<(), Failure> {
    session.rows("BEGIN READ ONLY").await?;
    let limit = attempt.remaining();
    session.rows(&format!("SET LOCAL statement_timeout = {}", limit.as_millis().max(1))).await?;
    let mut exists = None;
    let exists_query = format!("SELECT (EXISTS (\n{}\n))::text", statement(sql));
    let asked = session
        .execute(&exists_query, &[], |row| {
            exists = row.into_iter().next().flatten();
            false
        })
        .await;
    asked.map_err(judged)?;
    session.rows("ROLLBACK").await?;
    match exists.as_deref() {
        Some("true") => Ok(()),
        _ => Err(Failure::of(Expectation::NoRow)),
    }
}

/// What a refusal of the query means. Codes: PostgreSQL's documentation, appendix A.
fn judged(failure: Failure) -> Failure {
    let Some(code) = failure.code.as_deref() else { return failure };
    let meaning = match code {
        // Undefined table, schema, column, function, object.
        "42P01" | "3F000" | "42703" | "42883" | "42704" => Expectation::NotYet,
        // Not permitted: the login's rights, as any other refusal.
        "42501" => return failure,
        // Read-only transaction, what is not supported there, a parameter.
        "25006" | "0A000" | "08P01" => Expectation::QueryRefused,
        code if code.starts_with("42") => Expectation::QueryRefused,
        _ => return failure,
    };
    failure.because(meaning)
}
