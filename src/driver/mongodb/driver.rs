//! The driver: plans a definition.

use std::sync::Arc;

use super::options::{self, Login, Options, Seeds};
use super::probe::MongodbProbe;
use super::spec::SPEC;
use crate::driver::kit::hosts::together;
use crate::driver::{Driver, Fields, Plan, Refusal, Spec, Target};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;

/// The MongoDB driver.
pub struct Mongodb;

impl Driver for Mongodb {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (options, warnings) = Fields::read(&SPEC, connection, options::read)?;
        Ok(Plan::builder(
            target(&options),
            match &options.seeds {
                Seeds::Hosts(hosts) => hosts.clone(),
                Seeds::Srv { .. } => Vec::new(),
            },
            options.circumstances(),
        )
        .account(options.login.as_ref().map(account).unwrap_or_default())
        .credential(
            options
                .login
                .as_ref()
                .and_then(|login| login.password.as_ref())
                .map(|password| Fingerprint::of(&[password.expose()])),
        )
        .login(options.login.as_ref().and_then(|login| login.user.clone()))
        .timeout(options.timeout)
        .warnings(warnings)
        .build(Arc::new(MongodbProbe::new(options))))
    }
}

/// The account, with its database: the server separates users of different databases.
fn account(login: &Login) -> String {
    format!("{}@{}", login.user.as_deref().unwrap_or_default(), login.source.database(None))
}

fn target(options: &Options) -> Target {
    let (host, port) = match &options.seeds {
        Seeds::Srv { name, .. } => (name.clone(), None),
        Seeds::Hosts(hosts) => together(hosts),
    };
    Target { host: Some(host), port, database: options.database.clone() }
}
