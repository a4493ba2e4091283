//! The probe: a login, the cheapest proof that the session works, a farewell.

use async_trait::async_trait;

use super::exchange::Halt;
use super::session::{Session, connect};
use super::settings::Settings;
use crate::driver::{Attempt, Cell, Probe};
use crate::model::codes;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Dialogue;

/// What the session is asked; harmless everywhere, but not known everywhere.
const WHO_AND_WHERE: &str = "SELECT CURRENT_USER(), DATABASE(), @@read_only, @@innodb_read_only";

/// Known everywhere.
const PROOF: &str = "SELECT 1";

/// One login.
pub(super) struct Login(pub(super) Settings);

#[async_trait]
impl Probe for Login {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let mut session = connect(&self.0, attempt).await?;
        let proved = attempt.phase(Phase::Query, prove(&mut session, &self.0, attempt)).await;
        session.close().await;
        proved
    }
}

async fn prove(session: &mut Session, settings: &Settings, attempt: &Attempt) -> Result<(), Failure> {
    let row = ask(session, settings).await.map_err(|halt| session.failure(halt, settings))?;
    match row.as_slice() {
        [] => Err(Failure::of(Dialogue::EmptyAnswer { product: "MySQL or MariaDB" })),
        [user, database, read_only @ ..] => {
            attempt.learn(|facts| {
                facts.user.clone_from(user);
                facts.database.clone_from(database);
                facts.read_only = Some(read_only.iter().flatten().any(|value| !["0", "OFF"].contains(&value.as_str())));
            });
            Ok(())
        }
        [_constant] => Ok(()),
    }
}

/// Asks who and where; a server that does not know what that means, as some that only speak the
/// protocol, is asked for a constant. Gives the last row, and none when there is none.
async fn ask(session: &mut Session, settings: &Settings) -> Result<Vec<Option<String>>, Halt> {
    if let Some(charset) = &settings.charset {
        session.ask(&format!("SET NAMES {charset}"), |_| ()).await?;
    }
    let mut last = Vec::new();
    let mut keep = |row: Vec<Cell<'_>>| last = row.into_iter().map(Cell::text).collect();
    match session.ask(WHO_AND_WHERE, &mut keep).await {
        Err(Halt::Refused(refusal)) if codes::lookup("mysql", &refusal.code.to_string()).is_none() => {
            session.ask(PROOF, &mut keep).await?;
        }
        answered => {
            answered?;
        }
    }
    Ok(last)
}
