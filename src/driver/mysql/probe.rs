//! The probe: a login, the cheapest proof that the session works, an orderly close.

use async_trait::async_trait;

use super::auth::DialogueError;
use super::codes::CODES;
use super::expected;
use super::options::Options;
use super::refusal::Refusal;
use super::session::{Session, connect};
use crate::driver::{Attempt, Cell, Probe, Shows};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Dialogue;

/// The test query; harmless on every server, but some do not support it.
const WHO_AND_WHERE: &str = "SELECT CURRENT_USER(), DATABASE(), @@read_only, @@innodb_read_only";

/// The same, for servers without such variables.
const WHO_ALONE: &str = "SELECT CURRENT_USER(), DATABASE()";

/// Every server supports it.
const PROOF: &str = "SELECT 1";

/// One login.
pub(super) struct Login(pub(super) Options);

#[async_trait]
impl Probe for Login {
    fn shows(&self) -> Shows {
        Shows::Age
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let mut session = connect(&self.0, attempt).await?;
        let proved = attempt
            .phase(Phase::Query, async {
                prove(&mut session, &self.0, attempt).await?;
                expected::look_for(&mut session, &self.0, attempt).await
            })
            .await;
        session.close().await;
        proved
    }
}

async fn prove(session: &mut Session, settings: &Options, attempt: &Attempt) -> Result<(), Failure> {
    let row = ask(session, settings).await.map_err(|error| session.failure(error, settings))?;
    match row.as_slice() {
        [] => {
            Err(Failure { class: Class::Server, ..Failure::of(Dialogue::EmptyAnswer { product: "MySQL or MariaDB" }) })
        }
        [user, database, read_only @ ..] => {
            attempt.learn(|facts| {
                facts.user.clone_from(user);
                facts.database.clone_from(database);
                facts.read_only = (!read_only.is_empty())
                    .then(|| read_only.iter().flatten().any(|value| !["0", "OFF"].contains(&value.as_str())));
            });
            Ok(())
        }
        [_constant] => Ok(()),
    }
}

/// Queries user and database. A server that does not support these functions, as some that only use the protocol, gets
/// a query for a constant. Returns the last row, if there is one.
async fn ask(session: &mut Session, settings: &Options) -> Result<Vec<Option<String>>, DialogueError> {
    if let Some(charset) = &settings.charset {
        session.ask(&format!("SET NAMES {charset}"), |_| ()).await?;
    }
    let mut last = Vec::new();
    let mut keep = |row: Vec<Cell<'_>>| last = row.into_iter().map(Cell::text).collect();
    for query in [WHO_AND_WHERE, WHO_ALONE] {
        match session.ask(query, &mut keep).await {
            Err(DialogueError::Refused(refusal)) if is_unknown(&refusal) => {}
            answered => {
                answered?;
                return Ok(last);
            }
        }
    }
    session.ask(PROOF, &mut keep).await?;
    Ok(last)
}

/// Whether the server may only lack what the query uses: MySQL's own codes for a session that cannot go on are in the
/// table.
fn is_unknown(refusal: &Refusal) -> bool {
    CODES.lookup(&refusal.code.to_string()).is_none()
}
