//! The matrix fault × driver: whatever answers, or does not, connprobe says what is wrong, in time,
//! in bounded memory, once, and gives nothing away.
//!
//! The faults and the results that they must have are data (`matrix/`); peers on loopback play them
//! (`peer/`); the binary meets them as a user would (`run/`). What a driver's server says (`speech.rs`), what only it can do
//! wrong (`faults.rs`), and what its results tell besides (`told.rs`), is in `tests/drivers/NAME`.

#[macro_use]
#[path = "../drivers/list.rs"]
mod list;

mod adding_up;
mod causes;
mod completeness;
mod dns;
mod matrix;
mod peer;
mod pki;
#[path = "../support/process.rs"]
mod process;
mod publish;
#[cfg(feature = "live")]
mod real;
mod reasons;
mod run;
mod second_look;
#[path = "../support/snapshot.rs"]
mod snapshot;
mod sources_in_clear;
mod speech;
#[path = "../support/state.rs"]
mod state;
mod words_from_outside;

#[path = "../drivers"]
mod drivers {
    of_every_driver! { faults: crate::matrix::Own, speech, told }
}
#[cfg(feature = "live")]
#[path = "../drivers"]
mod recorded {
    of_every_driver! { transcript: crate::real::Recorded }
}

use std::time::Duration;

use crate::matrix::{Cell, Pace};
use crate::run::{Limits, Set};
use crate::speech::Driver;

/// The time limit of cells that must not need it.
const UNUSED: Duration = Duration::from_secs(10);

/// The time limit of those that end by it.
const DEADLINE: Duration = Duration::from_millis(1500);

/// What the binary may take for some cells at once.
const MEMORY: u64 = 128 << 20;

/// Every cell with its name.
fn cells() -> Vec<(String, Cell)> {
    let faults = matrix::chapters().into_iter().flat_map(|chapter| chapter.faults);
    faults
        .flat_map(|fault| {
            let name = fault.name;
            fault.cells.into_iter().map(move |cell| (cell_name(cell.driver, &name), cell))
        })
        .collect()
}

/// What a cell is called as a definition.
fn cell_name(driver: Driver, fault: &str) -> String {
    format!("{}: {fault}", driver.name)
}

/// As many cells are played at once, so that their ports and the process's memory are bounded.
const SOME: usize = 250;

/// Of names, which a run looks up all at once before it logs in anywhere, so that one lookup does not wait for
/// the others.
const SOME_NAMES: usize = 32;

/// Runs the cells of one pace, some in each process.
fn run_all(pace: Pace, limits: Limits) {
    let wanted = std::env::var("FAULT").unwrap_or_default();
    let cells: Vec<_> =
        cells().into_iter().filter(|(name, cell)| cell.expected.pace == pace && name.contains(&wanted)).collect();
    let mut wrong = Vec::new();
    // Names are asked of a server of the test's own, which the other cells must not notice.
    let alike = cells.chunk_by(|(_, one), (_, other)| one.is_named() == other.is_named());
    let sized = |cells: &[(String, Cell)]| if cells[0].1.is_named() { SOME_NAMES } else { SOME };
    for some in alike.flat_map(|cells| cells.chunks(sized(cells))) {
        let sets: Vec<Set> = some.iter().map(|(name, cell)| Set::up(name.clone(), cell)).collect();
        let (verdicts, run) = run::run(&sets, limits);
        println!("{} cells in {:?}, peak {} MiB", sets.len(), run.took, run.peak >> 20);
        reasons::note(&verdicts);
        wrong.extend(run::wrong(&verdicts));
        assert!(run.peak < MEMORY, "{} MiB", run.peak >> 20);
    }
    assert!(wrong.is_empty(), "{} of {} cells are wrong:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
}

#[test]
fn what_can_be_told_at_once_is_told_at_once() {
    run_all(Pace::Fast, Limits { timeout: UNUSED, concurrency: 8 });
}

#[test]
fn what_only_time_can_tell_is_told_at_the_deadline() {
    run_all(Pace::Deadline, Limits { timeout: DEADLINE, concurrency: 16 });
}
