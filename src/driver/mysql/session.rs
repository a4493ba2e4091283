//! A session, and its queries.

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

/// How long closing the session may take.
const LINGER: Duration = Duration::from_millis(200);

/// A session after its login.
pub struct Session {
    server: Packets<Server>,
    answers: Answers,
    encrypted: bool,
    tap: Tap,
}

impl Session {
    /// Begins a session after its login.
    pub(super) fn begin(server: Packets<Server>, answers: Answers, encrypted: bool, tap: Tap) -> Self {
        Self { server, answers, encrypted, tap }
    }

    /// The failure of a login with `settings` that ended with `error`.
    pub(super) fn failure(&self, error: DialogueError, settings: &Options) -> Failure {
        error.into_failure(settings, self.encrypted, &self.tap)
    }

    /// Passes each row of `query` to `take` as it arrives, and returns the names of the columns. `settings` are those
    /// of the login.
    ///
    /// # Errors
    ///
    /// The server's refusal, or the error that broke the dialogue.
    pub async fn each(
        &mut self,
        query: &str,
        settings: &Options,
        take: impl FnMut(Vec<Cell<'_>>),
    ) -> Result<Vec<String>, Failure> {
        self.ask(query, take).await.map_err(|error| self.failure(error, settings))
    }

    /// Like [`Session::each`]; a refusal leaves the session unchanged.
    pub(super) async fn ask(
        &mut self,
        query: &str,
        take: impl FnMut(Vec<Cell<'_>>),
    ) -> Result<Vec<String>, DialogueError> {
        query::ask(&mut self.server, self.answers, query, take).await
    }

    /// Closes the session as the protocol requires, so that the server counts no aborted connection.
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
