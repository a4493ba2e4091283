//! `connprobe import`: makes the store match the sources. Everything is read, judged, compared and, on request, tried
//! with a login before anything is saved; then all of it is saved, or nothing.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use super::candidates::{Candidate, DefaultType, judge};
use super::entries;
use super::save::{Saved, save};
use crate::cli::args::{ImportArguments, ImportFormat, PruneLimit};
use crate::cli::blocking_store::Opened;
use crate::cli::deadline::Deadline;
use crate::cli::exit::Exit;
use crate::cli::history::{self, Memory};
use crate::cli::ledger::{self, Patience};
use crate::cli::output::{self, Screen};
use crate::cli::patient::Limit;
use crate::cli::preflight::{self, Demands};
use crate::cli::sources::{Until, gather};
use crate::cli::{diagnostics, open_store, question, source_settings, stderr};
use crate::driver::Registry;
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::redact::escape_control;
use crate::model::result::CheckResult;
use crate::model::several;
use crate::report::sync::{self, Counts, Sync};
use crate::source::{self, SourceSpec};
use crate::store::sync_plan::{OnConflict, SyncOptions, SyncStep, difference, pruned};
use crate::store::{Access, Stored};

/// The most names that a message lists.
const NAMED: usize = 5;

pub(in crate::cli) fn run(arguments: &ImportArguments) -> Exit {
    import(arguments).unwrap_or_else(|exit| exit)
}

fn import(arguments: &ImportArguments) -> Result<Exit, Exit> {
    let started = Instant::now();
    let deadline = Deadline::after(arguments.login.deadline);
    let limit = deadline.left(arguments.login.timeout);
    stderr::limit(Limit { most: limit, deadline: deadline.at() });
    check_sources(&arguments.select.from.sources)?;
    let registry = Registry::builtin();
    let default_type = arguments.default_type.as_deref().map(|word| DefaultType::parse(word, registry)).transpose()?;
    let demands = Demands::of(&arguments.login, false)?;
    let mut settings = source_settings::of_sources(&arguments.select.from, limit, demands.settings.policy.clone());
    settings.until = deadline.at();
    settings.no_detail = demands.settings.no_detail;
    settings.logins = ledger::logins(&arguments.login.state, arguments.login.force, limit, deadline);
    let settings = Arc::new(settings);
    let mut store = open_store::open(&settings, if arguments.dry_run { Access::Read } else { Access::Write })?;
    let mut gathered = gather(&arguments.select, registry, &settings, Until { caught: None, deadline: deadline.at() })?;
    let source_failed = gathered.source_failed();
    if source_failed && !arguments.partial {
        diagnostics::error(
            "nothing is imported, because not every source could be read",
            Some("mend it, or give --partial to import from the others"),
        );
        return Err(Exit::Source);
    }
    if gathered.connections.is_empty() {
        diagnostics::error(
            "the sources hold no connection",
            Some("check SOURCE and --select, --exclude and --type; nothing was changed"),
        );
        return Err(Exit::Source);
    }
    if let Some(default) = &default_type {
        gathered.connections.iter_mut().for_each(|connection| default.fill(connection));
    }
    let definitions: Vec<Arc<Connection>> = gathered.connections.into_iter().map(Arc::new).collect();
    let candidates = judge(&definitions, registry);
    let stored = store.definitions().map_err(|error| open_store::unusable(&error))?;
    let mut steps = decide(arguments, &candidates, &stored)?;
    if arguments.prune && !source_failed {
        let present: HashSet<&str> = definitions.iter().filter_map(|one| one.conn_id.as_deref()).collect();
        let gone = pruned(&stored, |name| present.contains(name));
        if !gone.is_empty() {
            refuse_broken(arguments, &candidates)?;
        }
        refuse_too_many(arguments, gone.len(), stored.len())?;
        steps.extend(gone);
    }
    let tried = if arguments.check && !arguments.dry_run {
        log_in(arguments, &steps, &stored, &settings, (demands, deadline))?
    } else {
        HashMap::new()
    };
    let saved = if arguments.dry_run { Saved::default() } else { save(arguments, &steps, &tried, &mut store)? };
    remember(&steps, &tried, &saved, &mut store);
    let entries = entries::entries(&candidates, &steps, &tried, &saved, arguments);
    let counts = Counts::of(&entries);
    let report =
        Sync { dry_run: arguments.dry_run, sources: &gathered.sources, counts, entries, elapsed: started.elapsed() };
    let unwritten = |error: io::Error| diagnostics::unwritten("the report", &error);
    let mut out = output::stdout(deadline.at()).map_err(unwritten)?;
    let written = match arguments.format {
        ImportFormat::Table => sync::write_table(&mut out, &report, &Screen::of_stdout().style),
        ImportFormat::Json => sync::write_json(&mut out, &report),
    };
    written.and_then(|()| out.flush()).map_err(unwritten)?;
    Ok(match &report.counts {
        _ if saved.broken => Exit::Broken,
        _ if source_failed => Exit::Source,
        counts if counts.skipped + counts.failed + counts.saved_failing > 0 => Exit::NotOk,
        _ => Exit::Success,
    })
}

