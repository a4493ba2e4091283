//! Snapshots of connprobe's output, in named sections of one file: the only place where tests contain its wording.
//! `UPDATE_SNAPSHOTS=1` writes the sections of the tests that run; review the difference before committing it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::{Mutex, PoisonError};

/// Tests of one process that write the same file take turns.
static WRITER: Mutex<()> = Mutex::new(());

/// Asserts that `text` is section `name` of `tests/snapshots/FILE`.
#[track_caller]
pub fn hold(file: &str, name: &str, text: &str) {
    let path = format!("tests/snapshots/{file}");
    let text = masked(text);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let _turn = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sections = sections(&path);
        sections.insert(name.to_owned(), text.trim_end().to_owned());
        let mut whole = String::new();
        for (name, text) in sections {
            write!(whole, "## {name}\n{text}\n\n").unwrap();
        }
        return fs::write(&path, whole).unwrap();
    }
    let kept = sections(&path).remove(name).unwrap_or_default();
    assert_eq!(text.trim_end(), kept, "`{name}` in {path} differs: UPDATE_SNAPSHOTS=1 writes it anew");
}

fn sections(path: &str) -> BTreeMap<String, String> {
    let whole = format!("\n{}", fs::read_to_string(path).unwrap_or_default());
    let sections = whole.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    sections.map(|(name, text)| (name.to_owned(), text.trim_end().to_owned())).collect()
}

/// Masks what differs from run to run: ports that the system chose, and durations.
fn masked(text: &str) -> String {
    let is_time = |word: &str| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let words: Vec<&str> = text.split(' ').collect();
    let timeless = words.iter().enumerate().map(|(at, word)| {
        let unit = words.get(at + 1).is_some_and(|next| *next == "s" || next.starts_with("s\n"));
        if unit && is_time(word) { "TIME" } else { word }
    });
    with_ports_masked(&timeless.collect::<Vec<_>>().join(" "))
}

fn with_ports_masked(text: &str) -> String {
    let mut parts = text.split(':');
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let rest = if digits == 5 { format!("PORT{}", &part[digits..]) } else { part.to_owned() };
        write!(masked, ":{rest}").unwrap();
    }
    masked
}
