//! `Fault`: one fault, and how it shows in each driver that meets it.

use serde_json::{Value, json};

use super::cell::{Cell, Target};
use super::expected::{Expected, Pace};
use super::own::{Otherwise, otherwise};
use super::seam::Seam;
use crate::peer::Step;
use crate::speech::{Driver, Role};

/// One fault.
pub struct Fault {
    /// What it is called in the published matrix; unique.
    pub name: String,
    /// The seam where the kit meets it; none if each driver meets it in its own code.
    pub seam: Option<Seam>,
    /// The number of drivers that can meet it at the seam.
    pub able: usize,
    /// How it shows in each driver that meets it.
    pub cells: Vec<Cell>,
}

impl Fault {
    /// A driver's own fault, without cells.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), seam: None, able: 0, cells: Vec::new() }
    }

    /// `driver` meets it.
    pub fn on(mut self, driver: Driver, expected: Expected, target: Target) -> Self {
        let (spelled, extra) = (str::to_owned, json!({}));
        self.cells.push(Cell { driver, target, spelled, secure: false, extra, shows: &[], names: None, expected });
        self
    }

    /// A fault where the server of `driver` sends `says` in place of its turn for `role`.
    pub fn instead(driver: Driver, name: &str, expected: Expected, role: Role, says: Step) -> Self {
        Self::new(name).on(driver, expected, Target::Peer(driver.instead(role, vec![says])))
    }

    /// A fault that the kit meets at `seam`, and that the drivers `able` can meet. The representatives of the seam play it, and
    /// each driver whose result differs.
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

    /// How `driver` meets it.
    pub fn on_driver(&self, driver: Driver) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.driver == driver)
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

    /// Every result's message names `what`, except for results at the deadline and for drivers whose own protocol that is.
    pub fn naming(mut self, what: &'static str) -> Self {
        let told = |cell: &&mut Cell| cell.expected.pace == Pace::Fast && cell.driver.called != what;
        for cell in self.cells.iter_mut().filter(told) {
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
