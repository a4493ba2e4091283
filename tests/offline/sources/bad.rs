//! Bad definitions, one file each in `fixtures/definitions/bad`: the messages about them, that the good entry beside a
//! bad one still loads, and that no secret is shown.

use std::collections::BTreeSet;

use connprobe::model::reason::ReasonCode;

use crate::snapshot;
use crate::sources::{CANARY, definitions, load, shown};

/// Files that cannot be read as a whole.
const FILES: &[&str] = &[
    "trailing-comma",
    "comment",
    "single-quotes",
    "python-literals",
    "unquoted-key",
    "missing-comma",
    "unescaped-quote",
    "unclosed-text",
    "bad-escape",
    "half-character",
    "cut-off",
    "two-documents",
    "nested-too-deep",
    "log-line-first",
    "empty",
    "blanks",
    "utf16",
    "utf16-without-mark",
    "latin1",
    "a-number",
    "a-text",
    "null",
];

/// Entries that cannot be used.
const ENTRIES: &[(&str, &[ReasonCode])] = &[
    ("entry-null", &[ReasonCode::BadEntry]),
    ("entry-number", &[ReasonCode::BadEntry]),
    ("entry-flag", &[ReasonCode::BadEntry]),
    ("entry-empty-list", &[ReasonCode::BadEntry]),
    ("entry-nested-list", &[ReasonCode::BadEntry]),
    ("entry-empty-text", &[ReasonCode::BadEntry]),
    ("entry-not-a-uri", &[ReasonCode::BadUri]),
    ("entry-json-text", &[ReasonCode::BadEntry]),
    ("port-zero", &[ReasonCode::BadField]),
    ("port-word", &[ReasonCode::BadField]),
    ("port-fraction", &[ReasonCode::BadField]),
    ("port-too-large", &[ReasonCode::BadField]),
    ("port-negative", &[ReasonCode::BadField]),
    ("port-nan", &[ReasonCode::BadField]),
    ("port-flag", &[ReasonCode::BadField]),
    ("port-object", &[ReasonCode::BadField]),
    ("extra-not-json", &[ReasonCode::BadField]),
    ("extra-broken-json", &[ReasonCode::BadField]),
    ("extra-list", &[ReasonCode::BadField]),
    ("extra-text-list", &[ReasonCode::BadField]),
    ("extra-number", &[ReasonCode::BadField]),
    ("extra-twice", &[ReasonCode::BadField]),
    ("masked-password", &[ReasonCode::SecretMasked]),
    ("masked-extra", &[ReasonCode::SecretMasked]),
    ("masked-extra-dejson", &[ReasonCode::SecretMasked, ReasonCode::SecretMasked]),
    ("masked-uri", &[ReasonCode::SecretMasked]),
    ("uri-and-fields", &[ReasonCode::ContradictingFields]),
    ("spellings-differ", &[ReasonCode::ContradictingFields, ReasonCode::ContradictingFields]),
    ("text-object", &[ReasonCode::BadField, ReasonCode::BadField, ReasonCode::BadField]),
    ("uri-port-word", &[ReasonCode::BadUri]),
    ("uri-port-too-large", &[ReasonCode::BadUri]),
    ("uri-port-zero", &[ReasonCode::BadUri]),
    ("uri-without-slashes", &[ReasonCode::BadUri]),
    ("uri-two-readings", &[ReasonCode::BadUri]),
    ("uri-host-is-url", &[ReasonCode::BadUri]),
    ("uri-brackets", &[ReasonCode::BadUri]),
    ("uri-extra-not-json", &[ReasonCode::BadField]),
    ("uri-extra-list", &[ReasonCode::BadField]),
    ("many-problems", &[ReasonCode::BadField, ReasonCode::BadField, ReasonCode::BadField, ReasonCode::SecretMasked]),
];

fn path(name: &str) -> String {
    definitions().join("bad").join(name).with_extension("json").display().to_string()
}

#[test]
fn every_file_has_its_row() {
    let files: BTreeSet<String> = std::fs::read_dir(definitions().join("bad"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let rows = FILES.iter().copied().chain(ENTRIES.iter().map(|(name, _)| *name));
    assert_eq!(files, rows.map(str::to_owned).collect());
}

#[test]
fn a_bad_file_is_named_with_the_place_and_never_quoted() {
    for name in FILES {
        let path = path(name);
        let error = load(&path).expect_err(name);
        assert_eq!(error.reason(), ReasonCode::SourceMalformed, "{name}: {error}");
        snapshot::hold("bad-definitions.txt", name, &error.to_string().replace(&path, "FILE"));
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(!shown.contains(CANARY), "{name}: {shown}");
        assert!(error.hint().is_some(), "{name}: {shown}");
    }
}

#[test]
fn a_bad_entry_tells_every_problem_and_hides_no_other() {
    for (name, reasons) in ENTRIES {
        let loaded = load(&path(name)).map_err(|error| format!("{name}: {error}")).unwrap();
        let [bad, fine] = &loaded.connections[..] else { panic!("{name}: {loaded:?}") };
        let found: Vec<ReasonCode> = bad.problems.iter().map(|problem| problem.reason).collect();
        assert_eq!(found, *reasons, "{name}");
        snapshot::hold("bad-definitions.txt", name, &bad.problems.iter().map(shown).collect::<String>());
        assert_eq!(bad.conn_id.as_deref(), Some("bad"), "{name}");
        assert_eq!((bad.origin.line, fine.origin.line), (Some(2), Some(3)), "{name}");
        assert_eq!((&fine.problems[..], fine.host.as_deref()), (&[][..], Some("db1.example")), "{name}");
        let shown = format!("{loaded:?}");
        assert!(!shown.contains(CANARY), "{name}: {shown}");
    }
}
