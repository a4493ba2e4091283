//! Reads the SOURCE arguments, reports those that cannot be read, and selects connections.

use std::collections::{HashMap, VecDeque};
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until, timeout};

use super::args::SelectArguments;
use super::exit::Exit;
use super::history::Record;
use super::signals::Caught;
use super::{diagnostics, preflight, repeated, runtime, signals};
use crate::driver::Registry;
use crate::engine::Logins;
use crate::model::connection::{Connection, normalize_type};
use crate::model::notice::SourceNotice;
use crate::model::reason::{ReasonCode, Source};
use crate::model::result::SourceSummary;
use crate::model::several;
use crate::model::warning::WarningCode;
use crate::source::{self, Loaded, SourceError, SourceSpec};

/// The most warnings of one source that are written to stderr.
const WARNINGS: usize = 12;

/// The number of sources that are read at once.
const AT_ONCE: usize = 16;

/// How long a source is waited for after the deadline of the run. Its own error says more exactly what it waited for.
const GRACE: Duration = Duration::from_millis(50);

/// The interval between looks for a signal.
const BEAT: Duration = Duration::from_millis(20);

/// The content of the sources.
pub(super) struct Gathered {
    pub(super) connections: Vec<Connection>,
    pub(super) sources: Vec<SourceSummary>,
    /// The store's records of connections that come from it, by id.
    pub(super) records: HashMap<String, Record>,
}

impl Gathered {
    pub(super) fn source_failed(&self) -> bool {
        self.sources.iter().any(|source| source.problem.is_some())
    }
}

/// The files that a run over the sources `words` reads or owns.
pub(super) fn taken(words: &[String], settings: &source::Settings) -> Vec<PathBuf> {
    let specs: Vec<SourceSpec> = words.iter().filter_map(|word| word.parse().ok()).collect();
    source::files(&specs, settings)
}

/// What ends the reading of sources, besides the time limit of each.
#[derive(Clone, Copy, Default)]
pub(super) struct Until<'a> {
    /// The signals that end it. With `None`, a signal ends the process.
    pub(super) caught: Option<&'a Caught>,
    /// The end of the run.
    pub(super) deadline: Option<Instant>,
}

impl Until<'_> {
    fn is_interrupted(self) -> bool {
        self.caught.is_some_and(|caught| caught.exit().is_some())
    }
}

/// Reads every source, and reports on stderr those that cannot be read. The others still count.
pub(super) fn gather(
    arguments: &SelectArguments,
    registry: &Registry,
    settings: &Arc<source::Settings>,
    until: Until<'_>,
) -> Result<Gathered, Exit> {
    let mut specs = Vec::new();
    if arguments.from.sources.is_empty() {
        specs.push(SourceSpec::store());
    }
    for word in &arguments.from.sources {
        match word.parse::<SourceSpec>() {
            // A repeated source would give every connection twice, under one id.
            Ok(_) if arguments.from.sources.iter().filter(|other| *other == word).count() > 1 => {
                diagnostics::error(format!("the source `{word}` is given twice"), None);
                return Err(Exit::Usage);
            }
            Ok(spec) => specs.push(spec),
            Err(error) => {
                diagnostics::error(&error, error.hint().as_deref());
                return Err(Exit::Usage);
            }
        }
    }
    if specs.iter().filter(|spec| spec.is_stdin()).count() > 1 {
        diagnostics::error("standard input is given twice as a source", Some("it can be read once only"));
        return Err(Exit::Usage);
    }
    // Commands of sources must end with this process, whatever ends it.
    // So must logins whose credential has left.
    let own = until.caught.is_none().then(preflight::catch).transpose()?;
    let until = Until { caught: until.caught.or(own.as_ref()), ..until };
    let runtime = runtime::runtime().map_err(|error| preflight::cannot_start(&error))?;
    let mut gathered = Gathered { connections: Vec::new(), sources: Vec::new(), records: HashMap::new() };
    let mut labels: HashMap<String, usize> = HashMap::new();
    let (mut next, mut under_way) = (specs.iter(), VecDeque::new());
    for spec in &specs {
        while under_way.len() < AT_ONCE && !until.is_interrupted() {
            let Some(spec) = next.next() else { break };
            let load = load(spec.clone(), Arc::clone(settings), until.deadline, specs.len() > 1);
            under_way.push_back(runtime.spawn(load));
        }
        let given = under_way.pop_front().and_then(|loading| runtime.block_on(end(loading, until, &settings.logins)));
        match given.unwrap_or_else(|| Err(spec.interrupted())) {
            Ok((mut loaded, records)) => {
                gathered.records.extend(records);
                let secret = |one: &Connection| one.password().is_some() || !one.extra.is_absent();
                let holds_secrets = loaded.connections.iter().any(secret);
                loaded.warnings.extend(source::exposed(spec, holds_secrets, settings));
                tell_apart(&mut loaded, &mut labels, spec);
                say_unread(&loaded);
                gathered.sources.push(SourceSummary {
                    name: loaded.name,
                    file: spec.file().map(Into::into),
                    connections: loaded.connections.len(),
                    problem: None,
                    warnings: loaded.warnings,
                });
                gathered.connections.extend(loaded.connections);
            }
            // Without threads the run cannot start either.
            Err(error) if error.reason() == ReasonCode::OutOfThreads => {
                return Err(preflight::cannot_start(&rustix::io::Errno::AGAIN.into()));
            }
            Err(error) => {
                let error = if settings.no_detail { error.without_detail() } else { error };
                diagnostics::source(&error);
                let mut problem = error.failure();
                problem.message = repeated::shown(&problem.message);
                let name = repeated::shown(&spec.to_string());
                gathered.sources.push(SourceSummary {
                    // A name that is not shown as it is may be a password.
                    file: spec.file().filter(|_| name == spec.to_string()).map(Into::into),
                    name,
                    connections: 0,
                    problem: Some(problem),
                    warnings: Vec::new(),
                });
            }
        }
    }
    if let Some(exit) = own.and_then(|caught| caught.exit()) {
        return Err(exit);
    }
    source::mark_ambiguous(&mut gathered.connections, &specs);
    let selection = arguments.selection();
    say_unknown_types(&selection.types, &gathered.connections, registry);
    gathered.connections.retain(|connection| {
        let driver = connection.normalized_type().and_then(|conn_type| registry.find(&conn_type));
        selection.takes(connection, driver.map(|(driver, _)| driver.spec().name))
    });
    Ok(gathered)
}

