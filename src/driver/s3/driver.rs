//! The driver: plans a definition.

use std::sync::Arc;

use super::options;
use super::probe::S3Probe;
use super::spec::SPEC;
use crate::driver::aws::shorten;
use crate::driver::kit::http::Origin;
use crate::driver::{Driver, Fields, Plan, Refusal, Spec};
use crate::model::connection::Connection;

/// The S3 driver.
pub struct S3;

impl Driver for S3 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    #[cfg(any(fuzzing, test))]
    fn fuzz(&self) -> Option<&'static crate::driver::fuzzing::Fuzz> {
        Some(&super::fuzzing::FUZZ)
    }

    fn shown_login(&self, login: &str) -> String {
        shorten(login)
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let options = options::read(&mut fields);
        let routed = options.as_ref().and_then(|options| Some((options.origins()?, options.target()?)));
        if let (Some(options), None) = (&options, &routed) {
            fields.problem(options.leading_nowhere());
        }
        let warnings = fields.finish()?;
        let (Some(options), Some((places, target))) = (options, routed) else {
            unreachable!("what could not be read was noted as a problem")
        };
        let name = target.to_string();
        Ok(Plan::builder(target, places.iter().map(Origin::endpoint).collect(), options.circumstances())
            .account(options.keys.id.clone())
            .credential(options.keys.fingerprint())
            .login(shorten(&options.keys.id))
            .warnings(warnings)
            .build(Arc::new(S3Probe::new(options, name))))
    }
}
