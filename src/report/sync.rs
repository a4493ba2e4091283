//! The output of `connprobe import`: the outcome of each definition. `docs/import.schema.json` describes the JSON.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::json_writer::write_indented;
use super::table::Style;
use super::table::layout::{column, shortened};
use crate::model::class::{Class, Status};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::reason::{Field, ReasonCode};
use crate::model::redact::escape_control;
use crate::model::result::{CheckResult, SchemaVersion, SourceSummary, TOOL};
use crate::model::several::Names;
use crate::model::written::seconds;

/// The maximum number of entries that a hint names.
const NAMES: usize = 12;

/// The outcome of one import.
pub struct Sync<'a> {
    /// Whether nothing was saved or sent.
    pub dry_run: bool,
    /// The sources that were read.
    pub sources: &'a [SourceSummary],
    /// The number of definitions with each outcome.
    pub counts: Counts,
    /// The outcome of each definition.
    pub entries: Vec<Entry<'a>>,
    /// How long it took.
    pub elapsed: Duration,
}

/// What became of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is stored now.
    Added,
    /// It took the place of a stored one.
    Updated,
    /// It is stored already.
    Unchanged,
    /// It is not saved: see its message.
    Skipped,
    /// It is not saved, because its login failed.
    Failed,
    /// It was stored, and is no more.
    Removed,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Removed => "removed",
        }
    }

    /// The status in whose colour the outcome is shown.
    fn status(self) -> Status {
        match self {
            Self::Added | Self::Updated | Self::Unchanged | Self::Removed => Status::Ok,
            Self::Skipped => Status::Skipped,
            Self::Failed => Status::Failed,
        }
    }
}

/// One definition.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = crate::model::schema::of_outcome())))]
pub struct Entry<'a> {
    /// Sixteen hexadecimal digits, which outlive edits of the source.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{16}$")))]
    pub id: String,
    /// Its name, where it has one.
    pub conn_id: Option<&'a str>,
    /// The type word, as written.
    pub conn_type: Option<&'a str>,
    /// Where it was read.
    pub origin: String,
    /// What would be logged in to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Its place in the store, as `store#12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(regex(pattern = "^store#[0-9]+$")))]
    pub row: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was skipped, where a class says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Why, as a stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// The form fields at fault.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub fields: Box<[Field]>,
    /// Why it was skipped or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How it differs from what is, or was, stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldShown>,
    /// What its login came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<Checked>,
    /// It was saved although its login failed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub saved_failing: bool,
}

/// A field in which a definition differs from the stored one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FieldShown {
    /// Its name.
    pub field: String,
    /// `added`, `changed`, `removed`, or `readable again`.
    #[cfg_attr(test, schemars(extend("enum" = ["added", "changed", "removed", "readable again"])))]
    pub change: &'static str,
    /// What it was; absent for secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it becomes; absent for secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What the login of a definition came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checked {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonCode>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: Box<[Field]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The detail as people read it.
    #[serde(skip)]
    said: Option<String>,
    #[cfg_attr(test, schemars(with = "crate::model::schema::Seconds"))]
    seconds: f64,
}

impl Checked {
    /// A summary of `result`.
    #[must_use]
    pub fn of(result: &CheckResult) -> Self {
        let failure = result.failure.as_ref();
        Self {
            status: result.status,
            class: failure.map(|failure| failure.class),
            reason: failure.map(|failure| failure.reason),
            fields: failure.map(|failure| failure.fields.clone()).unwrap_or_default(),
            code: failure.and_then(|failure| failure.code.clone()),
            message: failure.map(|failure| failure.message.clone()),
            hint: failure.and_then(|failure| failure.hint.clone()),
            detail: failure.and_then(|failure| failure.detail.clone().map(Into::into)),
            said: failure.and_then(Failure::said),
            seconds: seconds(result.elapsed),
        }
    }
}

