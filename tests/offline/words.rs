//! The stable words: no reason code or warning code changes or disappears unnoticed, snapshots hold the texts of every
//! reason and of every server code, and `docs/reasons.md` lists the codes. `UPDATE_SNAPSHOTS=1 cargo test --test
//! offline words::` rewrites them; review the difference before committing it.

mod fields;
mod reference;
mod samples;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use connprobe::driver::Registry;
use connprobe::model::codes::{CodeEntry, Context};
use connprobe::model::reason::{Field, ReasonCode, Words};
use connprobe::model::warning::{Warning, WarningCode};

/// A sample of each text that a driver has about definitions and logins, and several of those that depend on their
/// data.
pub struct Samples {
    pub flaws: fn() -> Vec<Words>,
    pub notices: fn() -> Vec<Warning>,
}

#[track_caller]
fn hold(path: &str, text: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(path, text).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    for (new, old) in text.lines().zip(kept.lines()) {
        assert_eq!(new, old, "{path} differs: UPDATE_SNAPSHOTS=1 writes it anew");
    }
    assert_eq!(text, kept, "{path} differs: UPDATE_SNAPSHOTS=1 writes it anew");
}

#[test]
fn no_code_changes_or_goes_away() {
    let mut text = "# Reasons: word, usual class, usual fields\n".to_owned();
    for code in ReasonCode::ALL {
        writeln!(text, "{} {} {}", code.as_str(), code.class().as_str(), code.fields().join(",")).unwrap();
    }
    text.push_str("# Warnings\n");
    for code in WarningCode::ALL {
        writeln!(text, "{code}").unwrap();
    }
    hold("tests/snapshots/codes.txt", &text.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n"));
}

#[test]
fn what_is_said_of_every_reason() {
    let text = samples::reasons().iter().map(|reason| said(&reason.words())).collect::<String>();
    hold("tests/snapshots/words.txt", &text);
}

#[test]
fn what_is_said_of_every_flaw_of_a_definition() {
    let text = samples::flaws().iter().map(said).collect::<String>();
    hold("tests/snapshots/problems.txt", &text);
}

#[test]
fn what_is_said_of_every_notice() {
    let mut text = String::new();
    for warning in samples::notices() {
        assert!(!warning.message.ends_with('.'), "{}: a message is a fragment", warning.code);
        writeln!(text, "{}\n  {}\n", warning.code, warning.message).unwrap();
    }
    hold("tests/snapshots/warnings.txt", &text);
}

#[test]
fn what_is_said_of_every_observation() {
    let mut text = String::new();
    for observation in samples::observations() {
        let fields: Vec<String> = observation.fields().iter().map(Field::to_string).collect();
        writeln!(text, "{}\n  {}\n", fields.join(", "), observation.words()).unwrap();
    }
    hold("tests/snapshots/observations.txt", &text);
}

/// Every warning code has a sample.
#[test]
fn no_code_of_a_warning_is_idle() {
    let said: Vec<WarningCode> = samples::notices().iter().map(|warning| warning.code).collect();
    let idle: Vec<&WarningCode> = WarningCode::ALL.iter().filter(|code| !said.contains(code)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn what_is_said_of_every_code_of_a_server() {
    let context =
        || Context { login: Some("etl"), database: Some("sales"), host: Some("db"), target: Some("db:1/sales") };
    let row = |driver: &str, codes: &[&str], entry: &CodeEntry| {
        format!("{driver} {} {}", codes.join(" "), said(&entry.words(&context().into())))
    };
    let mut text = String::new();
    for (driver, table) in Registry::builtin().code_tables() {
        for entry in table.rows {
            text += &row(driver, &[entry.code], entry);
        }
        for refined in table.refinements() {
            text += &row(driver, refined.codes, &refined.entry);
        }
    }
    hold("tests/snapshots/servers.txt", &text);
}

#[test]
fn the_reference_lists_every_code() {
    hold("docs/reasons.md", &reference::page());
}

/// Code, class, fields, message and hint of one reason.
fn said(words: &Words) -> String {
    let fields: Vec<&str> = words.fields.iter().map(Field::as_str).collect();
    let (code, class, message) = (words.code.as_str(), words.class.as_str(), &words.message);
    assert!(!message.ends_with('.'), "{code}: a message is a fragment");
    let named = message.split_once(' ').is_some_and(|(first, _)| first.chars().skip(1).any(char::is_uppercase));
    let product = named || PRODUCTS.iter().any(|product| message.starts_with(product));
    assert!(product || !message.starts_with(char::is_uppercase), "{code}: lower case: {message}");
    let hint = words.hint.as_deref().unwrap_or("-");
    format!("{code} ({class}) [{}]\n  {message}\n  hint: {hint}\n\n", fields.join(", "))
}

/// The product names that may begin a message with a capital letter, besides names with several capitals.
const PRODUCTS: &[&str] = &[
    "Amazon",
    "Azure",
    "Babelfish",
    "Cloud SQL",
    "Neon",
    "Odyssey",
    "Pgpool",
    "S3",
    "Secrets Manager",
    "Supabase",
    "Vault",
];

/// Every variant of the enums that make texts is among the samples, so that the snapshots hold all texts.
#[test]
fn nothing_that_is_said_is_left_out() {
    let of_drivers = files("tests/drivers").into_iter().filter(|file| file.ends_with("words.rs"));
    let samples = files("tests/offline/words/samples").into_iter().chain(of_drivers);
    let samples: String = samples.map(|file| fs::read_to_string(file).unwrap()).collect();
    let of_drivers = files("src/driver").into_iter();
    let of_drivers = of_drivers.filter(|file| file.ends_with("flaws.rs") || file.ends_with("notices.rs"));
    let mut missing = Vec::new();
    for file in ROOMS.iter().flat_map(|room| files(room)).chain(of_drivers) {
        let text = fs::read_to_string(file).unwrap();
        for area in text.split("pub enum ").skip(1) {
            let name: String = area.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            if AREAS.contains(&name.as_str()) {
                continue;
            }
            let body = area.split("\n}").next().unwrap();
            let variants = body.lines().filter_map(|line| line.strip_prefix("    "));
            for variant in variants.filter(|line| line.starts_with(char::is_uppercase)) {
                let variant: String = variant.chars().take_while(|letter| letter.is_alphanumeric()).collect();
                if !samples.contains(&format!("{name}::{variant}")) {
                    missing.push(format!("{name}::{variant}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The folders that make texts, besides the drivers.
const ROOMS: &[&str] = &["src/model/reason", "src/model/problem", "src/model/notice"];

/// Enums whose variants each hold an enum of their own, and the codes, which the reference lists.
const AREAS: &[&str] = &["Flaw", "Notice", "Reason", "ReasonCode", "Unusable"];

/// Every file below a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut all): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    all.extend(folders.iter().flat_map(|folder| files(folder.to_str().unwrap())));
    all
}
