//! `Fault`: one fault, and how it shows in each driver.

use serde_json::{Value, json};

use super::cell::{Cell, Target};
use super::driver::Driver;
use super::expected::{Expected, Pace};

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

    /// It is none to `driver`.
    pub fn without(mut self, driver: Driver) -> Self {
        self.cells.retain(|cell| cell.driver != driver);
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
