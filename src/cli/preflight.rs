//! Logins before anything is saved: definitions are tried as in `check`, and the results are returned.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::args::LoginArguments;
use super::deadline::Deadline;
use super::exit::Exit;
use super::signals::Caught;
use super::stderr::Live;
use super::{descriptors, diagnostics, once, signals};
use crate::driver::Policy;
use crate::driver::tls_file::read_regular;
use crate::engine::ledger::{Early, Ledger};
use crate::engine::{Engine, EngineConfig, Job, Run, Settings};
use crate::model::connection::Connection;
use crate::model::event::Event;
use crate::model::os_error::in_words;
use crate::model::redact::Gathering;
use crate::model::result::{CheckResult, Ended, Summary};
use crate::report::table::Progress;

/// The interval between updates of the progress line.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// The variable that has the effect of `--no-detail`, unless it is empty.
const NO_DETAIL: &str = "CONNPROBE_NO_DETAIL";

/// Whether the environment asks to keep all text of servers out of the results.
pub(super) fn no_detail() -> bool {
    std::env::var_os(NO_DETAIL).is_some_and(|value| !value.is_empty())
}

/// The settings for logins.
pub(super) struct Demands {
    pub(super) settings: Settings,
    concurrency: usize,
    per_host: usize,
}

impl Demands {
    /// The settings that the arguments give.
    pub(super) fn of(arguments: &LoginArguments, dry_run: bool) -> Result<Self, Exit> {
        let settings = settings(arguments, dry_run)?;
        Ok(Self { settings, concurrency: descriptors::fit(arguments.concurrency)?, per_host: arguments.per_host })
    }

    /// An engine for `logins` logins with `ledger`.
    pub(super) fn engine(&self, ledger: Arc<dyn Ledger>, logins: usize) -> Result<Engine, Exit> {
        let config = EngineConfig::default().serving(logins).concurrency(self.concurrency).per_host(self.per_host);
        Engine::new(config.ledger(ledger)).map_err(|error| cannot_start(&error))
    }
}

fn settings(arguments: &LoginArguments, dry_run: bool) -> Result<Settings, Exit> {
    let tls_ca = arguments.tls_ca.as_deref().map(authorities).transpose()?;
    Ok(Settings {
        timeout: arguments.timeout,
        deadline: arguments.deadline,
        retries: arguments.retries,
        policy: Policy {
            require_tls: arguments.require_tls,
            verify_tls: arguments.verify_tls,
            egress: arguments.egress(),
            dns_server: arguments.dns_server,
            tls_ca,
        },
        no_detail: arguments.no_detail || no_detail(),
        steps: arguments.verbose,
        waiting: None,
        dry_run,
    })
}

fn authorities(path: &Path) -> Result<Arc<Vec<u8>>, Exit> {
    let Some(pem) = read_regular(path) else {
        diagnostics::error(
            format!("cannot use `--tls-ca` `{}`", path.display()),
            Some("name a regular, readable PEM file of up to 1 MiB"),
        );
        return Err(Exit::Usage);
    };
    Ok(Arc::new(pem.expose().as_bytes().to_vec()))
}

/// From here on a signal ends runs instead of the process. To be called before a run starts, so that no signal falls
/// between.
pub(super) fn catch() -> Result<Caught, Exit> {
    signals::catch().map_err(|error| cannot_start(&error))
}

/// Starts a run that ends at the first signal.
pub(super) fn start(engine: &Engine, job: Job, caught: &Caught) -> Result<Run, Exit> {
    engine.run_until(job, &caught.stop()).map_err(|error| cannot_start(&error))
}

/// Reports why the run cannot start.
pub(super) fn cannot_start(error: &io::Error) -> Exit {
    let no_threads = error.kind() == io::ErrorKind::WouldBlock;
    let hint = "this machine gives connprobe no more threads: raise `ulimit -u`, or the container's limit on pids";
    diagnostics::error(format!("the run cannot start: {}", in_words(error)), no_threads.then_some(hint));
    Exit::Broken
}

