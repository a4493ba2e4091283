//! Applies changes to the definitions inside one transaction.

use std::collections::{HashMap, HashSet};

use super::error::StoreError;
use super::row::{self, Meta};
use super::sealing::Sealing;
use super::stored::{Change, RowId};
use super::transaction::{Line, Transaction, Value, over};
use crate::clock;
use crate::model::connection::Connection;

impl Change {
    /// The definition that is to be stored, if any.
    pub(super) fn connection(&self) -> Option<&Connection> {
        match self {
            Self::Add { connection, .. } | Self::Update { connection, .. } => Some(connection),
            Self::Remove { .. } => None,
        }
    }
}

/// Applies all `changes` and returns the ids of the changed definitions, in the same order.
pub(super) fn apply(
    transaction: &mut dyn Transaction,
    changes: &[Change],
    sealing: &mut Sealing<'_>,
) -> Result<Vec<RowId>, StoreError> {
    refuse_repetition(changes)?;
    remove(transaction, changes, sealing)?;
    update(transaction, changes, sealing)?;
    refuse_duplicates(transaction, changes)?;
    let mut added = add(transaction, changes, sealing)?.into_iter();
    let about = |change: &Change| match change {
        Change::Add { .. } => added.next(),
        Change::Update { id, .. } | Change::Remove { id, .. } => Some(*id),
    };
    Ok(changes.iter().filter_map(about).collect())
}

/// Refuses two changes of one definition: the second would not be based on the result of the first.
fn refuse_repetition(changes: &[Change]) -> Result<(), StoreError> {
    let mut seen = HashSet::new();
    let repeated = changes.iter().find_map(|change| match change {
        Change::Update { id, .. } | Change::Remove { id, .. } if !seen.insert(*id) => Some(*id),
        _ => None,
    });
    match repeated {
        Some(id) => Err(StoreError::Changed { id }),
        None => Ok(()),
    }
}

fn remove(transaction: &mut dyn Transaction, changes: &[Change], sealing: &mut Sealing<'_>) -> Result<(), StoreError> {
    let lines: Vec<Line> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Remove { id, version } => Some(which(*id, *version)),
            _ => None,
        })
        .collect();
    let wanted = ids(&lines);
    let removed = over(transaction, lines, |table| {
        format!(
            "DELETE FROM connection WHERE id IN (SELECT c.id FROM {table} JOIN connection c \
             ON c.id = CAST(v.column1 AS BIGINT) AND c.version = CAST(v.column2 AS BIGINT)) \
             RETURNING CAST(id AS TEXT), tag"
        )
    })?;
    let removed = by_id(removed);
    all_there(wanted, &removed)?;
    for change in changes {
        if let Change::Remove { id, version } = change
            && let Some(tag) = removed.get(id)
        {
            sealing.removed(*id, *version, tag);
        }
    }
    Ok(())
}

fn update(transaction: &mut dyn Transaction, changes: &[Change], sealing: &mut Sealing<'_>) -> Result<(), StoreError> {
    let known = known(transaction, changes)?;
    let now = super::row::written(clock::now());
    let mut lines = Vec::new();
    for change in changes {
        let Change::Update { id, version, connection, failing } = change else { continue };
        let Some(Known { uid, created_at, tag: before }) = known.get(id) else {
            return Err(StoreError::Changed { id: *id });
        };
        let values = row::values(connection, uid, sealing.store, sealing.key)?;
        let meta = Meta {
            uid: uid.clone(),
            version: version + 1,
            failing: *failing,
            created_at: created_at.clone(),
            updated_at: now.clone(),
        };
        let mut line = which(*id, *version);
        let tag = sealing.key.map(|key| meta.tag(key, sealing.store, *id, &values));
        sealing.removed(*id, *version, before);
        sealing.added(*id, version + 1, &tag);
        line.extend([Some(flag(*failing)), Some(now.clone()), tag]);
        line.extend(values);
        lines.push(line);
    }
    let wanted = ids(&lines);
    let columns = row::COLUMNS;
    let updated = over(transaction, lines, |table| {
        format!(
            "UPDATE connection SET ({columns}, failing, updated_at, tag, version) = ({}, \
             CAST(v.column3 AS INTEGER), v.column4, v.column5, connection.version + 1) \
             FROM {table} WHERE connection.id = CAST(v.column1 AS BIGINT) \
             AND connection.version = CAST(v.column2 AS BIGINT) RETURNING CAST(connection.id AS TEXT)",
            row::selected(6)
        )
    })?;
    all_there(wanted, &by_id(updated))
}

/// The fields that an updated row keeps, and its old tag.
struct Known {
    /// The row's own id, to which sealed values are bound.
    uid: String,
    created_at: String,
    tag: Value,
}

