//! The warnings, each once, with the connections that have it.

use std::io::{self, Write};

use super::causes::NAMES;
use super::layout::Style;
use super::row::label;
use crate::model::redact::escape_control;
use crate::model::result::CheckResult;
use crate::model::several::Names;
use crate::model::warning::{Warning, WarningCode};

/// The maximum number of different messages that are written for one code.
const MESSAGES: usize = 3;

/// The warnings of a run, in the order of the definitions, whatever order the results arrive in.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<Kind>);

/// The warnings of one code.
#[derive(Debug)]
struct Kind {
    code: WarningCode,
    said: Vec<Said>,
    /// The names of connections with further messages.
    others: Names,
}

/// A message, and the connections that have it.
#[derive(Debug)]
struct Said {
    /// The position of the first connection in the run.
    position: usize,
    message: String,
    names: Names,
}

impl Warnings {
    /// Adds the warnings of one result.
    pub(super) fn add(&mut self, result: &CheckResult) {
        // If several definitions share a name, the name alone is ambiguous.
        let shared = result.warnings.iter().any(|warning| warning.code == WarningCode::AmbiguousConnId);
        let name = label(result);
        let name = if shared { format!("{name} ({})", result.origin) } else { name };
        for warning in &result.warnings {
            self.kind(warning.code).add(warning, result.position, &name);
        }
    }

    fn kind(&mut self, code: WarningCode) -> &mut Kind {
        let known = self.0.iter().position(|kind| kind.code == code);
        let at = known.unwrap_or_else(|| {
            self.0.push(Kind { code, said: Vec::new(), others: Names::new(NAMES) });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Writes the warnings after an empty line.
    pub(super) fn write(&mut self, out: &mut impl Write, style: &Style) -> io::Result<()> {
        if !self.0.is_empty() {
            writeln!(out)?;
        }
        for kind in &mut self.0 {
            kind.said.sort_by_key(|said| said.position);
        }
        self.0.sort_by_key(|kind| kind.said.first().map(|said| said.position));
        for Kind { code, said, others } in &self.0 {
            let mut line = |names: &Names, message: &str| {
                let text = format!("warning: {names}: {message} [{code}]");
                style.wrapped(out, &escape_control(&text), "", "  ")
            };
            for Said { message, names, .. } in said {
                line(names, message)?;
            }
            if *others != Names::new(NAMES) {
                line(others, "the same in other words: `--format json` has them")?;
            }
        }
        Ok(())
    }
}

impl Kind {
    fn add(&mut self, warning: &Warning, position: usize, name: &str) {
        if let Some(said) = self.said.iter_mut().find(|said| said.message == warning.message) {
            said.position = said.position.min(position);
            said.names.push(name);
        } else if self.said.len() < MESSAGES {
            let mut names = Names::new(NAMES);
            names.push(name);
            self.said.push(Said { position, message: warning.message.clone(), names });
        } else {
            self.others.push(name);
        }
    }
}
