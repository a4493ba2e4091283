//! The probe: a login, the cheapest proof that the session works, a farewell.

use async_trait::async_trait;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};

use super::session::{Session, connect};
use super::settings::Settings;
use crate::driver::{Attempt, Probe};
use crate::model::class::Class;
use crate::model::codes;
use crate::model::failure::Failure;
use crate::model::phase::Phase;

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
    let row = ask(session.connection(), settings).await.map_err(|error| session.failure(&error, settings))?;
    let Some(mut row) = row else {
        return Err(Failure::new(Class::Server, "the test query was answered without a row")
            .hint("a proxy between may be broken: look at what it does with `SELECT 1`"));
    };
    if row.len() > 1 {
        let mut text = |column| row.take_opt::<Option<String>, _>(column).and_then(Result::ok).flatten();
        let (user, database) = (text(0), text(1));
        let read_only = [text(2), text(3)].into_iter().flatten().any(|value| !["0", "OFF"].contains(&value.as_str()));
        attempt.learn(|facts| {
            facts.user = user;
            facts.database = database;
            facts.read_only = Some(read_only);
        });
    }
    Ok(())
}

/// Asks who and where; a server that does not know what that means, as some that only speak the
/// protocol, is asked for a constant.
async fn ask(connection: &mut Conn, settings: &Settings) -> Result<Option<Row>, Error> {
    if let Some(charset) = &settings.charset {
        connection.query_drop(format!("SET NAMES {charset}")).await?;
    }
    match connection.query_first(WHO_AND_WHERE).await {
        Err(Error::Server(error)) if codes::lookup("mysql", &error.code.to_string()).is_none() => {
            connection.query_first(PROOF).await
        }
        answered => answered,
    }
}
