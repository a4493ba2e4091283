//! What a sync would change: compares definitions from sources with the stored ones, by `conn_id`. Pure: it decides,
//! and changes nothing.
//!
//! A name is not a unique key, neither in sources nor in the store. For each name, definitions that are equal on both
//! sides are matched first. If at most one definition remains on each side, the step is clear; otherwise the caller has
//! to decide.

use std::collections::HashMap;
use std::sync::Arc;

use super::row::absolute;
use super::stored::Stored;
use crate::model::connection::Connection;
use crate::model::extra::Extra;
use crate::model::plain::HIDDEN;
use crate::model::secret::Secret;

/// What to do if the store already has a name.
#[derive(Debug, Default)]
pub struct SyncOptions {
    /// A definition that differs replaces the stored one.
    pub replace: bool,
    /// What to do if several definitions share a name.
    pub several: OnConflict,
    /// The same for single names; takes precedence over `several`.
    pub decided: HashMap<String, OnConflict>,
    /// The sources may have several definitions with one name.
    pub duplicates: bool,
}

/// What to do with several stored definitions of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Report that the caller must decide.
    #[default]
    Ask,
    /// Keep the stored definitions.
    Keep,
    /// Replace all of them with the definitions from the sources.
    Replace,
}

/// One step of a sync.
#[derive(Debug)]
pub enum SyncStep<'a> {
    /// No definition of this name is stored.
    Add(&'a Arc<Connection>),
    /// The definition replaces a stored one.
    Update(&'a Stored, &'a Arc<Connection>),
    /// An equal definition is stored, or was already read from a source.
    Unchanged(&'a Arc<Connection>),
    /// The definition differs from the stored ones, which are kept.
    Keep(Vec<&'a Stored>, &'a Arc<Connection>),
    /// The caller must decide which of the stored definitions it replaces.
    Undecided(Vec<&'a Stored>, &'a Arc<Connection>),
    /// The sources have this number of different definitions with this name.
    Repeated(usize, &'a Arc<Connection>),
    /// The definition has no name.
    Nameless(&'a Arc<Connection>),
    /// A stored definition is removed, because definitions from the sources replace all of its name.
    Supersede(&'a Stored),
    /// A stored definition is removed, because no source has its name.
    Prune(&'a Stored),
}

/// The steps that change the store to contain `incoming`, in the order of `incoming`.
#[must_use]
pub fn difference<'a>(
    incoming: &[&'a Arc<Connection>],
    stored: &'a [Stored],
    options: &SyncOptions,
) -> Vec<SyncStep<'a>> {
    let mut by_name: HashMap<&str, Vec<&Stored>> = HashMap::new();
    for row in stored {
        if let Some(name) = &row.connection.conn_id {
            by_name.entry(name).or_default().push(row);
        }
    }
    let mut steps = Vec::new();
    let mut order: Vec<&str> = Vec::new();
    let mut of_name: HashMap<&str, Vec<&Arc<Connection>>> = HashMap::new();
    for connection in incoming {
        let Some(name) = connection.conn_id.as_deref() else {
            steps.push(SyncStep::Nameless(connection));
            continue;
        };
        let others = of_name.entry(name).or_insert_with(|| {
            order.push(name);
            Vec::new()
        });
        if others.iter().any(|other| changes(other, connection).is_empty()) {
            steps.push(SyncStep::Unchanged(connection));
        } else {
            others.push(connection);
        }
    }
    for name in order {
        let (incoming, stored) = (of_name.remove(name), by_name.remove(name));
        one_name(name, incoming.unwrap_or_default(), stored.unwrap_or_default(), options, &mut steps);
    }
    let place: HashMap<*const Connection, usize> =
        incoming.iter().enumerate().map(|(place, connection)| (Arc::as_ptr(connection), place)).collect();
    steps.sort_by_key(|step| step.connection().and_then(|connection| place.get(&Arc::as_ptr(connection))).copied());
    steps
}

/// Steps that remove the stored definitions whose name is not `present`.
#[must_use]
pub fn pruned(stored: &[Stored], present: impl Fn(&str) -> bool) -> Vec<SyncStep<'_>> {
    let gone = |row: &&Stored| row.connection.conn_id.as_deref().is_some_and(|name| !present(name));
    stored.iter().filter(gone).map(SyncStep::Prune).collect()
}

fn one_name<'a>(
    name: &str,
    mut incoming: Vec<&'a Arc<Connection>>,
    mut stored: Vec<&'a Stored>,
    options: &SyncOptions,
    steps: &mut Vec<SyncStep<'a>>,
) {
    let count = incoming.len();
    if count > 1 && !options.duplicates {
        steps.extend(incoming.into_iter().map(|connection| SyncStep::Repeated(count, connection)));
        return;
    }
    incoming.retain(|connection| match stored.iter().position(|row| changes(&row.connection, connection).is_empty()) {
        Some(equal) => {
            stored.remove(equal);
            steps.push(SyncStep::Unchanged(connection));
            false
        }
        None => true,
    });
    let several = *options.decided.get(name).unwrap_or(&options.several);
    let clear = incoming.len() <= 1 && stored.len() <= 1;
    let kept = !options.replace || (!clear && several == OnConflict::Keep);
    match incoming.as_slice() {
        [] if several == OnConflict::Replace => steps.extend(stored.into_iter().map(SyncStep::Supersede)),
        [] => {}
        _ if stored.is_empty() => steps.extend(incoming.into_iter().map(SyncStep::Add)),
        _ if kept => steps.extend(incoming.into_iter().map(|connection| SyncStep::Keep(stored.clone(), connection))),
        _ if !clear && several == OnConflict::Ask => {
            steps.extend(incoming.into_iter().map(|connection| SyncStep::Undecided(stored.clone(), connection)));
        }
        _ => {
            let mut rows = stored.into_iter();
            steps.extend(incoming.into_iter().map(|connection| match rows.next() {
                Some(row) => SyncStep::Update(row, connection),
                None => SyncStep::Add(connection),
            }));
            steps.extend(rows.map(SyncStep::Supersede));
        }
    }
}

impl<'a> SyncStep<'a> {
    /// The definition from the source.
    #[must_use]
    pub fn connection(&self) -> Option<&'a Arc<Connection>> {
        match self {
            Self::Add(connection)
            | Self::Update(_, connection)
            | Self::Unchanged(connection)
            | Self::Keep(_, connection)
            | Self::Undecided(_, connection)
            | Self::Repeated(_, connection)
            | Self::Nameless(connection) => Some(connection),
            Self::Supersede(_) | Self::Prune(_) => None,
        }
    }
}

/// A field in which two definitions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The name of the field; `extra.KEY` for a key of `extra`.
    pub field: String,
    /// The old value.
    pub from: Shown,
    /// The new value.
    pub to: Shown,
}

