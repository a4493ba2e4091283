//! What reading sources and the store needs, by the arguments and the environment.

use std::time::Duration;

use super::args::{SourceArguments, StateArguments, StoreArguments};
use super::deadline::Deadline;
use super::ledger;
use super::preflight::no_detail;
use crate::driver::Policy;
use crate::source::{Environment, Settings};

/// The settings for the store, with `limit` for each call.
pub(super) fn of_store(arguments: &StoreArguments, limit: Duration, policy: Policy) -> Settings {
    let environment = Environment::of_process();
    let key_file = arguments.key_file(&environment);
    Settings {
        limit,
        policy,
        store: arguments.place(&environment),
        // Without its key a store still provides what is not secret.
        key_file: key_file.filter(|file| file.named || file.path.exists()).map(|file| file.path),
        environment,
        no_detail: no_detail(),
        logins: ledger::logins(&StateArguments::default(), false, limit, Deadline::after(None)),
        ..Settings::default()
    }
}

/// The settings for sources, with `limit` for each.
pub(super) fn of_sources(arguments: &SourceArguments, limit: Duration, policy: Policy) -> Settings {
    Settings {
        fernet_key_file: arguments.fernet_key_file.clone(),
        allow_commands: arguments.allow_commands,
        ..of_store(&arguments.store, limit, policy)
    }
}
