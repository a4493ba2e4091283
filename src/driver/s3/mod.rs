//! S3 and what speaks its language. The login is one signed request: the cheapest that proves the
//! keys, and with a bucket their right to it.
//!
//! Uses stored keys only. Writes nothing, reads no object, follows no redirect.

mod answer;
mod connector;
mod control;
mod echo;
mod endpoint;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod keys;
mod made_up;
mod options;
mod probe;
mod product;
mod request;
mod services;
mod sharpen;
mod spec;
#[cfg(test)]
mod tests;
mod verdict;

use std::sync::Arc;

use self::probe::S3Probe;
use self::spec::SPEC;
use super::http1::Place;
use super::{Driver, Fields, Plan, Refusal, Spec};
use crate::model::connection::Connection;
use crate::model::problem::S3Flaw;

/// The S3 driver.
pub struct S3;

impl Driver for S3 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn shown_login(&self, login: &str) -> String {
        keys::shorten(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let options = options::read(&mut fields);
        let routed = options.as_ref().and_then(|options| Some((options.places()?, options.target()?)));
        if options.is_some() && routed.is_none() {
            fields.problem(S3Flaw::NoAddress);
        }
        let warnings = fields.finish()?;
        let (Some(options), Some((places, target))) = (options, routed) else {
            unreachable!("what could not be read was noted as a problem")
        };
        let name = target.to_string();
        Ok(Plan {
            target,
            endpoints: places.iter().map(Place::endpoint).collect(),
            aliases: Vec::new(),
            account: options.keys.id.clone(),
            credential: Some(options.keys.fingerprint()),
            circumstances: options.circumstances(),
            login: Some(keys::shorten(&options.keys.id)),
            timeout: None,
            warnings,
            probe: Arc::new(S3Probe::new(options, name)),
        })
    }
}
