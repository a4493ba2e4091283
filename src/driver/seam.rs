//! The traits that every driver implements: [`Driver`] turns a definition into a plan, [`Probe`] makes one login
//! attempt.

use std::sync::Arc;

use async_trait::async_trait;

use super::attempt::Attempt;
use super::plan::{Plan, Refusal};
use super::spec::Spec;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::net::dial::Endpoint;

/// What a server shows before it is sent a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// Nothing of use.
    Nothing,
    /// Something that depends on the password; looking at it has no cost.
    Password,
    /// When the server was started; looking counts as an interrupted handshake there. Only for servers on this machine.
    Age,
}

/// Code that logs in to one kind of server.
pub trait Driver: Send + Sync {
    /// Its name, its types and what it reads.
    fn spec(&self) -> &'static Spec;

    /// Whether it can log in at all: of a driver whose cargo feature is off only the spec is available.
    fn is_built_in(&self) -> bool {
        true
    }

    /// Its target for the fuzzer.
    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static super::fuzzing::Fuzz> {
        None
    }

    /// `login` as it may be shown; S3 key ids are shortened.
    fn shown_login(&self, login: &str) -> String {
        login.to_owned()
    }

    /// `login` as the server compares it, as far as the login alone determines that.
    fn folded_login(&self, login: &str) -> String {
        login.to_owned()
    }

    /// Checks every field of `connection` and plans the login. Pure: no I/O, no clock.
    ///
    /// # Errors
    ///
    /// All problems of the definition at once, or why its way to log in is not supported.
    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal>;
}

/// The servers of a login whose definition does not name them.
pub struct Located {
    /// What may be dialled, in order of trial.
    pub endpoints: Vec<Endpoint>,
    /// Makes the attempt, and dials nothing but these.
    pub probe: Arc<dyn Probe>,
}

/// A login attempt, which can be made any number of times.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Logs in, proves that the session works, and closes it as the protocol requires.
    ///
    /// Facts, warnings and phases are recorded in `attempt` as soon as they are known, so that they survive a failure
    /// or a deadline.
    ///
    /// # Errors
    ///
    /// Why the login did not succeed.
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure>;

    /// Finds the servers of a plan without endpoints (from SRV records or SQL Browser), in phase `resolve`. The engine
    /// needs them first, since it identifies the account by address and waits for the account's turn before anything is
    /// dialled. `None` where the plan has endpoints.
    ///
    /// # Errors
    ///
    /// Why they were not found.
    async fn locate(&self, _attempt: &Attempt) -> Result<Option<Located>, Failure> {
        Ok(None)
    }

    /// Adds what the driver knows to a `failure` that occurred before the attempt (its names have no address).
    fn second_look(&self, failure: Failure) -> Failure {
        failure
    }

    /// Whether the server shows, before it is sent a credential, that a password was set or the server restarted. Where
    /// it does, `run` records it as [`Attempt::evidence`] if [`Attempt::only_looks`] is set, and disconnects.
    fn shows(&self) -> Shows {
        Shows::Nothing
    }
}
