//! Crowds: thousands of definitions, each with its own host, and the few servers behind all of them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::Value;

use crate::matrix::{self, OK, Pace, Target};
use crate::peer::{Peer, Script, Step};
use crate::speech::{Driver, LOGIN};

/// A server with one behaviour, at every loopback address.
pub struct Server {
    driver: Driver,
    peer: Peer,
    /// Additional keys in `extra` of its definitions.
    extra: Value,
    /// `ok`, or the class of the expected failure.
    class: &'static str,
}

/// A definition and its expected result.
#[derive(Clone)]
pub struct Expected {
    pub definition: Value,
    /// `ok`, or the class of the failure.
    pub class: &'static str,
    /// Whether its server is hostile.
    pub hostile: bool,
}

impl Server {
    fn start(driver: Driver, script: Script, extra: Value, class: &'static str) -> Self {
        Self { driver, peer: Peer::at(Ipv4Addr::UNSPECIFIED, script, driver.framing), extra, class }
    }

    /// A definition for this server, at the host with that number. Its login is different from all others, because the
    /// loopback addresses count as one host, where the logins of one account run one after the other.
    fn expected(&self, number: usize) -> Expected {
        let mut definition = self.driver.definition(&host(number), self.peer.listening.port, None);
        definition["login"] = Value::from(format!("{LOGIN}{number}"));
        if let Value::Object(extra) = &self.extra {
            for (key, value) in extra {
                definition["extra"][key] = value.clone();
            }
        }
        Expected { definition, class: self.class, hostile: false }
    }
}

/// A different host for each number.
fn host(number: usize) -> String {
    let part = |divisor: usize| u8::try_from(number / divisor % 250).expect("below 250") + 1;
    Ipv4Addr::new(127, part(250 * 250), part(250), part(1)).to_string()
}

/// For each driver a server that performs `first`, accepts the login, and performs `then`.
fn each(first: &[Step], then: &[Step], class: &'static str) -> Vec<Server> {
    let server = |driver: Driver| {
        let script = [first, &driver.good(), then].concat();
        Server::start(driver, script, Value::Null, class)
    };
    matrix::drivers().map(server).collect()
}

/// For each driver a server that accepts the login.
pub fn good() -> Vec<Server> {
    each(&[], &[Step::Hold], OK.class)
}

/// For each driver a server that never sends anything.
pub fn silent() -> Vec<Server> {
    each(&[Step::Hold], &[], "timeout")
}

/// For each driver a server that refuses the login.
fn refusing() -> Vec<Server> {
    of_the_matrix(|fault| fault == "a wrong password")
}

/// For each driver four servers that accept the login and one that refuses it.
pub fn honest() -> Vec<Server> {
    (0..4).flat_map(|_| good()).chain(refusing()).collect()
}

/// Good servers, slow ones, some that refuse, and some that are silent.
pub fn of_every_kind() -> Vec<Server> {
    let slow = each(&[Step::Pause(Duration::from_millis(150))], &[Step::Hold], OK.class);
    good().into_iter().chain(slow).chain(refusing()).chain(silent()).collect()
}

/// All servers that flood, bomb or nest, as far as that is detected before a deadline.
pub fn hostile() -> Vec<Server> {
    let words = ["without end", "bomb", "explode", "nested", "rounds"];
    of_the_matrix(|fault| words.iter().any(|word| fault.contains(word)))
}

/// The servers of the faults whose names are `wanted`.
fn of_the_matrix(wanted: impl Fn(&str) -> bool) -> Vec<Server> {
    let faults = matrix::chapters().into_iter().flat_map(|chapter| chapter.faults);
    let cells = faults.filter(|fault| wanted(&fault.name)).flat_map(|fault| fault.cells);
    cells
        .filter(|cell| cell.expected.pace == Pace::Fast && !cell.secure)
        .filter_map(|cell| match cell.target {
            Target::Peer(script) => Some(Server::start(cell.driver, script, cell.extra, cell.expected.class)),
            _ => None,
        })
        .collect()
}

/// The document with these definitions.
pub fn input(definitions: &BTreeMap<String, Expected>) -> String {
    definitions.iter().map(|(name, expected)| (name, expected.definition.clone())).collect::<Value>().to_string()
}

/// `count` definitions by name, using `servers` in turn.
pub fn definitions(count: usize, servers: &[Server]) -> BTreeMap<String, Expected> {
    (0..count).map(|number| (format!("{number:05}"), servers[number % servers.len()].expected(number))).collect()
}

/// The same, with every tenth definition at one of the `hostile` servers.
pub fn infiltrated(count: usize, servers: &[Server], hostile: &[Server]) -> BTreeMap<String, Expected> {
    let mut definitions = definitions(count, servers);
    for (number, definition) in definitions.values_mut().enumerate().skip(7).step_by(10) {
        *definition = Expected { hostile: true, ..hostile[number / 10 % hostile.len()].expected(number) };
    }
    definitions
}