/// How long logins whose credential was sent may go on after a run that ended early.
const SETTLING: Duration = Duration::from_millis(300);

/// Writes the warnings of `run` with this `summary`. If the run ended early, it waits briefly for the answers to
/// credentials that were sent.
pub(super) fn conclude(run: &Run, summary: &Summary) {
    summary.warnings.iter().for_each(|warning| diagnostics::warning(&warning.message));
    if summary.ended != Ended::Complete {
        run.settle(SETTLING);
    }
}

/// Attempts a login with each of `connections` and returns the results by id. No result shows any of `secrets`.
pub(super) fn log_in(
    connections: &[&Connection],
    ledger: Arc<dyn Ledger>,
    secrets: Gathering,
    demands: Demands,
    deadline: Deadline,
) -> Result<HashMap<String, CheckResult>, Exit> {
    let engine = demands.engine(ledger, connections.len())?;
    let job = Job { secrets, ..Job::new(copies(connections), within(demands.settings, deadline)) };
    attempt(&engine, job, &catch()?)
}

/// Attempts a login with `connection`, and a second time if it is held and a person wants that.
pub(super) fn log_in_alone(
    connection: &Connection,
    ledger: &Arc<dyn Ledger>,
    secrets: &Gathering,
    demands: Demands,
    deadline: Deadline,
) -> Result<CheckResult, Exit> {
    let caught = catch()?;
    let engine = demands.engine(Arc::clone(ledger), 1)?;
    let log_in = |early, settings| {
        let job =
            Job { early, secrets: secrets.clone(), ..Job::new(copies(&[connection]), within(settings, deadline)) };
        attempt(&engine, job, &caught)?.into_values().next().ok_or(Exit::Broken)
    };
    let result = log_in(None, demands.settings.clone())?;
    let is_wanted = once::is_wanted(&result, deadline.at(), &caught);
    match caught.exit() {
        Some(exit) => Err(exit),
        None if is_wanted => log_in(Some(Early::Once), demands.settings),
        None => Ok(result),
    }
}

/// `settings` with the time that is left of the run.
pub(super) fn within(settings: Settings, deadline: Deadline) -> Settings {
    Settings { deadline: deadline.at().map(|_until| deadline.left(Duration::MAX)), ..settings }
}

fn copies(connections: &[&Connection]) -> Vec<Connection> {
    connections.iter().map(|connection| (*connection).clone()).collect()
}

fn attempt(engine: &Engine, job: Job, caught: &Caught) -> Result<HashMap<String, CheckResult>, Exit> {
    let mut run = start(engine, job, caught)?;
    let mut progress = io::stderr().is_terminal().then(|| Progress::new(Box::new(Live::default())));
    let mut results = HashMap::new();
    loop {
        caught.heed();
        match run.events.recv_timeout(TICK) {
            Ok(event) => {
                if let Some(progress) = &mut progress {
                    progress.event(&event);
                }
                match event {
                    Event::Started { .. } => {}
                    Event::Step(step) => diagnostics::step(&step),
                    Event::Result(result) => drop(results.insert(result.id.clone(), Arc::unwrap_or_clone(result))),
                    Event::Finished(summary) => {
                        // Losing the progress line of a closed terminal does no harm.
                        progress.as_mut().map(Progress::clear).transpose().unwrap_or_default();
                        conclude(&run, &summary);
                        return match (summary.ended, caught.exit()) {
                            (Ended::Interrupted, Some(exit)) => Err(exit),
                            _ => Ok(results),
                        };
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                diagnostics::error("the logins broke off without an end", Some("this is a bug: please report it"));
                return Err(Exit::Broken);
            }
        }
        progress.as_mut().map(Progress::draw).transpose().unwrap_or_default();
    }
}
