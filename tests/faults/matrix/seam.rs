//! The seams of the kit, and which drivers play their faults: the one place where tests of faults choose drivers by name.
//! A driver that is added plays what is its own, and a seam only where a row of its own here says why.

use super::own::drivers;
use crate::speech::Driver;

/// Where the kit meets faults, whichever driver is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seam {
    /// A host becomes addresses, and each is judged before it is dialled.
    Resolve,
    /// An address is connected to.
    Dial,
    /// The first bytes of whoever answers.
    Greeting,
    /// The first bytes of another driver's server, which tell who it is.
    Strangers,
    /// The dialogue, turn by turn.
    Turns,
    /// The handshake of TLS, and what the server shows in it.
    Handshake,
    /// The login inside TLS.
    Inside,
}

use Seam::{Dial, Greeting, Handshake, Inside, Resolve, Strangers, Turns};

/// Who plays the faults of which seams, and why.
const REPRESENTATIVES: &[(&str, &[Seam], &str)] = &[
    (
        "postgres",
        &[Resolve, Dial, Greeting, Strangers, Turns, Handshake, Inside],
        "lists of hosts; asks for TLS first; a crate over a stream of the kit's",
    ),
    (
        "mysql",
        &[Dial, Greeting, Strangers, Turns, Handshake, Inside],
        "the server speaks first; a crate behind a door; other tools are compared with it",
    ),
    ("mssql", &[Greeting, Turns, Handshake, Inside], "TLS in packets, and not above 1.2"),
    (
        "mongodb",
        &[Resolve, Dial, Greeting, Turns, Handshake, Inside],
        "finds its servers before its turn; TLS from the first byte, and a crate behind a door",
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

/// A fault of a seam is played by as many at the least, if as many can.
pub const ENOUGH: usize = 3;

impl Seam {
    pub const ALL: [Self; 7] = [Resolve, Dial, Greeting, Strangers, Turns, Handshake, Inside];

    /// What is proved here.
    pub fn title(self) -> &'static str {
        match self {
            Resolve => "a host becomes addresses, each judged before it is dialled",
            Dial => "an address is connected to",
            Greeting => "the first bytes of whoever answers",
            Strangers => "another driver's server is known by its first bytes",
            Turns => "the dialogue, turn by turn",
            Handshake => "the handshake of TLS, and what the server shows in it",
            Inside => "the login inside TLS",
        }
    }

    /// Those who represent it.
    pub fn representatives(self) -> impl Iterator<Item = Driver> {
        let rows = REPRESENTATIVES.iter().filter(move |(_, seams, _)| seams.contains(&self));
        rows.map(|(name, ..)| named(name))
    }

    /// Who plays a fault that these are `able` to meet: those who represent the seam, and, where they are too few, others too.
    pub(super) fn players(self, able: &[Driver]) -> Vec<Driver> {
        let chosen: Vec<Driver> = self.representatives().filter(|driver| able.contains(driver)).collect();
        let others = able.iter().copied().filter(|driver| !chosen.contains(driver));
        let missing = ENOUGH.saturating_sub(chosen.len());
        chosen.iter().copied().chain(others.take(missing)).collect()
    }
}

/// For tests in which any driver will do: one that asks before it says anything, and another whose servers count no handshakes
/// that are not finished.
const EXAMPLES: [&str; 2] = ["postgres", "mssql"];

/// A driver where any will do.
pub fn example() -> Driver {
    named(EXAMPLES[0])
}

/// Another one, whose protocol is another.
pub fn other_example() -> Driver {
    named(EXAMPLES[1])
}

fn named(name: &str) -> Driver {
    drivers().find(|driver| driver.name == name).expect("a driver")
}