impl<'a> Entry<'a> {
    /// An entry for `connection`, without an outcome yet.
    #[must_use]
    pub fn new(connection: &'a Connection) -> Self {
        Self {
            id: connection.id(),
            conn_id: connection.view().name(),
            conn_type: connection.view().conn_type(),
            origin: connection.origin.to_string(),
            target: None,
            row: None,
            outcome: Outcome::Unchanged,
            class: None,
            reason: None,
            fields: Box::default(),
            message: None,
            hint: None,
            changes: Vec::new(),
            check: None,
            saved_failing: false,
        }
    }

    /// Marks the entry as skipped, with `message` and `hint`.
    pub fn skip(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        self.outcome = Outcome::Skipped;
        self.message = Some(message.into());
        self.hint = Some(hint.into()).filter(|hint| !hint.is_empty());
    }
}

/// How many definitions came to what. `total` is the sum of all but `removed` and `saved_failing`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// All that came from the sources.
    pub total: usize,
    /// See [`Outcome`].
    pub added: usize,
    /// See [`Outcome`].
    pub updated: usize,
    /// See [`Outcome`].
    pub unchanged: usize,
    /// See [`Outcome`].
    pub skipped: usize,
    /// See [`Outcome`].
    pub failed: usize,
    /// See [`Outcome`].
    pub removed: usize,
    /// How many of those added or updated do not work.
    pub saved_failing: usize,
}

impl Counts {
    /// Counts the outcomes of `entries`.
    #[must_use]
    pub fn of(entries: &[Entry<'_>]) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            *match entry.outcome {
                Outcome::Added => &mut counts.added,
                Outcome::Updated => &mut counts.updated,
                Outcome::Unchanged => &mut counts.unchanged,
                Outcome::Skipped => &mut counts.skipped,
                Outcome::Failed => &mut counts.failed,
                Outcome::Removed => &mut counts.removed,
            } += 1;
            counts.total += usize::from(entry.outcome != Outcome::Removed);
            counts.saved_failing += usize::from(entry.saved_failing && entry.outcome != Outcome::Skipped);
        }
        counts
    }
}

/// What `connprobe import --format json` writes. Within version 1 fields, classes, reasons and warning codes may be added:
/// consumers must accept them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "connprobe import schema, version 1"))]
pub(super) struct Shape<'a> {
    schema_version: SchemaVersion,
    /// Name and version of the program.
    #[cfg_attr(test, schemars(regex(pattern = r"^connprobe/\d")))]
    tool: &'static str,
    /// Nothing was saved or sent: the outcomes are what would have come.
    dry_run: bool,
    #[cfg_attr(test, schemars(with = "crate::model::schema::Seconds"))]
    seconds: f64,
    sources: &'a [SourceSummary],
    summary: &'a Counts,
    /// Every definition of the sources in its order, then every one that was removed from the store.
    entries: &'a [Entry<'a>],
}

/// Writes the import as one JSON document.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_json(out: &mut impl Write, sync: &Sync<'_>) -> io::Result<()> {
    let shape = Shape {
        schema_version: SchemaVersion,
        tool: TOOL,
        dry_run: sync.dry_run,
        seconds: seconds(sync.elapsed),
        sources: sync.sources,
        summary: &sync.counts,
        entries: &sync.entries,
    };
    write_indented(out, &shape)
}

/// Writes the import as a table for people. Unchanged definitions are only counted.
///
/// # Errors
///
/// When the text cannot be written.
pub fn write_table(out: &mut impl Write, sync: &Sync<'_>, style: &Style) -> io::Result<()> {
    const OUTCOME: usize = 9;
    let flexible = style.width.saturating_sub(OUTCOME + 3);
    let told: Vec<&Entry<'_>> = sync.entries.iter().filter(|entry| entry.outcome != Outcome::Unchanged).collect();
    let widest = told.iter().map(|entry| label(entry).chars().count()).max().unwrap_or(0);
    let name = widest.min(flexible * 6 / 10);
    let shared = shared_hints(&told);
    for entry in &told {
        let place = entry.target.as_deref().unwrap_or(match entry.outcome {
            Outcome::Removed => entry.row.as_deref().unwrap_or_default(),
            _ => &entry.origin,
        });
        let line = format!(
            "{}  {} {}",
            style.paint(&column(entry.outcome.as_str(), OUTCOME), entry.outcome.status()),
            column(&label(entry), name),
            shortened(&escape_control(place), flexible - name)
        );
        writeln!(out, "{}", line.trim_end())?;
        write_details(out, entry, &shared, style)?;
    }
    if !told.is_empty() {
        writeln!(out)?;
    }
    for (hint, names) in &shared {
        style.wrapped(out, &escape_control(&format!("hint for {names}: {hint}")), "", "  ")?;
    }
    if !shared.is_empty() {
        writeln!(out)?;
    }
    style.wrapped(out, &totals(sync), "", "  ")
}

