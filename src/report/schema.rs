//! The published result schema (`docs/result.schema.json`), version 1, as serde shapes.
//!
//! Within version 1 fields, classes and warning codes may be added, never changed or taken away.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::model::cause::Cause;
use crate::model::class::{Class, Status};
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Field, ReasonCode};
use crate::model::redact::is_hazard;
use crate::model::result::{CheckResult, SourceSummary, Summary};
use crate::model::warning::Warning;

pub(super) const SCHEMA_VERSION: u32 = 1;
pub(super) const TOOL: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));

/// One result.
#[derive(Serialize)]
pub(super) struct ResultShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    id: &'a str,
    conn_id: Option<&'a str>,
    conn_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver: Option<&'a str>,
    origin: &'a str,
    host: Option<&'a str>,
    port: Option<u16>,
    database: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    login: Option<&'a str>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<&'a [Field]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    warnings: &'a [Warning],
    facts: &'a Facts,
    shared_with: &'a [String],
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<HeldShape>,
    started_at: String,
    queued_seconds: f64,
    seconds: f64,
    phases: Vec<PhaseShape>,
}

#[derive(Serialize)]
struct HeldShape {
    since: String,
    until: String,
    refusals: u32,
}

#[derive(Serialize)]
struct PhaseShape {
    phase: Phase,
    seconds: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    open: bool,
}

impl<'a> ResultShape<'a> {
    pub(super) fn new(result: &'a CheckResult, kind: Option<&'static str>) -> Self {
        let failure = result.failure.as_ref();
        Self {
            kind,
            id: &result.id,
            conn_id: result.conn_id.as_deref(),
            conn_type: result.conn_type.as_deref(),
            driver: result.driver,
            origin: &result.origin,
            host: result.host.as_deref(),
            port: result.port,
            database: result.database.as_deref(),
            target: result.target.as_deref(),
            address: result.address.as_ref().map(ToString::to_string),
            login: result.login.as_deref(),
            status: result.status,
            class: failure.map(|failure| failure.class),
            reason: failure.map(|failure| failure.reason),
            fields: failure.map(|failure| &*failure.fields),
            phase: failure.and_then(|failure| failure.phase),
            code: failure.and_then(|failure| failure.code.as_deref()),
            message: failure.map(|failure| failure.message.as_str()),
            hint: failure.and_then(|failure| failure.hint.as_deref()),
            detail: failure.and_then(|failure| failure.detail.as_deref()),
            warnings: &result.warnings,
            facts: &result.facts,
            shared_with: &result.shared_with,
            attempts: result.attempts,
            account: result.account.as_deref(),
            held: result.held.map(|held| HeldShape {
                since: timestamp(held.since),
                until: timestamp(held.until),
                refusals: held.refusals,
            }),
            started_at: timestamp(result.started_at),
            queued_seconds: seconds(result.queued),
            seconds: seconds(result.elapsed),
            phases: result
                .phases
                .iter()
                .map(|timing| PhaseShape { phase: timing.phase, seconds: seconds(timing.elapsed), open: timing.open })
                .collect(),
        }
    }
}

/// What a report says about the whole run, before or after its results.
#[derive(Serialize)]
pub(super) struct SummaryShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    schema_version: u32,
    tool: &'static str,
    dry_run: bool,
    started_at: String,
    seconds: f64,
    ended: &'static str,
    sources: Vec<SourceShape<'a>>,
    warnings: &'a [Warning],
    summary: CountsShape<'a>,
    causes: Vec<CauseShape<'a>>,
}

#[derive(Serialize)]
pub(super) struct SourceShape<'a> {
    name: &'a str,
    connections: usize,
    problem: Option<ProblemShape<'a>>,
    warnings: &'a [Warning],
}

#[derive(Serialize)]
struct CountsShape<'a> {
    total: usize,
    ok: usize,
    failed: usize,
    error: usize,
    skipped: usize,
    by_class: &'a BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct CauseShape<'a> {
    class: Class,
    reason: ReasonCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    ids: &'a [String],
}

/// Why a source could not be read.
#[derive(Serialize)]
struct ProblemShape<'a> {
    class: Class,
    reason: ReasonCode,
    code: Option<&'a str>,
    message: &'a str,
    hint: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> ProblemShape<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            class: failure.class,
            reason: failure.reason,
            code: failure.code.as_deref(),
            message: &failure.message,
            hint: failure.hint.as_deref(),
            detail: failure.detail.as_deref(),
        }
    }
}

