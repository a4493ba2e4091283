//! What the fuzzer has of HTTP: whole logins alone. Built for fuzzing and tests alone.

use serde_json::json;

use crate::driver::fuzzing::{Fuzz, PASSWORD};

/// What the fuzzer has of this driver.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: None,
    definitions: &[
        |_| json!({"login": "etl", "password": PASSWORD}),
        |_| json!({"extra": {"X-Api-Key": PASSWORD}}),
        |_| json!({"extra": {"Accept": "application/json"}}),
    ],
    deepest: &["ok", "auth-auth", "auth-definition", "auth-unsupported"],
};
