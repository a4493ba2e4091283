//! Logins before anything is saved: definitions are tried like in `check`, their results come back.

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
use super::{descriptors, once, say, signals};
use crate::driver::tls_file::read_regular;
use crate::driver::{Policy, Registry};
use crate::engine::ledger::{Early, Ledger};
use crate::engine::{self, Job, Run, Settings};
use crate::model::connection::Connection;
use crate::model::event::Event;
use crate::model::extra::Extra;
use crate::model::os_error::in_words;
use crate::model::redact::Gathering;
use crate::model::result::{CheckResult, Ended, Summary};
use crate::model::secret::Secret;
use crate::report::table::Progress;

/// How often the progress line moves.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// The variable that does what `--no-detail` does, unless it is empty.
const NO_DETAIL: &str = "CONNPROBE_NO_DETAIL";

/// Whether the environment asks for no text of a server's.
pub(super) fn no_detail() -> bool {
    std::env::var_os(NO_DETAIL).is_some_and(|value| !value.is_empty())
}

/// What the arguments set for the engine.
pub(super) fn settings(arguments: &LoginArguments, dry_run: bool) -> Result<Settings, Exit> {
    let tls_ca = arguments.tls_ca.as_deref().map(authorities).transpose()?;
    Ok(Settings {
        timeout: arguments.timeout,
        deadline: arguments.deadline,
        concurrency: descriptors::fit(arguments.concurrency)?,
        per_host: arguments.per_host,
        retries: arguments.retries,
        policy: Policy {
            require_tls: arguments.require_tls,
            verify_tls: arguments.verify_tls,
            egress: arguments.egress(),
            dns_server: arguments.dns_server,
            tls_ca,
        },
        no_detail: arguments.no_detail || no_detail(),
        dry_run,
    })
}

fn authorities(path: &Path) -> Result<Arc<Vec<u8>>, Exit> {
    let Some(pem) = read_regular(path) else {
        say::error(
            format!("cannot use `--tls-ca` `{}`", path.display()),
            Some("name a regular, readable PEM file of up to 1 MiB"),
        );
        return Err(Exit::Usage);
    };
    Ok(Arc::new(pem.expose().as_bytes().to_vec()))
}

/// From here on a signal ends runs instead of the process: to be called before one starts, so that none falls between.
pub(super) fn catch() -> Result<Caught, Exit> {
    signals::catch().map_err(|error| cannot_start(&error))
}

/// Starts a run that ends at the first signal.
pub(super) fn start(job: Job, caught: &Caught) -> Result<Run, Exit> {
    engine::run_until(job, caught.stop()).map_err(|error| cannot_start(&error))
}

fn cannot_start(error: &io::Error) -> Exit {
    let no_threads = error.kind() == io::ErrorKind::WouldBlock;
    let hint = "this machine gives connprobe no more threads: raise `ulimit -u`, or the container's limit on pids";
    say::error(format!("the run cannot start: {}", in_words(error)), no_threads.then_some(hint));
    Exit::Broken
}

/// How long logins whose credential has left may go on after a run that ended early.
const SETTLING: Duration = Duration::from_millis(300);

/// Leaves a finished run as it is: its threads end with the process, and nobody hears of what breaks when they
/// are taken down. Where it ended early the answers to credentials that have left are waited for a moment.
pub(super) fn leave(run: Run, summary: Option<&Summary>) {
    if let Some(summary) = summary {
        summary.warnings.iter().for_each(|warning| say::warning(&warning.message));
        if summary.ended != Ended::Complete {
            run.settle(SETTLING);
        }
    }
    std::mem::forget(run);
}

/// Attempts a login with each of `connections`: their results by id, none of which shows one of the `secrets`.
pub(super) fn log_in(
    connections: &[&Connection],
    ledger: Arc<dyn Ledger>,
    secrets: Gathering,
    settings: Settings,
) -> Result<HashMap<String, CheckResult>, Exit> {
    attempt(connections, ledger, None, secrets, settings, &catch()?)
}

/// Attempts a login with `connection`, once more where it is held and a person wants that.
pub(super) fn log_in_alone(
    connection: &Connection,
    ledger: &Arc<dyn Ledger>,
    secrets: &Gathering,
    settings: Settings,
    deadline: Deadline,
) -> Result<CheckResult, Exit> {
    let caught = catch()?;
    let log_in = |early, settings| {
        let results = attempt(&[connection], Arc::clone(ledger), early, secrets.clone(), settings, &caught)?;
        results.into_values().next().ok_or(Exit::Broken)
    };
    let result = log_in(None, within(settings.clone(), deadline))?;
    let is_wanted = once::is_wanted(&result, deadline.at(), &caught);
    match caught.exit() {
        Some(exit) => Err(exit),
        None if is_wanted => log_in(Some(Early::Once), within(settings, deadline)),
        None => Ok(result),
    }
}

/// `settings` for what is left of the run.
pub(super) fn within(settings: Settings, deadline: Deadline) -> Settings {
    Settings { deadline: deadline.at().map(|_until| deadline.left(Duration::MAX)), ..settings }
}

fn attempt(
    connections: &[&Connection],
    ledger: Arc<dyn Ledger>,
    early: Option<Early>,
    secrets: Gathering,
    settings: Settings,
    caught: &Caught,
) -> Result<HashMap<String, CheckResult>, Exit> {
    let job = Job {
        connections: connections.iter().map(|connection| copy(connection)).collect(),
        sources: Vec::new(),
        registry: Registry::builtin(),
        ledger,
        early,
        secrets,
        settings,
    };
    let run = start(job, caught)?;
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
                    Event::Result(result) => drop(results.insert(result.id.clone(), Arc::unwrap_or_clone(result))),
                    Event::Finished(summary) => {
                        // A terminal that went away takes no progress: nothing is lost by it.
                        progress.as_mut().map(Progress::clear).transpose().unwrap_or_default();
                        leave(run, Some(&summary));
                        return match (summary.ended, caught.exit()) {
                            (Ended::Interrupted, Some(exit)) => Err(exit),
                            _ => Ok(results),
                        };
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                say::error("the logins broke off without an end", Some("this is a bug: please report it"));
                return Err(Exit::Broken);
            }
        }
        progress.as_mut().map(Progress::draw).transpose().unwrap_or_default();
    }
}

/// The same once more.
pub(super) fn copy_of_job(job: &Job) -> Job {
    Job {
        connections: job.connections.iter().map(copy).collect(),
        sources: job.sources.clone(),
        registry: job.registry,
        ledger: Arc::clone(&job.ledger),
        early: job.early,
        secrets: job.secrets.clone(),
        settings: job.settings.clone(),
    }
}

/// The engine keeps what it is given, and the definition is wanted afterwards.
fn copy(connection: &Connection) -> Connection {
    Connection {
        conn_id: connection.conn_id.clone(),
        inner_name: connection.inner_name.clone(),
        conn_type: connection.conn_type.clone(),
        description: connection.description.clone(),
        host: connection.host.clone(),
        schema: connection.schema.clone(),
        login: connection.login.clone(),
        password: connection.password.as_ref().map(|secret| Secret::new(secret.expose().to_owned())),
        port: connection.port,
        unread: connection.unread.iter().map(|secret| Secret::new(secret.expose().to_owned())).collect(),
        extra: Extra::new(connection.extra.object().clone()),
        id: connection.id.clone(),
        is_uri: connection.is_uri,
        origin: connection.origin.clone(),
        directory: connection.directory.clone(),
        warnings: connection.warnings.clone(),
        problems: connection.problems.clone(),
    }
}
