//! The readers that the fuzz target `aws` runs. Built for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use super::account::{Account, PARAMETER_STORE, SECRETS_MANAGER};
use super::call::Caller;
use super::{parameter_store, secrets_manager};
use crate::driver::fuzzing::{against, attempt, choice};
use crate::model::class::Class;
use crate::source::fuzz_outcome::best;
use crate::source::settings::Environment;

/// Reads one of the two stores. `input` scripts the answers of AWS.
#[must_use]
pub fn aws(input: &[u8]) -> &'static str {
    let (chosen, script) = choice(input, 2);
    let service = [&SECRETS_MANAGER, &PARAMETER_STORE][chosen];
    against(script, async |port| {
        let endpoint = format!("http://127.0.0.1:{port}");
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "CANARY"),
            ("AWS_REGION", "eu-central-1"),
        ];
        let environment = Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
        let Ok(account) = Account::read(service, &environment, "fuzz") else { unreachable!("a good account") };
        let caller = Caller::new(service, account, attempt());
        let read = if chosen == 0 {
            secrets_manager::read(&caller, "", "fuzz").await
        } else {
            parameter_store::read(&caller, "", "fuzz").await
        };
        match read {
            Ok(connections) => best(&connections),
            Err(failure) => {
                let clock = failure.class == Class::Local && failure.code.is_some();
                assert!(
                    clock || !matches!(failure.class, Class::Internal | Class::Timeout | Class::Local),
                    "{failure:?}"
                );
                failure.class.as_str()
            }
        }
    })
}
