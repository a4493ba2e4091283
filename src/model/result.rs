//! The result of a check, and the summary of a run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::cause::Cause;
use super::class::{Class, Status};
use super::facts::Facts;
use super::failure::Failure;
use super::phase::PhaseTiming;
use super::reason::ReasonCode;
use super::warning::Warning;
use super::written::{as_optional_seconds, as_seconds, as_timestamp};

/// What came of one connection in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = super::schema::of_status())))]
#[non_exhaustive]
pub struct CheckResult {
    /// Its connection's place among those of the run, for reports that keep that order. Not in reports.
    #[serde(skip)]
    pub position: usize,
    /// Sixteen hexadecimal digits, which outlive edits of the source: a digest of source, pointer and occurrence.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{16}$")))]
    pub id: String,
    /// The connection's name, which is not a key; null where it has none.
    pub conn_id: Option<String>,
    /// The stored type word, as written.
    pub conn_type: Option<String>,
    /// The driver that took it; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Cow<'static, str>>,
    /// Where the definition was read, as `connections.json:12#/warehouse/0`.
    pub origin: String,
    /// The file and line of its definition, for reports that point at them. Not in reports by itself.
    #[serde(skip)]
    pub place: Option<Place>,
    /// As stored.
    pub host: Option<String>,
    /// The port that was, or would be, used.
    pub port: Option<u16>,
    /// The database, authentication database or bucket asked for.
    pub database: Option<String>,
    /// What was logged in to, as `db1.example:5432/sales`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The address that was connected to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub address: Option<Address>,
    /// The user; S3 key ids are shortened.
    pub login: Option<String>,
    /// What came of it.
    pub status: Status,
    /// Why it is not ok; absent exactly when the status is `ok`.
    #[serde(flatten)]
    pub failure: Option<Failure>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
    /// What the dialogue with the server showed.
    pub facts: Facts,
    /// Ids of results that rest on the same probe (the first 20) or the same refusal.
    pub shared_with: Arc<[String]>,
    /// How many probes were made.
    pub attempts: u32,
    /// What the server counts refused logins by, as `postgres://etl@10.0.0.7:5432`; absent where nobody was to be logged
    /// in to. `connprobe state forget` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Since when and until when the account, or this refused secret, is left alone; only where that is why there was no
    /// login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// How the wait for it went; only where a run waits until its servers are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited: Option<Waited>,
    /// When the first probe started, or when the verdict fell without one: RFC 3339 in UTC.
    #[serde(with = "as_timestamp")]
    #[cfg_attr(test, schemars(with = "super::schema::Moment"))]
    pub started_at: Timestamp,
    /// How long it waited for its turn.
    #[serde(rename = "queued_seconds", with = "as_seconds")]
    #[cfg_attr(test, schemars(with = "super::schema::Seconds"))]
    pub queued: Duration,
    /// All probes, with the pauses between them.
    #[serde(rename = "seconds", with = "as_seconds")]
    #[cfg_attr(test, schemars(with = "super::schema::Seconds"))]
    pub elapsed: Duration,
    /// The phases of the last probe. One that was not observed is absent.
    pub phases: Vec<PhaseTiming>,
}

/// The place of a definition that was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub file: Arc<Path>,
    /// The line, counted from 1, if it is known.
    pub line: Option<usize>,
}

/// How the wait for a connection went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Waited {
    /// How long it took until the connection was ready; null if it is not.
    #[serde(rename = "ready_seconds", with = "as_optional_seconds")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Seconds>"))]
    pub ready: Option<Duration>,
    /// What its logins met before, and for how long, in the order of the first time.
    pub spent: Vec<Spent>,
}

/// How long the logins of a wait met the same failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Spent {
    /// The reason of the failure.
    pub reason: ReasonCode,
    /// The time in all.
    #[serde(rename = "seconds", with = "as_seconds")]
    #[cfg_attr(test, schemars(with = "super::schema::Seconds"))]
    pub elapsed: Duration,
}

impl Spent {
    /// Zero or more time with `reason`.
    #[must_use]
    pub fn new(reason: ReasonCode, elapsed: Duration) -> Self {
        Self { reason, elapsed }
    }
}

impl Waited {
    /// A wait with this end; `ready` is `None` if the connection is not ready.
    #[must_use]
    pub fn new(ready: Option<Duration>, spent: Vec<Spent>) -> Self {
        Self { ready, spent }
    }
}

/// A time in which an account, or a refused secret, is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Held {
    /// When the last refusal was that counts.
    #[serde(with = "as_timestamp")]
    #[cfg_attr(test, schemars(with = "super::schema::Moment"))]
    pub since: Timestamp,
    /// When the next login may be made.
    #[serde(with = "as_timestamp")]
    #[cfg_attr(test, schemars(with = "super::schema::Moment"))]
    pub until: Timestamp,
    /// How many refusals count.
    pub refusals: u32,
    /// Whether a person may have it tried once all the same. Not in reports.
    #[serde(skip)]
    pub once: bool,
}

