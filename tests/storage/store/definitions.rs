//! Stored definitions come back complete and in order. A change fails if another change came in between.

use connprobe::model::class::Class;
use connprobe::model::connection::Connection;
use connprobe::model::reason::ReasonCode;
use connprobe::model::secret::Secret;
use connprobe::model::warning::WarningCode;
use connprobe::store::{Access, Change, RowId, StoreError};

use crate::store::bench::{Bench, CANARY, Store, add, definition, extra, on_both, open_definition, whole};

on_both!(
    a_definition_comes_back_whole,
    a_change_is_all_or_nothing,
    a_lost_update_is_an_error,
    a_name_is_no_key_but_can_be_asked_to_be,
    without_a_key_rows_are_shown_and_not_used,
    what_no_database_gives_back_is_refused,
    making_a_store_twice_changes_nothing,
);

fn a_definition_comes_back_whole(bench: &Bench) {
    let mut store = bench.create();
    let empty = Connection { conn_id: None, conn_type: None, ..Connection::new(definition("x").origin) };
    let named = definition("warehouse");
    let ids = store.apply(&[add(&named), add(&empty)]).unwrap();
    let stored = bench.definitions();
    assert_eq!(stored.iter().map(|stored| stored.id).collect::<Vec<_>>(), ids);
    assert_eq!(whole(&stored[0].connection), whole(&named));
    assert_eq!(whole(&stored[1].connection), whole(&empty));
    assert_eq!(stored[0].connection.origin.to_string(), ids[0].to_string());
    assert_eq!(RowId::of_origin(&stored[0].connection.origin.to_string()), Some(ids[0]));
    assert!(stored.iter().all(|stored| stored.connection.problems.is_empty() && !stored.failing));
    assert!(stored[0].created_at == stored[0].updated_at && stored[0].history.is_none() && stored[0].version == 1);
    assert!(!format!("{stored:?}").contains(CANARY));
}

fn a_change_is_all_or_nothing(bench: &Bench) {
    let mut store = bench.create();
    let (one, two, three) = (definition("one"), definition("two"), definition("three"));
    let ids = store.apply(&[add(&one), add(&two)]).unwrap();
    let cleared = Connection { password: None, extra: extra(serde_json::json!({})), ..definition("one") };
    let changes = [
        Change::Update { id: ids[0], version: 1, connection: cleared.clone().into(), failing: true },
        add(&three),
        Change::Remove { id: ids[1], version: 1 },
    ];
    let about = store.apply(&changes).unwrap();
    assert_eq!((about[0], about[2]), (ids[0], ids[1]));
    let stored = bench.definitions();
    assert_eq!(stored.iter().map(|stored| stored.id).collect::<Vec<_>>(), [ids[0], about[1]]);
    assert_eq!(whole(&stored[0].connection), whole(&cleared));
    assert!(stored[0].failing && stored[0].version == 2 && stored[0].updated_at > stored[0].created_at);
    // The same changes again: the removal fails, so all of them do. The number of a removed row is never used again.
    let again = store.apply(&changes);
    assert!(matches!(again, Err(StoreError::Changed { id }) if id == ids[1]), "{again:?}");
    assert_eq!(bench.definitions().len(), 2);
    assert!(store.apply(&[add(&two)]).unwrap()[0] > about[1]);
}

fn a_lost_update_is_an_error(bench: &Bench) {
    let mut store = bench.create();
    let old = definition("one");
    let id = store.apply(&[add(&old)]).unwrap()[0];
    let (mine, theirs) = (open_definition("mine"), open_definition("theirs"));
    let update = |connection: &Connection| {
        let connection = connection.clone().into();
        Change::Update { id, version: 1, connection, failing: false }
    };
    bench.open().apply(&[update(&theirs)]).unwrap();
    for change in [update(&mine), Change::Remove { id, version: 1 }] {
        let error = store.apply(&[change]).unwrap_err();
        assert!(matches!(error, StoreError::Changed { id: which } if which == id), "{error}");
    }
    assert_eq!(whole(&bench.definitions()[0].connection), whole(&theirs));
}

