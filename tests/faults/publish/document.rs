//! Makes the published documents: a summary, and a page for each driver.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cell_name;
use crate::matrix::{self, Cell, Chapter, Fault, Seam, owned};
use crate::speech::Driver;

/// The text before the counts.
const PREFACE: &str = include_str!("preface.md");

/// The separator between a result and its figures.
const MARK: &str = " · ";

/// The time and the peak memory of one cell.
#[derive(Clone, Copy)]
pub(super) struct Figures {
    pub(super) took: Duration,
    pub(super) peak: u64,
}

pub(super) type Measured = BTreeMap<String, Figures>;

/// The path of a document in `docs`.
pub(super) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// All documents by their names in `docs`; cells that were not measured have no figures.
pub(super) fn documents(measured: &Measured) -> BTreeMap<String, String> {
    let chapters = matrix::chapters();
    let pages = owned().map(|own| (page_name(own.driver), page(own.title, own.driver, &chapters, measured)));
    pages.chain([("faults.md".to_owned(), summary(&chapters))]).collect()
}

fn page_name(driver: Driver) -> String {
    format!("faults/{}.md", driver.name)
}

fn summary(chapters: &[Chapter]) -> String {
    let faults: Vec<&Fault> = chapters.iter().flat_map(|chapter| &chapter.faults).collect();
    let cells: usize = faults.iter().map(|fault| fault.cells.len()).sum();
    let mut text = format!("{PREFACE}\n{} faults, {cells} cells, none skipped.\n\n", faults.len());
    text.push_str("| driver | own faults | faults of seams | page |\n|---|---|---|---|\n");
    for own in owned() {
        let met = faults.iter().filter(|fault| fault.on_driver(own.driver).is_some());
        let (of_seams, its): (Vec<&Fault>, Vec<&Fault>) = met.partition(|fault| fault.seam.is_some());
        let page = page_name(own.driver);
        writeln!(text, "| {} | {} | {} | [{page}]({page}) |", own.title, its.len(), of_seams.len()).unwrap();
    }
    text.push_str("\n| seam | faults | played by |\n|---|---|---|\n");
    for seam in Seam::ALL {
        let faults = faults.iter().filter(|fault| fault.seam == Some(seam)).count();
        let players: Vec<&str> = seam.representatives().map(|driver| driver.name).collect();
        writeln!(text, "| {} | {faults} | {} |", seam.title(), players.join(", ")).unwrap();
    }
    text
}

fn page(title: &str, driver: Driver, chapters: &[Chapter], measured: &Measured) -> String {
    let mut text = format!(
        "# {title}: faults and results\n\n`make faults` writes this page. [faults.md](../faults.md) says what each row asserts, and \
         explains the figures.\n"
    );
    for chapter in chapters {
        let met: Vec<(&Fault, &Cell)> =
            chapter.faults.iter().filter_map(|fault| Some((fault, fault.on_driver(driver)?))).collect();
        if !met.is_empty() {
            write!(text, "\n## {}\n\n| fault | result |\n|---|---|\n", chapter.title).unwrap();
        }
        for (fault, cell) in met {
            writeln!(text, "| {} | {} |", fault.name, shown(fault, cell, measured)).unwrap();
        }
    }
    text
}

fn shown(fault: &Fault, cell: &Cell, measured: &Measured) -> String {
    match measured.get(&cell_name(cell.driver, &fault.name)) {
        Some(Figures { took, peak }) => {
            format!("{}{MARK}{} ms{MARK}{} MiB", cell.expected, took.as_millis(), peak >> 20)
        }
        None => cell.expected.to_string(),
    }
}

/// `text` without figures.
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
