//! The driver: plans a definition.

use std::sync::Arc;

use super::options::Options;
use super::probe::Login;
use super::spec::SPEC;
use crate::driver::kit::tls_options::TlsOptions;
use crate::driver::{Driver, Fields, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The Redis driver.
pub struct Redis;

impl Driver for Redis {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (options, warnings) = Fields::read(&SPEC, connection, Options::read)?;
        Ok(Plan::builder(options.target(), options.endpoints.clone(), TlsOptions::circumstances(options.tls.as_ref()))
            .account(options.user().to_owned())
            .credential(options.credential())
            .login(options.auth().map(|_| options.user().to_owned()))
            .warnings(warnings)
            .build(Arc::new(Login(options))))
    }
}
