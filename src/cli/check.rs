//! `connprobe check`: sources → selection → engine → reports.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::args::CheckArguments;
use super::deadline::Deadline;
use super::exit::{Exit, Verdict};
use super::format::Format;
use super::history::{Memory, Record};
use super::outputs::Outputs;
use super::preflight::{self, TICK};
use super::prepared::{Prepared, Request};
use super::signals::Caught;
use super::{diagnostics, once, patient, plugin};
use crate::engine::ledger::Early;
use crate::engine::{Engine, Job, Run};
use crate::model::event::Event;
use crate::model::result::{Ended, Summary};
use crate::report::nagios::{Demands, Tally};

/// The longest time that storing the results may delay the end of a run.
const PATIENCE: Duration = Duration::from_secs(5);
const AT_THE_DEADLINE: Duration = Duration::from_millis(100);
/// Extra time for the store, whose own error says more exactly what it waited for.
const GRACE: Duration = Duration::from_millis(50);
const AFTER_A_SIGNAL: Duration = Duration::from_millis(200);

pub(super) fn run(arguments: &CheckArguments) -> Exit {
    plugin::ending(&arguments.formats, || check(arguments).unwrap_or_else(|exit| exit))
}

/// The exit status; as an error if there is no complete report.
fn check(arguments: &CheckArguments) -> Result<Exit, Exit> {
    let demands = demands(arguments)?;
    let request = Request {
        select: &arguments.select,
        login: &arguments.login,
        formats: &arguments.formats,
        demands: &demands,
        limit: arguments.login.deadline,
        shows_progress: !arguments.login.verbose,
        dry_run: arguments.dry_run,
        allow_empty: arguments.allow_empty,
    };
    let Prepared { deadline, caught, mut outputs, from, records, source_failed, engine, job } = Prepared::of(&request)?;
    let mut listener = Listener {
        outputs: &mut outputs,
        records: &records,
        memory: Memory::default(),
        tally: Tally::default(),
        verbose: arguments.login.verbose,
        late: deadline.at().is_some_and(|at| Instant::now() >= at),
    };
    let summary = log_in(&engine, job, deadline, &caught, &mut listener)?;
    let Listener { memory, tally, .. } = listener;
    if !arguments.dry_run {
        let (limit, from) = (patience(deadline.at(), &caught), Arc::clone(&from));
        let kept = patient::within(limit + GRACE, move || {
            memory.keep(&from, limit);
            Ok(())
        });
        if kept.is_err() {
            diagnostics::warning("the results are not remembered: the store did not answer in time");
        }
    }
    let lost = outputs.end();
    match (summary, lost) {
        // After a signal the exit status is that of the signal.
        (_, Some(exit)) => Err(caught.exit().unwrap_or(exit)),
        (Some(summary), None) if plugin::is_plugin(&arguments.formats) => {
            Ok(Exit::Plugin(tally.state(&summary, &demands)))
        }
        (Some(summary), None) => Ok(exit_of(arguments, &summary, &caught, source_failed)),
        (None, None) => {
            diagnostics::error("the run broke off without a summary", Some("this is a bug: please report it"));
            Err(Exit::Broken)
        }
    }
}

/// What `--format nagios` demands of the run.
fn demands(arguments: &CheckArguments) -> Result<Demands, Exit> {
    let CheckArguments { formats, warning, critical, strict, allow_empty, .. } = arguments;
    let is_asked = formats.iter().any(|argument| argument.format == Format::Nagios);
    if (warning.is_some() || critical.is_some()) && !is_asked {
        diagnostics::error(
            "`--warning` and `--critical` have no meaning here",
            Some("they are ranges of `--format nagios`"),
        );
        return Err(Exit::Usage);
    }
    let (strict, allow_empty) = (*strict, *allow_empty);
    Ok(Demands { warning: warning.clone(), critical: critical.clone(), strict, allow_empty })
}

/// The exit status of a run with this `summary`, all of which was written.
fn exit_of(arguments: &CheckArguments, summary: &Summary, caught: &Caught, source_failed: bool) -> Exit {
    let exit = Exit::of_run(&Verdict {
        counts: &summary.counts,
        ended: summary.ended,
        signal: caught.exit(),
        source_failed,
        strict: arguments.strict,
        allow_empty: arguments.allow_empty,
    });
    if exit == Exit::Source && !source_failed && summary.counts.skipped > 0 {
        diagnostics::error(
            "no login was tried: every connection was skipped",
            Some("add one of a supported type (`connprobe types`), or give --allow-empty"),
        );
    }
    exit
}

