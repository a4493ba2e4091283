//! The report's entry for each definition.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::candidates::Candidate;
use super::save::Saved;
use crate::cli::args::ImportArguments;
use crate::driver::Registry;
use crate::engine;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::plain::{self, Plain};
use crate::model::result::CheckResult;
use crate::report::sync::{Checked, Entry, FieldShown, Outcome};
use crate::store::sync_plan::{FieldChange, Shown, SyncStep, changes};
use crate::store::{RowId, StoreError, Stored};

/// Returns one entry for each of `candidates`, in their order, then one for each definition that is removed.
pub(super) fn entries<'a>(
    candidates: &[Candidate<'a>],
    steps: &[SyncStep<'a>],
    tried: &HashMap<String, CheckResult>,
    saved: &'a Saved,
    arguments: &ImportArguments,
) -> Vec<Entry<'a>> {
    let mut of_step: HashMap<*const Connection, usize> = HashMap::new();
    for (place, step) in steps.iter().enumerate() {
        if let Some(connection) = step.connection() {
            of_step.insert(Arc::as_ptr(connection), place);
        }
    }
    let describer = Describer { tried, saved, arguments };
    let came = candidates.iter().map(|candidate| {
        let mut entry = Entry::new(candidate.connection);
        entry.target.clone_from(&candidate.target);
        match (&candidate.fault, of_step.get(&Arc::as_ptr(candidate.connection))) {
            (Some(fault), _) => skip(&mut entry, fault),
            (None, Some(place)) => describer.describe(&mut entry, *place, &steps[*place]),
            (None, None) => unreachable!("every sound definition has its step"),
        }
        entry
    });
    let gone = steps.iter().enumerate().filter_map(|(place, step)| describer.removed(place, step));
    came.chain(gone).collect()
}

fn skip(entry: &mut Entry<'_>, fault: &Failure) {
    entry.outcome = Outcome::Skipped;
    entry.class = Some(fault.class);
    entry.reason = Some(fault.reason);
    entry.fields.clone_from(&fault.fields);
    entry.message = Some(fault.message.clone());
    entry.hint.clone_from(&fault.hint);
}

struct Describer<'a, 'b> {
    tried: &'b HashMap<String, CheckResult>,
    saved: &'a Saved,
    arguments: &'b ImportArguments,
}

impl<'a> Describer<'a, '_> {
    fn outcome(&self, place: usize) -> Option<&'a Result<RowId, StoreError>> {
        self.saved.outcomes.get(place).and_then(Option::as_ref)
    }

    fn describe(&self, entry: &mut Entry<'a>, place: usize, step: &SyncStep<'a>) {
        match step {
            SyncStep::Unchanged(_) => entry.outcome = Outcome::Unchanged,
            SyncStep::Add(connection) => self.change(entry, place, connection, Outcome::Added),
            SyncStep::Update(row, connection) => {
                entry.row = Some(row.id.to_string());
                entry.changes = shown(&row.connection, connection);
                self.change(entry, place, connection, Outcome::Updated);
            }
            SyncStep::Keep(rows, connection) => {
                if let [row] = rows.as_slice() {
                    entry.row = Some(row.id.to_string());
                    entry.changes = shown(&row.connection, connection);
                    entry.skip(
                        format!("`{}` has this name and differs", row.id),
                        "give --replace to put it in its place",
                    );
                } else {
                    let message = format!("{} have this name and differ", listed(rows));
                    entry.skip(message, "give --replace-all to put it in the place of them all");
                }
            }
            SyncStep::Undecided(rows, _) => {
                entry.skip(format!("{} have this name", listed(rows)), "give --replace-all or --keep");
            }
            SyncStep::Repeated(count, _) => entry.skip(
                format!("the sources hold {count} different definitions of this name"),
                "keep one of them, or give --allow-duplicate to have them all",
            ),
            SyncStep::Nameless(_) => {
                entry.skip("it has no name, and what is imported is known by its name", "give it a `conn_id`");
            }
            SyncStep::Supersede(_) | SyncStep::Prune(_) => unreachable!("these come from no source"),
        }
    }

    /// Fills in the entry of a definition that was to be saved.
    fn change(&self, entry: &mut Entry<'a>, place: usize, connection: &Connection, done: Outcome) {
        entry.outcome = done;
        let result = self.tried.get(&connection.id());
        entry.check = result.map(Checked::of);
        let fails = result.is_some_and(|result| result.failure.is_some());
        entry.saved_failing = fails && self.arguments.save_failing;
        if fails && !self.arguments.save_failing {
            entry.outcome = Outcome::Failed;
            return;
        }
        match self.outcome(place) {
            Some(Ok(row)) => entry.row = Some(row.to_string()),
            Some(Err(error)) => {
                entry.skip(error.to_string(), error.hint().unwrap_or_default());
            }
            None if self.arguments.dry_run => {}
            None => entry.skip("it was not saved, because something before it could not be", "run the command again"),
        }
    }

    fn removed(&self, place: usize, step: &SyncStep<'a>) -> Option<Entry<'a>> {
        let (row, why): (&Stored, _) = match step {
            SyncStep::Supersede(row) => (row, "another definition of this name took its place"),
            SyncStep::Prune(row) => (row, "no source has its name"),
            _ => return None,
        };
        let mut entry = Entry::new(&row.connection);
        entry.row = Some(row.id.to_string());
        entry.outcome = Outcome::Removed;
        entry.message = Some(why.to_owned());
        match self.outcome(place) {
            Some(Ok(_)) => Some(entry),
            None if self.arguments.dry_run => Some(entry),
            // The entry of the definition that should have replaced it tells why it stays.
            _ => None,
        }
    }
}

fn listed(rows: &[&Stored]) -> String {
    rows.iter().map(|row| format!("`{}`", row.id)).collect::<Vec<_>>().join(", ")
}

/// The fields in which `new` differs from `old`; the login as the driver displays it.
fn shown(old: &Connection, new: &Connection) -> Vec<FieldShown> {
    let text = |field: &str, shown: Shown, connection: &Connection| match shown {
        Shown::Text(text) => field_shown(field, &text, connection),
        Shown::Absent | Shown::Secret | Shown::Unreadable => None,
    };
    changes(old, new)
        .into_iter()
        .map(|FieldChange { field, from, to }| FieldShown {
            change: match (&from, &to) {
                (Shown::Absent, _) => "added",
                (_, Shown::Absent) => "removed",
                (Shown::Unreadable, _) => "readable again",
                _ => "changed",
            },
            from: text(&field, from, old),
            to: text(&field, to, new),
            field,
        })
        .collect()
}

/// `field` of `connection` in a form that may be shown; `text` is its value.
fn field_shown(field: &str, text: &str, connection: &Connection) -> Option<String> {
    let view = connection.view();
    let driver =
        || connection.normalized_type().and_then(|word| Registry::builtin().find(&word)).map(|(driver, _)| driver);
    match field {
        "login" => engine::shown_login(&view, driver()),
        "host" => view.host().map(Cow::into_owned),
        "conn_type" => view.conn_type().map(str::to_owned),
        "description" => view.description().map(str::to_owned),
        "schema" => view.schema().map(str::to_owned),
        _ => Some(plain::shown(Plain::Text, text).to_owned()),
    }
}