/// The peer that a probe was connected to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A TCP address.
    Ip(SocketAddr),
    /// A unix socket.
    Unix(PathBuf),
}

impl Address {
    /// Whether traffic to it stays on this machine: a unix socket, or a loopback address.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Ip(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(SocketAddr::from_str(&text).map_or_else(|_| Self::Unix(text.into()), Self::Ip))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

/// One source of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SourceSummary {
    /// Its name, as the user gave it.
    pub name: String,
    /// How many definitions came from it.
    pub connections: usize,
    /// The file, as the user named it, if the source is one. Not in reports by itself.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// Why it could not be read.
    #[serde(serialize_with = "problem")]
    #[cfg_attr(test, schemars(with = "Option<Problem>"))]
    pub problem: Option<Failure>,
    /// What deserves attention about it as a whole.
    pub warnings: Vec<Warning>,
}

/// Why a source could not be read: as a failure, but what is not known of it is null.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Problem<'a> {
    class: Class,
    reason: ReasonCode,
    /// The server's own code.
    code: Option<&'a str>,
    message: &'a str,
    hint: Option<&'a str>,
    /// The server's own text, or a library's: untrusted.
    detail: Option<&'a str>,
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn problem<S: Serializer>(problem: &Option<Failure>, serializer: S) -> Result<S::Ok, S::Error> {
    let shape = problem.as_ref().map(|failure| Problem {
        class: failure.class,
        reason: failure.reason,
        code: failure.code.as_deref(),
        message: &failure.message,
        hint: failure.hint.as_deref(),
        detail: failure.detail.as_deref(),
    });
    shape.serialize(serializer)
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// Every check has its own verdict.
    Complete,
    /// The run's deadline passed.
    Deadline,
    /// A signal.
    Interrupted,
    /// The run waited until its servers are ready, and one of them cannot become so.
    GivenUp,
}

impl Ended {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Deadline => "deadline",
            Self::Interrupted => "interrupted",
            Self::GivenUp => "given_up",
        }
    }
}

/// What came of a whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Summary {
    /// The version of the shape of all results and reports.
    pub schema_version: SchemaVersion,
    /// Name and version of the program, as `connprobe/1.2.0`.
    #[cfg_attr(test, schemars(regex(pattern = r"^connprobe/\d")))]
    pub tool: Cow<'static, str>,
    /// Nothing was sent: only plans were made.
    pub dry_run: bool,
    /// When the run started: RFC 3339 in UTC.
    #[serde(with = "as_timestamp")]
    #[cfg_attr(test, schemars(with = "super::schema::Moment"))]
    pub started_at: Timestamp,
    /// How long it took.
    #[serde(rename = "seconds", with = "as_seconds")]
    #[cfg_attr(test, schemars(with = "super::schema::Seconds"))]
    pub elapsed: Duration,
    /// How it ended.
    pub ended: Ended,
    /// What was read, and what could not be.
    pub sources: Vec<SourceSummary>,
    /// What deserves attention in the run as a whole, as `ledger_not_kept`.
    pub warnings: Vec<Warning>,
    /// How many results have each status and class.
    #[serde(rename = "summary")]
    pub counts: Counts,
    /// Failures with one root, each once.
    pub causes: Vec<Cause>,
}

/// Name and version of this program.
pub const TOOL: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));

/// The version of the shape of all results and reports. Within version 1, fields, classes, reasons and warning codes
/// may be added, never changed or removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemaVersion;

impl SchemaVersion {
    const NUMBER: u32 = 1;
}

impl Serialize for SchemaVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(Self::NUMBER)
    }
}

impl<'de> Deserialize<'de> for SchemaVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            Self::NUMBER => Ok(Self),
            other => Err(D::Error::custom(format!("schema version `{other}` is not `{}`", Self::NUMBER))),
        }
    }
}

/// How many results have each status and class; `total` is always their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Counts {
    /// All results.
    pub total: usize,
    /// By status.
    pub ok: usize,
    /// By status.
    pub failed: usize,
    /// By status.
    pub error: usize,
    /// By status.
    pub skipped: usize,
    /// By class word; classes without a result are absent.
    pub by_class: BTreeMap<Class, usize>,
}

impl Counts {
    /// Counts one more result.
    pub fn add(&mut self, result: &CheckResult) {
        self.total += 1;
        *match result.status {
            Status::Ok => &mut self.ok,
            Status::Failed => &mut self.failed,
            Status::Error => &mut self.error,
            Status::Skipped => &mut self.skipped,
        } += 1;
        if let Some(failure) = &result.failure {
            *self.by_class.entry(failure.class).or_default() += 1;
        }
    }
}
