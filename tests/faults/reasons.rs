//! The reason that each cell must have, in `tests/snapshots/faults.txt`: below each fault a line for each reason, with
//! the drivers that report it. `UPDATE_SNAPSHOTS=1 cargo test --test faults what_` writes the file again from the
//! results of the binary; review the difference before the commit. If the reason depends on how many bytes arrive at
//! once, there are two: `not_understood|other_protocol`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::{LazyLock, Mutex};

use crate::matrix::{self, Fault, OK};
use crate::{cell_name, run};

const PATH: &str = "tests/snapshots/faults.txt";

/// The reason of a result that came late because the machine was busy.
pub const BUSY: &str = "machine_busy";

/// The reason of each cell, by the cell's name.
type Reasons = BTreeMap<String, String>;

static HELD: LazyLock<Reasons> = LazyLock::new(read);

/// The reasons that the binary reported in this process.
static SAID: Mutex<Reasons> = Mutex::new(Reasons::new());

/// Whether the file is to be written again.
fn anew() -> bool {
    std::env::var_os("UPDATE_SNAPSHOTS").is_some()
}

/// The reason that the cell `name` must have; `None` while the file is written.
pub fn of(name: &str) -> Option<String> {
    if anew() { None } else { Some(HELD.get(name).cloned().unwrap_or_default()) }
}

/// Whether the reported reason `said` is one of those in `held`.
pub fn allows(held: &str, said: &str) -> bool {
    held.split('|').any(|one| one == said)
}

/// Writes the reported reasons to the file if `UPDATE_SNAPSHOTS` is set.
pub fn note(verdicts: &BTreeMap<String, run::Verdict>) {
    if !anew() {
        return;
    }
    let mut said = SAID.lock().unwrap();
    // A result that was late because of other work on the machine gives no reason of the cell.
    let is_new = |(name, verdict): &(&String, &run::Verdict)| {
        verdict.reason != BUSY && !HELD.get(*name).is_some_and(|held| allows(held, &verdict.reason))
    };
    said.extend(verdicts.iter().filter(is_new).map(|(name, verdict)| (name.clone(), verdict.reason.clone())));
    let mut all = read();
    all.extend(said.clone());
    fs::write(PATH, text(&all)).unwrap();
}

fn read() -> Reasons {
    let mut reasons = Reasons::new();
    let mut fault = "";
    let text = fs::read_to_string(PATH).unwrap_or_default();
    for line in text.lines() {
        let Some(row) = line.strip_prefix("  ") else {
            fault = line;
            continue;
        };
        let (reason, drivers) = row.split_once(' ').expect("a reason and its drivers");
        reasons.extend(drivers.split(' ').map(|driver| (format!("{driver}: {fault}"), reason.to_owned())));
    }
    reasons
}

fn text(reasons: &Reasons) -> String {
    let mut text = String::new();
    for fault in faults() {
        let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for cell in fault.cells.iter().filter(|cell| cell.expected != OK) {
            let Some(reason) = reasons.get(&cell_name(cell.driver, &fault.name)) else { continue };
            rows.entry(reason).or_default().push(cell.driver.name);
        }
        if rows.is_empty() {
            continue;
        }
        writeln!(text, "{}", fault.name).unwrap();
        for (reason, drivers) in rows {
            writeln!(text, "  {reason} {}", drivers.join(" ")).unwrap();
        }
    }
    text
}

fn faults() -> impl Iterator<Item = Fault> {
    matrix::chapters().into_iter().flat_map(|chapter| chapter.faults)
}

/// Every cell has a reason, and every reason in the file belongs to a cell.
#[test]
fn every_cell_has_its_reason() {
    let cells = crate::cells();
    let named = cells.iter().filter(|(_, cell)| cell.expected != OK).map(|(name, _)| name);
    let missing: Vec<&String> = named.filter(|name| !HELD.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{PATH}: {missing:#?}");
    assert_eq!(text(&HELD), fs::read_to_string(PATH).unwrap(), "{PATH} has a row that no cell stands for");
}
