//! `Description`: what the tests of the wire know of a driver. Each stands in the driver's folder, and no test asks for a
//! driver by name.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::turn::{CANARY, LOGIN, Role, Turn, script};
use crate::peer::framing::Framing;
use crate::peer::{Script, Step};

/// A driver of the registry.
pub type Driver = &'static Description;

/// What a server says in two fields of a message to the client from whom it heard these bytes.
pub type Said = Arc<dyn Fn(&[u8]) -> (String, String) + Send + Sync>;

/// A driver's protocol as a server speaks it, and the simplest definition for such a server.
pub struct Description {
    /// As in results.
    pub name: &'static str,
    /// What a message calls such a server where another was expected.
    pub called: &'static str,
    /// What its messages are.
    pub wire: Wire,
    /// Where a message of the client's ends.
    pub framing: Framing,
    /// Completes a definition of place and login: with TLS that trusts the authority, if there is one, and verifies
    /// everything.
    pub complete: fn(&mut Value, Option<&str>),
    /// A good login in clear.
    pub login: fn() -> Vec<Turn>,
    /// How TLS begins, and what is said inside.
    pub tls: Tls,
    /// What a server says to a client that speaks another protocol, or unasked.
    pub to_strangers: fn() -> Vec<u8>,
    /// A server that refuses the login, and says so in these words.
    pub refuse: fn(Said) -> Script,
    /// A server that lets everybody in without a secret, whose facts are these words.
    pub welcome: Option<fn(Said) -> Script>,
    /// As many connections a login takes at the most.
    pub connections: usize,
    /// How often the protocol itself has the password in these bytes of the client's as it is.
    pub passwords: fn(&[u8]) -> usize,
}

/// What the messages of a protocol are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wire {
    /// Frames with their length.
    Frames,
    /// Lines.
    Lines,
    /// HTTP's.
    Http,
}

/// How TLS begins in a protocol.
pub struct Tls {
    /// What comes before the handshake; nothing where that begins with the first byte.
    pub prelude: fn() -> Script,
    /// The handshake travels in packets of the protocol, and ends with TLS 1.2.
    pub in_packets: bool,
    /// The turns of a good login that come inside.
    pub inside: fn() -> Vec<Turn>,
    /// What a server without TLS does to a client that demands it.
    pub lacking: fn() -> Script,
}

impl Description {
    /// A definition for a server at `host` and `port`, as simple as it can be; with TLS that trusts the `authority`, if there
    /// is one, and verifies everything.
    pub fn definition(&self, host: &str, port: u16, authority: Option<&str>) -> Value {
        let mut definition = json!({
            "conn_type": self.name, "host": host, "port": port, "login": LOGIN, "password": CANARY, "extra": {},
        });
        (self.complete)(&mut definition, authority);
        definition
    }

    /// A server that takes the login, and hangs up.
    pub fn good(&self) -> Script {
        script(&(self.login)())
    }

    /// A good login up to the turn for `role`, in whose place are `steps`.
    pub fn instead(&self, role: Role, steps: Vec<Step>) -> Script {
        let turns = (self.login)();
        let at = turns.iter().position(|turn| turn.role == role).expect("a turn");
        let heard = turns[at].hears.then_some(Step::Hear);
        script(&turns[..at]).into_iter().chain(heard).chain(steps).collect()
    }

    /// A good login of so many turns, and `steps` in answer to what the client says next.
    pub fn after(&self, turns: usize, steps: Vec<Step>) -> Script {
        [script(&(self.login)()[..turns]), vec![Step::Hear], steps].concat()
    }

    /// A server that takes the login, and waits for the client to hang up.
    pub fn taking(&self) -> Script {
        [self.good(), vec![Step::Hold]].concat()
    }

    /// The phase that waits for the server's first words.
    pub fn first_phase(&self) -> &'static str {
        (self.login)()[0].phase
    }

    /// The server speaks before the client.
    pub fn is_greeted(&self) -> bool {
        !(self.login)()[0].hears
    }

    /// TLS begins with the first byte of a connection.
    pub fn begins_with_tls(&self) -> bool {
        (self.tls.prelude)().is_empty()
    }
}

impl PartialEq for Description {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Description {}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// For protocols that never have the password on the wire as it is.
pub fn no_password(_heard: &[u8]) -> usize {
    0
}
