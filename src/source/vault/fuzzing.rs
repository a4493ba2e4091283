//! The reader that the fuzz target `vault` runs. Built for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use super::load::read;
use super::server::Address;
use crate::driver::fuzzing::{against, attempt};
use crate::model::class::Class;
use crate::source::fuzz_outcome::best;
use crate::source::settings::Environment;

/// Reads secrets from Vault. `input` scripts the answers of Vault.
#[must_use]
pub fn vault(input: &[u8]) -> &'static str {
    against(input, async |port| {
        let address = format!("http://127.0.0.1:{port}");
        let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", "hvs.CANARY")];
        let environment = Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
        let Ok(address) = Address::read(&environment, "fuzz") else { unreachable!("a good address") };
        match read(address, "secret/connections", "fuzz", attempt()).await {
            Ok(connections) => best(&connections),
            Err(failure) => {
                assert!(!matches!(failure.class, Class::Internal | Class::Timeout | Class::Local), "{failure:?}");
                failure.class.as_str()
            }
        }
    })
}
