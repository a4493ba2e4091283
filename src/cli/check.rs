//! `connprobe check`: sources → selection → engine → reports.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::args::CheckArguments;
use super::exit::{Exit, Verdict};
use super::memory::{self, Memory, Record};
use super::signals::Caught;
use super::sources::{Gathered, Until, gather};
use super::trial::{self, TICK};
use super::{ledger, once, output, patient, say, sources, stderr};
use crate::driver::Registry;
use crate::engine::{Job, Run};
use crate::model::connection::Connection;
use crate::model::event::Event;
use crate::model::result::Summary;
use crate::report::Report;

/// How long remembering may keep a run from ending.
const PATIENCE: Duration = Duration::from_secs(5);
const AT_THE_DEADLINE: Duration = Duration::from_millis(100);
/// The store knows better what it waited for.
const GRACE: Duration = Duration::from_millis(50);
const AFTER_A_SIGNAL: Duration = Duration::from_millis(200);

pub(super) fn run(arguments: &CheckArguments) -> Exit {
    let until = arguments.login.deadline.map(|deadline| Instant::now() + deadline);
    // What is left of the run for one step of it.
    let left =
        |limit: Duration| until.map_or(limit, |until| limit.min(until.saturating_duration_since(Instant::now())));
    let timeout = arguments.login.timeout;
    let limit = patient::Limit { most: left(timeout), deadline: until };
    stderr::limit(limit);
    let mut settings = match trial::settings(&arguments.login, arguments.dry_run) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let caught = match trial::catch() {
        Ok(caught) => caught,
        Err(exit) => return exit,
    };
    let registry = Registry::builtin();
    let mut from = arguments.select.from.settings(left(timeout), settings.policy.clone());
    from.no_detail = settings.no_detail;
    let from = Arc::new(from);
    let mut taken = sources::taken(&arguments.select.from.sources, &from);
    taken.extend(arguments.login.tls_ca.iter().cloned());
    taken.extend(ledger::files(&arguments.login.state));
    let mut outputs = match output::open(&arguments.formats, taken, limit) {
        Ok(outputs) => outputs,
        Err(message) => {
            say::error(message, None);
            return Exit::Usage;
        }
    };
    let gathered = match gather(&arguments.select, registry, &from, Until { caught: Some(&caught), deadline: until }) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    if gathered.connections.is_empty() && !gathered.source_failed() && !arguments.allow_empty {
        say::error(
            "no connection is left to probe",
            Some("check the source and --select, --exclude and --type, or give --allow-empty"),
        );
    }
    let source_failed = gathered.source_failed();
    let Gathered { connections, sources, records } = gathered;
    settings.deadline = settings.deadline.map(left);
    let mut job = Job { sources, secrets: from.sent.take(), ..Job::new(connections, settings) };
    if !arguments.dry_run {
        job.ledger = match ledger::open(&arguments.login.state, arguments.login.force, left(timeout)) {
            Ok(ledger) => ledger,
            Err(exit) => return exit,
        };
        if !records.is_empty() {
            let history = |connection: &Connection| records.get(&connection.id())?.history.as_ref();
            let stored = job.connections.iter().map(|connection| (connection, history(connection)));
            memory::take_over(&*job.ledger, &from, stored);
        }
        if let [alone] = job.connections.as_slice() {
            job.early = once::asked(alone, &*job.ledger);
        }
    }
    let run = match trial::start(job, &caught) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let mut memory = Memory::default();
    let followed = follow(&run, &caught, &mut outputs.reports, &records, &mut memory);
    trial::leave(run, followed.as_ref().ok().and_then(Option::as_ref));
    if !arguments.dry_run {
        let (limit, from) = (patience(until, &caught), Arc::clone(&from));
        let kept = patient::within(limit + GRACE, move || {
            memory.keep(&from, limit);
            Ok(())
        });
        if kept.is_err() {
            say::warning("the results are not remembered: the store did not answer in time");
        }
    }
    let followed =
        followed.and_then(|summary| if summary.is_some() { outputs.keep().map(|()| summary) } else { Ok(summary) });
    match followed {
        Ok(Some(summary)) => {
            let exit = Exit::of_run(&Verdict {
                counts: &summary.counts,
                ended: summary.ended,
                signal: caught.exit(),
                source_failed,
                strict: arguments.strict,
                allow_empty: arguments.allow_empty,
            });
            if exit == Exit::Source && !source_failed && summary.counts.skipped > 0 {
                say::error(
                    "no login was tried: every connection was skipped",
                    Some("add one of a supported type (`connprobe types`), or give --allow-empty"),
                );
            }
            exit
        }
        Ok(None) => {
            say::error("the run broke off without a summary", Some("this is a bug: please report it"));
            Exit::Broken
        }
        Err(error) => say::unwritten("a report", &error),
    }
}

/// How long it may take to remember what came of the run: no longer than its deadline allows, and a moment in any
/// case, also after a signal.
fn patience(until: Option<Instant>, caught: &Caught) -> Duration {
    if caught.exit().is_some() {
        return AFTER_A_SIGNAL;
    }
    until.map_or(PATIENCE, |until| until.saturating_duration_since(Instant::now()).clamp(AT_THE_DEADLINE, PATIENCE))
}

/// Hands every event to every report until the run ends; results of the store's own go to `memory`.
fn follow(
    run: &Run,
    caught: &Caught,
    reports: &mut [Box<dyn Report>],
    records: &HashMap<String, Record>,
    memory: &mut Memory,
) -> io::Result<Option<Summary>> {
    loop {
        caught.heed();
        match run.events.recv_timeout(TICK) {
            Ok(event) => {
                if let Event::Result(result) = &event
                    && let Some(record) = records.get(&result.id)
                {
                    memory.note(record.row, result);
                }
                reports.iter_mut().try_for_each(|report| report.event(&event))?;
                if let Event::Finished(summary) = event {
                    return Ok(Some(*summary));
                }
            }
            Err(RecvTimeoutError::Timeout) => reports.iter_mut().try_for_each(|report| report.tick())?,
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}