/// Warns of each word in `types`, given with `--type`, that is no type or driver of connprobe and no type of a
/// connection.
fn say_unknown_types(types: &[String], connections: &[Connection], registry: &Registry) {
    for word in types {
        let own = normalize_type(word);
        let is_driver = registry.drivers().any(|driver| driver.spec().name == own);
        let is_used = || connections.iter().any(|one| one.normalized_type().is_some_and(|conn_type| conn_type == own));
        if registry.find(&own).is_none() && !is_driver && !is_used() {
            let guess = registry.nearest(word).map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
            diagnostics::warning(format!(
                "no connection has the type `{word}`, and connprobe knows no such type{guess}"
            ));
        }
    }
}

/// Two sources with one label would give their definitions the same ids, so the label of the second gets a number.
fn tell_apart(loaded: &mut Loaded, labels: &mut HashMap<String, usize>, spec: &SourceSpec) {
    let count = labels.entry(loaded.label.clone()).or_default();
    *count += 1;
    if *count > 1 && !spec.is_store() {
        let mut number = *count;
        let mut label = format!("{}#{number}", loaded.label);
        // Another source may have this label.
        while labels.contains_key(&label) {
            number += 1;
            label = format!("{}#{number}", loaded.label);
        }
        labels.insert(label.clone(), 1);
        let (own, numbered, name) = (loaded.label.clone(), label.clone(), loaded.name.clone());
        loaded.warnings.insert(0, SourceNotice::SameLabel { own, numbered, name }.into());
        source::identify(&mut loaded.connections, &label, false);
    }
}

/// A loaded source, and the store's records of its own definitions, by id.
type Given = (Loaded, Vec<(String, Record)>);

/// Loads a source, within its own limit and the deadline. With `leaves_half`, a source that hangs leaves half of the time
/// before the deadline to the logins of the others.
async fn load(
    spec: SourceSpec,
    settings: Arc<source::Settings>,
    deadline: Option<Instant>,
    leaves_half: bool,
) -> Result<Given, SourceError> {
    let load = async {
        if spec.is_store() {
            return of_store(spec.to_string(), &settings).await;
        }
        Ok((source::load(&spec, &settings).await?, Vec::new()))
    };
    let began = Instant::now();
    let Some(end) = deadline else { return load.await };
    let left = end.saturating_duration_since(began);
    if left.is_zero() {
        return Err(spec.interrupted());
    }
    let endless = |limit| Err(SourceError::Own(Source::Endless { file: spec.to_string(), limit }));
    tokio::select! {
        biased;
        loaded = load => loaded,
        () = hangs(&settings.logins, began + left / 2), if leaves_half => endless(left / 2),
        () = settings.logins.until_answered(end + GRACE) => endless(settings.limit.min(left)),
    }
}

/// Waits until `half`, and longer while a server that has a credential is read: it does not hang.
async fn hangs(logins: &Logins, half: Instant) {
    sleep_until(half.into()).await;
    while logins.are_under_way() {
        sleep(BEAT).await;
    }
}

async fn of_store(name: String, settings: &Arc<source::Settings>) -> Result<Given, SourceError> {
    let (stored, warnings) = source::store_definitions(&name, settings).await?;
    let records = stored.iter().map(|stored| (stored.connection.id(), Record::of(stored))).collect();
    let connections = stored.into_iter().map(|stored| stored.connection).collect();
    Ok((Loaded { name, label: "store".to_owned(), connections, warnings }, records))
}

/// Waits until a source is loaded or a signal comes.
async fn end(
    mut loading: JoinHandle<Result<Given, SourceError>>,
    until: Until<'_>,
    logins: &Logins,
) -> Option<Result<Given, SourceError>> {
    let mut joined = None;
    let is_awaited = || signals::since().is_none_or(|since| logins.are_awaited(since));
    while joined.is_none() && (!until.is_interrupted() || is_awaited()) {
        joined = timeout(BEAT, &mut loading).await.ok();
    }
    // A source that is loaded by now still counts.
    let joined = joined.or_else(|| loading.now_or_never())?;
    Some(joined.unwrap_or_else(|error| resume_unwind(error.into_panic())))
}

/// Writes the warnings of a source. If there are many, it writes the first ones and the number of the others.
fn say_unread(loaded: &Loaded) {
    let warnings = &loaded.warnings;
    let named = several::named(warnings.len(), WARNINGS);
    for warning in &warnings[..named] {
        match warning.code {
            // The warning names the file itself.
            WarningCode::WorldReadableFile => diagnostics::warning(&warning.message),
            _ => diagnostics::warning(format!("`{}`: {}", loaded.name, warning.message)),
        }
    }
    let more = warnings.len() - named;
    if more > 0 {
        diagnostics::warning(format!(
            "`{}`: {more} more, which `--format json` of `connprobe check` lists",
            loaded.name
        ));
    }
}
