//! The driver: plans a definition.

use std::sync::Arc;

use super::options::Options;
use super::spec::SPEC;
use super::{account, probe};
use crate::driver::{Driver, Plan, Refusal, Spec};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;

/// The MySQL driver.
pub struct Mysql;

impl Driver for Mysql {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn folded_login(&self, login: &str) -> String {
        account::folded(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (settings, warnings) = Options::of(connection)?;
        Ok(Plan::builder(settings.target(), vec![settings.endpoint.clone()], settings.circumstances())
            .aliases(settings.aliases())
            .account(settings.account())
            .credential(settings.password.as_ref().map(|secret| Fingerprint::of(&[secret.expose()])))
            .login(settings.login.clone())
            .warnings(warnings)
            .build(Arc::new(probe::Login(settings))))
    }
}
