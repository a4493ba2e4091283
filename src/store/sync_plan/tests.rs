//! Tests of what a sync would change, case by case.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::model::connection::Origin;
use crate::store::stored::RowId;

/// A definition `name=host` with a password.
fn definition(text: &str) -> Connection {
    let (name, host) = text.split_once('=').unwrap();
    let origin = Origin { source: "c.json".into(), line: None, pointer: format!("/{text}"), occurrence: 0 };
    Connection {
        conn_id: Some(name.to_owned()).filter(|name| !name.is_empty()),
        host: Some(host.to_owned()),
        password: Some(Secret::new("hunter2".to_owned())),
        ..Connection::new(origin)
    }
}

fn row(id: i64, text: &str) -> Stored {
    Stored {
        id: RowId(id),
        version: 1,
        connection: definition(text),
        failing: false,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        history: None,
    }
}

fn told(step: &SyncStep<'_>) -> String {
    let name = |connection: &Connection| {
        let host = connection.host.as_deref().unwrap();
        format!("{}={host}", connection.conn_id.as_deref().unwrap_or_default())
    };
    let rows = |rows: &[&Stored]| rows.iter().map(|row| row.id.0.to_string()).collect::<Vec<_>>().join("+");
    match step {
        SyncStep::Add(new) => format!("add {}", name(new)),
        SyncStep::Update(row, new) => format!("update {} {}", row.id.0, name(new)),
        SyncStep::Unchanged(new) => format!("same {}", name(new)),
        SyncStep::Keep(stored, new) => format!("keep {} {}", rows(stored), name(new)),
        SyncStep::Undecided(stored, new) => format!("ask {} {}", rows(stored), name(new)),
        SyncStep::Repeated(count, new) => format!("one of {count} {}", name(new)),
        SyncStep::Nameless(new) => format!("nameless {}", name(new)),
        SyncStep::Supersede(row) => format!("supersede {}", row.id.0),
        SyncStep::Prune(row) => format!("prune {}", row.id.0),
    }
}

const KEEP: (bool, OnConflict, bool) = (false, OnConflict::Ask, false);
const REPLACE: (bool, OnConflict, bool) = (true, OnConflict::Ask, false);
const REPLACE_OR_KEEP: (bool, OnConflict, bool) = (true, OnConflict::Keep, false);
const ALL: (bool, OnConflict, bool) = (true, OnConflict::Replace, false);
const DUPLICATES: (bool, OnConflict, bool) = (true, OnConflict::Ask, true);

