//! `Fuzz`: what the fuzzer has of a driver, which is asked for it ([`Driver::fuzz`]).

use serde_json::Value;

use super::login::log_in;
use crate::driver::{Driver, Registry};

/// What the fuzzer has of a driver.
#[derive(Debug)]
pub struct Fuzz {
    /// A parser of what a server says.
    pub answers: Option<Reader>,
    /// Definitions, of which the first byte of an input chooses one, for a peer on a port of this machine. One whose `host` is
    /// null names the peer itself.
    pub definitions: &'static [fn(u16) -> Value],
    /// What only good logins come to.
    pub deepest: &'static [&'static str],
}

/// A parser of what a server says.
#[derive(Debug)]
pub struct Reader {
    /// Reads, and says in a word how far it came.
    pub read: fn(&[u8]) -> &'static str,
    /// What only good inputs come to.
    pub deepest: &'static [&'static str],
}

/// The drivers that the fuzzer has something of.
pub fn fuzzed() -> impl Iterator<Item = (&'static dyn Driver, &'static Fuzz)> {
    Registry::builtin().drivers().filter_map(|driver| Some((driver, driver.fuzz()?)))
}

fn of(name: &str) -> (&'static dyn Driver, &'static Fuzz) {
    let Some(found) = fuzzed().find(|(driver, _)| driver.spec().name == name) else {
        unreachable!("no driver `{name}`")
    };
    found
}

/// Has the driver `name` read what its server says.
#[must_use]
pub fn answers(name: &str, input: &[u8]) -> &'static str {
    let Some(answers) = &of(name).1.answers else { unreachable!("`{name}` has no parser of its own") };
    (answers.read)(input)
}

/// Has the driver `name` log in to a peer that follows a script.
#[must_use]
pub fn login(name: &str, input: &[u8]) -> String {
    let (driver, fuzz) = of(name);
    log_in(driver, fuzz, input)
}