/// How long storing the results of the run may take: no longer than the deadline of the run allows, but a short time in
/// any case, also after a signal.
fn patience(until: Option<Instant>, caught: &Caught) -> Duration {
    if caught.exit().is_some() {
        return AFTER_A_SIGNAL;
    }
    until.map_or(PATIENCE, |until| until.saturating_duration_since(Instant::now()).clamp(AT_THE_DEADLINE, PATIENCE))
}

/// The receiver of a run's events: the reports, and the store's memory of its own definitions.
struct Listener<'a> {
    outputs: &'a mut Outputs,
    records: &'a HashMap<String, Record>,
    memory: Memory,
    tally: Tally,
    /// Whether the steps of checks are shown.
    verbose: bool,
    /// Whether the deadline had passed before the run began.
    late: bool,
}

impl Listener<'_> {
    /// Handles `event`; returns the summary if the event is the end of the run.
    fn hear(&mut self, mut event: Event) -> Option<Summary> {
        // A run without checks ends before its clock strikes.
        if let (Event::Finished(summary), true) = (&mut event, self.late)
            && summary.ended == Ended::Complete
        {
            summary.ended = Ended::Deadline;
        }
        match &event {
            Event::Step(step) => diagnostics::step(step),
            Event::Result(result) if self.verbose => diagnostics::end_of_steps(result),
            _ => {}
        }
        if let Event::Result(result) = &event {
            self.tally.add(result);
        }
        if let Event::Result(result) = &event
            && let Some(record) = self.records.get(&result.id)
        {
            self.memory.note(record.row, result);
        }
        self.outputs.event(&event);
        if let Event::Finished(summary) = event { Some(*summary) } else { None }
    }
}

/// Runs `job` for `listener` and returns its summary, if there is one. If the only login of the job is held, a person
/// may have it made all the same; `listener` then receives the events of that login alone.
fn log_in(
    engine: &Engine,
    job: Job,
    deadline: Deadline,
    caught: &Caught,
    listener: &mut Listener<'_>,
) -> Result<Option<Summary>, Exit> {
    let alone = job.connections.len() == 1 && !job.settings.dry_run && once::may_be_asked(&*engine.ledger());
    let again = alone.then(|| job.clone());
    let mut run = preflight::start(engine, job, caught)?;
    if let Some(again) = again {
        let mut events = collect(&mut run, caught);
        let result =
            events.iter().find_map(|event| if let Event::Result(result) = event { Some(result) } else { None });
        if !result.is_some_and(|result| once::is_wanted(result, deadline.at(), caught)) {
            if let (Some(Event::Finished(summary)), true) = (events.last_mut(), caught.exit().is_some()) {
                summary.ended = Ended::Interrupted;
            }
            let summary = events.into_iter().fold(None, |end, event| listener.hear(event).or(end));
            if let Some(summary) = &summary {
                preflight::conclude(&run, summary);
            }
            return Ok(summary);
        }
        let again = Job { early: Some(Early::Once), settings: preflight::within(again.settings, deadline), ..again };
        run = preflight::start(engine, again, caught)?;
    }
    let summary = follow(&mut run, caught, listener);
    if let Some(summary) = &summary {
        preflight::conclude(&run, summary);
    }
    Ok(summary)
}

/// Collects every event of a run, until it ends.
fn collect(run: &mut Run, caught: &Caught) -> Vec<Event> {
    let mut events = Vec::new();
    while !matches!(events.last(), Some(Event::Finished(_))) {
        caught.heed();
        match run.events.recv_timeout(TICK) {
            Ok(event) => events.push(event),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    events
}

/// Passes every event to `listener` until the run ends or the last output is lost.
fn follow(run: &mut Run, caught: &Caught, listener: &mut Listener<'_>) -> Option<Summary> {
    while !listener.outputs.are_lost() {
        caught.heed();
        let event = match run.events.try_recv() {
            Ok(event) => Ok(event),
            Err(_none_yet) => {
                listener.outputs.flush();
                run.events.recv_timeout(TICK)
            }
        };
        match event {
            Ok(event) => {
                if let Some(summary) = listener.hear(event) {
                    return Some(summary);
                }
            }
            Err(RecvTimeoutError::Timeout) => listener.outputs.tick(),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}