#[test]
fn what_comes_is_set_against_what_is_stored_by_name() {
    for (incoming, stored, (replace, several, duplicates), expected) in [
        (&["a=1", "b=1"][..], &[][..], KEEP, &["add a=1", "add b=1"][..]),
        (&["b=1", "a=1"], &["a=1"], KEEP, &["add b=1", "same a=1"]),
        (&["a=2"], &["a=1"], KEEP, &["keep 1 a=2"]),
        (&["a=2"], &["a=1", "b=1"], REPLACE, &["update 1 a=2"]),
        (&["=1", "a=1"], &["=1"], REPLACE, &["nameless =1", "add a=1"]),
        // OnConflict definitions of one name in the store.
        (&["a=3"], &["a=1", "a=2"], KEEP, &["keep 1+2 a=3"]),
        (&["a=3"], &["a=1", "a=2"], REPLACE, &["ask 1+2 a=3"]),
        (&["a=3"], &["a=1", "a=2"], REPLACE_OR_KEEP, &["keep 1+2 a=3"]),
        (&["a=3"], &["a=1", "a=2"], ALL, &["supersede 2", "update 1 a=3"]),
        (&["a=2"], &["a=1", "a=2"], REPLACE, &["same a=2"]),
        (&["a=2"], &["a=1", "a=2"], ALL, &["supersede 1", "same a=2"]),
        (&["a=1"], &["a=1", "a=1"], ALL, &["supersede 2", "same a=1"]),
        (&["a=2"], &["a=1"], REPLACE_OR_KEEP, &["update 1 a=2"]),
        // OnConflict definitions of one name in the sources.
        (&["a=1", "a=1"], &[], KEEP, &["add a=1", "same a=1"]),
        (&["a=1", "b=1", "a=2"], &[], REPLACE, &["one of 2 a=1", "add b=1", "one of 2 a=2"]),
        (&["a=1", "a=2"], &[], DUPLICATES, &["add a=1", "add a=2"]),
        (&["a=1", "a=2"], &["a=2"], DUPLICATES, &["add a=1", "same a=2"]),
        (&["a=1", "a=2"], &["a=2", "a=3"], DUPLICATES, &["update 2 a=1", "same a=2"]),
        (&["a=1", "a=2"], &["a=3"], DUPLICATES, &["ask 1 a=1", "ask 1 a=2"]),
        (&["a=1", "a=2"], &["a=3"], (true, OnConflict::Replace, true), &["update 1 a=1", "add a=2"]),
    ] {
        let incoming: Vec<Arc<Connection>> = incoming.iter().map(|text| definition(text).into()).collect();
        let stored: Vec<Stored> = (1..).zip(stored).map(|(id, text)| row(id, text)).collect();
        let options = SyncOptions { replace, several, decided: HashMap::new(), duplicates };
        let steps = difference(&incoming.iter().collect::<Vec<_>>(), &stored, &options);
        assert_eq!(steps.iter().map(told).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_name_can_be_decided_alone() {
    let (a, b) = (definition("a=3").into(), definition("b=3").into());
    let stored = [row(1, "a=1"), row(2, "a=2"), row(3, "b=1"), row(4, "b=2")];
    let decided =
        [("a", OnConflict::Replace), ("b", OnConflict::Keep)].map(|(name, several)| (name.to_owned(), several));
    let options = SyncOptions { replace: true, decided: decided.into(), ..SyncOptions::default() };
    let steps = difference(&[&a, &b], &stored, &options);
    let told: Vec<String> = steps.iter().map(told).collect();
    assert_eq!(told, ["supersede 2", "update 1 a=3", "keep 3+4 b=3"]);
}

#[test]
fn pruned_is_what_no_source_names_and_nothing_without_a_name() {
    let stored = [row(1, "a=1"), row(2, "b=1"), row(3, "=1"), row(4, "b=2")];
    let told: Vec<String> = pruned(&stored, |name| name == "a").iter().map(told).collect();
    assert_eq!(told, ["prune 2", "prune 4"]);
}

#[test]
fn a_difference_is_told_by_field_and_without_secrets() {
    let full = |extra: Value| {
        let Value::Object(extra) = extra else { unreachable!() };
        Connection {
            conn_type: Some("postgres".into()),
            schema: Some("sales".into()),
            login: Some("etl".into()),
            port: Some(5432),
            extra: Extra::new(extra),
            directory: Some("/a".into()),
            ..definition("a=db1")
        }
    };
    let text = |shown: &Shown| match shown {
        Shown::Absent => "-".to_owned(),
        Shown::Text(text) => text.clone(),
        Shown::Secret => "*".to_owned(),
        Shown::Unreadable => "?".to_owned(),
    };
    let told = |old: &Connection, new: &Connection| {
        let changes = changes(old, new);
        changes.iter().map(|one| format!("{} {} {}", one.field, text(&one.from), text(&one.to))).collect::<Vec<_>>()
    };
    let old = || full(json!({"sslmode": "require", "old": "hunter2"}));
    let none = Vec::<String>::new();
    assert_eq!(told(&old(), &old()), none);
    assert_eq!(told(&old(), &Connection { directory: Some("/b".into()), ..old() }), none);
    let reordered = full(json!({"old": "hunter2", "sslmode": "require"}));
    assert_eq!(told(&old(), &reordered), none);
    let empty = Connection { password: Some(Secret::new(String::new())), ..old() };
    assert_eq!(told(&Connection { password: None, ..old() }, &empty), none);
    assert_eq!(told(&old(), &Connection { password: None, ..old() }), ["password * -"]);
    assert_eq!(
        told(&old(), &Connection { host: Some("db2".into()), port: None, description: Some("d".into()), ..old() }),
        ["description - d", "host db1 db2", "port 5432 -"]
    );
    assert_eq!(
        told(&old(), &full(json!({"sslmode": "verify-full", "sslrootcert": "CA.pem"}))),
        ["extra.old * -", "extra.sslmode * *", "extra.sslrootcert - *"]
    );
    let keys = json!({"password=Zq9Kanari7xW": 1, "pwd: Zq9Kanari7xW": 2, "x-hunter2": 3, "old": "hunter2", "sslmode": "require"});
    assert_eq!(told(&old(), &full(keys.clone())), ["extra.… - *"; 3]);
    assert_eq!(told(&full(keys), &old()), ["extra.… * -"; 3]);
    let files = full(json!({"ssl": {"ca": "ca.pem"}}));
    assert_eq!(
        told(&files, &Connection { directory: Some("/b".into()), ..full(json!({"ssl": {"ca": "ca.pem"}})) }),
        ["directory /a /b"]
    );
    let unreadable = Connection {
        problems: vec![crate::model::problem::RowFlaw::SecretNoKey { field: "password" }.into()],
        password: None,
        ..old()
    };
    assert_eq!(told(&unreadable, &old()), ["secrets ? *"]);
}
