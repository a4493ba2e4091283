//! Finds the entries of a document: a mapping of names, a list, a single definition, or a part of a file that contains
//! other data too.

use std::collections::HashMap;
use std::path::Path;

use super::container::{Part, parts};
use super::error::SourceError;
use super::likeness::{Likeness, Reading};
use super::loaded::Found;
use super::{entry, foreign};
use crate::model::connection::{Connection, Origin, may_hold_a_login};
use crate::model::document::{Member, Node, Value};
use crate::model::notice::{Repeated, SourceNotice};
use crate::model::reason::Source;

/// The maximum number of definitions in one source.
pub(super) const DEFINITIONS: usize = 100_000;

/// The replacement for a key that may contain a password.
const HIDDEN: &str = "…";

/// Reads every entry of a document, and frees the document piece by piece. `source` is its name. Relative file names in
/// the definitions start from `directory`.
pub(super) fn read(document: Node<'_>, source: &str, directory: Option<&Path>) -> Result<Found, SourceError> {
    if let Some(foreign) = foreign::document(&document.value) {
        return Err(SourceError::foreign(source, foreign));
    }
    let mut entries = Entries { source, directory, found: Found::default() };
    match document.value {
        Value::Object(members) if entry::is_definition(&members) => {
            entries.add(&Value::Object(members), &Place::root(document.line))?;
        }
        value @ (Value::Object(_) | Value::List(_)) => {
            let document = Node { line: document.line, value };
            parts(document).into_iter().try_for_each(|part| entries.add_part(part))?;
        }
        other => return Err(SourceError::Own(Source::Shape { file: source.to_owned(), found: other.kind() })),
    }
    Ok(entries.found)
}

/// The place of an entry, and the name that it has there.
struct Place<'a> {
    conn_id: Option<&'a str>,
    /// The type of the name, if it is not a text.
    kind: Option<&'static str>,
    /// A name that must not be shown.
    hidden: Option<&'a str>,
    line: usize,
    pointer: String,
    /// The position of the entry among those with the same key.
    occurrence: usize,
    /// The number of entries with this key.
    occurrences: usize,
}

impl Place<'_> {
    fn root(line: usize) -> Self {
        Self { conn_id: None, kind: None, hidden: None, line, pointer: String::new(), occurrence: 0, occurrences: 1 }
    }
}

struct Entries<'a> {
    source: &'a str,
    directory: Option<&'a Path>,
    found: Found,
}

impl Entries<'_> {
    fn add_part(&mut self, part: Part<'_>) -> Result<(), SourceError> {
        let Part { pointer, node, total } = part;
        let before = self.found.connections.len();
        self.has_room_for(&node.value)?;
        match node.value {
            Value::Object(members) => self.add_mapping(members, &pointer)?,
            Value::List(mut nodes) => {
                // A template that was not filled in is not a definition.
                nodes.retain(|node| pointer.is_empty() || !entry::is_blank(&node.value));
                if Reading::of(nodes.iter().map(|node| &node.value)) == Reading::Nothing {
                    return Err(SourceError::Own(Source::NoConnection { file: self.source.to_owned() }));
                }
                self.add_list(nodes, &Place { pointer, ..Place::root(node.line) })?;
            }
            other => return Err(SourceError::Own(Source::Shape { file: self.source.to_owned(), found: other.kind() })),
        }
        let read = self.found.connections.len() - before;
        if let Some(total) = total.filter(|total| *total > read) {
            self.found.warnings.push(SourceNotice::Page { read, total }.into());
        }
        Ok(())
    }

    /// Fails if there are more entries than can be read, before any of them is examined.
    fn has_room_for(&self, value: &Value<'_>) -> Result<(), SourceError> {
        let count = match value {
            Value::Object(members) => members.len(),
            Value::List(nodes) => nodes.len(),
            _ => 0,
        };
        if self.found.connections.len() + count > DEFINITIONS {
            return Err(SourceError::Own(Source::TooMany { file: self.source.to_owned(), most: DEFINITIONS }));
        }
        Ok(())
    }

    fn add_mapping(&mut self, mut members: Vec<Member<'_>>, pointer: &str) -> Result<(), SourceError> {
        match Reading::of(members.iter().map(|member| &member.value)) {
            Reading::All => {}
            Reading::SureOnes => self.leave_out(&mut members, pointer),
            Reading::Nothing => return Err(SourceError::Own(Source::NoConnection { file: self.source.to_owned() })),
        }
        self.found.connections.reserve(members.len());
        let places = occurrences(members.iter().map(|member| shown(&member.key)));
        for ((occurrence, occurrences), member) in places.into_iter().zip(members) {
            let hidden = Some(&*member.key).filter(|key| may_hold_a_login(key));
            let place = Place {
                conn_id: Some(&*member.key).filter(|key| !key.is_empty() && hidden.is_none()),
                kind: member.key_kind,
                hidden,
                line: member.line,
                pointer: format!("{pointer}/{}", escape(shown(&member.key))),
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

    /// Removes the members that are not certain definitions, and warns about them.
    fn leave_out(&mut self, members: &mut Vec<Member<'_>>, pointer: &str) {
        let mut others = Vec::new();
        members.retain(|member| {
            let sure = Likeness::of(&member.value) == Likeness::Surely;
            if !sure {
                others.push(format!("`{pointer}/{}` (line {})", entry::name(&member.key), member.line));
            }
            sure
        });
        self.found.warnings.push(SourceNotice::EntriesNotRead { places: others }.into());
    }

    fn add_list(&mut self, nodes: Vec<Node<'_>>, place: &Place<'_>) -> Result<(), SourceError> {
        self.found.connections.reserve(nodes.len());
        for (index, node) in nodes.into_iter().enumerate() {
            self.add(&node.value, &Place { line: node.line, pointer: format!("{}/{index}", place.pointer), ..*place })?;
        }
        Ok(())
    }

    fn add(&mut self, value: &Value<'_>, place: &Place<'_>) -> Result<(), SourceError> {
        if self.found.connections.len() == DEFINITIONS {
            return Err(SourceError::Own(Source::TooMany { file: self.source.to_owned(), most: DEFINITIONS }));
        }
        let mut connection = Connection::new(Origin {
            source: self.source.to_owned(),
            line: Some(place.line),
            pointer: place.pointer.clone(),
            occurrence: place.occurrence,
        });
        connection.conn_id = place.conn_id.map(str::to_owned);
        connection.directory = self.directory.map(Path::to_owned);
        if let Some(key) = place.hidden {
            connection.note_unread(key);
            connection.warnings.push(SourceNotice::NameHidden.into());
        } else if place.occurrences > 1 {
            let (count, rule) = (place.occurrences, Repeated::AirflowTakesLast);
            connection.warnings.push(SourceNotice::NameTwice { count, rule }.into());
        }
        if let Some(kind) = place.kind {
            connection.warnings.push(SourceNotice::NameNotText { kind }.into());
        }
        entry::read(value, &mut connection);
        self.found.connections.push(connection);
        Ok(())
    }
}

/// A key as an origin may show it.
fn shown(key: &str) -> &str {
    if may_hold_a_login(key) { HIDDEN } else { key }
}

/// For each key, its position among equal ones and their number.
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

/// A key as a segment of a JSON pointer (RFC 6901).
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
