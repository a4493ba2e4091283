//! Measures each cell in a process of its own.

use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::document::{Figures, Measured, bare, documents, path};
use crate::matrix::{Cell, Pace};
use crate::run::{self, Limits, Set};
use crate::{DEADLINE, UNUSED};

/// The maximum time of a release build for a fast fault, and the maximum delay after the deadline for a slow one.
const FAST: Duration = Duration::from_millis(250);
const LATE: Duration = Duration::from_millis(100);

/// The maximum number of measurements of a cell.
const TRIES: usize = 5;

/// With a release build (`make faults`) the documents are measured and written again. All figures come from one such
/// build. `UPDATE_SNAPSHOTS=1` writes the rows that have changed, without figures.
#[test]
fn the_published_matrix_is_this_one() {
    if run::is_release() {
        publish();
    }
    for (name, document) in documents(&Measured::new()) {
        let published = fs::read_to_string(path(&name)).unwrap_or_default();
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            let kept: HashMap<String, &str> = published.lines().map(|line| (bare(line), line)).collect();
            let lines: Vec<&str> = document.lines().map(|line| kept.get(line).copied().unwrap_or(line)).collect();
            fs::write(path(&name), lines.join("\n") + "\n").unwrap();
        } else {
            assert_eq!(bare(&published), bare(&document), "docs/{name} is out of date: run `make faults`");
        }
    }
}

/// Each page in `docs/faults`, except for the comparison, belongs to a driver.
#[test]
fn no_page_is_of_nobody() {
    let pages = fs::read_dir(path("faults")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let known = documents(&Measured::new());
    let stray: Vec<String> =
        pages.filter(|page| page != "compared.md" && !known.contains_key(&format!("faults/{page}"))).collect();
    assert!(stray.is_empty(), "{stray:?}");
}

fn publish() {
    let cells = crate::cells();
    let measured = Mutex::new(Measured::new());
    let (slow, quick): (Vec<_>, Vec<_>) = cells.iter().partition(|(_, cell)| cell.expected.pace == Pace::Deadline);
    for (name, cell) in quick {
        measure(name, cell, &measured);
    }
    // These mostly wait, so they can run at once.
    for some in slow.chunks(16) {
        thread::scope(|scope| {
            for (name, cell) in some {
                scope.spawn(|| measure(name, cell, &measured));
            }
        });
    }
    for (name, document) in documents(&measured.into_inner().unwrap()) {
        print!("{document}");
        fs::write(path(&name), document).unwrap();
    }
}

/// Runs one cell in a process of its own; repeats it if other work on the machine delayed it.
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
