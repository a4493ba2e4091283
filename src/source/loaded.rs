//! The content of a source: [`Loaded`] for the caller, [`Found`] within a source.

use crate::model::connection::Connection;
use crate::model::warning::Warning;

/// The content of a source.
#[derive(Debug)]
pub struct Loaded {
    /// The source's name, as results show it.
    pub name: String,
    /// The label that the ids of its connections begin with.
    pub label: String,
    /// Every entry in its order, including those with problems.
    pub connections: Vec<Connection>,
    /// The warnings about the source as a whole, for example about a line that looks like a definition and is not read.
    pub warnings: Vec<Warning>,
}

/// What a source found, before it has a name and a label.
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
    /// The same with the name and the label of its source.
    pub(super) fn of(self, name: String, label: String) -> Loaded {
        Loaded { name, label, connections: self.connections, warnings: self.warnings }
    }
}
