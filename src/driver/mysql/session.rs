//! A session, and the queries that it takes.

use std::time::Duration;

use tokio::time::timeout;

use super::auth::DialogueError;
use super::login::log_in;
use super::options::Options;
use super::query::{self, Answers};
use super::wire::{Packets, Server};
use crate::driver::{Attempt, Cell};
use crate::model::failure::Failure;
use crate::net::guard::Tap;

const COM_QUIT: u8 = 0x01;

/// How long a farewell may take.
const LINGER: Duration = Duration::from_millis(200);

/// A session, logged in.
pub struct Session {
    server: Packets<Server>,
    answers: Answers,
    encrypted: bool,
    tap: Tap,
}

impl Session {
    /// A session that has just been logged in to.
    pub(super) fn begin(server: Packets<Server>, answers: Answers, encrypted: bool, tap: Tap) -> Self {
        Self { server, answers, encrypted, tap }
    }

    /// What it means that a login by `settings` ended with `error`.
    pub(super) fn failure(&self, error: DialogueError, settings: &Options) -> Failure {
        error.into_failure(settings, self.encrypted, &self.tap)
    }

    /// Gives `take` every row of `query` as it comes, and returns the names of the columns.
    ///
    /// # Errors
    ///
    /// The server's refusal, or what broke the dialogue; `settings` are those of the login.
    pub async fn each(
        &mut self,
        query: &str,
        settings: &Options,
        take: impl FnMut(Vec<Cell<'_>>),
    ) -> Result<Vec<String>, Failure> {
        self.ask(query, take).await.map_err(|error| self.failure(error, settings))
    }

    /// The same; after a refusal the session is as it was.
    pub(super) async fn ask(
        &mut self,
        query: &str,
        take: impl FnMut(Vec<Cell<'_>>),
    ) -> Result<Vec<String>, DialogueError> {
        query::ask(&mut self.server, self.answers, query, take).await
    }

    /// Says goodbye in the protocol's own way, so that no server counts an aborted connection.
    pub async fn close(self) {
        let _heard = timeout(LINGER, self.server.hang_up(COM_QUIT, self.encrypted)).await;
    }
}

/// Dials and logs in, in the phases of those names.
///
/// # Errors
///
/// Why there is no session.
pub async fn connect(settings: &Options, attempt: &Attempt) -> Result<Session, Failure> {
    let material = settings.tls.material()?;
    if settings.is_never_encrypted() {
        attempt.admit_in_clear(&settings.endpoint)?;
    }
    let wire = attempt.dial(&settings.endpoint).await?;
    log_in(wire, &material, settings, attempt).await
}
