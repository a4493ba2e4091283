//! Changes to the definitions, inside one transaction.

use std::collections::HashSet;

use jiff::Timestamp;

use super::database::{Line, Transaction};
use super::error::StoreError;
use super::key::Key;
use super::row;
use super::stored::{Change, RowId};
use crate::model::connection::Connection;

/// What secrets are sealed with.
pub(super) struct Sealing<'a> {
    /// The store's own id.
    pub(super) store: &'a str,
    /// There where any of the changes has a secret.
    pub(super) key: Option<&'a Key>,
}

impl Change<'_> {
    /// The definition that is to be stored, if any.
    pub(super) fn connection(&self) -> Option<&Connection> {
        match self {
            Self::Add { connection, .. } | Self::Update { connection, .. } => Some(connection),
            Self::Remove { .. } => None,
        }
    }
}

/// Makes all of `changes`; the definitions that they are about, in their order.
pub(super) fn apply(
    transaction: &mut dyn Transaction,
    changes: &[Change<'_>],
    sealing: &Sealing<'_>,
) -> Result<Vec<RowId>, StoreError> {
    remove(transaction, changes)?;
    update(transaction, changes, sealing)?;
    refuse_duplicates(transaction, changes)?;
    let mut added = add(transaction, changes, sealing)?.into_iter();
    let about = |change: &Change<'_>| match change {
        Change::Add { .. } => added.next(),
        Change::Update { id, .. } | Change::Remove { id, .. } => Some(*id),
    };
    Ok(changes.iter().filter_map(about).collect())
}

fn remove(transaction: &mut dyn Transaction, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let statement = "DELETE FROM connection WHERE id = CAST($1 AS BIGINT) AND version = CAST($2 AS BIGINT) \
        RETURNING CAST(id AS TEXT)";
    let each = changes.iter().filter_map(|change| match change {
        Change::Remove { id, version } => Some((*id, which(*id, *version))),
        _ => None,
    });
    each_once(transaction, statement, each.unzip())
}

fn update(transaction: &mut dyn Transaction, changes: &[Change<'_>], sealing: &Sealing<'_>) -> Result<(), StoreError> {
    // A row keeps its own id, which what is sealed is bound to.
    let (mut ids, mut wanted) = (Vec::new(), Vec::new());
    for change in changes {
        if let Change::Update { id, version, .. } = change {
            ids.push(*id);
            wanted.push(which(*id, *version));
        }
    }
    let statement = "SELECT uid FROM connection WHERE id = CAST($1 AS BIGINT) AND version = CAST($2 AS BIGINT)";
    let mut uids = transaction.run(statement, &wanted)?.into_iter();
    let now = super::written(Timestamp::now());
    let mut each = Vec::new();
    for change in changes {
        let Change::Update { id, version, connection, failing } = change else { continue };
        let row = uids.next().unwrap_or_default().into_iter().next();
        let uid = row.and_then(|values| values.into_iter().next().flatten());
        let Some(uid) = uid else { return Err(StoreError::Changed { id: *id }) };
        let mut line = row::values(connection, &uid, sealing.store, sealing.key)?;
        line.extend([Some(flag(*failing)), Some(now.clone())]);
        line.extend(which(*id, *version));
        each.push(line);
    }
    let statement = format!(
        "UPDATE connection SET ({}, failing, updated_at, version) = \
         ({}, CAST($11 AS INTEGER), $12, version + 1) \
         WHERE id = CAST($13 AS BIGINT) AND version = CAST($14 AS BIGINT) RETURNING CAST(id AS TEXT)",
        row::COLUMNS,
        row::PARAMETERS
    );
    each_once(transaction, &statement, (ids, each))
}

fn refuse_duplicates(transaction: &mut dyn Transaction, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let mut names = HashSet::new();
    for change in changes {
        if let Change::Add { connection, unique, .. } = change
            && let Some(conn_id) = &connection.conn_id
            && !names.insert(conn_id)
            && *unique
        {
            return Err(StoreError::Duplicate { conn_id: conn_id.clone() });
        }
    }
    let unique: Vec<Line> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Add { connection, unique: true, .. } => Some(vec![Some(connection.conn_id.clone()?)]),
            _ => None,
        })
        .collect();
    let statement = "SELECT conn_id FROM connection WHERE conn_id = $1 LIMIT 1";
    match transaction.run(statement, &unique)?.into_iter().flatten().flatten().flatten().next() {
        Some(conn_id) => Err(StoreError::Duplicate { conn_id }),
        None => Ok(()),
    }
}

fn add(
    transaction: &mut dyn Transaction,
    changes: &[Change<'_>],
    sealing: &Sealing<'_>,
) -> Result<Vec<RowId>, StoreError> {
    let now = super::written(Timestamp::now());
    let mut each = Vec::new();
    for change in changes {
        let Change::Add { connection, failing, .. } = change else { continue };
        let uid = super::random_hex::<16>()?;
        let mut line = row::values(connection, &uid, sealing.store, sealing.key)?;
        line.extend([Some(flag(*failing)), Some(now.clone()), Some(uid)]);
        each.push(line);
    }
    let statement = format!(
        "INSERT INTO connection ({}, failing, created_at, updated_at, uid) \
         VALUES ({}, CAST($11 AS INTEGER), $12, $12, $13) RETURNING CAST(id AS TEXT)",
        row::COLUMNS,
        row::PARAMETERS
    );
    let added = transaction.run(&statement, &each)?;
    Ok(added.into_iter().flatten().flatten().flatten().filter_map(|id| id.parse().ok().map(RowId)).collect())
}

/// Runs `statement`, which gives a row where it did what it should.
fn each_once(
    transaction: &mut dyn Transaction,
    statement: &str,
    (ids, each): (Vec<RowId>, Vec<Line>),
) -> Result<(), StoreError> {
    let done = transaction.run(statement, &each)?;
    match ids.into_iter().zip(done).find(|(_, rows)| rows.is_empty()) {
        Some((id, _)) => Err(StoreError::Changed { id }),
        None => Ok(()),
    }
}

fn which(id: RowId, version: i64) -> Line {
    vec![Some(id.0.to_string()), Some(version.to_string())]
}

fn flag(on: bool) -> String {
    u8::from(on).to_string()
}
