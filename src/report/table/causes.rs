//! The causes, each once: with the server's text, what to do, and the connections concerned.

use std::collections::HashMap;
use std::io::{self, Write};

use super::layout::{Style, shortened};
use super::row::label;
use crate::model::cause::Cause;
use crate::model::failure::Failure;
use crate::model::redact::escape_control;
use crate::model::result::CheckResult;
use crate::model::several;

/// The maximum number of names that are listed.
pub(super) const NAMES: usize = 12;

pub(in crate::report) fn write(
    out: &mut impl Write,
    causes: &[Cause],
    not_ok: &[CheckResult],
    style: &Style,
) -> io::Result<()> {
    let by_id: HashMap<&str, &CheckResult> = not_ok.iter().map(|result| (result.id.as_str(), result)).collect();
    for cause in causes {
        let results: Vec<&CheckResult> = cause.ids.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
        let Some(first) = results.first() else { continue };
        writeln!(out)?;
        let name = |result: &&CheckResult| shortened(&label(result), style.width / 2);
        let names: Vec<String> = results.iter().map(name).collect();
        let code = first.failure.as_ref().and_then(|failure| failure.code.as_deref());
        let tag = match code {
            Some(code) => format!("[{} {code}]", cause.class.as_str()),
            None => format!("[{}]", cause.class.as_str()),
        };
        let message = escape_control(&format!("{}: {} {tag}", several::listed(&names, NAMES), cause.message));
        style.wrapped(out, &message, "", "  ")?;
        if let Some(said) = first.failure.as_ref().and_then(Failure::said) {
            style.wrapped(out, &escape_control(&said), "  ", "    ")?;
        }
        if let Some(hint) = &cause.hint {
            style.wrapped(out, &escape_control(&format!("hint: {hint}")), "  ", "    ")?;
        }
    }
    Ok(())
}
