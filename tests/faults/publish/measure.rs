//! What each cell takes in a run of its own.

use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::document::{Figures, Measured, bare, document, path};
use crate::matrix::{Cell, Pace};
use crate::run::{self, Limits, Set};
use crate::{DEADLINE, UNUSED};

/// What a release build may take for a fast fault, and after the deadline for a slow one.
const FAST: Duration = Duration::from_millis(250);
const LATE: Duration = Duration::from_millis(100);

/// How often a cell is measured at most.
const TRIES: usize = 5;

/// Written anew where a release build is at hand (`make faults`): figures are of one or none. `UPDATE_SNAPSHOTS=1` writes the
/// rows that have changed without any.
#[test]
fn the_published_matrix_is_this_one() {
    if run::is_release() {
        publish();
    }
    let published = fs::read_to_string(path()).expect("docs/faults.md: run `make faults`");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let kept: HashMap<String, &str> = published.lines().map(|line| (bare(line), line)).collect();
        let new = document(&Measured::new());
        let lines: Vec<&str> = new.lines().map(|line| kept.get(line).copied().unwrap_or(line)).collect();
        return fs::write(path(), lines.join("\n") + "\n").unwrap();
    }
    assert_eq!(bare(&published), bare(&document(&Measured::new())), "docs/faults.md is out of date: run `make faults`");
}

fn publish() {
    let cells = crate::cells();
    let measured = Mutex::new(Measured::new());
    let (slow, quick): (Vec<_>, Vec<_>) = cells.iter().partition(|(_, cell)| cell.expected.pace == Pace::Deadline);
    for (name, cell) in quick {
        measure(name, cell, &measured);
    }
    // These only wait.
    for some in slow.chunks(16) {
        thread::scope(|scope| {
            for (name, cell) in some {
                scope.spawn(|| measure(name, cell, &measured));
            }
        });
    }
    let document = document(&measured.into_inner().unwrap());
    print!("{document}");
    fs::write(path(), document).unwrap();
}

/// Runs one cell in a process of its own; again, where other work on the machine has delayed it.
fn measure(name: &str, cell: &Cell, measured: &Mutex<Measured>) {
    let (timeout, most) = match cell.expected.pace {
        Pace::Fast => (UNUSED, FAST),
        Pace::Deadline => (DEADLINE, DEADLINE + LATE),
    };
    for _ in 0..TRIES {
        let set = Set::up(name.to_owned(), cell);
        let (verdicts, run) = run::run(&[set], Limits { timeout, concurrency: 1 });
        let verdict = &verdicts[name];
        assert!(verdict.wrong.is_empty(), "{name}: {}", verdict.wrong.join("; "));
        if verdict.took <= most {
            measured.lock().unwrap().insert(name.to_owned(), Figures { took: verdict.took, peak: run.peak });
            return;
        }
    }
    panic!("{name}: more than {most:?} again and again: the machine is too busy for figures");
}
