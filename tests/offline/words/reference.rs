//! `docs/reasons.md`: every reason code and warning code, for people whose programs read results.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use connprobe::driver::Registry;
use connprobe::model::codes::CodeEntry;
use connprobe::model::reason::{Reason, ReasonCode};
use connprobe::model::warning::WarningCode;

use super::samples;

const HEAD: &str = "\
# Reasons and warnings

Each result that is not `ok` has a `reason`, one of the words below, and each of its `warnings` has a `code`. They are the
same in every output, never change their meaning, and are never taken away; new ones may be added. `connprobe explain WORD`
prints what stands here. Messages and hints are for people and may change with every version: do not read anything back
from them.

For each reason: its usual *class* (a result may have another one, where more is known), the form *fields* that it usually
points at (a result's `fields` are exact), what it means, what is said about it (`etl`, `db` and the like stand for what a
result fills in), and the codes of servers that have it.

This page is written by `UPDATE_SNAPSHOTS=1 cargo test --test offline words::`.
";

/// The expected content of the page.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## Reasons\n");
    let samples = samples::reasons();
    for code in ReasonCode::ALL {
        reason(&mut page, *code, &samples);
    }
    page.push_str("\n## Warnings\n\nA warning changes no verdict.\n\n| code | meaning |\n|---|---|\n");
    for code in WarningCode::ALL {
        writeln!(page, "| `{code}` | {} |", code.explanation().replace('|', "\\|")).unwrap();
    }
    page
}

fn reason(page: &mut String, code: ReasonCode, samples: &[Reason]) {
    writeln!(page, "\n### `{}`\n", code.as_str()).unwrap();
    let fields: Vec<String> = code.fields().iter().map(|field| format!("`{field}`")).collect();
    let fields = if fields.is_empty() { "none, or those that the message names".to_owned() } else { fields.join(", ") };
    writeln!(page, "Class `{}` · fields: {fields}\n\n{}", code.class().as_str(), code.explanation()).unwrap();
    let said = samples.iter().filter(|reason| reason.code() == code).map(Reason::words);
    let mut lines = BTreeSet::new();
    for words in said {
        let class = words.class.as_str();
        let class = if words.class == code.class() { String::new() } else { format!(" (class `{class}`)") };
        let hint = words.hint.map(|hint| format!(" — *hint:* {hint}")).unwrap_or_default();
        lines.insert(format!("- {}{class}{hint}", words.message));
    }
    if !lines.is_empty() {
        page.push('\n');
        for line in &lines {
            writeln!(page, "{line}").unwrap();
        }
    }
    let codes = codes(code);
    if !codes.is_empty() {
        writeln!(page, "\nCodes: {codes}").unwrap();
    }
}

/// The server codes that have this reason, by driver.
fn codes(reason: ReasonCode) -> String {
    let mut all = Vec::new();
    for (driver, table) in Registry::builtin().code_tables() {
        let own = table.rows.iter().filter(|entry| entry.reason == reason).map(CodeEntry::shown);
        let refined =
            table.refinements().filter(|row| row.entry.reason == reason).flat_map(|row| row.codes.iter().copied());
        let codes: BTreeSet<&str> = own.chain(refined).filter(|code| *code != "*").collect();
        if !codes.is_empty() {
            let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
            all.push(format!("{driver} {}", codes.join(" ")));
        }
    }
    all.join(" · ")
}
