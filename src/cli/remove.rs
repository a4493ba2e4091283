//! `connprobe remove`: removes the named connections from the store, either all of them or none.

use std::io::{self, Write};

use super::args::RemoveArguments;
use super::exit::Exit;
use super::{diagnostics, open_store, source_settings};
use crate::driver::Policy;
use crate::driver::extras::nearest;
use crate::model::redact::escape_control;
use crate::store::{Access, Change, RowId, Stored};

pub(super) fn run(arguments: &RemoveArguments) -> Exit {
    remove(arguments).unwrap_or_else(|exit| exit)
}

fn remove(arguments: &RemoveArguments) -> Result<Exit, Exit> {
    let settings = source_settings::of_store(&arguments.store, arguments.timeout, Policy::default()).into();
    let mut store = open_store::open(&settings, Access::Write)?;
    let stored = store.definitions().map_err(|error| open_store::unusable(&error))?;
    let mut meant: Vec<&Stored> = Vec::new();
    for row in &arguments.rows {
        meant.push(by_row(row, &stored)?);
    }
    for name in &arguments.names {
        meant.extend(by_name(name, &stored, arguments.all)?);
    }
    meant.sort_by_key(|one| one.id);
    meant.dedup_by_key(|one| one.id);
    let changes = meant.iter().map(|one| Change::Remove { id: one.id, version: one.version }).collect();
    store.apply(changes).map_err(|error| open_store::unchanged(&error))?;
    let mut out = io::stdout().lock();
    let written = meant.iter().try_for_each(|one| writeln!(out, "removed {}", named(one))).and_then(|()| out.flush());
    written.map(|()| Exit::Success).map_err(|error| diagnostics::unwritten("the answer", &error))
}

fn by_row<'a>(row: &str, stored: &'a [Stored]) -> Result<&'a Stored, Exit> {
    let Some(id) = RowId::of_origin(row) else {
        diagnostics::error(
            format!("`{row}` is no place in the store"),
            Some("write it as `connprobe list` shows it: store#12"),
        );
        return Err(Exit::Usage);
    };
    stored.iter().find(|one| one.id == id).ok_or_else(|| {
        diagnostics::error(format!("there is no `{id}` in the store"), Some("see what there is with `connprobe list`"));
        Exit::NotOk
    })
}

fn by_name<'a>(name: &str, stored: &'a [Stored], all: bool) -> Result<Vec<&'a Stored>, Exit> {
    let of_name = |one: &&Stored| one.connection.conn_id.as_deref() == Some(name);
    let found: Vec<&Stored> = stored.iter().filter(of_name).collect();
    let shown = escape_control(name);
    if found.is_empty() {
        let guess = nearest(name, stored.iter().filter_map(|one| one.connection.conn_id.as_deref()));
        let hint = guess
            .map_or("see what there is with `connprobe list`".to_owned(), |guess| format!("did you mean `{guess}`?"));
        diagnostics::error(format!("there is no connection `{shown}` in the store"), Some(&hint));
        return Err(Exit::NotOk);
    }
    if found.len() > 1 && !all {
        let rows: Vec<String> = found.iter().map(|one| one.id.to_string()).collect();
        diagnostics::error(
            format!("{} connections share the name `{shown}`: {}", found.len(), rows.join(", ")),
            Some(&format!("remove one of them with --row {}, or every one with --all", rows[0])),
        );
        return Err(Exit::Usage);
    }
    Ok(found)
}

fn named(stored: &Stored) -> String {
    match &stored.connection.conn_id {
        Some(name) => format!("`{}` ({})", escape_control(name), stored.id),
        None => stored.id.to_string(),
    }
}
