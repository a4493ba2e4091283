//! The matrix: faults × drivers, each cell with the result that it must have, written down before
//! any run.

mod banners;
mod dialogue;
mod dns;
mod mongodb;
mod mssql;
mod mysql;
mod network;
mod postgres;
mod refusals;
mod s3;
mod tls;

use std::fmt;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::dns::Naming;
use crate::peer::Script;
use crate::speech::{CANARY, LOGIN};

/// A driver of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    Postgres,
    Mysql,
    Mssql,
    Mongodb,
    S3,
}

pub use Driver::{Mongodb, Mssql, Mysql, Postgres, S3};

impl Driver {
    /// All of them.
    pub const ALL: [Self; 5] = [Postgres, Mysql, Mssql, Mongodb, S3];

    /// As in results.
    pub fn name(self) -> &'static str {
        match self {
            Postgres => "postgres",
            Mysql => "mysql",
            Mssql => "mssql",
            Mongodb => "mongodb",
            S3 => "s3",
        }
    }

    /// A definition for a server at `host` and `port`, as simple as it can be; with TLS that trusts the
    /// `authority`, if there is one, and verifies everything.
    pub fn definition(self, host: &str, port: u16, authority: Option<&str>) -> Value {
        let mut definition =
            json!({"conn_type": self.name(), "host": host, "port": port, "login": LOGIN, "password": CANARY});
        definition["extra"] = match (self, authority) {
            (S3, _) => {
                definition["schema"] = json!("lake");
                let scheme = if authority.is_some() { "https" } else { "http" };
                let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
                json!({"endpoint_url": format!("{scheme}://{host}:{port}"), "verify": authority.map_or(json!(true), Value::from)})
            }
            (_, None) => json!({}),
            (Postgres, Some(pem)) => json!({"sslmode": "verify-full", "sslrootcert": pem}),
            (Mysql, Some(pem)) => json!({"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": pem}}),
            (Mssql, Some(pem)) => json!({"Encrypt": "yes", "cafile": pem}),
            (Mongodb, Some(pem)) => json!({"tls": true, "tlsCAFile": pem}),
        };
        definition
    }
}

/// When a result must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Within 250 ms of the fault.
    Fast,
    /// At the deadline, and not before.
    Deadline,
}

/// The result that a cell must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `ok`, or the class of the failure.
    pub class: &'static str,
    /// The phase where it was; not looked at for `ok`.
    pub phase: &'static str,
    /// When.
    pub pace: Pace,
}

/// Told at once.
pub const fn fast(class: &'static str, phase: &'static str) -> Expected {
    Expected { class, phase, pace: Pace::Fast }
}

/// Told at the deadline.
pub const fn late(phase: &'static str) -> Expected {
    Expected { class: "timeout", phase, pace: Pace::Deadline }
}

/// The login succeeds.
pub const OK: Expected = fast("ok", "");

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.class == "ok" { f.write_str("ok") } else { write!(f, "{}/{}", self.class, self.phase) }
    }
}

/// An address of loopback where no peer is.
pub const SILENT: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 9);

/// What a definition leads to.
#[derive(Clone)]
pub enum Target {
    /// A peer that follows a script.
    Peer(Script),
    /// A port that refuses connections.
    Refused,
    /// A port that answers no connection request.
    BlackHole,
    /// A name that DNS knows, or does not, and the peer that it may lead to.
    Named(Naming, Script),
    /// A name with two addresses: the first, [`SILENT`], answers no connection request, at the other is a peer.
    BehindSilence(Script),
    /// A host that is not to be reached: nobody is started.
    Host(&'static str),
}

/// One fault as one driver meets it.
#[derive(Clone)]
pub struct Cell {
    pub driver: Driver,
    pub target: Target,
    /// How the definition spells the host.
    pub spelled: fn(&str) -> String,
    /// The definition demands verified TLS.
    pub secure: bool,
    /// What the definition has in `extra` besides.
    pub extra: Value,
    /// Where in the result there must be a text.
    pub shows: &'static [&'static str],
    /// What its message names.
    pub names: Option<&'static str>,
    pub expected: Expected,
}

impl Cell {
    /// Its host is a name, to be asked of the test's own DNS server.
    pub fn is_named(&self) -> bool {
        matches!(self.target, Target::Named(..) | Target::BehindSilence(_))
    }
}

/// One fault.
pub struct Fault {
    /// What it is called in the published matrix; unique.
    pub name: String,
    /// How it shows in each driver that can meet it.
    pub cells: Vec<Cell>,
}

impl Fault {
    /// A fault that nobody meets yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), cells: Vec::new() }
    }

    /// How `driver` meets it.
    pub fn on_driver(&self, driver: Driver) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.driver == driver)
    }

    /// All drivers meet it, and tell it in the same way.
    pub fn everywhere(mut self, expected: Expected, target: impl Fn(Driver) -> Target) -> Self {
        for driver in Driver::ALL {
            self = self.on(driver, expected, target(driver));
        }
        self
    }

    /// `driver` meets it too.
    pub fn on(mut self, driver: Driver, expected: Expected, target: Target) -> Self {
        let (spelled, extra) = (str::to_owned, json!({}));
        self.cells.push(Cell { driver, target, spelled, secure: false, extra, shows: &[], names: None, expected });
        self
    }

    /// `driver` tells it otherwise.
    pub fn but(mut self, driver: Driver, expected: Expected) -> Self {
        for cell in self.cells.iter_mut().filter(|cell| cell.driver == driver) {
            cell.expected = expected;
        }
        self
    }

    /// Every definition spells its host in another way.
    pub fn spelled(mut self, spelled: fn(&str) -> String) -> Self {
        for cell in &mut self.cells {
            cell.spelled = spelled;
        }
        self
    }

    /// Every definition demands verified TLS.
    pub fn secure(mut self) -> Self {
        for cell in &mut self.cells {
            cell.secure = true;
        }
        self
    }

    /// Every result has a text in these places.
    pub fn showing(mut self, places: &'static [&'static str]) -> Self {
        for cell in &mut self.cells {
            cell.shows = places;
        }
        self
    }

    /// Every result's message names `what`, but those that only time can tell.
    pub fn naming(mut self, what: &'static str) -> Self {
        for cell in self.cells.iter_mut().filter(|cell| cell.expected.pace == Pace::Fast) {
            cell.names = Some(what);
        }
        self
    }

    /// The cell added last has `extra` in its definition.
    pub fn with(mut self, extra: Value) -> Self {
        self.cells.last_mut().expect("a cell").extra = extra;
        self
    }
}

/// A group of faults.
pub struct Chapter {
    pub title: &'static str,
    pub faults: Vec<Fault>,
}

/// The whole matrix.
pub fn chapters() -> Vec<Chapter> {
    vec![
        Chapter { title: "The network", faults: network::faults() },
        Chapter { title: "Names", faults: dns::faults() },
        Chapter { title: "Something else answers", faults: banners::faults() },
        Chapter { title: "The dialogue breaks", faults: dialogue::faults() },
        Chapter { title: "TLS", faults: tls::faults() },
        Chapter { title: "The server says no", faults: refusals::faults() },
        Chapter { title: "What only PostgreSQL can do", faults: postgres::faults() },
        Chapter { title: "What only MySQL can do", faults: mysql::faults() },
        Chapter { title: "What only SQL Server can do", faults: mssql::faults() },
        Chapter { title: "What only MongoDB can do", faults: mongodb::faults() },
        Chapter { title: "What only S3 can do", faults: s3::faults() },
    ]
}
