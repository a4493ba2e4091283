//! Where the entries of a document are: a mapping of names, a list, or one definition alone.

use std::collections::HashMap;
use std::path::Path;

use super::document::{Member, Node, Value};
use super::entry;
use super::error::SourceError;
use crate::model::connection::{Connection, Origin, may_hold_a_login};
use crate::model::failure::Warning;

/// How many definitions one source may hold.
pub(super) const DEFINITIONS: usize = 100_000;

/// What stands for a key that may hold a password.
const HIDDEN: &str = "…";

/// Reads every entry of a document, which goes away piece by piece meanwhile. `source` is its name,
/// `directory` where relative names start from.
pub(super) fn read(document: Node<'_>, source: &str, directory: Option<&Path>) -> Result<Vec<Connection>, SourceError> {
    let mut entries = Entries { source, directory, connections: Vec::new() };
    let root = Place::root(document.line);
    match document.value {
        Value::Object(members) if entry::is_definition(&members) => entries.add(&Value::Object(members), &root)?,
        Value::Object(members) => entries.add_mapping(members)?,
        Value::List(nodes) => entries.add_list(nodes, &root)?,
        other => return Err(SourceError::Shape { file: source.to_owned(), found: other.kind() }),
    }
    Ok(entries.connections)
}

/// Where an entry is, and the name that it has from there.
struct Place<'a> {
    conn_id: Option<&'a str>,
    /// What the name is, where it is no text.
    kind: Option<&'static str>,
    /// Whether there is a name, but none that may be shown.
    hidden: bool,
    line: usize,
    pointer: String,
    /// Which of the entries that stand under the same key.
    occurrence: usize,
    /// How many stand there.
    occurrences: usize,
}

impl Place<'_> {
    fn root(line: usize) -> Self {
        Self { conn_id: None, kind: None, hidden: false, line, pointer: String::new(), occurrence: 0, occurrences: 1 }
    }
}

struct Entries<'a> {
    source: &'a str,
    directory: Option<&'a Path>,
    connections: Vec<Connection>,
}

impl Entries<'_> {
    fn add_mapping(&mut self, members: Vec<Member<'_>>) -> Result<(), SourceError> {
        let places = occurrences(members.iter().map(|member| shown(&member.key)));
        for ((occurrence, occurrences), member) in places.into_iter().zip(members) {
            let hidden = may_hold_a_login(&member.key);
            let place = Place {
                conn_id: Some(&*member.key).filter(|key| !key.is_empty() && !hidden),
                kind: member.key_kind,
                hidden,
                line: member.line,
                pointer: format!("/{}", escape(shown(&member.key))),
                occurrence,
                occurrences,
            };
            match member.value {
                Value::List(nodes) if !nodes.is_empty() => self.add_list(nodes, &place)?,
                value => self.add(&value, &place)?,
            }
        }
        Ok(())
    }

    fn add_list(&mut self, nodes: Vec<Node<'_>>, place: &Place<'_>) -> Result<(), SourceError> {
        for (index, node) in nodes.into_iter().enumerate() {
            self.add(&node.value, &Place { line: node.line, pointer: format!("{}/{index}", place.pointer), ..*place })?;
        }
        Ok(())
    }

    fn add(&mut self, value: &Value<'_>, place: &Place<'_>) -> Result<(), SourceError> {
        if self.connections.len() == DEFINITIONS {
            return Err(SourceError::TooMany { file: self.source.to_owned() });
        }
        let mut connection = Connection::new(Origin {
            source: self.source.to_owned(),
            line: Some(place.line),
            pointer: place.pointer.clone(),
            occurrence: place.occurrence,
        });
        connection.conn_id = place.conn_id.map(str::to_owned);
        connection.directory = self.directory.map(Path::to_owned);
        if place.hidden {
            connection.warnings.push(entry::hidden_name());
        } else if place.occurrences > 1 {
            let message = format!(
                "the name stands {} times in the file; each is checked, Airflow takes the last",
                place.occurrences
            );
            connection.warnings.push(Warning::new("duplicate_key", message));
        }
        if let Some(kind) = place.kind {
            let message = format!("the name is {kind} to Airflow, which then knows none: put it in quotes");
            connection.warnings.push(Warning::new("conn_id_not_text", message));
        }
        entry::read(value, &mut connection);
        self.connections.push(connection);
        Ok(())
    }
}

/// A key as it may stand in an origin.
fn shown(key: &str) -> &str {
    if may_hold_a_login(key) { HIDDEN } else { key }
}

/// For each key which of the equal ones it is, and how many there are.
pub(super) fn occurrences<'a>(keys: impl Iterator<Item = &'a str> + Clone) -> Vec<(usize, usize)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let places: Vec<usize> = keys
        .clone()
        .map(|key| {
            let count = counts.entry(key).or_default();
            *count += 1;
            *count - 1
        })
        .collect();
    places.into_iter().zip(keys).map(|(place, key)| (place, counts[key])).collect()
}

/// A key as a step of a JSON pointer (RFC 6901).
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
