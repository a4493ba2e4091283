//! What every driver implements: [`Driver`] makes a plan of a definition, [`Probe`] makes one login attempt.

use std::sync::Arc;

use async_trait::async_trait;

use super::attempt::Attempt;
use super::plan::{Plan, Refusal};
use super::spec::Spec;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::net::dial::Endpoint;

/// What a server shows without a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// Nothing of use.
    Nothing,
    /// What depends on the password, and costs nothing there to look at.
    Password,
    /// How old the server is; looking counts as an interrupted handshake there. On this machine only.
    Age,
}

/// Code that logs in to one kind of server.
pub trait Driver: Send + Sync {
    /// What it is called and what it reads.
    fn spec(&self) -> &'static Spec;

    /// Whether it can log in at all: of one whose cargo feature is off only the spec is there.
    fn is_built_in(&self) -> bool {
        true
    }

    /// What the fuzzer has of it.
    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static super::fuzzing::Fuzz> {
        None
    }

    /// `login` as it may be shown; S3 key ids are shortened.
    fn shown_login(&self, login: &str) -> String {
        login.to_owned()
    }

    /// `login` as the server compares it, as far as the login alone tells.
    fn folded_login(&self, login: &str) -> String {
        login.to_owned()
    }

    /// Checks every field of `connection` and says how it would log in. Pure: no I/O, no clock.
    ///
    /// # Errors
    ///
    /// All problems of the definition at once, or why its way to log in is not supported.
    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal>;
}

/// Where a login's servers are, which its definition does not name.
pub struct Located {
    /// What may be dialled, in order of trial.
    pub endpoints: Vec<Endpoint>,
    /// The attempt that dials nothing else.
    pub probe: Arc<dyn Probe>,
}

/// One login attempt, ready to be made any number of times.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Logs in, proves that the session works, and closes it in the protocol's own way.
    ///
    /// Facts, warnings and phases go to `attempt` as they are learnt, so that they survive a
    /// failure or a deadline.
    ///
    /// # Errors
    ///
    /// Why the login did not succeed.
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure>;

    /// Finds the servers of a plan without endpoints, as SRV records or SQL Browser have them, in phase `resolve`: the
    /// account's turn comes before anything is dialled, and it is known by address. `None` where there are endpoints.
    ///
    /// # Errors
    ///
    /// Why they are not found.
    async fn locate(&self, _attempt: &Attempt) -> Result<Option<Located>, Failure> {
        Ok(None)
    }

    /// `failure`, which came before the attempt (its names have no address), with what the driver knows about it.
    fn second_look(&self, failure: Failure) -> Failure {
        failure
    }

    /// Whether the server shows, before it is sent a credential, that a password was set or the server made anew.
    /// Where it does, a run whose [`Attempt::only_looks`] notes that as [`Attempt::evidence`] and hangs up.
    fn shows(&self) -> Shows {
        Shows::Nothing
    }
}
