//! Bad definitions, one file each in `fixtures/definitions/bad`: what is said about them, that the
//! good entry beside a bad one still loads, and that no secret is shown.

use std::collections::BTreeSet;

use crate::{CANARY, definitions, load};

/// Files that cannot be read as a whole.
const FILES: &[(&str, &str)] = &[
    ("trailing-comma", "is not JSON: line 3, column 1: expected a key"),
    ("comment", "is not JSON: line 2, column 3: expected a key or `}`"),
    ("single-quotes", "is not JSON: line 1, column 2: expected a key or `}`"),
    ("python-literals", "is not JSON: line 1, column 65: expected a value"),
    ("unquoted-key", "is not JSON: line 1, column 2: expected a key or `}`"),
    ("missing-comma", "is not JSON: line 4, column 5: expected `,` or `}`"),
    ("unescaped-quote", "is not JSON: line 2, column 52: expected `,` or `}`"),
    ("unclosed-text", "is not JSON: line 2, column 56: a control character inside a text"),
    ("bad-escape", "is not JSON: line 2, column 49: an unknown escape inside a text"),
    ("half-character", "is not JSON: line 2, column 55: an escape that is half a character"),
    ("cut-off", "is not JSON: line 2, column 56: expected `,` or `}`"),
    ("two-documents", "is not JSON: line 2, column 1: expected the end"),
    ("nested-too-deep", "is not JSON: line 1, column 137: nested deeper than 128 levels"),
    ("log-line-first", "is not JSON: line 1, column 2: a malformed number"),
    ("empty", "is empty"),
    ("blanks", "is empty"),
    ("utf16", "is UTF-16 text"),
    ("utf16-without-mark", "is UTF-16 text"),
    ("latin1", "is not UTF-8 text: line 2, byte 25 of the file"),
    ("a-number", "holds a number instead of connections"),
    ("a-text", "holds a text instead of connections"),
    ("null", "holds null instead of connections"),
];

/// Entries that cannot be used.
const ENTRIES: &[(&str, &[&str])] = &[
    ("entry-null", &["a definition must be an object or a URI, not null"]),
    ("entry-number", &["a definition must be an object or a URI, not a number"]),
    ("entry-flag", &["a definition must be an object or a URI, not true or false"]),
    ("entry-empty-list", &["the list under this name is empty: there is no definition to check"]),
    ("entry-nested-list", &["a definition must be an object or a URI, not a list"]),
    ("entry-empty-text", &["the definition is empty"]),
    ("entry-not-a-uri", &["the URI does not begin with a type and `://`"]),
    ("entry-json-text", &["the definition is a text, but not JSON: line 1, column 39: expected a value"]),
    ("port-zero", &["`port` `0` is not a whole number from 1 to 65535"]),
    ("port-word", &["`port` is not a number"]),
    ("port-fraction", &["`port` `5432.7` is not a whole number from 1 to 65535"]),
    ("port-too-large", &["`port` `65536` is not a whole number from 1 to 65535"]),
    ("port-negative", &["`port` `-1` is not a whole number from 1 to 65535"]),
    ("port-nan", &["`port` is not a number"]),
    ("port-flag", &["`port` must be a number, not true or false"]),
    ("port-object", &["`port` must be a number, not an object"]),
    ("extra-not-json", &["`extra` is not JSON: line 1, column 1: expected a value"]),
    ("extra-broken-json", &["`extra` is not JSON: line 1, column 23: expected a key"]),
    ("extra-list", &["`extra` must be an object, not a list"]),
    ("extra-text-list", &["`extra` must be an object, not a list"]),
    ("extra-number", &["`extra` must be an object, not a number"]),
    ("extra-twice", &["`extra` and `extra_dejson` are both given"]),
    ("masked-password", &["`password` is masked: `***` stands where the secret was"]),
    ("masked-extra", &["extra `aws_secret_access_key` is masked: `***` stands where the secret was"]),
    (
        "masked-extra-dejson",
        &[
            "`extra_dejson` is masked: `***` stands where the secret was",
            "`password` is masked: `***` stands where the secret was",
        ],
    ),
    ("masked-uri", &["`password` is masked: `***` stands where the secret was"]),
    ("uri-and-fields", &["a URI cannot be mixed with fields of its own: `host`, `password`"]),
    (
        "spellings-differ",
        &["`login` and `user` mean the same and differ", "`password` and `pw` mean the same and differ"],
    ),
    (
        "text-object",
        &[
            "`host` must be a text, not an object",
            "`login` must be a text, not true or false",
            "`password` must be a text, not a list",
        ],
    ),
    ("uri-port-word", &["the port in the URI is not a number"]),
    ("uri-port-too-large", &["the port in the URI is not within 1 and 65535"]),
    ("uri-port-zero", &["the port in the URI is not within 1 and 65535"]),
    ("uri-without-slashes", &["the URI does not begin with a type and `://`"]),
    ("uri-two-readings", &["the URI can be read in more than one way: an `@` stands behind the host"]),
    ("uri-host-is-url", &["the host in the URI is itself a URL"]),
    ("uri-brackets", &["the brackets in the host of the URI do not match"]),
    ("uri-extra-not-json", &["`__extra__` is not JSON: line 1, column 1: expected a value"]),
    ("uri-extra-list", &["`__extra__` must be an object, not a list"]),
    (
        "many-problems",
        &[
            "`host` must be a text, not a list",
            "`port` `0` is not a whole number from 1 to 65535",
            "`extra` is not JSON: line 1, column 1: expected a value",
            "`password` is masked: `***` stands where the secret was",
        ],
    ),
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
    let rows = FILES.iter().map(|(name, _)| *name).chain(ENTRIES.iter().map(|(name, _)| *name));
    assert_eq!(files, rows.map(str::to_owned).collect());
}

#[test]
fn a_bad_file_is_named_with_the_place_and_never_quoted() {
    for (name, message) in FILES {
        let path = path(name);
        let error = load(&path).expect_err(name);
        assert_eq!(error.to_string(), format!("`{path}` {message}"));
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(!shown.contains(CANARY), "{name}: {shown}");
        assert!(error.hint().is_some(), "{name}: {shown}");
    }
}

#[test]
fn a_bad_entry_tells_every_problem_and_hides_no_other() {
    for (name, problems) in ENTRIES {
        let loaded = load(&path(name)).map_err(|error| format!("{name}: {error}")).unwrap();
        let [bad, fine] = &loaded.connections[..] else { panic!("{name}: {loaded:?}") };
        let messages: Vec<&str> = bad.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, *problems, "{name}");
        assert_eq!(bad.conn_id.as_deref(), Some("bad"), "{name}");
        assert_eq!((bad.origin.line, fine.origin.line), (Some(2), Some(3)), "{name}");
        assert_eq!((&fine.problems[..], fine.host.as_deref()), (&[][..], Some("db1.example")), "{name}");
        let shown = format!("{loaded:?}");
        assert!(!shown.contains(CANARY), "{name}: {shown}");
    }
}
