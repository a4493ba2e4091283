//! Writes the steps that change something to the store: in one transaction, or name by name.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::cli::args::ImportArguments;
use crate::cli::blocking_store::Opened;
use crate::cli::exit::Exit;
use crate::cli::{diagnostics, open_store};
use crate::model::connection::Connection;
use crate::model::result::CheckResult;
use crate::store::sync_plan::SyncStep;
use crate::store::{Change, RowId, StoreError};

/// The outcome of each step.
#[derive(Default)]
pub(super) struct Saved {
    /// For each step that was to change something: its row, or the reason why it was not applied.
    pub(super) outcomes: Vec<Option<Result<RowId, StoreError>>>,
    /// Whether the store failed before the end.
    pub(super) broken: bool,
}

/// A change, and the index of its step.
type Planned = (usize, Change);

/// Saves `steps`, except definitions whose check in `tried` failed, unless `--save-failing` is given.
pub(super) fn save(
    arguments: &ImportArguments,
    steps: &[SyncStep<'_>],
    tried: &HashMap<String, CheckResult>,
    store: &mut Opened,
) -> Result<Saved, Exit> {
    let mut saved = Saved { outcomes: steps.iter().map(|_| None).collect(), broken: false };
    let planned = changes(arguments, steps, tried);
    if arguments.partial {
        for one_name in by_name(steps, planned) {
            apply(one_name, store, &mut saved);
            if saved.broken {
                diagnostics::error(
                    "the rest is not imported",
                    Some(
                        "what the report calls added, updated or removed is saved; run the command again for the rest",
                    ),
                );
                break;
            }
        }
        return Ok(saved);
    }
    let mut planned = planned;
    while !planned.is_empty() {
        let changes = planned.iter().map(|(_, change)| change.clone()).collect();
        match store.apply(changes) {
            Ok(rows) => {
                for ((step, _), row) in planned.iter().zip(rows) {
                    saved.outcomes[*step] = Some(Ok(row));
                }
                break;
            }
            // A definition that only the store finds unusable is skipped like the other bad ones.
            Err(StoreError::Unstorable { conn_id, reason }) => planned.retain(|(step, _)| {
                let this = subject(&steps[*step]).is_some_and(|connection| connection.conn_id == conn_id);
                if this {
                    let error = StoreError::Unstorable { conn_id: conn_id.clone(), reason: reason.clone() };
                    saved.outcomes[*step] = Some(Err(error));
                }
                !this
            }),
            Err(error) => {
                let exit = open_store::unchanged(&error);
                if !matches!(error, StoreError::Unanswered { .. }) {
                    diagnostics::error("nothing was imported", None);
                }
                return Err(exit);
            }
        }
    }
    Ok(saved)
}

fn changes(arguments: &ImportArguments, steps: &[SyncStep<'_>], tried: &HashMap<String, CheckResult>) -> Vec<Planned> {
    let fails = |connection: &Connection| tried.get(&connection.id()).is_some_and(|result| result.failure.is_some());
    let rejected = |connection: &Connection| fails(connection) && !arguments.save_failing;
    let names: HashSet<&str> = steps
        .iter()
        .filter_map(SyncStep::connection)
        .filter(|connection| rejected(connection))
        .filter_map(|connection| connection.conn_id.as_deref())
        .collect();
    let change = |step: &SyncStep<'_>| match step {
        SyncStep::Add(connection) if !rejected(connection) => {
            let unique = !arguments.allow_duplicate;
            Some(Change::Add { connection: Arc::clone(connection), failing: fails(connection), unique })
        }
        SyncStep::Update(row, connection) if !rejected(connection) => {
            let (connection, failing) = (Arc::clone(connection), fails(connection));
            Some(Change::Update { id: row.id, version: row.version, connection, failing })
        }
        // The definition that should have replaced it is not saved.
        SyncStep::Supersede(row) if row.connection.conn_id.as_deref().is_some_and(|name| names.contains(name)) => None,
        SyncStep::Supersede(row) | SyncStep::Prune(row) => Some(Change::Remove { id: row.id, version: row.version }),
        _ => None,
    };
    steps.iter().enumerate().filter_map(|(place, step)| Some((place, change(step)?))).collect()
}

/// Groups the changes by name: no definition of a name is removed unless its replacement is saved.
fn by_name(steps: &[SyncStep<'_>], planned: Vec<Planned>) -> Vec<Vec<Planned>> {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut together: Vec<Vec<Planned>> = Vec::new();
    for (step, change) in planned {
        let name = subject(&steps[step]).and_then(|connection| connection.conn_id.as_deref()).unwrap_or_default();
        let place = *groups.entry(name).or_insert(together.len());
        if place == together.len() {
            together.push(Vec::new());
        }
        together[place].push((step, change));
    }
    together
}

fn apply(planned: Vec<Planned>, store: &mut Opened, saved: &mut Saved) {
    let (steps, changes): (Vec<usize>, Vec<Change>) = planned.into_iter().unzip();
    match store.apply(changes) {
        Ok(rows) => steps.into_iter().zip(rows).for_each(|(step, row)| saved.outcomes[step] = Some(Ok(row))),
        Err(error) => {
            let of_this_name = matches!(
                error,
                StoreError::Changed { .. } | StoreError::Duplicate { .. } | StoreError::Unstorable { .. }
            );
            if !of_this_name {
                open_store::unusable(&error);
                saved.broken = true;
            }
            if let Some(step) = steps.into_iter().next() {
                saved.outcomes[step] = Some(Err(error));
            }
        }
    }
}

/// The definition that a step concerns.
fn subject<'a>(step: &SyncStep<'a>) -> Option<&'a Connection> {
    match step {
        SyncStep::Supersede(row) | SyncStep::Prune(row) => Some(&row.connection),
        step => step.connection().map(AsRef::as_ref),
    }
}
