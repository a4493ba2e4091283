//! `Description`: a driver's protocol as the fault tests play it. Each description is in its driver's folder.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::turn::{CANARY, LOGIN, Role, Turn, script};
use crate::peer::framing::Framing;
use crate::peer::{Script, Step};

/// A driver of the registry.
pub type Driver = &'static Description;

/// Makes the two texts of a server's message from the bytes that the server received.
pub type Said = Arc<dyn Fn(&[u8]) -> (String, String) + Send + Sync>;

/// A driver's protocol as its server speaks it, and the simplest definition for that server.
pub struct Description {
    /// The driver's name, as in results.
    pub name: &'static str,
    /// What connprobe's messages call such a server when they expected another one.
    pub called: &'static str,
    /// The kind of its messages.
    pub wire: Wire,
    /// Reads one message of the client.
    pub framing: Framing,
    /// Completes a definition that has host, port and login. If there is an authority, the definition demands TLS,
    /// trusts the authority and verifies everything.
    pub complete: fn(&mut Value, Option<&str>),
    /// A good login in clear.
    pub login: fn() -> Vec<Turn>,
    /// How TLS begins, and the login inside it.
    pub tls: Tls,
    /// What the server sends to a client of another protocol, or as its greeting.
    pub to_strangers: fn() -> Vec<u8>,
    /// A server that refuses the login with these texts.
    pub refuse: fn(Said) -> Script,
    /// A server that accepts any login without a secret, and reports these texts as facts.
    pub welcome: Option<fn(Said) -> Script>,
    /// The maximum number of connections that one login opens.
    pub connections: usize,
    /// How often the protocol itself sends the password in clear within these bytes of the client.
    pub passwords: fn(&[u8]) -> usize,
}

/// A kind of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wire {
    /// Frames with a length field.
    Frames,
    /// Lines.
    Lines,
    /// Requests and answers over HTTP.
    Http,
}

/// How TLS begins in a protocol.
pub struct Tls {
    /// The turns before the handshake; empty if the connection begins with TLS.
    pub prelude: fn() -> Script,
    /// Whether the handshake travels in packets of the protocol; it then uses TLS 1.2.
    pub in_packets: bool,
    /// The turns of a good login inside TLS.
    pub inside: fn() -> Vec<Turn>,
    /// A server without TLS that meets a client that demands it.
    pub lacking: fn() -> Script,
}

impl Description {
    /// The simplest definition for a server at `host` and `port`. With an `authority` it demands TLS, trusts the
    /// authority and verifies everything.
    pub fn definition(&self, host: &str, port: u16, authority: Option<&str>) -> Value {
        let mut definition = json!({
            "conn_type": self.name, "host": host, "port": port, "login": LOGIN, "password": CANARY, "extra": {},
        });
        (self.complete)(&mut definition, authority);
        definition
    }

    /// A server that accepts the login, then closes the connection.
    pub fn good(&self) -> Script {
        script(&(self.login)())
    }

    /// A good login up to the turn for `role`; `steps` replace that turn.
    pub fn instead(&self, role: Role, steps: Vec<Step>) -> Script {
        let turns = (self.login)();
        let at = turns.iter().position(|turn| turn.role == role).expect("a turn");
        let heard = turns[at].hears.then_some(Step::Hear);
        script(&turns[..at]).into_iter().chain(heard).chain(steps).collect()
    }

    /// The first `turns` of a good login, then `steps` in answer to the client's next message.
    pub fn after(&self, turns: usize, steps: Vec<Step>) -> Script {
        [script(&(self.login)()[..turns]), vec![Step::Hear], steps].concat()
    }

    /// A server that accepts the login, then waits until the client closes the connection.
    pub fn taking(&self) -> Script {
        [self.good(), vec![Step::Hold]].concat()
    }

    /// The phase in which the client waits for the server's first message.
    pub fn first_phase(&self) -> &'static str {
        (self.login)()[0].phase
    }

    /// Whether the server sends the first message.
    pub fn is_greeted(&self) -> bool {
        !(self.login)()[0].hears
    }

    /// Whether a connection begins with TLS.
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

/// For protocols that never send the password in clear.
pub fn no_password(_heard: &[u8]) -> usize {
    0
}