impl<'a> SourceShape<'a> {
    pub(super) fn of(source: &'a SourceSummary) -> Self {
        let SourceSummary { name, connections, problem, warnings } = source;
        Self { name, connections: *connections, problem: problem.as_ref().map(ProblemShape::of), warnings }
    }
}

impl<'a> SummaryShape<'a> {
    pub(super) fn new(summary: &'a Summary, kind: Option<&'static str>) -> Self {
        let cause = |cause: &'a Cause| CauseShape {
            class: cause.class,
            reason: cause.reason,
            target: cause.target.as_deref(),
            message: &cause.message,
            hint: cause.hint.as_deref(),
            ids: &cause.ids,
        };
        let counts = &summary.counts;
        Self {
            kind,
            schema_version: SCHEMA_VERSION,
            tool: TOOL,
            dry_run: summary.dry_run,
            started_at: timestamp(summary.started_at),
            seconds: seconds(summary.elapsed),
            ended: summary.ended.as_str(),
            sources: summary.sources.iter().map(SourceShape::of).collect(),
            warnings: &summary.warnings,
            summary: CountsShape {
                total: counts.total,
                ok: counts.ok,
                failed: counts.failed,
                error: counts.error,
                skipped: counts.skipped,
                by_class: &counts.by_class,
            },
            causes: summary.causes.iter().map(cause).collect(),
        }
    }
}

pub(super) fn timestamp(timestamp: Timestamp) -> String {
    format!("{timestamp:.3}")
}

/// To the microsecond; [`Plain`] writes it without an exponent.
pub(super) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e6
}

/// Writes `value` as one line.
pub(super) fn write_line(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Plain(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// Writes `value` indented.
pub(super) fn write_indented(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Plain(Indented::default())))?;
    out.write_all(b"\n")
}

/// Writes `value` as it stands in a list of the document that [`write_indented`] writes.
pub(super) fn write_entry(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Plain(Indented { depth: 2, has_value: false })))?;
    Ok(())
}

/// The layout of `serde_json`'s own pretty formatter, which writes each blank by itself.
#[derive(Default)]
struct Indented {
    depth: usize,
    has_value: bool,
}

/// The ends of lines, with the blanks of the next line behind them.
const LINES: &[u8; 34] = b",\n                                ";

impl Indented {
    fn line<W: ?Sized + io::Write>(&self, out: &mut W, comma: bool) -> io::Result<()> {
        let deeper = (2 + 2 * self.depth).saturating_sub(LINES.len());
        out.write_all(&LINES[usize::from(!comma)..LINES.len().min(2 + 2 * self.depth)])?;
        if deeper == 0 { Ok(()) } else { write!(out, "{:deeper$}", "") }
    }

    fn begin<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: u8) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        out.write_all(&[bracket])
    }

    fn end<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: u8) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_value {
            self.line(out, false)?;
        }
        out.write_all(&[bracket])
    }
}

impl Formatter for Indented {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b'[')
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b']')
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.line(writer, !first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b'{')
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b'}')
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.line(writer, !first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

const DELETE: u8 = 0x7f;

/// A formatter whose floats have six decimals at the most and never an exponent, since many
/// readers of JSON in shell scripts cannot read `1e-6`; and whose texts are escaped where they would
/// steer a terminal.
struct Plain<F>(F);

impl<F: Formatter> Formatter for Plain<F> {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if value == 0.0 {
            return writer.write_all(b"0.0");
        }
        let digits = format!("{value:.6}");
        let digits = digits.trim_end_matches('0');
        writer.write_all(digits.as_bytes())?;
        if digits.ends_with('.') { writer.write_all(b"0") } else { Ok(()) }
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all texts. Other control characters of ASCII stand in no fragment.
        if fragment.is_ascii() && !fragment.as_bytes().contains(&DELETE) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut shown = 0;
        for (at, hazard) in fragment.char_indices().filter(|(_, character)| is_hazard(*character)) {
            writer.write_all(&fragment.as_bytes()[shown..at])?;
            for unit in hazard.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            shown = at + hazard.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[shown..])
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_no_exponent_and_six_decimals_at_the_most() {
        for (duration, text) in [
            (Duration::ZERO, "0.0\n"),
            (Duration::from_nanos(1_400), "0.000001\n"),
            (Duration::from_millis(21), "0.021\n"),
            (Duration::from_secs(12), "12.0\n"),
        ] {
            let mut out = Vec::new();
            write_line(&mut out, &seconds(duration)).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
