//! The fuzz targets of HTTP: only whole logins. Built for fuzzing and tests only.

use serde_json::json;

use crate::driver::fuzzing::{Fuzz, PASSWORD};

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: None,
    definitions: &[
        |_| json!({"login": "etl", "password": PASSWORD}),
        |_| json!({"extra": {"X-Api-Key": PASSWORD}}),
        |_| json!({"extra": {"Accept": "application/json"}}),
    ],
    deepest: &["ok", "auth-auth", "auth-definition", "auth-unsupported"],
};