fn check_sources(sources: &[String]) -> Result<(), Exit> {
    let wrong = |message: &str, hint: &str| {
        diagnostics::error(message, Some(hint));
        Err(Exit::Usage)
    };
    if sources.is_empty() {
        return wrong("no SOURCE given", "name what to import, as `connprobe import connections.json`, or `airflow:`");
    }
    let is_store = |word: &String| word.parse::<SourceSpec>().is_ok_and(|spec| spec.is_store());
    if sources.iter().any(is_store) {
        return wrong("the store cannot be imported into itself", "name another SOURCE");
    }
    Ok(())
}

/// Computes the steps of the import, and asks about names where a decision is needed.
fn decide<'a>(
    arguments: &ImportArguments,
    candidates: &[Candidate<'a>],
    stored: &'a [Stored],
) -> Result<Vec<SyncStep<'a>>, Exit> {
    let sound: Vec<&Arc<Connection>> =
        candidates.iter().filter(|one| one.fault.is_none()).map(|one| one.connection).collect();
    let mut options = SyncOptions {
        replace: arguments.replace || arguments.replace_all,
        several: match (arguments.replace_all, arguments.keep) {
            (true, _) => OnConflict::Replace,
            (false, true) => OnConflict::Keep,
            (false, false) => OnConflict::Ask,
        },
        decided: HashMap::new(),
        duplicates: arguments.allow_duplicate,
    };
    let steps = difference(&sound, stored, &options);
    let mut undecided: Vec<(String, String)> = Vec::new();
    for step in &steps {
        let SyncStep::Undecided(rows, connection) = step else { continue };
        let name = connection.conn_id.clone().unwrap_or_default();
        if undecided.iter().all(|(other, _)| *other != name) {
            let rows: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
            undecided.push((name, rows.join(", ")));
        }
    }
    if undecided.is_empty() {
        return Ok(steps);
    }
    if !question::somebody_is_there() {
        let names: Vec<String> =
            undecided.iter().map(|(name, rows)| format!("`{}` ({rows})", escape_control(name))).collect();
        let names = several::listed(&names, NAMED);
        diagnostics::error(
            format!("several stored connections share a name that is to be replaced: {names}"),
            Some(
                "give --replace-all to put the new definition in the place of them all, or --replace --keep to leave those as they are",
            ),
        );
        return Err(Exit::Usage);
    }
    for (name, rows) in undecided {
        let wanted = format!("`{}` is the name of {rows}: replace them all? [y/N] ", escape_control(&name));
        let several = if ask(&wanted)? { OnConflict::Replace } else { OnConflict::Keep };
        options.decided.insert(name, several);
    }
    Ok(difference(&sound, stored, &options))
}

