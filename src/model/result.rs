//! The one result that every check ends in, and the summary of a run.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::cause::Cause;
use super::class::Status;
use super::facts::Facts;
use super::failure::Failure;
use super::phase::PhaseTiming;
use super::warning::Warning;

/// What came of one connection in one run. Serialised by `report::schema`.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// Its connection's place among those of the run, for reports that keep that order.
    pub position: usize,
    /// Sixteen hexadecimal digits, which outlive edits of the source.
    pub id: String,
    /// The connection's name, where it has one.
    pub conn_id: Option<String>,
    /// The stored type word, as written.
    pub conn_type: Option<String>,
    /// The driver that took it, where there is one.
    pub driver: Option<&'static str>,
    /// Where the definition was read.
    pub origin: String,
    /// As stored.
    pub host: Option<String>,
    /// The port that was, or would be, used.
    pub port: Option<u16>,
    /// The database (or bucket) asked for.
    pub database: Option<String>,
    /// What was logged in to, as `db1.example:5432/sales`.
    pub target: Option<String>,
    /// The address that was connected to.
    pub address: Option<Address>,
    /// The user; S3 key ids are shortened.
    pub login: Option<String>,
    /// What came of it.
    pub status: Status,
    /// Why it is not ok; absent exactly when the status is `ok`.
    pub failure: Option<Failure>,
    /// What the server counts refused logins by, as `postgres://etl@10.0.0.7:5432`.
    pub account: Option<String>,
    /// Since when and until when its account, or its secret, is held.
    pub held: Option<Held>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
    /// What the dialogue taught.
    pub facts: Facts,
    /// Ids of results that rest on the same probe (the first 20) or the same refusal.
    pub shared_with: Arc<[String]>,
    /// How many probes were made.
    pub attempts: u32,
    /// When the first probe started, or when the verdict fell without one.
    pub started_at: Timestamp,
    /// How long it waited for its turn.
    pub queued: Duration,
    /// All probes, with the pauses between them.
    pub elapsed: Duration,
    /// The phases of the last probe.
    pub phases: Vec<PhaseTiming>,
}

/// A time in which an account, or a refused secret, is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// When the last refusal was that counts.
    pub since: Timestamp,
    /// When the next login may be made.
    pub until: Timestamp,
    /// How many refusals count.
    pub refusals: u32,
    /// Whether a person may have it tried once all the same. Not in reports.
    pub once: bool,
}

/// What a probe was connected to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// TCP.
    Ip(SocketAddr),
    /// A unix socket.
    Unix(std::path::PathBuf),
}

impl Address {
    /// Whether it cannot leave this machine: a unix socket, or a loopback address.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Ip(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
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
#[derive(Clone, Debug)]
pub struct SourceSummary {
    /// Its name, as the user gave it.
    pub name: String,
    /// How many definitions came from it.
    pub connections: usize,
    /// Why it could not be read.
    pub problem: Option<Failure>,
    /// What deserves attention about it as a whole.
    pub warnings: Vec<Warning>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every check has its own verdict.
    Complete,
    /// The run's deadline passed.
    Deadline,
    /// A signal.
    Interrupted,
}

impl Ended {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Deadline => "deadline",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What came of a whole run.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Nothing was sent: only plans were made.
    pub dry_run: bool,
    /// When the run started.
    pub started_at: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// How it ended.
    pub ended: Ended,
    /// What was read, and what could not be.
    pub sources: Vec<SourceSummary>,
    /// What deserves attention in the run as a whole.
    pub warnings: Vec<Warning>,
    /// How many results have each status and class.
    pub counts: Counts,
    /// Failures with one root, each once.
    pub causes: Vec<Cause>,
}

/// How many results have each status and class; `total` is always their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    pub by_class: BTreeMap<&'static str, usize>,
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
            *self.by_class.entry(failure.class.as_str()).or_default() += 1;
        }
    }
}
