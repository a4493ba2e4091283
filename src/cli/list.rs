//! `connprobe list`: shows the connections of the sources, judged as in a dry run.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use super::args::ListArguments;
use super::exit::Exit;
use super::format::ListFormat;
use super::history::Record;
use super::output::Screen;
use super::patient::{self, Limit};
use super::sources::{Until, gather};
use super::{diagnostics, source_settings, stderr};
use crate::clock;
use crate::driver::{Policy, Registry};
use crate::engine;
use crate::model::connection::Connection;
use crate::model::warning::Warning;
use crate::report::listing::{self, At, Listed, ListedHistory};

pub(super) fn run(arguments: &ListArguments) -> Exit {
    stderr::limit(Limit { most: arguments.timeout, ..patient::LIMIT });
    let registry = Registry::builtin();
    let from = Arc::new(source_settings::of_sources(&arguments.select.from, arguments.timeout, Policy::default()));
    let gathered = match gather(&arguments.select, registry, &from, Until::default()) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    let listed: Vec<Listed<'_>> = gathered
        .connections
        .iter()
        .map(|connection| judge(connection, gathered.records.get(&connection.id()), registry))
        .collect();
    let now = clock::now();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match arguments.format {
        // If a source could not be read, an empty table would suggest that it holds no connection.
        ListFormat::Table if listed.is_empty() && gathered.source_failed() => Ok(()),
        ListFormat::Table => listing::write_table(&mut out, &listed, now, &Screen::of_stdout().style),
        ListFormat::Json => listing::write_json(&mut out, &listed),
        ListFormat::Ndjson => listing::write_ndjson(&mut out, &listed),
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) if gathered.source_failed() => Exit::Source,
        Ok(()) => Exit::Success,
        Err(error) => diagnostics::unwritten("the list", &error),
    }
}

fn judge<'a>(connection: &'a Connection, record: Option<&Record>, registry: &Registry) -> Listed<'a> {
    let (driver, planned) = engine::plan(connection, registry);
    let mut warnings: Vec<Warning> = connection.warnings.clone();
    let (target, login, problem) = match planned {
        Ok(plan) => {
            warnings.extend(plan.warnings);
            (Some(plan.target.to_string()), plan.login, None)
        }
        Err(mut refusal) => {
            warnings.append(&mut refusal.warnings);
            let failure = refusal.into_failure();
            let login = engine::shown_login(&connection.view(), driver.as_deref());
            (None, login, Some(format!("{}: {}", failure.class.as_str(), failure.message)))
        }
    };
    let view = connection.view();
    Listed {
        id: connection.id(),
        conn_id: view.name(),
        conn_type: view.conn_type(),
        driver: driver.map(|driver| driver.spec().name),
        origin: connection.origin.to_string(),
        target,
        login,
        has_password: connection.password().is_some(),
        extra_keys: view.keys().collect(),
        problem,
        warnings,
        stored: record.map(remembered),
    }
}

fn remembered(record: &Record) -> ListedHistory {
    let history = record.history.as_ref();
    let last = history.map(|history| &history.last);
    ListedHistory {
        last_checked_at: last.map(|last| At(last.started_at)),
        last_status: last.map(|last| last.status),
        last_class: last.and_then(|last| last.class),
        last_ok_at: history.and_then(|history| history.last_ok).map(At),
        saved_failing: record.failing,
    }
}
