//! From SOURCE arguments to the selected connections, saying what could not be read.

use std::collections::HashMap;

use super::args::SelectArguments;
use super::exit::Exit;
use super::memory::{self, Record};
use super::say;
use crate::driver::Registry;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::result::SourceSummary;
use crate::source::{self, Loaded, SourceError, SourceSpec};

/// What the sources gave.
pub(super) struct Gathered {
    pub(super) connections: Vec<Connection>,
    pub(super) sources: Vec<SourceSummary>,
    /// What the store knows of those that come from it, by id.
    pub(super) records: HashMap<String, Record>,
    /// Why some, by id, are left alone for now.
    pub(super) withheld: HashMap<String, Failure>,
}

impl Gathered {
    pub(super) fn source_failed(&self) -> bool {
        self.sources.iter().any(|source| source.problem.is_some())
    }
}

/// Reads every source, and says on stderr which cannot be read; the others still count.
pub(super) fn gather(
    arguments: &SelectArguments,
    registry: &Registry,
    settings: &source::Settings,
) -> Result<Gathered, Exit> {
    let mut specs = Vec::new();
    if arguments.from.sources.is_empty() {
        specs.push(SourceSpec::store());
    }
    for word in &arguments.from.sources {
        match word.parse::<SourceSpec>() {
            // It would be every connection twice, under one id.
            Ok(_) if arguments.from.sources.iter().filter(|other| *other == word).count() > 1 => {
                say::error(format!("the source `{word}` is given twice"), None);
                return Err(Exit::Usage);
            }
            Ok(spec) => specs.push(spec),
            Err(error) => {
                say::error(&error, error.hint().as_deref());
                return Err(Exit::Usage);
            }
        }
    }
    let mut gathered =
        Gathered { connections: Vec::new(), sources: Vec::new(), records: HashMap::new(), withheld: HashMap::new() };
    for spec in &specs {
        match load(spec, settings, &mut gathered.records) {
            Ok(loaded) => {
                say_unread(&loaded);
                gathered.sources.push(SourceSummary {
                    name: loaded.name,
                    connections: loaded.connections.len(),
                    problem: None,
                    warnings: loaded.warnings,
                });
                gathered.connections.extend(loaded.connections);
            }
            Err(error) => {
                say::error(&error, error.hint().as_deref());
                gathered.sources.push(SourceSummary {
                    name: spec.to_string(),
                    connections: 0,
                    problem: Some(error.to_string()),
                    warnings: Vec::new(),
                });
            }
        }
    }
    source::mark_ambiguous(&mut gathered.connections, &specs);
    let records = &gathered.records;
    if !records.is_empty() {
        let connections = gathered.connections.iter();
        // Before the selection: what was refused counts though it is not selected.
        let past = connections.map(|connection| (connection, records.get(&connection.origin.id())));
        gathered.withheld = memory::withheld(past, registry);
    }
    let selection = arguments.selection();
    gathered.connections.retain(|connection| {
        let driver = connection.normalized_type().and_then(|conn_type| registry.find(&conn_type));
        selection.takes(connection, driver.map(|(driver, _)| driver.spec().name))
    });
    Ok(gathered)
}

/// As [`source::load`]; what the store knows of its definitions goes to `records`.
fn load(
    spec: &SourceSpec,
    settings: &source::Settings,
    records: &mut HashMap<String, Record>,
) -> Result<Loaded, SourceError> {
    if *spec != SourceSpec::store() {
        return source::load(spec, settings);
    }
    let name = spec.to_string();
    let stored = source::store_definitions(&name, settings)?;
    records.extend(stored.iter().map(|stored| (stored.connection.origin.id(), Record::of(stored))));
    let connections = stored.into_iter().map(|stored| stored.connection).collect();
    Ok(Loaded { name, connections, warnings: Vec::new() })
}

/// One line for each source: the first of what deserves attention about it, and how much more there is.
fn say_unread(loaded: &Loaded) {
    let Some((first, others)) = loaded.warnings.split_first() else { return };
    let more = if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
    say::warning(format!("`{}`: {}{more}", loaded.name, first.message));
}
