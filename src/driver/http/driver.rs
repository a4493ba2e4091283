//! The driver: plans a definition.

use std::sync::Arc;

use super::options::{self, Options};
use super::probe::HttpProbe;
use super::spec::SPEC;
use super::{identity, wire};
use crate::driver::{Driver, Fields, Plan, Refusal, Spec, Target};
use crate::model::connection::Connection;

/// The HTTP driver.
pub struct Http;

impl Driver for Http {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn folded_login(&self, login: &str) -> String {
        identity::folded(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (options, warnings) = Fields::read(&SPEC, connection, options::read)?;
        let Options { url, credential, .. } = &options;
        let origin = &url.origin;
        Ok(Plan::builder(
            Target { host: Some(origin.host.clone()), port: Some(origin.port), database: None },
            vec![origin.endpoint()],
            wire::circumstances(&options),
        )
        .account(credential.as_ref().map(|one| one.identity.account.clone()).unwrap_or_default())
        .credential(credential.as_ref().map(|one| one.identity.secret))
        .login(credential.as_ref().and_then(|credential| credential.login.clone()))
        .warnings(warnings)
        .credential_fields(credential.as_ref().map(|one| one.lines.fields.clone()).unwrap_or_default())
        .build(Arc::new(HttpProbe(options))))
    }
}