/// Refuses to prune by sources with a broken definition: an answer in an unusual form, or one that was cut off, does
/// not list all that has to stay.
fn refuse_broken(arguments: &ImportArguments, candidates: &[Candidate<'_>]) -> Result<(), Exit> {
    let is_broken = |fault: &Failure| fault.class == Class::Definition;
    let broken = candidates.iter().find(|one| one.fault.as_ref().is_some_and(is_broken));
    let message = match broken {
        _ if candidates.iter().all(|one| one.fault.is_some()) => {
            "--prune removes nothing, because the sources hold no usable definition".to_owned()
        }
        Some(one) => format!(
            "--prune removes nothing, because the sources hold a broken definition, and may be cut off there: `{}`",
            escape_control(
                &one.connection.view().name().map_or_else(|| one.connection.origin.to_string(), str::to_owned)
            )
        ),
        None => return Ok(()),
    };
    if arguments.dry_run {
        diagnostics::warning(message);
        return Ok(());
    }
    diagnostics::error(
        format!("{message}: nothing was changed"),
        Some("see with --dry-run what is wrong; mend it, or import without --prune"),
    );
    Err(Exit::Usage)
}

/// Refuses to remove more than `--prune-limit` allows: with a source that was cut off, everything missing looks
/// removed.
fn refuse_too_many(arguments: &ImportArguments, gone: usize, stored: usize) -> Result<(), Exit> {
    let limit: PruneLimit = arguments.prune_limit;
    if limit.allows(gone, stored) {
        return Ok(());
    }
    let message = format!("--prune would remove {gone} of {stored} stored connections, and --prune-limit is {limit}");
    if arguments.dry_run {
        diagnostics::warning(message);
        return Ok(());
    }
    if question::somebody_is_there() && ask(&format!("{message}: remove them? [y/N] "))? {
        return Ok(());
    }
    diagnostics::error(
        format!("{message}: nothing was changed"),
        Some("check that the sources are whole, with --dry-run; a larger --prune-limit, as 100%, removes them"),
    );
    Err(Exit::Usage)
}

fn ask(wanted: &str) -> Result<bool, Exit> {
    question::yes(wanted, None, || false).map_err(|error| diagnostics::unwritten("the question", &error))
}

/// Logs in with every definition that would be saved.
fn log_in(
    arguments: &ImportArguments,
    steps: &[SyncStep<'_>],
    stored: &[Stored],
    from: &source::Settings,
    (demands, deadline): (Demands, Deadline),
) -> Result<HashMap<String, CheckResult>, Exit> {
    let candidates: Vec<&Connection> = steps
        .iter()
        .filter_map(|step| match step {
            SyncStep::Add(connection) | SyncStep::Update(_, connection) => Some(&***connection),
            _ => None,
        })
        .collect();
    if candidates.is_empty() {
        return Ok(HashMap::new());
    }
    let patience = Patience { timeout: arguments.login.timeout, deadline, caught: None };
    let ledger = ledger::of_run(&from.logins, &arguments.login.state, arguments.login.force, patience)?;
    history::take_over(&*ledger, from, stored.iter().map(|one| (&one.connection, one.history.as_ref())), None);
    preflight::log_in(&candidates, ledger, from.sent.take(), demands, deadline)
}

/// Stores the results of the checks with the definitions that are now in the store.
fn remember(steps: &[SyncStep<'_>], tried: &HashMap<String, CheckResult>, saved: &Saved, store: &mut Opened) {
    let mut memory = Memory::default();
    for (step, outcome) in steps.iter().zip(&saved.outcomes) {
        let result = step.connection().and_then(|connection| tried.get(&connection.id()));
        if let (Some(Ok(row)), Some(result)) = (outcome, result) {
            memory.note_saved(*row, result);
        }
    }
    if let Err(error) = memory.keep_in(store) {
        diagnostics::warning(format!("the results are not remembered: {error}"));
    }
}
