//! `Fuzz`: the fuzz targets of a driver, as returned by [`Driver::fuzz`].

use serde_json::Value;

use super::login::log_in;
use crate::driver::{Driver, Registry};

/// The fuzz targets of a driver.
#[derive(Debug)]
pub struct Fuzz {
    /// A parser of what a server sends.
    pub answers: Option<Reader>,
    /// Definitions for a peer on a port of this machine; the first byte of an input selects one. One whose `host` is
    /// null names the peer itself.
    pub definitions: &'static [fn(u16) -> Value],
    /// Outcomes that only successful logins have.
    pub deepest: &'static [&'static str],
}

/// A parser of what a server sends.
#[derive(Debug)]
pub struct Reader {
    /// Parses, and returns a word for how far it got.
    pub read: fn(&[u8]) -> &'static str,
    /// Outcomes that only valid inputs have.
    pub deepest: &'static [&'static str],
}

/// The drivers with fuzz targets.
pub fn fuzzed() -> impl Iterator<Item = (&'static dyn Driver, &'static Fuzz)> {
    Registry::builtin().drivers().filter_map(|driver| Some((driver, driver.fuzz()?)))
}

fn of(name: &str) -> (&'static dyn Driver, &'static Fuzz) {
    let Some(found) = fuzzed().find(|(driver, _)| driver.spec().name == name) else {
        unreachable!("no driver `{name}`")
    };
    found
}

/// Runs the parser of the driver `name` on what its server sends.
#[must_use]
pub fn answers(name: &str, input: &[u8]) -> &'static str {
    let Some(answers) = &of(name).1.answers else { unreachable!("`{name}` has no parser of its own") };
    (answers.read)(input)
}

/// Logs in with the driver `name` to a peer that follows a script.
#[must_use]
pub fn login(name: &str, input: &[u8]) -> String {
    let (driver, fuzz) = of(name);
    log_in(driver, fuzz, input)
}
