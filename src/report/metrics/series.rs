//! `Series`: the names, types and help texts of all series. No label holds a host, a login, a message or text of a
//! server: a name and a type are the owner's, the other values are words of connprobe's own.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::row::Row;
use crate::model::class::{Class, Status};
use crate::model::phase::Phase;
use crate::model::result::Summary;
use crate::report::verdict::shown;

/// All series of a run.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) rows: Vec<Row>,
    /// How many connections there are of each kind.
    pub(super) kinds: Vec<(Kind, u64)>,
    pub(super) run: Run,
}

/// What connections are counted by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) conn_type: String,
    pub(super) status: Status,
    pub(super) class: Option<Class>,
}

/// What the series need of the summary.
#[derive(Debug)]
pub(super) struct Run {
    /// Whether nothing was sent.
    dry: bool,
    causes: usize,
    /// For each name of a source, whether it could be read, and how many connections it holds.
    sources: BTreeMap<String, (bool, usize)>,
    elapsed: Duration,
    ended_at: Timestamp,
    version: String,
}

impl Run {
    pub(super) fn of(summary: &Summary) -> Self {
        let mut sources = BTreeMap::new();
        for source in &summary.sources {
            // Several labels may stand for one file.
            let (is_up, connections) = sources.entry(shown(&source.name)).or_insert((true, 0));
            *is_up &= source.problem.is_none();
            *connections += source.connections;
        }
        let version = summary.tool.rsplit('/').next().unwrap_or_default().to_owned();
        let ended_at = summary.started_at.checked_add(summary.elapsed).unwrap_or(summary.started_at);
        Self {
            dry: summary.dry_run,
            causes: summary.causes.len(),
            sources,
            elapsed: summary.elapsed,
            ended_at,
            version,
        }
    }
}

/// Labels, of which the empty ones are left out: to Prometheus they are the same as absent ones.
#[derive(Debug)]
struct Labels<'a, const N: usize>([(&'static str, &'a str); N]);

impl<const N: usize> EncodeLabelSet for Labels<'_, N> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.iter().filter(|(_, value)| !value.is_empty()).try_for_each(|label| label.encode(encoder.encode_label()))
    }
}

impl Row {
    fn labels(&self) -> [(&'static str, &str); 3] {
        let id = if self.has_id { self.id.as_str() } else { "" };
        [("conn_id", &self.name), ("conn_type", &self.conn_type), ("id", id)]
    }
}

/// Writes a family of gauges, one for each of `samples`. A family without a sample has no description either.
fn gauges<'a, V: EncodeGaugeValue, const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    (name, unit, help): (&str, Option<&Unit>, &str),
    samples: impl Iterator<Item = ([(&'static str, &'a str); N], V)>,
) -> fmt::Result {
    let mut samples = samples.peekable();
    if samples.peek().is_none() {
        return Ok(());
    }
    let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    samples.try_for_each(|(labels, value)| family.encode_family(&Labels(labels))?.encode_gauge(&value))
}

/// Writes a family of constant series that only carry labels.
fn infos<'a, const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    samples: impl Iterator<Item = [(&'static str, &'a str); N]>,
) -> fmt::Result {
    let mut samples = samples.peekable();
    if samples.peek().is_none() {
        return Ok(());
    }
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Info)?;
    samples.try_for_each(|labels| family.encode_info(&Labels(labels)))
}

const SECONDS: Option<&Unit> = Some(&Unit::Seconds);

fn since_epoch(moment: Timestamp) -> f64 {
    moment.as_duration().as_secs_f64()
}

impl Collector for Series {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.of_connections(&mut encoder)?;
        self.of_waits(&mut encoder)?;
        self.of_run(&mut encoder)
    }
}

