//! The document as it should be, and as it is published.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use super::compared;
use crate::cell_name;
use crate::matrix::{self, Chapter, Driver, Fault};

/// What stands before the tables, and after them.
const PREFACE: &str = include_str!("preface.md");
const BARE: &str = include_str!("bare.md");

/// What stands between a result and its figures.
const MARK: &str = " · ";

/// What one cell took.
#[derive(Clone, Copy)]
pub(super) struct Figures {
    pub(super) took: Duration,
    pub(super) peak: u64,
}

pub(super) type Measured = BTreeMap<String, Figures>;

pub(super) fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md")
}

/// The whole document; without figures where nothing was measured.
pub(super) fn document(measured: &Measured) -> String {
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
pub(super) fn replace(old: &str, new: &str) {
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
pub(super) fn bare(text: &str) -> String {
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
