//! Looks for what a wait expects of the database: a table, or a row of a query. In a read-only transaction, which the
//! server limits in time; must not change anything.

use super::session::Session;
use crate::driver::Attempt;
use crate::model::expected::{Expected, ExpectedKind};
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

/// Runs `sql` as a cursor: a server takes one statement for it, and one that only reads; one row is fetched.
async fn query(session: &mut Session<'_>, sql: &str, attempt: &Attempt) -> Result<(), Failure> {
    session.rows("BEGIN READ ONLY").await?;
    let limit = attempt.remaining().as_millis().max(1);
    session.rows(&format!("SET LOCAL statement_timeout = {limit}")).await?;
    let declared = session.execute(&format!("DECLARE connprobe NO SCROLL CURSOR FOR {sql}"), &[], |_row| true).await;
    declared.map_err(judged)?;
    let rows = session.rows("FETCH 1 FROM connprobe").await.map_err(judged)?;
    session.rows("ROLLBACK").await?;
    if rows.is_empty() { Err(Failure::of(Expectation::NoRow)) } else { Ok(()) }
}

/// What a refusal of the query means. Codes: PostgreSQL's documentation, appendix A.
fn judged(failure: Failure) -> Failure {
    let Some(code) = failure.code.as_deref() else { return failure };
    let meaning = match code {
        // Undefined table, schema, column, function, object.
        "42P01" | "3F000" | "42703" | "42883" | "42704" => Expectation::NotYet,
        // Not permitted: the login's rights, as any other refusal.
        "42501" => return failure,
        // Read-only transaction, syntax and the like, a statement that has no cursor.
        "25006" | "0A000" => Expectation::QueryRefused,
        code if code.starts_with("42") => Expectation::QueryRefused,
        _ => return failure,
    };
    failure.because(meaning)
}
