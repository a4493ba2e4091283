//! Runs connprobe and the other tools against the same peers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, thread};

use serde_json::Value;

use super::score::Score;
use super::tool::{Place, Run, Tool};
use super::{answer, tool};
use crate::matrix::{self, Cell, OK, REFUSALS, Target};
use crate::run::Set;
use crate::speech::Driver;
use crate::{cell_name, pki, run};

/// The text before the tables, and the text after them.
const PREFACE: &str = include_str!("preface.md");
const BARE: &str = include_str!("bare.md");

/// The environment variable with the path of wait4x.
pub(super) const WAIT4X: &str = "WAIT4X";

/// The databases that all tools support.
const DRIVERS: [&str; 2] = [tool::POSTGRES, tool::MYSQL];

fn compared_drivers() -> impl Iterator<Item = Driver> {
    matrix::drivers().filter(|driver| DRIVERS.contains(&driver.name))
}

/// The minimum number of faults for a comparison.
const ENOUGH: usize = 40;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults/compared.md")
}

/// The faults of `driver` that can happen to every tool, and the good logins.
fn cells(driver: Driver) -> Vec<(String, Cell)> {
    // Without refusals: there, the peers send the text `no` for every code, which would be unfair to a tool that
    // repeats the text.
    let chapters = matrix::chapters().into_iter().filter(|chapter| chapter.title != REFUSALS);
    let faults = chapters.flat_map(|chapter| chapter.faults);
    let cells = faults.filter_map(|fault| {
        let cell = fault.on_driver(driver)?;
        // A login that is unusual in one protocol only is not a good login for every tool.
        let is_good = cell.expected == OK && fault.cells.len() > 1;
        // Other hosts cannot be reached from here, and after the login each tool sends a query of its own.
        let here = matches!(cell.target, Target::Peer(_) | Target::Refused | Target::BlackHole);
        let is_fault = cell.expected != OK && cell.expected.phase != "query";
        (here && (is_good || is_fault)).then(|| (fault.name.clone(), cell.clone()))
    });
    cells.collect()
}

/// The result of one tool for one fault.
pub(super) struct Answered {
    /// `None` if the tool hung.
    pub(super) status: Option<i32>,
    pub(super) took: Duration,
    pub(super) peak: u64,
    /// What it printed, in a form that can be compared and read.
    pub(super) answer: String,
    /// The same without connprobe's names of classes and phases.
    pub(super) words: String,
}

impl Answered {
    fn of(tool: Tool, run: &Run, port: u64) -> Self {
        let printed = answer::answer(&run.printed, port);
        let (answer, words) = match (tool, run.status) {
            (_, None) => ("(hangs)".to_owned(), String::new()),
            (_, Some(0)) => ("(all is well)".to_owned(), String::new()),
            (Tool::Connprobe, Some(_)) => told(&run.printed, port),
            (_, Some(status)) => (format!("{status}: {printed}"), format!("{status}: {printed}")),
        };
        Self { status: run.status, took: run.took, peak: run.peak, answer, words }
    }
}

/// What connprobe's single result states; and its message alone.
fn told(printed: &str, port: u64) -> (String, String) {
    let line = printed.lines().next().unwrap_or_default();
    let result: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let text = |field: &str| result[field].as_str().map(str::to_owned);
    let told = [text("message"), text("code"), text("detail"), text("hint")].into_iter().flatten();
    let told = answer::answer(&told.collect::<Vec<_>>().join("\n"), port);
    let place = [text("class"), text("phase")].map(Option::unwrap_or_default).join("/");
    (format!("{place}: {told}"), answer::answer(&text("message").unwrap_or_default(), port))
}

/// Runs one tool against one fault.
fn meet(tool: Tool, name: &str, cell: &Cell, folder: &Path) -> Answered {
    let mut cell = cell.clone();
    if let Target::Peer(script) = cell.target {
        cell.target = Target::Peer(tool.fitting(script, cell.driver, cell.secure));
    }
    let set = Set::up(cell_name(cell.driver, name), &cell);
    let port = set.definition()["port"].as_u64().expect("a port");
    let place = Place { driver: cell.driver, definition: set.definition(), secure: cell.secure, folder };
    Answered::of(tool, &tool.run(&place), port)
}

pub(super) type Answers = BTreeMap<(String, Tool), Answered>;

