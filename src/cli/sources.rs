//! From SOURCE arguments to the selected connections, saying what could not be read.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::args::SelectArguments;
use super::exit::Exit;
use super::memory::Record;
use super::say;
use crate::driver::Registry;
use crate::model::connection::{Connection, normalize_type};
use crate::model::notice::SourceNotice;
use crate::model::result::SourceSummary;
use crate::model::several;
use crate::source::{self, Loaded, SourceError, SourceSpec};

/// How many warnings of one source are said on stderr.
const WARNINGS: usize = 12;

/// What the sources gave.
pub(super) struct Gathered {
    pub(super) connections: Vec<Connection>,
    pub(super) sources: Vec<SourceSummary>,
    /// What the store knows of those that come from it, by id.
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

/// Reads every source, and says on stderr which cannot be read; the others still count.
pub(super) fn gather(
    arguments: &SelectArguments,
    registry: &Registry,
    settings: &Arc<source::Settings>,
) -> Result<Gathered, Exit> {
    let mut specs = Vec::new();
    if arguments.from.sources.is_empty() {
        specs.push(SourceSpec::store());
    }
    for word in &arguments.from.sources {
        match word.parse::<SourceSpec>() {
            // It would be every connection twice, under one id.
            Ok(_) if arguments.from.sources.iter().filter(|other| *other == word).count() > 1 => {
                say::error(format!("the source `{word}` is given twice"), None);
                return Err(Exit::Usage);
            }
            Ok(spec) => specs.push(spec),
            Err(error) => {
                say::error(&error, error.hint().as_deref());
                return Err(Exit::Usage);
            }
        }
    }
    let mut gathered = Gathered { connections: Vec::new(), sources: Vec::new(), records: HashMap::new() };
    let mut labels: HashMap<String, usize> = HashMap::new();
    for spec in &specs {
        match load(spec, settings, &mut gathered.records) {
            Ok(mut loaded) => {
                let secret = |one: &Connection| one.password().is_some() || !one.extra.is_absent();
                let holds_secrets = loaded.connections.iter().any(secret);
                loaded.warnings.extend(source::exposed(spec, holds_secrets, settings));
                tell_apart(&mut loaded, &mut labels, spec);
                say_unread(&loaded);
                gathered.sources.push(SourceSummary {
                    name: loaded.name,
                    connections: loaded.connections.len(),
                    problem: None,
                    warnings: loaded.warnings,
                });
                gathered.connections.extend(loaded.connections);
            }
            Err(error) => {
                let error = if settings.no_detail { error.without_detail() } else { error };
                say::source(&error);
                gathered.sources.push(SourceSummary {
                    name: spec.to_string(),
                    connections: 0,
                    problem: Some(error.failure()),
                    warnings: Vec::new(),
                });
            }
        }
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

/// Says which of `types`, after `--type`, is neither a type or driver that connprobe knows nor that of a connection.
fn say_unknown_types(types: &[String], connections: &[Connection], registry: &Registry) {
    for word in types {
        let own = normalize_type(word);
        let is_driver = registry.drivers().any(|driver| driver.spec().name == own);
        let is_used = || connections.iter().any(|one| one.normalized_type().is_some_and(|conn_type| conn_type == own));
        if registry.find(&own).is_none() && !is_driver && !is_used() {
            let guess = registry.nearest(word).map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
            say::warning(format!("no connection has the type `{word}`, and connprobe knows no such type{guess}"));
        }
    }
}

/// Two sources of one label would give their definitions the same ids: the second one's label gets a number.
fn tell_apart(loaded: &mut Loaded, labels: &mut HashMap<String, usize>, spec: &SourceSpec) {
    let count = labels.entry(loaded.label.clone()).or_default();
    *count += 1;
    if *count > 1 && !spec.is_store() {
        let mut number = *count;
        let mut label = format!("{}#{number}", loaded.label);
        // Another source may be called so.
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

/// As [`source::load`]; what the store knows of its definitions goes to `records`.
fn load(
    spec: &SourceSpec,
    settings: &Arc<source::Settings>,
    records: &mut HashMap<String, Record>,
) -> Result<Loaded, SourceError> {
    let name = spec.to_string();
    if !spec.is_store() {
        let (spec, from) = (spec.clone(), Arc::clone(settings));
        return source::within(&name, settings.limit, move || source::load(&spec, &from));
    }
    let (named, from) = (name.clone(), Arc::clone(settings));
    let (stored, warnings) = source::within(&name, settings.limit, move || source::store_definitions(&named, &from))?;
    records.extend(stored.iter().map(|stored| (stored.connection.id(), Record::of(stored))));
    let connections = stored.into_iter().map(|stored| stored.connection).collect();
    Ok(Loaded { name, label: "store".to_owned(), connections, warnings })
}

/// Says what deserves attention about a source, unless it is much: then the first of it, and how much more there is.
fn say_unread(loaded: &Loaded) {
    let warnings = &loaded.warnings;
    let named = several::named(warnings.len(), WARNINGS);
    for warning in &warnings[..named] {
        say::warning(format!("`{}`: {}", loaded.name, warning.message));
    }
    let more = warnings.len() - named;
    if more > 0 {
        say::warning(format!("`{}`: {more} more, which `--format json` of `connprobe check` lists", loaded.name));
    }
}
