//! Some thousand damaged files of every format: each is refused with the position of the damage, or has entries whose
//! problems name theirs. None shows a value, and none takes long.

use std::time::{Duration, Instant};

use connprobe::model::connection::Connection;
use proptest::prelude::*;

use crate::sources::load_file;

/// No name may have this form, so no damage can turn it into one.
const CANARY: &str = "CA!NARY";

/// Good files. Every value that could be a secret is the canary.
const GOOD: [(&str, &str); 8] = [
    (
        "c.json",
        "{\n  \"a\": {\"conn_type\": \"postgres\", \"host\": \"h\", \"login\": \"u\", \"password\": \"CA!NARY\", \"port\": 5432, \
         \"extra\": \"{\\\"token\\\": \\\"CA!NARY\\\"}\"},\n  \"b\": \"mysql://u:CA!NARY@h:3306/db?ssl_key=CA!NARY\"\n}\n",
    ),
    (
        "c.json",
        "[{\"conn_id\": \"a\", \"uri\": \"postgres://u:CA!NARY@h/db\"}, {\"name\": \"b\", \"extra_dejson\": {\"x\": [\"CA!NARY\"]}}]",
    ),
    (
        "c.yaml",
        "a:\n  conn_type: postgres\n  host: h\n  password: \"CA!NARY\"\n  port: 5432\n  extra: '{\"token\": \"CA!NARY\"}'\n\
         b: mysql://u:CA!NARY@h:3306/db?ssl_key=CA!NARY\n",
    ),
    (
        "c.yaml",
        "defaults: &d {conn_type: postgres, password: 'CA!NARY'}\na:\n  <<: *d\n  host: h\n  extra:\n    token: |\n      CA!NARY\n\
         b: [{conn_type: x, password: \"CA!NARY\", port: 0x10}, 'mysql://u:CA!NARY@h']\n",
    ),
    (
        "c.env",
        "a=postgres://u:CA!NARY@h:5432/db?token=CA!NARY\nb={\"conn_type\": \"x\", \"password\": \"CA!NARY\", \"port\": 1}\n",
    ),
    (
        "c.env",
        "export a='postgres://u:CA!NARY@h'\nb = \"{\\\"conn_type\\\": \\\"x\\\",\n\\\"password\\\": \\\"CA!NARY\\\"}\" # why\nc=aws://:CA!NARY@\n",
    ),
    (
        "c.env",
        "PATH=/bin:CA!NARY\nAIRFLOW_CONN_A=postgres://u:CA!NARY@h\nAIRFLOW_CONN_B='{\"password\": \"CA!NARY\"}'\nX=CA!NARY\n",
    ),
    ("c.yml", "- postgres://u:CA!NARY@h\n- {conn_id: a, conn_type: x, password: CA!NARY}\n"),
];

/// The pieces that are inserted into a good file.
const PIECES: [&str; 40] = [
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    ",",
    "=",
    "#",
    " #",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{feff}",
    "\u{2028}",
    "&a ",
    "*a",
    "*d",
    "!x ",
    "!!binary ",
    "<<: ",
    "- ",
    "? ",
    "---\n",
    "...\n",
    "%YAML 9.9\n",
    "|\n",
    "99999",
    "-1",
    "null",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "\\ud800",
    "%FF",
];

/// Loads a damaged file and returns the messages about it.
fn told(name: &str, text: &[u8]) -> Result<String, TestCaseError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let started = Instant::now();
    let loaded = crate::sources::load(path);
    prop_assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    match &loaded {
        Err(error) => {
            prop_assert!(error.to_string().contains(path), "{}", error);
            prop_assert!(error.hint().is_some(), "{}", error);
            Ok(format!("{error} {error:?} {:?}", error.hint()))
        }
        Ok(loaded) => {
            for connection in &loaded.connections {
                prop_assert!(connection.origin.line.is_some_and(|line| line > 0));
            }
            let line = |connection: &Connection| {
                format!("{} {:?} {:?}", connection.origin, connection.problems, connection.warnings)
            };
            Ok(loaded.connections.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn damaged_files_are_refused_or_have_problems_and_show_nothing(
        good in 0..GOOD.len(),
        damages in proptest::collection::vec((any::<prop::sample::Index>(), 0..4, any::<prop::sample::Index>()), 1..5),
    ) {
        let (name, text) = GOOD[good];
        let mut text = text.as_bytes().to_vec();
        for (place, kind, piece) in damages {
            let at = place.index(text.len() + 1);
            match kind {
                0 => text.truncate(at.max(1)),
                1 => { text.splice(at..at, PIECES[piece.index(PIECES.len())].bytes()); }
                2 => { let end = (at + 1 + piece.index(8)).min(text.len()); text.drain(at.min(end)..end); }
                _ => { if let Some(byte) = text.get_mut(at) { *byte = b" \n\"':{}[],=\\#&*-"[piece.index(15)]; } }
            }
        }
        let told = told(name, &text)?;
        prop_assert!(!told.contains(CANARY), "{}\n{}", String::from_utf8_lossy(&text), told);
    }

    /// No input may make the readers panic.
    #[test]
    fn any_soup_is_read_or_refused(name in "c\\.(json|yaml|env)", pieces in proptest::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        drop(load_file(&name, &text));
    }
}

#[test]
fn ten_thousand_definitions_of_every_format_are_read_at_once() {
    let entries = 0..10_000;
    let json: Vec<String> = entries
        .clone()
        .map(|number| format!("\"c{number}\": {{\"conn_type\": \"postgres\", \"host\": \"db{number}\", \"port\": 5432, \"password\": \"secret\"}}"))
        .collect();
    let yaml: Vec<String> = entries
        .clone()
        .map(|number| format!("c{number}:\n  conn_type: postgres\n  host: db{number}\n  port: 5432\n  password: secret\n  extra: '{{\"a\": 1}}'\n"))
        .collect();
    let env: Vec<String> =
        entries.map(|number| format!("c{number}=postgres://u:secret@db{number}:5432/db?a=b\n")).collect();
    for (name, text) in
        [("c.json", format!("{{{}}}", json.join(",\n"))), ("c.yaml", yaml.concat()), ("c.env", env.concat())]
    {
        let started = Instant::now();
        let connections = crate::sources::read_file(name, &text);
        assert_eq!(connections.len(), 10_000, "{name}");
        assert_eq!(connections[9_999].host.as_deref(), Some("db9999"), "{name}");
        assert!(started.elapsed().as_secs() < 20, "{name}: {:?}", started.elapsed());
    }
}
