//! The matrix as people read it: `docs/faults.md`, with what each cell took in a run of its own.

mod compared;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, thread};

use crate::matrix::{self, Cell, Chapter, Driver, Fault, Pace};
use crate::run::{self, Limits, Set};
use crate::{DEADLINE, UNUSED, cell_name};

/// What stands before the tables, and after them.
const PREFACE: &str = include_str!("preface.md");
const BARE: &str = include_str!("bare.md");

/// What a release build may take for a fast fault, and after the deadline for a slow one.
const FAST: Duration = Duration::from_millis(250);
const LATE: Duration = Duration::from_millis(100);

/// How often a cell is measured at most.
const TRIES: usize = 5;

/// What stands between a result and its figures.
const MARK: &str = " · ";

/// What one cell took.
#[derive(Clone, Copy)]
struct Figures {
    took: Duration,
    peak: u64,
}

type Measured = BTreeMap<String, Figures>;

fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md")
}

/// The whole document; without figures where nothing was measured.
fn document(measured: &Measured) -> String {
    let chapters = matrix::chapters();
    let faults: usize = chapters.iter().map(|chapter| chapter.faults.len()).sum();
    let cells: usize = chapters.iter().flat_map(|chapter| &chapter.faults).map(|fault| fault.cells.len()).sum();
    let mut text = format!("{PREFACE}\n{faults} faults, {cells} cells, none skipped.\n");
    for chapter in &chapters {
        write!(text, "\n## {}\n\n", chapter.title).unwrap();
        table(&mut text, chapter, measured);
    }
    [&text, &compared::section(), BARE].join("\n")
}

/// Puts the section `new` in the place of `old` in what is published, if it was there.
fn replace(old: &str, new: &str) {
    let published = fs::read_to_string(path()).expect("docs/faults.md: run `make faults`");
    if !old.is_empty() {
        fs::write(path(), published.replacen(old, new, 1)).unwrap();
    }
}

fn table(text: &mut String, chapter: &Chapter, measured: &Measured) {
    let met = |driver: &Driver| chapter.faults.iter().any(|fault| fault.on_driver(*driver).is_some());
    let drivers: Vec<Driver> = Driver::ALL.into_iter().filter(met).collect();
    let names: Vec<&str> = drivers.iter().map(|driver| driver.name()).collect();
    writeln!(text, "| fault | {} |\n|---|{}", names.join(" | "), "---|".repeat(drivers.len())).unwrap();
    for fault in &chapter.faults {
        let cells: Vec<String> = drivers.iter().map(|driver| shown(fault, *driver, measured)).collect();
        writeln!(text, "| {} | {} |", fault.name, cells.join(" | ")).unwrap();
    }
}

fn shown(fault: &Fault, driver: Driver, measured: &Measured) -> String {
    let Some(cell) = fault.on_driver(driver) else { return String::new() };
    match measured.get(&cell_name(driver, &fault.name)) {
        Some(Figures { took, peak }) => {
            format!("{}{MARK}{} ms{MARK}{} MiB", cell.expected, took.as_millis(), peak >> 20)
        }
        None => cell.expected.to_string(),
    }
}

/// `text` without any figures.
fn bare(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('|') {
        Some(row) => {
            let cells = row.split('|').map(|cell| match cell.split_once(MARK) {
                Some((result, _figures)) => format!("{result} "),
                None => cell.to_owned(),
            });
            format!("|{}", cells.collect::<Vec<_>>().join("|"))
        }
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Written anew where a release build is at hand (`make faults`): figures are of one or none.
#[test]
fn the_published_matrix_is_this_one() {
    if run::is_release() {
        publish();
    }
    let published = fs::read_to_string(path()).expect("docs/faults.md: run `make faults`");
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
