//! `Fault`: one fault, with a cell for each driver that it is played against.

use serde_json::{Value, json};

use super::cell::{Cell, Target};
use super::expected::{Expected, Pace};
use super::own::{Otherwise, otherwise};
use super::seam::Seam;
use crate::peer::Step;
use crate::speech::{Driver, Role};

/// One fault.
pub struct Fault {
    /// The name in the published matrix; unique.
    pub name: String,
    /// The seam at which shared code handles the fault; `None` for a driver's own fault.
    pub seam: Option<Seam>,
    /// The number of drivers that the fault can happen to at the seam.
    pub able: usize,
    /// One cell for each driver that plays the fault.
    pub cells: Vec<Cell>,
}

impl Fault {
    /// A driver's own fault, without cells.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), seam: None, able: 0, cells: Vec::new() }
    }

    /// Adds a cell for `driver`.
    pub fn on(mut self, driver: Driver, expected: Expected, target: Target) -> Self {
        let (spelled, extra) = (str::to_owned, json!({}));
        self.cells.push(Cell { driver, target, spelled, secure: false, extra, shows: &[], names: None, expected });
        self
    }

    /// A fault where the server of `driver` sends `says` in place of its turn for `role`.
    pub fn instead(driver: Driver, name: &str, expected: Expected, role: Role, says: Step) -> Self {
        Self::new(name).on(driver, expected, Target::Peer(driver.instead(role, vec![says])))
    }

    /// A fault at `seam`, which can happen to the drivers `able`. It is played by the representatives of the seam, and
    /// by each driver whose result differs.
    pub fn at(
        seam: Seam,
        name: impl Into<String>,
        able: impl IntoIterator<Item = Driver>,
        expected: impl Fn(Driver) -> Expected,
        target: impl Fn(Driver) -> Target,
    ) -> Self {
        let mut fault = Self { seam: Some(seam), ..Self::new(name) };
        let exceptions = able.into_iter().map(|driver| (driver, otherwise(driver, &fault.name)));
        let able: Vec<_> = exceptions.filter(|(_, other)| *other != Some(Otherwise::Never)).collect();
        fault.able = able.len();
        let drivers: Vec<Driver> = able.iter().map(|(driver, _)| *driver).collect();
        let players = seam.players(&drivers);
        for (driver, other) in able {
            let usual = expected(driver);
            let own = match other {
                Some(Otherwise::As(own)) => {
                    assert_ne!(own, usual, "{}: that is no exception: {}", driver.name, fault.name);
                    own
                }
                _ if players.contains(&driver) => usual,
                _ => continue,
            };
            fault = fault.on(driver, own, target(driver));
        }
        fault
    }

    /// The cell of `driver`.
    pub fn on_driver(&self, driver: Driver) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.driver == driver)
    }

    /// Changes how every definition spells its host.
    pub fn spelled(mut self, spelled: fn(&str) -> String) -> Self {
        for cell in &mut self.cells {
            cell.spelled = spelled;
        }
        self
    }

    /// Makes every definition demand verified TLS.
    pub fn secure(mut self) -> Self {
        for cell in &mut self.cells {
            cell.secure = true;
        }
        self
    }

    /// Requires a text in these fields of every result (JSON pointers).
    pub fn showing(mut self, places: &'static [&'static str]) -> Self {
        for cell in &mut self.cells {
            cell.shows = places;
        }
        self
    }

    /// Requires every result's message to name `what`, except for results at the deadline and for drivers of that same
    /// protocol.
    pub fn naming(mut self, what: &'static str) -> Self {
        let told = |cell: &&mut Cell| cell.expected.pace == Pace::Fast && cell.driver.called != what;
        for cell in self.cells.iter_mut().filter(told) {
            cell.names = Some(what);
        }
        self
    }

    /// Sets `extra` in the definition of the cell that was added last.
    pub fn with(mut self, extra: Value) -> Self {
        self.cells.last_mut().expect("a cell").extra = extra;
        self
    }
}
