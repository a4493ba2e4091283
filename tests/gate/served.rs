//! `Served`: what the gate's tests need to know of a driver's server, given by `tests/drivers/NAME/gate.rs`.

use serde_json::{Map, Value};

use crate::drivers::ALL;
use crate::servers::Servers;

/// The server of one driver. What is `None` is not known of it, and the tests that need it use other servers.
pub struct Served {
    /// Its script in `tests/drivers/NAME/servers`, without the ending.
    pub server: &'static str,
    /// The process of it that is logged in to.
    pub process: &'static str,
    /// The key of its port in what the start of the servers wrote.
    pub port: &'static str,
    /// A definition that it accepts.
    pub definition: fn(&Servers) -> Value,
    /// A shell command that logs in once, as a suite does, with another client than connprobe.
    pub suite: &'static str,
    /// The signals that shut it down in order, and that end it at once.
    pub signals: (&'static str, &'static str),
    /// The options with which it logs logins.
    pub options: &'static [&'static str],
    /// The number of logins by the definition that it has accepted.
    pub accepted: Option<fn(&Servers) -> usize>,
    /// The number of logins of a user that it has refused, or of any user if its log names none.
    pub refused: Option<fn(&Servers, &str) -> usize>,
    /// The shell command that makes the user `late`, with the password [`LATE`]. Needs `refused`.
    pub user: Option<&'static str>,
    /// What a definition names that is made while it runs: a database, a bucket.
    pub place: Option<Place>,
    /// How it initialises itself. Needs `accepted`.
    pub initialising: Option<Initialising>,
    /// How it takes its time for an answer.
    pub slow: Option<Slow>,
    /// How it starts without end.
    pub starting: Option<Starting>,
}

/// The password of the user that is made later. It has what no output may contain.
pub const LATE: &str = "CANARY-late";

/// What a definition names that is not there yet.
pub struct Place {
    /// The fields of the definition that differ.
    pub fields: fn() -> Value,
    /// The reason of a login before it is there.
    pub reason: &'static str,
    /// The shell command that makes it, which succeeds once.
    pub made: &'static str,
}

/// A server that initialises itself as the images of databases do: on its socket alone.
pub struct Initialising {
    pub options: &'static [&'static str],
    /// What its log says once it accepts logins.
    pub ready: &'static str,
}

/// A server that answers so late that it can be killed before.
pub struct Slow {
    pub options: &'static [&'static str],
    /// What its log says once it has the proof of the password.
    pub received: &'static str,
}

/// A server that accepts connections and says that it is starting.
pub struct Starting {
    pub options: &'static [&'static str],
    /// The shell commands that prepare this, and that undo it.
    pub prepare: &'static str,
    pub restore: &'static str,
}

impl Served {
    /// A server of which nothing more is known.
    pub const fn of(
        (server, process, port): (&'static str, &'static str, &'static str),
        definition: fn(&Servers) -> Value,
        suite: &'static str,
    ) -> Self {
        Self {
            server,
            process,
            port,
            definition,
            suite,
            signals: ("TERM", "KILL"),
            options: &[],
            accepted: None,
            refused: None,
            user: None,
            place: None,
            initialising: None,
            slow: None,
            starting: None,
        }
    }

    /// The definition with `fields` in the place of its own.
    pub fn with(&self, servers: &Servers, fields: &Value) -> Value {
        let mut definition = (self.definition)(servers);
        for (name, value) in fields.as_object().unwrap() {
            definition[name] = value.clone();
        }
        definition
    }

    pub fn log(&self) -> String {
        format!("{}/log", self.process)
    }
}

/// A good definition of each server, by the driver's name.
pub fn definitions(servers: &Servers) -> Value {
    let all: Map<_, _> = ALL.iter().map(|(name, served)| ((*name).to_owned(), (served.definition)(servers))).collect();
    Value::Object(all)
}