/// A value as messages may show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// There is no value.
    Absent,
    /// The value itself.
    Text(String),
    /// A secret, which is not shown.
    Secret,
    /// A value that cannot be decrypted.
    Unreadable,
}

/// The fields in which `new` differs from `old`, without any secret.
#[must_use]
pub fn changes(old: &Connection, new: &Connection) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut compare = |field: &str, from: Option<String>, to: Option<String>| {
        if from != to {
            let shown = |value: Option<String>| value.map_or(Shown::Absent, Shown::Text);
            changes.push(FieldChange { field: field.to_owned(), from: shown(from), to: shown(to) });
        }
    };
    compare("conn_type", old.conn_type.clone(), new.conn_type.clone());
    compare("description", old.description.clone(), new.description.clone());
    compare("host", old.host.clone(), new.host.clone());
    compare("schema", old.schema.clone(), new.schema.clone());
    compare("login", old.login.clone(), new.login.clone());
    let port = |connection: &Connection| connection.port.map(|port| port.to_string());
    compare("port", port(old), port(new));
    if names_files(&new.extra) {
        let directory = |connection: &Connection| {
            connection.directory.as_deref().and_then(absolute).map(|path| path.to_string_lossy().into_owned())
        };
        compare("directory", directory(old), directory(new));
    }
    if old.problems.is_empty() {
        let (from, to) = (old.password().map(Secret::expose), new.password().map(Secret::expose));
        compare_secret("password".to_owned(), from, to, &mut changes);
        let views = [old.view(), new.view()];
        let (old, new) = (old.extra.object(), new.extra.object());
        let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
        for key in keys {
            let is_shown = views.iter().all(|view| view.key(key) == key);
            let field = format!("extra.{}", if is_shown { key } else { HIDDEN });
            compare_secret(field, old.get(key), new.get(key), &mut changes);
        }
    } else {
        // The secrets of `old` cannot be read, so the only known change is that they become readable.
        let to = if new.password().is_some() || !new.extra.object().is_empty() { Shown::Secret } else { Shown::Absent };
        changes.push(FieldChange { field: "secrets".to_owned(), from: Shown::Unreadable, to });
    }
    changes
}

fn compare_secret<T: PartialEq + ?Sized>(
    field: String,
    from: Option<&T>,
    to: Option<&T>,
    changes: &mut Vec<FieldChange>,
) {
    if from != to {
        let shown = |value: Option<&T>| value.map_or(Shown::Absent, |_| Shown::Secret);
        changes.push(FieldChange { field, from: shown(from), to: shown(to) });
    }
}

/// Whether `extra` may contain a relative file name, which makes the directory relevant.
fn names_files(extra: &Extra) -> bool {
    fn may_be(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) => {
                text.contains(['.', '/']) && !text.starts_with('/') && !text.contains("://") && !text.contains('\n')
            }
            serde_json::Value::Object(object) => object.values().any(may_be),
            _ => false,
        }
    }
    extra.object().values().any(may_be)
}

#[cfg(test)]
mod tests;
