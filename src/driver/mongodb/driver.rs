//! `Mongodb`: what the driver is called, and the plan that it makes of a definition.

use std::sync::Arc;

use super::codes::CODES;
use super::extras;
use super::options::{self, Login, Options, Seeds};
use super::probe::MongodbProbe;
use crate::driver::extras::{StandIn, over};
use crate::driver::kit::hosts::together;
use crate::driver::{Driver, Fields, Plan, Proof, Refusal, Spec, Target};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;

/// The MongoDB driver.
pub struct Mongodb;

pub(super) const NAME: &str = "mongodb";

pub(super) static SPEC: Spec = Spec::new(NAME, "MongoDB", TYPES, PROOF)
    .schema("the authentication database, unless extra `authSource` names another")
    .extras(extras::EXTRAS)
    .stand_ins(STAND_INS)
    .codes(&CODES)
    .extras_ignore_case();

const TYPES: &[(&str, u16)] = &[("mongo", 27017), ("mongodb", 27017), ("mongodb+srv", 27017)];

const PROOF: Proof = Proof::by_code(
    "the end of the SASL dialogue, in which the server proves that it knows the password too, and a command that is answered",
);

const STAND_INS: &[StandIn] = &[over("login", "username"), over("password", "password"), over("schema", "authSource")];

impl Driver for Mongodb {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let options = options::read(&mut fields);
        let warnings = fields.finish()?;
        let Some(options) = options else { unreachable!("a definition without hosts has a problem") };
        Ok(Plan {
            target: target(&options),
            endpoints: match &options.seeds {
                Seeds::Hosts(hosts) => hosts.clone(),
                Seeds::Srv { .. } => Vec::new(),
            },
            aliases: Vec::new(),
            account: options.login.as_ref().map(account).unwrap_or_default(),
            credential: options
                .login
                .as_ref()
                .and_then(|login| login.password.as_ref())
                .map(|password| Fingerprint::of(&[password.expose()])),
            circumstances: options.circumstances(),
            login: options.login.as_ref().and_then(|login| login.user.clone()),
            timeout: options.timeout,
            warnings,
            probe: Arc::new(MongodbProbe::new(options)),
        })
    }
}

/// The server keeps users of different databases apart.
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
