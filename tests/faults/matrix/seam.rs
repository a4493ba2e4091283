//! The seams of the shared code, and the drivers that represent each one. No other file of the fault tests names
//! drivers. A new driver plays its own faults; it plays a seam's faults only if it has a row here, which gives the
//! reason.

use super::own::drivers;
use crate::speech::Driver;

/// A place where shared code handles faults for all drivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seam {
    /// Shared code resolves a host, and judges each address before it dials.
    Resolve,
    /// Shared code connects to an address.
    Dial,
    /// The driver reads the first bytes of a peer.
    Greeting,
    /// Shared code recognises the server of another driver by its first bytes.
    Strangers,
    /// The driver reads the server's turns, one after the other.
    Turns,
    /// The TLS handshake, with the server's certificates.
    Handshake,
    /// The login inside TLS.
    Inside,
}

use Seam::{Dial, Greeting, Handshake, Inside, Resolve, Strangers, Turns};

/// Each driver that represents seams, the seams, and the reason.
const REPRESENTATIVES: &[(&str, &[Seam], &str)] = &[
    (
        "postgres",
        &[Resolve, Dial, Greeting, Strangers, Turns, Handshake, Inside],
        "lists of hosts; asks for TLS first; a crate over our stream",
    ),
    (
        "mysql",
        &[Dial, Greeting, Strangers, Turns, Handshake, Inside],
        "the server speaks first; a crate behind a local socket; other tools are compared with it",
    ),
    ("mssql", &[Greeting, Turns, Handshake, Inside], "TLS in packets, and not above 1.2"),
    (
        "mongodb",
        &[Resolve, Dial, Greeting, Turns, Handshake, Inside],
        "finds its servers before its turn; TLS from the first byte; a crate behind a local socket",
    ),
    (
        "redis",
        &[Resolve, Dial, Greeting, Strangers, Turns, Handshake, Inside],
        "the kit's own wire, without a crate; lines",
    ),
    (
        "s3",
        &[Resolve, Dial, Greeting, Strangers, Turns, Handshake, Inside],
        "a host within a URL; HTTP that a crate writes",
    ),
    ("http", &[Greeting, Turns, Handshake, Inside], "HTTP of the kit; two requests for a login"),
];

/// The minimum number of drivers that play a fault of a seam, if so many drivers can.
pub const ENOUGH: usize = 3;

impl Seam {
    pub const ALL: [Self; 7] = [Resolve, Dial, Greeting, Strangers, Turns, Handshake, Inside];

    /// What happens at the seam.
    pub fn title(self) -> &'static str {
        match self {
            Resolve => "the kit resolves a host and judges each address",
            Dial => "the kit connects to an address",
            Greeting => "the driver reads the first bytes of a peer",
            Strangers => "the kit recognises another driver's server by its first bytes",
            Turns => "the driver reads the server's turns",
            Handshake => "the TLS handshake, with the server's certificates",
            Inside => "the login inside TLS",
        }
    }

    /// The drivers that represent it.
    pub fn representatives(self) -> impl Iterator<Item = Driver> {
        let rows = REPRESENTATIVES.iter().filter(move |(_, seams, _)| seams.contains(&self));
        rows.map(|(name, ..)| named(name))
    }

    /// The drivers that play a fault that can happen to the drivers `able`: the representatives, and others if these
    /// are too few.
    pub(super) fn players(self, able: &[Driver]) -> Vec<Driver> {
        let chosen: Vec<Driver> = self.representatives().filter(|driver| able.contains(driver)).collect();
        let others = able.iter().copied().filter(|driver| !chosen.contains(driver));
        let missing = ENOUGH.saturating_sub(chosen.len());
        chosen.iter().copied().chain(others.take(missing)).collect()
    }
}

/// For tests that work with any driver: one driver, and another whose servers do not count interrupted handshakes.
const EXAMPLES: [&str; 2] = ["postgres", "mssql"];

/// A driver, for tests that work with any driver.
pub fn example() -> Driver {
    named(EXAMPLES[0])
}

/// Another driver, with another protocol.
pub fn other_example() -> Driver {
    named(EXAMPLES[1])
}

fn named(name: &str) -> Driver {
    drivers().find(|driver| driver.name == name).expect("a driver")
}
