//! What a run over sources needs before its first login, for `check` and `wait`: outputs, definitions, ledger, engine.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::args::{LoginArguments, SelectArguments};
use super::deadline::Deadline;
use super::exit::Exit;
use super::format::FormatArgument;
use super::history::{self, Record};
use super::ledger::{self, Patience};
use super::output;
use super::outputs::Outputs;
use super::preflight::{self, Demands};
use super::signals::Caught;
use super::sources::{Gathered, Until, gather};
use super::{diagnostics, patient, source_settings, sources, stderr};
use crate::driver::Registry;
use crate::engine::ledger::{Clock, Ledger, MemoryLedger};
use crate::engine::{Engine, Job};
use crate::model::connection::Connection;
use crate::report::nagios;
use crate::source;

/// What a run is about.
pub(super) struct Request<'a> {
    pub(super) select: &'a SelectArguments,
    pub(super) login: &'a LoginArguments,
    pub(super) formats: &'a [FormatArgument],
    /// What `--format nagios` demands of the run.
    pub(super) demands: &'a nagios::Demands,
    /// The limit of the whole run.
    pub(super) limit: Option<Duration>,
    /// Whether an output may show its own progress on standard error.
    pub(super) shows_progress: bool,
    pub(super) dry_run: bool,
    pub(super) allow_empty: bool,
}

/// A run that may begin.
pub(super) struct Prepared {
    pub(super) deadline: Deadline,
    pub(super) caught: Caught,
    pub(super) outputs: Outputs,
    /// The settings of the sources.
    pub(super) from: Arc<source::Settings>,
    /// The store's records of connections that come from it, by id.
    pub(super) records: HashMap<String, Record>,
    /// Whether a source could not be read.
    pub(super) source_failed: bool,
    pub(super) engine: Engine,
    pub(super) job: Job,
}

impl Prepared {
    /// Opens the outputs, reads the sources, and starts an engine over the ledger.
    ///
    /// # Errors
    ///
    /// The exit status, once the reason is on standard error.
    pub(super) fn of(request: &Request<'_>) -> Result<Self, Exit> {
        let Request { select, login, formats, dry_run, .. } = *request;
        let deadline = Deadline::after(request.limit);
        let (until, timeout) = (deadline.at(), login.timeout);
        let limit = patient::Limit { most: deadline.left(timeout), deadline: until };
        stderr::limit(limit);
        let demands = Demands::of(login, dry_run)?;
        let caught = preflight::catch()?;
        let policy = demands.settings.policy.clone();
        let mut from = source_settings::of_sources(&select.from, deadline.left(timeout), policy);
        from.no_detail = demands.settings.no_detail;
        from.logins = ledger::logins(&login.state, login.force, timeout, deadline);
        let from = Arc::new(from);
        let mut taken = sources::taken(&select.from.sources, &from);
        taken.extend(login.tls_ca.iter().cloned());
        taken.extend(ledger::files(&login.state));
        let outputs = output::open(formats, taken, limit, request.shows_progress, request.demands);
        let outputs = outputs.map_err(|message| {
            diagnostics::error(message, None);
            Exit::Usage
        })?;
        let gathered = gather(select, Registry::builtin(), &from, Until { caught: Some(&caught), deadline: until })?;
        if gathered.connections.is_empty() && !gathered.source_failed() && !request.allow_empty {
            say_nothing_is_left(&gathered);
        }
        let source_failed = gathered.source_failed();
        let Gathered { connections, sources, records } = gathered;
        // A dry run logs in nowhere, so its ledger stays in memory.
        let mut ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new(Clock::default()));
        if !dry_run {
            let patience = Patience { timeout, deadline, caught: Some(&caught) };
            ledger = ledger::of_run(&from.logins, &login.state, login.force, patience)?;
            if !records.is_empty() {
                let history = |connection: &Connection| records.get(&connection.id())?.history.as_ref();
                let stored = connections.iter().map(|connection| (connection, history(connection)));
                history::take_over(&*ledger, &from, stored, Some(&caught));
            }
        }
        let engine = demands.engine(ledger, connections.len())?;
        let settings = preflight::within(demands.settings, deadline);
        let job = Job { sources, secrets: from.sent.take(), ..Job::new(connections, settings) };
        Ok(Self { deadline, caught, outputs, from, records, source_failed, engine, job })
    }
}

fn say_nothing_is_left(gathered: &Gathered) {
    if gathered.sources.iter().all(|source| source.connections == 0) {
        diagnostics::error(
            "the sources hold no connection",
            Some("a connection is an object with at least `conn_type` and `host`, or a URI; or give --allow-empty"),
        );
    } else {
        diagnostics::error(
            "no connection is left to probe",
            Some("check --select, --exclude and --type, or give --allow-empty"),
        );
    }
}