fn label(entry: &Entry<'_>) -> String {
    escape_control(entry.conn_id.unwrap_or("(no name)"))
}

/// The hints that several entries share, each once, with the names of the entries; in the order of the entries.
fn shared_hints<'a>(told: &[&'a Entry<'_>]) -> Vec<(&'a str, Names)> {
    let mut hints: Vec<(&str, usize, Names)> = Vec::new();
    for entry in told {
        for hint in hints_of(entry) {
            let known = hints.iter().position(|(own, ..)| *own == hint);
            let at = known.unwrap_or_else(|| {
                hints.push((hint, 0, Names::new(NAMES)));
                hints.len() - 1
            });
            hints[at].1 += 1;
            hints[at].2.push(&label(entry));
        }
    }
    hints.into_iter().filter(|(_, count, _)| *count > 1).map(|(hint, _, names)| (hint, names)).collect()
}

/// The hint of the entry's login, and its own hint.
fn hints_of<'a>(entry: &'a Entry<'_>) -> impl Iterator<Item = &'a str> {
    let of_login = entry.check.as_ref().filter(|check| check.class.is_some()).and_then(|check| check.hint.as_deref());
    of_login.into_iter().chain(entry.hint.as_deref())
}

fn write_details(out: &mut impl Write, entry: &Entry<'_>, shared: &[(&str, Names)], style: &Style) -> io::Result<()> {
    let mut line = |text: &str| style.wrapped(out, &escape_control(text), "  ", "    ");
    if let Some(message) = &entry.message {
        let class = entry.class.map(|class| format!(" [{}]", class.as_str())).unwrap_or_default();
        line(&format!("{message}{class}"))?;
    }
    for FieldShown { field, change, from, to } in &entry.changes {
        line(&match (from, to) {
            (Some(from), Some(to)) => format!("{field}: `{from}` → `{to}`"),
            (Some(from), None) => format!("{field}: {change} (was `{from}`)"),
            (None, Some(to)) => format!("{field}: {change} `{to}`"),
            (None, None) => format!("{field}: {change}"),
        })?;
    }
    if let Some(check) = &entry.check
        && let (Some(class), Some(message)) = (check.class, &check.message)
    {
        let code = check.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        let saved = if entry.saved_failing { "saved although " } else { "" };
        line(&format!("{saved}{message} [{}{code}]", class.as_str()))?;
        if let Some(said) = &check.said {
            line(said)?;
        }
    }
    hints_of(entry)
        .filter(|hint| shared.iter().all(|(other, _)| other != hint))
        .try_for_each(|hint| line(&format!("hint: {hint}")))
}

fn totals(sync: &Sync<'_>) -> String {
    let counts = &sync.counts;
    let noun = if counts.total == 1 { "definition" } else { "definitions" };
    let parts: Vec<String> = [
        (counts.added, "added"),
        (counts.updated, "updated"),
        (counts.unchanged, "unchanged"),
        (counts.skipped, "skipped"),
        (counts.failed, "failed"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let failing = match counts.saved_failing {
        0 => String::new(),
        count => format!(" ({count} saved although the login failed)"),
    };
    let removed =
        if counts.removed > 0 { format!("; {} removed from the store", counts.removed) } else { String::new() };
    let dry = if sync.dry_run { " (dry run: nothing was saved, nothing was sent)" } else { "" };
    format!(
        "{} {noun}: {}{failing}{removed} in {:.2} s{dry}",
        counts.total,
        parts.join(", "),
        sync.elapsed.as_secs_f64()
    )
}
