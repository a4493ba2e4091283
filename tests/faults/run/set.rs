//! `Set`: the definition of a cell, with its started peer.

use serde_json::Value;

use crate::dns::{self, Naming, Question, Reply};
use crate::matrix::{Cell, Expected, SILENT, Target};
use crate::peer::{BlackHole, Listening, Peer, Script, Watched, refused};
use crate::speech::Driver;
use crate::{pki, reasons};

/// A definition, the record of its peer, and the expected result.
pub struct Set {
    pub(super) driver: Driver,
    pub(super) name: String,
    pub(super) definition: Value,
    pub(super) expected: Expected,
    pub(super) shows: &'static [&'static str],
    pub(super) names: Option<&'static str>,
    /// `None` if every reason is accepted.
    pub(super) reason: Option<String>,
    pub(super) watch: Watched,
    /// Whether names are looked up at the test's own DNS server.
    pub(super) named: bool,
    _held: Held,
}

/// What must live as long as the cell.
enum Held {
    Nothing,
    Listening { _listening: Listening },
    Port { _socket: socket2::Socket },
    BlackHole { _hole: BlackHole },
    Both { _listening: Listening, _hole: BlackHole },
}

impl Set {
    /// Starts the target of the cell.
    pub fn up(name: String, cell: &Cell) -> Self {
        let here = || "127.0.0.1".to_owned();
        let (host, port, watch, held) = match &cell.target {
            Target::Peer(script) => {
                let peer = Peer::start(script.clone(), cell.driver.framing);
                (here(), peer.listening.port, peer.watch, Held::Listening { _listening: peer.listening })
            }
            Target::Named(naming, script) | Target::Service(naming, script) => {
                let (name, peer) = named(*naming, script, cell.driver);
                (name, peer.listening.port, peer.watch, Held::Listening { _listening: peer.listening })
            }
            Target::BehindSilence(script) => {
                let (name, peer) = named(two_addresses, script, cell.driver);
                let hole = BlackHole::at(SILENT, peer.listening.port);
                (name, peer.listening.port, peer.watch, Held::Both { _listening: peer.listening, _hole: hole })
            }
            Target::Refused => {
                let (port, socket) = refused();
                (here(), port, Watched::default(), Held::Port { _socket: socket })
            }
            Target::BlackHole => {
                let hole = BlackHole::new();
                (here(), hole.port, Watched::default(), Held::BlackHole { _hole: hole })
            }
            Target::Host(host) => ((*host).to_owned(), 1, Watched::default(), Held::Nothing),
        };
        let host = (cell.spelled)(&host);
        let mut definition = cell.driver.definition(&host, port, cell.secure.then_some(pki::authority()));
        if let Value::Object(more) = &cell.extra {
            for (key, value) in more {
                definition["extra"][key] = value.clone();
            }
        }
        if let Target::Service(..) = cell.target {
            definition["port"] = Value::Null;
        }
        let reason = reasons::of(&name);
        Self {
            driver: cell.driver,
            name,
            definition,
            expected: cell.expected,
            shows: cell.shows,
            names: cell.names,
            reason,
            watch,
            named: cell.is_named(),
            _held: held,
        }
    }

    pub fn definition(&self) -> &Value {
        &self.definition
    }

    /// A definition that leads to a real server of `driver` through a proxy, which records in `watch`.
    #[cfg(feature = "live")]
    pub fn through(driver: Driver, name: String, definition: Value, watch: &Watched, expected: Expected) -> Self {
        Self {
            driver,
            name,
            definition,
            expected,
            shows: &[],
            names: None,
            reason: None,
            watch: watch.clone(),
            named: false,
            _held: Held::Nothing,
        }
    }
}

/// A peer, and a name whose queries are answered with `naming`.
fn named(naming: Naming, script: &Script, driver: Driver) -> (String, Peer) {
    let peer = Peer::start(script.clone(), driver.framing);
    (dns::name(naming, peer.listening.port, &peer.watch), peer)
}

fn two_addresses(question: &Question) -> Reply {
    dns::records(question, [dns::at(&SILENT.to_string()), dns::here()])
}
