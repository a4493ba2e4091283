//! The driver: plans a definition. `connect` is the same login for callers that read from the server.

use std::sync::Arc;

use super::session::Session;
use super::spec::SPEC;
use super::{account, failover, hosts, options, probe};
use crate::driver::{Attempt, Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;
use crate::model::failure::Failure;

/// The PostgreSQL driver.
pub struct Postgres;

impl Driver for Postgres {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn folded_login(&self, login: &str) -> String {
        account::folded(login).to_owned()
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (options, warnings) = options::read(connection)?;
        let hosts = u32::try_from(options.hosts.len()).unwrap_or(u32::MAX);
        Ok(Plan::builder(
            hosts::target(&options.hosts, &options.database),
            options.hosts.iter().map(|host| host.endpoint.clone()).collect(),
            account::circumstances(&options),
        )
        .account(account::named(&options))
        .credential(account::credential(connection, options.password.as_ref()))
        .login(options.user.clone())
        .timeout(options.connect_timeout.map(|each| each.saturating_mul(hosts)))
        .warnings(warnings)
        .build(Arc::new(probe::Login(Arc::new(options)))))
    }
}

/// Logs in to `connection`, for callers that read from the server. Nothing is retried; phases, facts and warnings go to
/// `attempt` as for a probe.
///
/// # Errors
///
/// The problems of the definition, or why the login failed.
pub async fn connect<'a>(connection: &Connection, attempt: &'a Attempt) -> Result<Session<'a>, Failure> {
    let (options, warnings) = options::read(connection).map_err(Refusal::into_failure)?;
    for warning in warnings {
        attempt.recorder.warn(warning);
    }
    Box::pin(failover::open(attempt, &Arc::new(options))).await
}