/// The rows of the updates whose version is still the stored one.
fn known(transaction: &mut dyn Transaction, changes: &[Change]) -> Result<HashMap<RowId, Known>, StoreError> {
    let lines = changes.iter().filter_map(|change| match change {
        Change::Update { id, version, .. } => Some(which(*id, *version)),
        _ => None,
    });
    let found = over(transaction, lines.collect(), |table| {
        format!(
            "SELECT CAST(c.id AS TEXT), c.uid, c.created_at, c.tag FROM {table} JOIN connection c \
             ON c.id = CAST(v.column1 AS BIGINT) AND c.version = CAST(v.column2 AS BIGINT)"
        )
    })?;
    let row = |line: Line| match <[Value; 4]>::try_from(line) {
        Ok([Some(id), Some(uid), Some(created_at), tag]) => {
            Some((RowId(id.parse().ok()?), Known { uid, created_at, tag }))
        }
        _ => None,
    };
    Ok(found.into_iter().filter_map(row).collect())
}

fn refuse_duplicates(transaction: &mut dyn Transaction, changes: &[Change]) -> Result<(), StoreError> {
    let mut names = HashSet::new();
    let mut lines = Vec::new();
    for change in changes {
        let Change::Add { connection, unique, .. } = change else { continue };
        let Some(conn_id) = &connection.conn_id else { continue };
        if !names.insert(conn_id) && *unique {
            return Err(StoreError::Duplicate { conn_id: conn_id.clone() });
        }
        lines.extend(unique.then(|| vec![Some(conn_id.clone())]));
    }
    let found = over(transaction, lines, |table| {
        format!("SELECT c.conn_id FROM {table} JOIN connection c ON c.conn_id = v.column1 LIMIT 1")
    })?;
    match found.into_iter().flatten().flatten().next() {
        Some(conn_id) => Err(StoreError::Duplicate { conn_id }),
        None => Ok(()),
    }
}

/// Adds the new definitions and returns their ids, in the same order.
fn add(
    transaction: &mut dyn Transaction,
    changes: &[Change],
    sealing: &mut Sealing<'_>,
) -> Result<Vec<RowId>, StoreError> {
    let now = super::row::written(clock::now());
    let (mut new, mut lines) = (Vec::new(), Vec::new());
    for change in changes {
        let Change::Add { connection, failing, .. } = change else { continue };
        let uid = super::random::hex::<16>()?;
        let values = row::values(connection, &uid, sealing.store, sealing.key)?;
        let mut line = vec![Some(uid.clone()), Some(flag(*failing)), Some(now.clone())];
        line.extend(values.iter().cloned());
        let (created_at, updated_at) = (now.clone(), now.clone());
        new.push((Meta { uid, version: 1, failing: *failing, created_at, updated_at }, values));
        lines.push(line);
    }
    let columns = row::COLUMNS;
    let added = over(transaction, lines, |table| {
        format!(
            "INSERT INTO connection ({columns}, uid, failing, created_at, updated_at) \
             SELECT {}, v.column1, CAST(v.column2 AS INTEGER), v.column3, v.column3 FROM {table} \
             RETURNING CAST(id AS TEXT), uid",
            row::selected(4)
        )
    })?;
    // Databases do not guarantee the order of the returned rows.
    let added: HashMap<String, RowId> = by_id(added).into_iter().filter_map(|(id, uid)| Some((uid?, id))).collect();
    let (mut rows, mut tags) = (Vec::new(), Vec::new());
    for (meta, values) in new {
        let Some(row) = added.get(&meta.uid).copied() else { continue };
        // The tag covers the row's number, which is known only after the insertion.
        let tag = sealing.key.map(|key| meta.tag(key, sealing.store, row, &values));
        sealing.added(row, meta.version, &tag);
        if tag.is_some() {
            tags.push(vec![Some(row.0.to_string()), tag]);
        }
        rows.push(row);
    }
    over(transaction, tags, |table| {
        format!("UPDATE connection SET tag = v.column2 FROM {table} WHERE connection.id = CAST(v.column1 AS BIGINT)")
    })?;
    Ok(rows)
}

/// Parses rows of a definition's number and a value, into a map by number.
fn by_id(rows: Vec<Line>) -> HashMap<RowId, Value> {
    let row = |line: Line| {
        let mut values = line.into_iter();
        let id = values.next()??.parse().ok()?;
        Some((RowId(id), values.next().flatten()))
    };
    rows.into_iter().filter_map(row).collect()
}

/// The ids of the definitions in lines made by [`which`].
fn ids(lines: &[Line]) -> Vec<RowId> {
    lines.iter().filter_map(|line| line.first()?.as_ref()?.parse().ok().map(RowId)).collect()
}

fn all_there(wanted: Vec<RowId>, done: &HashMap<RowId, Value>) -> Result<(), StoreError> {
    match wanted.into_iter().find(|id| !done.contains_key(id)) {
        Some(id) => Err(StoreError::Changed { id }),
        None => Ok(()),
    }
}

fn which(id: RowId, version: i64) -> Line {
    vec![Some(id.0.to_string()), Some(version.to_string())]
}

fn flag(on: bool) -> String {
    u8::from(on).to_string()
}
