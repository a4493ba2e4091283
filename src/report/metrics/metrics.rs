//! `Metrics`: collects what the series need, and writes them at the end.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

use super::row::{Row, type_of};
use super::series::{Kind, Run, Series};
use crate::model::event::Event;
use crate::model::result::Summary;
use crate::report::Report;
use crate::report::naming::Naming;

/// The notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// Prometheus' text format, 0.0.4: for the textfile collector of the node exporter.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// Collects the results of a run and writes them as series.
pub struct Metrics<W> {
    out: W,
    exposition: Exposition,
    naming: Naming,
    rows: Vec<Row>,
    kinds: BTreeMap<Kind, u64>,
}

impl<W: Write> Metrics<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, exposition: Exposition) -> Self {
        Self { out, exposition, naming: Naming::default(), rows: Vec::new(), kinds: BTreeMap::new() }
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_unstable_by_key(|row| row.position);
        for row in &mut rows {
            row.has_id = self.naming.is_shared(&row.name);
        }
        let mut registry = Registry::default();
        let kinds = std::mem::take(&mut self.kinds).into_iter().collect();
        registry.register_collector(Box::new(Series { rows, kinds, run: Run::of(summary) }));
        let mut out = Sink { out: &mut self.out, failed: None };
        let encoded = match self.exposition {
            Exposition::Prometheus => prometheus_text::encode(&mut out, &registry),
            Exposition::OpenMetrics => text::encode(&mut out, &registry),
        };
        match (out.failed, encoded) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(io::Error::other(error)),
            (None, Ok(())) => self.out.flush(),
        }
    }
}

impl<W: Write> Report for Metrics<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { total, .. } => self.rows.reserve(*total),
            Event::Result(result) => {
                let conn_type = type_of(result);
                let class = result.failure.as_ref().map(|failure| failure.class);
                *self.kinds.entry(Kind { conn_type: conn_type.clone(), status: result.status, class }).or_default() +=
                    1;
                self.rows.push(Row::of(result, self.naming.note(result), conn_type));
            }
            Event::Step(_) => {}
            Event::Finished(summary) => self.write(summary)?,
        }
        Ok(())
    }
}

/// Bytes for an encoder of text, which cannot report why writing fails.
struct Sink<'a, W> {
    out: &'a mut W,
    failed: Option<io::Error>,
}

impl<W: Write> fmt::Write for Sink<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.write_all(text.as_bytes()).map_err(|error| {
            self.failed = Some(error);
            fmt::Error
        })
    }
}