/// Runs every tool against every one of `cells`.
fn meet_all(cells: &[(String, Cell)]) -> Answers {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(tool::AUTHORITY), pki::authority()).unwrap();
    let answers = Mutex::new(Answers::new());
    for tool in Tool::ALL {
        let next = Mutex::new(cells.iter());
        thread::scope(|scope| {
            for _ in 0..tool.at_once() {
                scope.spawn(|| {
                    loop {
                        let Some((name, cell)) = next.lock().unwrap().next() else { return };
                        let answered = meet(tool, name, cell, folder.path());
                        answers.lock().unwrap().insert((name.clone(), tool), answered);
                    }
                });
            }
        });
    }
    answers.into_inner().unwrap()
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", (bytes + (1 << 19)) >> 20)
}

fn title(driver: Driver) -> &'static str {
    if driver.name == tool::POSTGRES { "PostgreSQL" } else { "MySQL" }
}

fn write_driver(text: &mut String, driver: Driver, cells: &[(String, Cell)], answers: &Answers) {
    let scores = Tool::ALL.map(|tool| Score::of(tool, cells, answers));
    let (faults, good) = (scores[0].faults.len(), scores[0].good.len());
    write!(text, "\n## {}: {faults} faults\n\n|  |", title(driver)).unwrap();
    for tool in Tool::ALL {
        write!(text, " {} {} |", tool.name(driver), tool.version(driver)).unwrap();
    }
    text.push_str("\n|---|---|---|---|\n");
    let mut row = |what: &str, figure: &dyn Fn(&Score) -> String| {
        let figures: Vec<String> = scores.iter().map(figure).collect();
        writeln!(text, "| {what} | {} |", figures.join(" | ")).unwrap();
    };
    row("hung: stopped after 10 s", &|score| score.count(|one| one.status.is_none()).to_string());
    row("said that all is well", &|score| score.count(|one| one.status == Some(0)).to_string());
    row("different answers", &|score| score.different().to_string());
    row("faults whose answer tells their class", &|score| score.telling().to_string());
    row("time, median and longest of those that ended", &|score| {
        let (median, longest) = score.times();
        format!("{} ms, {} ms", median.as_millis(), longest.as_millis())
    });
    row("peak memory, median and most", &|score| {
        let (median, most) = score.peaks();
        format!("{}, {}", mebibytes(median), mebibytes(most))
    });
    row(&format!("good logins accepted, of {good}"), &|score| score.accepted().to_string());
    let names = Tool::ALL.map(|tool| tool.name(driver));
    write!(text, "\n| fault | {} |\n|---|---|---|---|\n", names.join(" | ")).unwrap();
    for (name, _) in cells.iter().filter(|(_, cell)| cell.expected != OK) {
        let row = Tool::ALL.map(|tool| {
            let Answered { took, peak, answer, .. } = &answers[&(name.clone(), tool)];
            format!("{}<br>{} ms, {}", answer::shown(answer), took.as_millis(), mebibytes(*peak))
        });
        writeln!(text, "| {name} | {} |", row.join(" | ")).unwrap();
    }
}

/// Measures and writes the document if the environment names wait4x.
#[test]
fn the_comparison_is_of_this_matrix() {
    if env::var_os(WAIT4X).is_some() {
        assert!(run::is_release(), "compared is the release build: run `make faults-compared`");
        compare();
    }
    let published = fs::read_to_string(path()).expect("docs/faults/compared.md: run `make faults-compared`");
    for driver in compared_drivers() {
        let (_, rest) = published.split_once(&format!("\n## {}: ", title(driver))).expect("a part for each driver");
        let part = rest.split_once("\n## ").map_or(rest, |(part, _)| part);
        let (_, rows) = part.split_once("| fault |").expect("a table of the faults");
        let named: BTreeSet<&str> =
            rows.lines().skip(2).filter_map(|row| row.strip_prefix("| ")?.split(" | ").next()).collect();
        let known: BTreeSet<String> = cells(driver).into_iter().map(|(name, _)| name).collect();
        let stray: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
        assert!(stray.is_empty(), "no faults of the matrix: {stray:?}; run `make faults-compared`");
        assert!(named.len() >= ENOUGH, "{} faults", named.len());
    }
}

fn compare() {
    let mut text = PREFACE.to_owned();
    for driver in compared_drivers() {
        let cells = cells(driver);
        let answers = meet_all(&cells);
        for ((name, tool), Answered { answer, .. }) in &answers {
            println!("{}: {name}: {answer}", tool.name(driver));
        }
        write_driver(&mut text, driver, &cells, &answers);
    }
    fs::write(path(), text + "\n" + BARE).unwrap();
}