impl Series {
    fn of_connections(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let rows = || self.rows.iter();
        let up = |row: &Row| match row.status {
            Status::Ok if self.run.dry => None,
            Status::Ok => Some(1),
            Status::Failed => Some(0),
            Status::Error | Status::Skipped => None,
        };
        let help = "Whether the last login worked (1) or failed (0); absent if it was not tried.";
        let samples = rows().filter_map(|row| Some((row.labels(), up(row)?)));
        gauges(encoder, ("connprobe_up", None, help), samples)?;

        let help = "Why the last check was not ok.";
        let samples = rows().filter_map(|row| {
            let (class, phase) = row.failure?;
            let [conn_id, conn_type, id] = row.labels();
            let phase = phase.map_or("", Phase::as_str);
            let words = [("status", row.status.as_str()), ("class", class.as_str()), ("phase", phase)];
            let [status, class, phase] = words;
            Some([conn_id, conn_type, id, status, class, phase])
        });
        infos(encoder, ("connprobe_check_failure", help), samples)?;

        let help = "How long the last check took, with its retries.";
        let samples = rows().filter_map(|row| Some((row.labels(), row.checked?.0.as_secs_f64())));
        gauges(encoder, ("connprobe_check_duration", SECONDS, help), samples)?;

        let help = "When the last check ended.";
        let samples = rows().filter_map(|row| Some((row.labels(), since_epoch(row.checked?.1))));
        gauges(encoder, ("connprobe_last_check_timestamp", SECONDS, help), samples)?;

        let help = "Until when the account, or the refused secret, is left alone.";
        let samples = rows().filter_map(|row| Some((row.labels(), since_epoch(row.held_until?))));
        gauges(encoder, ("connprobe_withheld_until_timestamp", SECONDS, help), samples)?;

        let help = "When the first certificate of the server's chain expires.";
        let samples = rows().filter_map(|row| Some((row.labels(), since_epoch(row.expiry?))));
        gauges(encoder, ("connprobe_tls_cert_expiry_timestamp", SECONDS, help), samples)
    }

    fn of_waits(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let rows = || self.rows.iter().filter(|row| row.is_awaited);
        let help = "How long the wait took until the connection was ready; absent if it is not.";
        let samples = rows().filter_map(|row| Some((row.labels(), row.ready?.as_secs_f64())));
        gauges(encoder, ("connprobe_wait_ready", SECONDS, help), samples)?;
        let help = "How many logins the wait attempted.";
        let samples = rows().map(|row| (row.labels(), u64::from(row.attempts)));
        gauges(encoder, ("connprobe_wait_attempts", None, help), samples)
    }

    fn of_run(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Run { causes, sources, elapsed, ended_at, version, .. } = &self.run;
        let help = "How many connections there are, by type, status and class.";
        let samples = self.kinds.iter().map(|(kind, count)| {
            let class = kind.class.map_or("", Class::as_str);
            ([("conn_type", kind.conn_type.as_str()), ("status", kind.status.as_str()), ("class", class)], *count)
        });
        gauges(encoder, ("connprobe_connections", None, help), samples)?;

        let help = "How many different causes the failures have.";
        let causes = std::iter::once(([], u64::try_from(*causes).unwrap_or(u64::MAX)));
        gauges(encoder, ("connprobe_causes", None, help), causes)?;

        let help = "Whether the source could be read.";
        let samples = sources.iter().map(|(name, (is_up, _))| ([("source", name.as_str())], u64::from(*is_up)));
        gauges(encoder, ("connprobe_source_up", None, help), samples)?;

        let help = "How many connections the source holds.";
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let samples = sources.iter().map(|(name, (_, held))| ([("source", name.as_str())], count(*held)));
        gauges(encoder, ("connprobe_source_connections", None, help), samples)?;

        let help = "How long the run took.";
        let elapsed = std::iter::once(([], elapsed.as_secs_f64()));
        gauges(encoder, ("connprobe_run_duration", SECONDS, help), elapsed)?;

        let help = "When the run ended.";
        let ended_at = std::iter::once(([], since_epoch(*ended_at)));
        gauges(encoder, ("connprobe_run_timestamp", SECONDS, help), ended_at)?;

        infos(
            encoder,
            ("connprobe_build", "The version of connprobe."),
            std::iter::once([("version", version.as_str())]),
        )
    }
}
