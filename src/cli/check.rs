//! `connprobe check`: sources → selection → engine → reports.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::args::CheckArguments;
use super::exit::{Exit, Verdict};
use super::sources::{Gathered, gather};
use super::{descriptors, output, say, signals};
use crate::driver::tls_file::read_regular;
use crate::driver::{Policy, Registry};
use crate::engine::{self, Job, Run, Settings};
use crate::model::event::Event;
use crate::model::result::Summary;
use crate::report::Report;

/// How often the progress line moves.
const TICK: Duration = Duration::from_millis(100);

pub(super) fn run(arguments: &CheckArguments) -> Exit {
    let mut reports = match output::open(&arguments.formats, &arguments.select.from.sources) {
        Ok(reports) => reports,
        Err(message) => {
            say::error(message, None);
            return Exit::Usage;
        }
    };
    let settings = match settings(arguments) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let registry = Registry::builtin();
    let from = arguments.select.from.settings(arguments.timeout, settings.policy.clone());
    let gathered = match gather(&arguments.select, registry, &from) {
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
    let Gathered { connections, sources } = gathered;
    let job = Job { connections, sources, registry, withheld: HashMap::new(), settings };
    let run = match engine::run(job) {
        Ok(run) => run,
        Err(error) => {
            say::error(format!("the run cannot start: {error}"), None);
            return Exit::Broken;
        }
    };
    let caught = match signals::watch(run.stop.clone()) {
        Ok(caught) => caught,
        Err(error) => {
            say::error(format!("signals cannot be watched: {error}"), None);
            return Exit::Broken;
        }
    };
    match follow(&run, &mut reports) {
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

/// Hands every event to every report until the run ends.
fn follow(run: &Run, reports: &mut [Box<dyn Report>]) -> io::Result<Option<Summary>> {
    loop {
        match run.events.recv_timeout(TICK) {
            Ok(event) => {
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

fn settings(arguments: &CheckArguments) -> Result<Settings, Exit> {
    let tls_ca = arguments.tls_ca.as_deref().map(authorities).transpose()?;
    Ok(Settings {
        timeout: arguments.timeout,
        deadline: arguments.deadline,
        concurrency: descriptors::fit(arguments.concurrency),
        per_host: arguments.per_host,
        retries: arguments.retries,
        policy: Policy {
            require_tls: arguments.require_tls,
            verify_tls: arguments.verify_tls,
            egress: arguments.egress(),
            tls_ca,
        },
        dry_run: arguments.dry_run,
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
