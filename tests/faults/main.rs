//! The matrix fault × driver. For every fault connprobe reports the right result, in time, in bounded memory, exactly
//! once, and without a secret.
//!
//! The faults and their expected results are data (`matrix/`). Peers on loopback play them (`peer/`), and the binary is
//! run against these peers as a user runs it (`run/`). `tests/drivers/NAME` has what depends on one driver: what its
//! server sends (`speech.rs`), its own faults (`faults.rs`), and what its results contain besides class and reason
//! (`told.rs`).

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

/// The time limit of cells that must end before it.
const UNUSED: Duration = Duration::from_secs(10);

/// The time limit of cells that end by it.
const DEADLINE: Duration = Duration::from_millis(1500);

/// The maximum memory of the binary for up to [`SOME`] cells at once, in bytes.
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

/// The name of a cell's definition.
fn cell_name(driver: Driver, fault: &str) -> String {
    format!("{}: {fault}", driver.name)
}

/// The number of cells that are played at once. It bounds the open ports and the memory of the process.
const SOME: usize = 250;

/// The same for cells with names. A run looks up all names at once before the first login; with few names, no lookup
/// waits for another.
const SOME_NAMES: usize = 32;

/// Runs all cells of one pace, a limited number in each process.
fn run_all(pace: Pace, limits: Limits) {
    let wanted = std::env::var("FAULT").unwrap_or_default();
    let cells: Vec<_> =
        cells().into_iter().filter(|(name, cell)| cell.expected.pace == pace && name.contains(&wanted)).collect();
    let mut wrong = Vec::new();
    // Cells with names use the test's own DNS server; the other cells must run without it.
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
    // More at once would only wait for each other on a machine with two processors.
    run_all(Pace::Fast, Limits { timeout: UNUSED, concurrency: 4 });
}

#[test]
fn what_only_time_can_tell_is_told_at_the_deadline() {
    run_all(Pace::Deadline, Limits { timeout: DEADLINE, concurrency: 16 });
}