fn a_name_is_no_key_but_can_be_asked_to_be(bench: &Bench) {
    let mut store = bench.create();
    let one = open_definition("one");
    let again = |unique| Change::Add { connection: one.clone().into(), failing: false, unique };
    store.apply(&[again(true)]).unwrap();
    let error = store.apply(&[again(true)]).unwrap_err();
    assert!(matches!(&error, StoreError::Duplicate { conn_id } if conn_id == "one"), "{error}");
    store.apply(&[again(false)]).unwrap();
    assert_eq!(bench.definitions().len(), 2);
    let two = open_definition("two");
    assert!(matches!(store.apply(&[add(&two), add(&two)]), Err(StoreError::Duplicate { .. })));
    // A definition that the same change removes is no duplicate.
    let stored = bench.definitions();
    let mut changes: Vec<Change> =
        stored.iter().map(|stored| Change::Remove { id: stored.id, version: stored.version }).collect();
    changes.push(again(true));
    store.apply(&changes).unwrap();
}

fn without_a_key_rows_are_shown_and_not_used(bench: &Bench) {
    bench.create().apply(&[add(&definition("secret")), add(&open_definition("open"))]).unwrap();
    let mut store = bench.open_without_key();
    // Rows that could not be verified are not added.
    for refused in [open_definition("x"), definition("y")] {
        let refused = store.apply(&[add(&refused)]);
        assert!(matches!(refused, Err(StoreError::NoKey)), "{refused:?}");
    }
    let stored = store.definitions().unwrap();
    assert_eq!(stored.len(), 2);
    let problems = &stored[0].connection.problems;
    assert_eq!(problems.len(), 2, "of password and extra: {problems:?}");
    assert!(problems.iter().all(|problem| problem.class == Class::Secret && problem.hint.is_some()));
    assert!(stored[0].connection.password.is_none());
    // A row without secrets is shown but not used: without the key nothing proves that its target is the stored one.
    let [problem] = &stored[1].connection.problems[..] else { panic!("{:?}", stored[1].connection.problems) };
    assert_eq!((problem.class, problem.reason), (Class::Secret, ReasonCode::KeyMissing));
    assert_eq!(stored[1].connection.host, open_definition("open").host);
    assert!(stored.iter().all(|stored| stored.connection.warnings[0].code == WarningCode::StoreUnverified));
    assert_eq!(store.check().unwrap().faults.len(), 4, "two secrets, a row without, and that nothing can be verified");
    assert!(bench.open().check().unwrap().faults.is_empty());
}

fn what_no_database_gives_back_is_refused(bench: &Bench) {
    let mut store = bench.create();
    for (connection, fine) in [
        (Connection { host: Some("a\0b".to_owned()), ..definition("nul") }, false),
        (Connection { password: Some(Secret::new("a\0b".to_owned())), ..definition("nul in a secret") }, true),
        (
            Connection { problems: vec![connprobe::model::problem::EntryFlaw::Empty.into()], ..definition("problem") },
            false,
        ),
        (Connection { password: Some(Secret::new("x".repeat(500 << 10))), ..definition("large") }, true),
        (Connection { password: Some(Secret::new("x".repeat(600 << 10))), ..definition("larger") }, false),
        (Connection { description: Some("☃".repeat(300 << 10)), ..definition("long") }, false),
    ] {
        match store.apply(&[add(&connection)]) {
            Ok(_) => {
                assert!(fine, "{:?}", connection.conn_id);
                assert_eq!(whole(&bench.definitions().pop().unwrap().connection), whole(&connection));
            }
            Err(error) => assert!(!fine && matches!(error, StoreError::Unstorable { .. }), "{error}"),
        }
    }
}

fn making_a_store_twice_changes_nothing(bench: &Bench) {
    bench.create().apply(&[add(&definition("one"))]).unwrap();
    bench.create();
    assert_eq!(whole(&bench.definitions()[0].connection), whole(&definition("one")));
    std::fs::remove_file(bench.key_file()).unwrap();
    for opened in
        [Store::create(&bench.location, &bench.options), Store::open(&bench.location, &bench.options, Access::Write)]
    {
        let error = opened.err().unwrap();
        assert!(matches!(error, StoreError::KeyMissing { .. }), "{error}");
    }
    assert!(!bench.key_file().exists());
}
