//! What a source gives: [`Loaded`] for who asked for it, [`Found`] within a source.

use crate::model::connection::Connection;
use crate::model::warning::Warning;

/// What a source gave.
#[derive(Debug)]
pub struct Loaded {
    /// The source's name, as results show it.
    pub name: String,
    /// What its ids begin with.
    pub label: String,
    /// Every entry in its order, those with problems included.
    pub connections: Vec<Connection>,
    /// What deserves attention about the source as a whole, as a line that looks like a definition and
    /// is not read.
    pub warnings: Vec<Warning>,
}

/// What was found in a source.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) connections: Vec<Connection>,
    pub(super) warnings: Vec<Warning>,
}

impl From<Vec<Connection>> for Found {
    fn from(connections: Vec<Connection>) -> Self {
        Self { connections, warnings: Vec::new() }
    }
}

impl Found {
    /// The same under the name and the label of its source.
    pub(super) fn of(self, name: String, label: String) -> Loaded {
        Loaded { name, label, connections: self.connections, warnings: self.warnings }
    }
}
