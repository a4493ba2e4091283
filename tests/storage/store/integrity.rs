//! A user who can write the database but has no key cannot change anything that is used: every row is used only as it
//! was stored, and `check` names the others.

use connprobe::model::class::Class;
use connprobe::model::connection::Connection;
use connprobe::model::reason::ReasonCode;
use connprobe::model::warning::WarningCode;
use connprobe::store::{Access, Change, Location, Options, RowId, StoreError};

use crate::store::bench::{Bench, Store, add, definition, on_both, open_definition, options, whole};

on_both!(
    a_row_that_was_changed_is_not_used,
    a_row_that_was_put_back_is_not_used_until_it_is_entered_anew,
    a_row_of_a_copy_that_was_used_is_not_used_here,
    a_row_that_was_removed_or_added_is_seen,
    a_store_without_its_seal_gives_no_secret,
    an_old_row_is_not_used_under_another_seal_and_no_new_key_hides_it,
    a_store_that_was_emptied_warns,
    what_was_stored_without_any_key_is_sealed_by_the_first,
    a_new_key_seals_what_is_there,
    a_seal_of_a_key_that_is_not_at_hand_vouches_for_nothing,
    nothing_is_used_while_the_next_key_is_away,
    a_store_does_not_become_an_unsealed_one,
);

/// The rows that are refused, all with class `secret`. None of their secrets is opened.
fn refused(bench: &Bench) -> Vec<RowId> {
    let stored = bench.definitions();
    let refused = stored.iter().filter(|stored| !stored.connection.problems.is_empty());
    let refused = refused.inspect(|stored| {
        let connection = &stored.connection;
        assert!(connection.problems.iter().all(|problem| problem.class == Class::Secret && problem.hint.is_some()));
        let reasons = [ReasonCode::RowChanged, ReasonCode::RowPutBack, ReasonCode::SecretDamaged, ReasonCode::KeyWrong];
        assert!(connection.problems.iter().all(|problem| reasons.contains(&problem.reason)));
        assert!(connection.password().is_none() && connection.extra.object().is_empty(), "a secret was opened");
    });
    refused.map(|stored| stored.id).collect()
}

/// The codes of the warnings of every row.
fn warned(bench: &Bench) -> Vec<WarningCode> {
    let mut codes: Vec<_> =
        bench.definitions().into_iter().flat_map(|stored| stored.connection.warnings).map(|one| one.code).collect();
    codes.dedup();
    codes
}

/// The number of faults that `check` reports. One of them must name `row`.
fn complaints(bench: &Bench, row: RowId) -> usize {
    let faults = bench.open().check().unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains(&format!("`{row}`"))), "{row}: {faults:?}");
    faults.len()
}

fn number(row: RowId) -> String {
    row.to_string()["store#".len()..].to_owned()
}

/// Two rows with secrets, and one without.
fn filled(bench: &Bench) -> (Store, [RowId; 3]) {
    let mut store = bench.create();
    let ids = store.apply(&[add(&definition("one")), add(&definition("two")), add(&open_definition("open"))]).unwrap();
    (store, [ids[0], ids[1], ids[2]])
}

/// Every column of a row, to restore it later.
const COLUMNS: &str = "uid, CAST(version AS TEXT), conn_id, conn_type, description, host, schema, login, password, \
    CAST(port AS TEXT), extra, directory, created_at, updated_at, CAST(failing AS TEXT), tag";

fn kept(bench: &Bench, row: RowId) -> Vec<Option<String>> {
    bench.sql(&format!("SELECT {COLUMNS} FROM connection WHERE id = {}", number(row))).remove(0)
}

fn values(kept: &[Option<String>]) -> String {
    let quoted = |value: &Option<String>| {
        value.as_ref().map_or_else(|| "NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
    };
    let mut values: Vec<String> = kept.iter().map(quoted).collect();
    for number in [1, 9, 14] {
        values[number] = format!("CAST({} AS INTEGER)", values[number]);
    }
    values.join(", ")
}

/// The names of the columns in [`COLUMNS`].
fn names() -> String {
    COLUMNS.replace("CAST(", "").replace(" AS TEXT)", "")
}

fn put_back(bench: &Bench, row: RowId, kept: &[Option<String>]) {
    let values = values(kept);
    bench.sql(
        &format!("UPDATE connection SET ({}) = ROW({values}) WHERE id = {}", names(), number(row))
            .replace("ROW(", if matches!(bench.location, Location::Sqlite(_)) { "(" } else { "ROW(" }),
    );
}

fn insert(bench: &Bench, row: RowId, kept: &[Option<String>]) {
    let overriding = if matches!(bench.location, Location::Sqlite(_)) { "" } else { "OVERRIDING SYSTEM VALUE" };
    let (names, values) = (names(), values(kept));
    bench.sql(&format!("INSERT INTO connection (id, {names}) {overriding} VALUES ({}, {values})", number(row)));
}

fn a_row_that_was_changed_is_not_used(bench: &Bench) {
    let (_store, [one, two, open]) = filled(bench);
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    let other = kept(bench, two);
    let (other_tag, other_extra) = (other[15].clone().unwrap(), other[10].clone().unwrap());
    let changes = [
        "extra = NULL",
        "password = NULL",
        "password = NULL, extra = NULL",
        "directory = '/tmp/elsewhere'",
        "conn_id = 'other'",
        "conn_id = NULL",
        "conn_type = 'mysql'",
        "description = NULL",
        "host = 'evil.example'",
        "schema = 'other'",
        "login = 'root'",
        "port = 5433",
        "port = NULL",
        "failing = 1",
        "failing = 7",
        "failing = -1",
        "version = version + 1",
        "uid = 'another'",
        "created_at = '2020-01-01T00:00:00.000000Z'",
        "updated_at = '2020-01-01T00:00:00.000000Z'",
        "created_at = 'long ago'",
        "updated_at = ''",
        "tag = NULL",
        "tag = 't1'",
    ];
    let tag = format!("tag = '{other_tag}'");
    let extra = format!("extra = '{other_extra}', tag = '{other_tag}'");
    for row in [one, open] {
        let before = kept(bench, row);
        for change in changes.iter().copied().chain([tag.as_str(), &extra]) {
            bench.sql(&format!("UPDATE connection SET {change} WHERE id = {}", number(row)));
            if kept(bench, row) == before {
                continue;
            }
            assert_eq!(refused(bench), [row], "{row}: {change}");
            complaints(bench, row);
            put_back(bench, row, &before);
            assert_eq!(refused(bench), [], "{row}: {change}");
        }
    }
    // A row is bound to its number as well.
    if matches!(bench.location, Location::Sqlite(_)) {
        bench.sql(&format!("UPDATE connection SET id = 77 WHERE id = {}", number(one)));
        assert_eq!(refused(bench).len(), 3);
    }
}

fn a_row_that_was_put_back_is_not_used_until_it_is_entered_anew(bench: &Bench) {
    let (mut store, [one, two, _]) = filled(bench);
    let first = kept(bench, one);
    let changed = definition("changed");
    let change = |store: &mut Store, version| {
        store
            .apply(&[Change::Update { id: one, version, connection: changed.clone().into(), failing: false }])
            .map(drop)
    };
    change(&mut store, 1).unwrap();
    change(&mut store, 2).unwrap();
    let counted = store.check().unwrap().changes.unwrap();
    assert_eq!((refused(bench), counted), (vec![], 3));
    put_back(bench, one, &first);
    assert_eq!(refused(bench), [one]);
    assert_eq!(bench.definitions()[0].connection.problems[0].reason, ReasonCode::RowPutBack);
    assert_eq!(complaints(bench, one), 1);
    // Another change does not clear the fault either.
    let second = definition("second");
    store.apply(&[Change::Update { id: two, version: 1, connection: second.clone().into(), failing: false }]).unwrap();
    assert_eq!(refused(bench), [one]);
    store.definitions().unwrap();
    change(&mut store, 1).unwrap();
    assert_eq!((refused(bench), warned(bench), store.check().unwrap().faults), (vec![], vec![], vec![]));
    assert_eq!(whole(&bench.definitions()[0].connection), whole(&changed));
}

/// A store and its copy have the same id and key, and rows of the same versions.
fn a_row_of_a_copy_that_was_used_is_not_used_here(bench: &Bench) {
    let (mut store, [one, two, open]) = filled(bench);
    let update = |store: &mut Store, id, name: &str| {
        let connection = definition(name);
        store
            .apply(&[Change::Update { id, version: 1, connection: connection.clone().into(), failing: false }])
            .map(drop)
    };
    let state = || bench.sql("SELECT state FROM store").remove(0).remove(0).unwrap();
    let (before, of_then) = ([one, two].map(|row| kept(bench, row)), state());
    // First the changes of the copy are made; then the store is reset to its state when it was copied.
    update(&mut store, one, "of the copy").unwrap();
    update(&mut store, two, "of the copy, too").unwrap();
    let copied = [one, two].map(|row| kept(bench, row));
    put_back(bench, one, &before[0]);
    put_back(bench, two, &before[1]);
    bench.sql(&format!("UPDATE store SET state = '{of_then}'"));
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    update(&mut store, one, "of the store").unwrap();
    update(&mut store, two, "of the store, too").unwrap();
    let (own, of_now) = (kept(bench, one), state());
    assert_eq!(own[1], copied[0][1], "the versions are equal");
    put_back(bench, one, &copied[0]);
    assert_eq!(refused(bench), [one]);
    assert_eq!(bench.definitions()[0].connection.problems[0].reason, ReasonCode::RowPutBack);
    assert_eq!(complaints(bench, one), 1);
    assert!(matches!(bench.open().rotate_key(|_| ()), Err(StoreError::Unvouched { .. })));
    put_back(bench, two, &copied[1]);
    assert_eq!(refused(bench), [one, two, open]);
    // The remedy is the same as for a row that was put back.
    put_back(bench, one, &own);
    bench.sql(&format!("UPDATE store SET state = '{of_now}'"));
    assert_eq!(refused(bench), [two]);
    store.definitions().unwrap();
    let anew = definition("anew");
    store.apply(&[Change::Update { id: two, version: 2, connection: anew.clone().into(), failing: false }]).unwrap();
    assert_eq!((refused(bench), warned(bench), store.check().unwrap().faults), (vec![], vec![], vec![]));
}

fn a_row_that_was_removed_or_added_is_seen(bench: &Bench) {
    let (mut store, [one, two, open]) = filled(bench);
    let before = kept(bench, two);
    bench.sql(&format!("DELETE FROM connection WHERE id = {}", number(two)));
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![WarningCode::StoreChanged]));
    assert_eq!(complaints(bench, two), 1);
    let insert = |row, kept: &[_]| insert(bench, row, kept);
    insert(two, &before);
    assert_eq!((refused(bench), warned(bench), store.check().unwrap().faults), (vec![], vec![], vec![]));
    // A row that connprobe removed does not come back, although its tag is right.
    store.apply(&[Change::Remove { id: two, version: 1 }]).unwrap();
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    insert(two, &before);
    assert_eq!(refused(bench), [two]);
    complaints(bench, two);
    store.definitions().unwrap();
    store.apply(&[Change::Remove { id: two, version: 1 }]).unwrap();
    assert_eq!((refused(bench), warned(bench), store.check().unwrap().faults), (vec![], vec![], vec![]));
    // Several changes at once are noticed as well, but not by name.
    bench.sql(&format!("DELETE FROM connection WHERE id = {}", number(one)));
    let mut without_tag = kept(bench, open);
    without_tag[0] = Some("new".to_owned());
    without_tag[15] = None;
    insert(one, &without_tag);
    assert_eq!(refused(bench), [one]);
    bench.sql("DELETE FROM connection");
    assert_eq!(bench.open().check().unwrap().faults.len(), 1);
}

fn a_store_without_its_seal_gives_no_secret(bench: &Bench) {
    let (_store, [one, two, open]) = filled(bench);
    let before = kept(bench, one);
    let state = bench.sql("SELECT state, key_id FROM store").remove(0);
    let [state, key] = [0, 1].map(|column| state[column].clone().unwrap());
    let restore = format!("UPDATE store SET state = '{state}', key_id = '{key}'");
    for damage in [
        "UPDATE store SET state = NULL",
        "UPDATE store SET state = 'nonsense'",
        "UPDATE store SET state = replace(state, ':1:', ':2:')",
        "UPDATE store SET key_id = NULL",
        "UPDATE store SET key_id = NULL, state = NULL",
    ] {
        bench.sql(damage);
        // A writer does not take it for a new store.
        drop(bench.open());
        assert_eq!(warned(bench), [WarningCode::StoreChanged], "{damage}");
        assert_eq!(refused(bench), [one, two, open], "{damage}");
        assert!(!bench.open().check().unwrap().faults.is_empty(), "{damage}");
        bench.sql(&format!("UPDATE connection SET extra = NULL, tag = NULL WHERE id = {}", number(one)));
        drop(bench.open());
        assert_eq!(refused(bench), [one, two, open], "{damage}");
        bench.sql(&restore);
        assert_eq!(refused(bench), [one], "{damage}");
        put_back(bench, one, &before);
    }
    bench.sql("UPDATE store SET state = NULL");
    bench.sql("UPDATE connection SET tag = NULL");
    drop(bench.open());
    assert_eq!(refused(bench).len(), 3, "what has a secret shows that all had a tag");
    bench.sql("UPDATE connection SET password = NULL, extra = replace(extra, 'v2:', 'v1:')");
    assert_eq!(refused(bench), [one, two, open], "the key is not of the time of such rows");
}

fn an_old_row_is_not_used_under_another_seal_and_no_new_key_hides_it(bench: &Bench) {
    let (mut store, [one, two, open]) = filled(bench);
    let old = kept(bench, one);
    let state = || bench.sql("SELECT state FROM store").remove(0).remove(0).unwrap();
    let old_state = state();
    let update = |store: &mut Store, version| {
        let [first, second, third] = [definition("a"), definition("b"), open_definition("c")];
        let change = |id, connection: &Connection| {
            let connection = connection.clone().into();
            Change::Update { id, version, connection, failing: false }
        };
        store.apply(&[change(one, &first), change(two, &second), change(open, &third)]).map(drop)
    };
    update(&mut store, 1).unwrap();
    let (new, new_state) = (kept(bench, one), state());
    for state in ["NULL", "'nonsense'", &format!("'{old_state}'")] {
        put_back(bench, one, &old);
        bench.sql(&format!("UPDATE store SET state = {state}"));
        assert_eq!(refused(bench), [one, two, open], "{state}");
        let key = std::fs::read(bench.key_file()).unwrap();
        let rotated = bench.open().rotate_key(|_| ());
        assert!(matches!(rotated, Err(StoreError::Unvouched { .. })), "{state}: {rotated:?}");
        assert_eq!(std::fs::read(bench.key_file()).unwrap(), key);
        assert_eq!(refused(bench), [one, two, open], "{state}");
        put_back(bench, one, &new);
        bench.sql(&format!("UPDATE store SET state = '{new_state}'"));
        assert_eq!((refused(bench), warned(bench)), (vec![], vec![]), "{state}");
    }
    // A row that is known to be put back is not sealed under a new key either.
    put_back(bench, one, &old);
    assert!(matches!(bench.open().rotate_key(|_| ()), Err(StoreError::Unvouched { .. })));
    assert_eq!(refused(bench), [one]);
    put_back(bench, one, &new);
    // The remedy: every definition is entered anew.
    for state in ["NULL", "'nonsense'"] {
        bench.sql(&format!("UPDATE store SET state = {state}"));
        let mut store = bench.open();
        let version = store.definitions().unwrap()[0].version;
        update(&mut store, version).unwrap();
        assert_eq!((refused(bench), warned(bench), store.check().unwrap().faults), (vec![], vec![], vec![]));
    }
    assert_eq!(bench.open().rotate_key(|_| ()).unwrap(), 3);
    assert_eq!(refused(bench), []);
}

fn a_store_that_was_emptied_warns(bench: &Bench) {
    let (mut store, _) = filled(bench);
    let code = |store: &mut Store| {
        store.definitions().unwrap();
        store.warnings().first().map(|warning| warning.code)
    };
    assert_eq!(code(&mut store), None);
    bench.sql("DELETE FROM connection");
    assert_eq!(code(&mut store), Some(WarningCode::StoreChanged));
    store.apply(&[add(&definition("one"))]).unwrap();
    assert_eq!((code(&mut store), refused(bench), warned(bench)), (None, vec![], vec![]));
    let row = store.definitions().unwrap().remove(0);
    store.apply(&[Change::Remove { id: row.id, version: row.version }]).unwrap();
    assert_eq!(code(&mut store), None, "connprobe emptied it");
}

fn what_was_stored_without_any_key_is_sealed_by_the_first(bench: &Bench) {
    let without = options(None);
    let mut store = Store::create(&bench.location, &without).unwrap();
    store.apply(&[add(&open_definition("one"))]).unwrap();
    let stored = Store::open(&bench.location, &without, Access::Read).unwrap().definitions().unwrap();
    assert!(stored[0].connection.problems.is_empty() && stored[0].connection.warnings.is_empty());
    assert_eq!(store.check().unwrap().faults, Vec::<String>::new());
    bench.create().apply(&[add(&definition("two"))]).unwrap();
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    let id = stored[0].id;
    bench.sql(&format!("UPDATE connection SET login = 'root' WHERE id = {}", number(id)));
    assert_eq!(refused(bench), [id]);
}

fn a_new_key_seals_what_is_there(bench: &Bench) {
    let (mut store, [one, two, open]) = filled(bench);
    let old = bench.home().join("old.key");
    std::fs::copy(bench.key_file(), &old).unwrap();
    assert_eq!(store.rotate_key(|_| ()).unwrap(), 3);
    assert_eq!((refused(bench), warned(bench), store.check().unwrap().faults), (vec![], vec![], vec![]));
    let with_old_key = Options { key_file: Some(old), ..bench.options.clone() };
    let stored = Store::open(&bench.location, &with_old_key, Access::Read).unwrap().definitions().unwrap();
    assert!(stored.iter().all(|stored| !stored.connection.problems.is_empty()));
    // A row that was removed behind the store's back is accepted as removed by a rotation; a changed one is not.
    bench.sql(&format!("DELETE FROM connection WHERE id = {}", number(two)));
    store.rotate_key(|_| ()).unwrap();
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    bench.sql(&format!("UPDATE connection SET description = 'x' WHERE id = {}", number(open)));
    assert!(store.rotate_key(|_| ()).is_err());
    assert_eq!(refused(bench), [open]);
    assert_eq!(complaints(bench, open), 1);
    assert_eq!(bench.definitions()[0].id, one);
}

fn a_seal_of_a_key_that_is_not_at_hand_vouches_for_nothing(bench: &Bench) {
    let (mut store, [one, two, open]) = filled(bench);
    let (old, removed) = (kept(bench, one), kept(bench, two));
    let changed = definition("changed");
    let both = [
        Change::Update { id: one, version: 1, connection: changed.clone().into(), failing: false },
        Change::Remove { id: two, version: 1 },
    ];
    store.apply(&both).unwrap();
    let current = kept(bench, one);
    let header = bench.sql("SELECT key_id, state FROM store").remove(0);
    let [key, state] = [0, 1].map(|column| header[column].clone().unwrap());
    let of_another = "replace(state, key_id, 'deadbeef')";
    for (forged, replayed) in [
        (format!("state = {of_another}, key_id = 'deadbeef'"), true),
        (format!("state = {of_another}, key_id = 'deadbeef'"), false),
        ("key_id = 'deadbeef'".to_owned(), true),
        (format!("state = {of_another}"), true),
        ("key_id = 'deadbeef', state = NULL".to_owned(), true),
        (format!("key_id = NULL, state = {of_another}"), true),
        ("key_id = NULL, state = NULL".to_owned(), true),
    ] {
        let mut all = vec![one, open];
        if replayed {
            put_back(bench, one, &old);
            insert(bench, two, &removed);
            all.insert(1, two);
        }
        bench.sql(&format!("UPDATE store SET {forged}"));
        assert_eq!(refused(bench), all, "{forged}");
        assert!(!bench.open().check().unwrap().faults.is_empty(), "{forged}");
        let rotated = bench.open().rotate_key(|_| ());
        assert!(matches!(rotated, Err(StoreError::Unvouched { .. } | StoreError::OtherKey { .. })), "{rotated:?}");
        drop(bench.open().apply(&[add(&open_definition("more"))]));
        bench.sql("DELETE FROM connection WHERE conn_id = 'more'");
        assert_eq!(refused(bench), all, "{forged}");
        put_back(bench, one, &current);
        bench.sql(&format!("DELETE FROM connection WHERE id = {}", number(two)));
        bench.sql(&format!("UPDATE store SET key_id = '{key}', state = '{state}'"));
        assert_eq!((refused(bench), warned(bench)), (vec![], vec![]), "{forged}");
    }
}

fn nothing_is_used_while_the_next_key_is_away(bench: &Bench) {
    let (mut store, all) = filled(bench);
    // The thread of the store ends, and with it the rotation.
    assert!(matches!(store.rotate_key(|_| panic!("interrupted")), Err(StoreError::Local { .. })));
    assert!(matches!(store.definitions(), Err(StoreError::Local { .. })));
    let next = bench.key_file().with_extension("key.new");
    let away = bench.home().join("away");
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]), "both keys are at hand");
    let rotation = bench.open().check().unwrap().rotation.unwrap();
    assert_eq!(rotation.left, 3);
    assert_ne!(rotation.from, rotation.to);
    std::fs::rename(&next, &away).unwrap();
    assert_eq!(refused(bench), all);
    let health = bench.open().check().unwrap();
    assert_eq!(health.for_want_of_key, health.faults.len(), "{health:?}");
    assert!(matches!(bench.open().rotate_key(|_| ()), Err(StoreError::OtherKey { .. })));
    assert!(!next.exists(), "no key is made that follows nothing");
    std::fs::rename(&away, &next).unwrap();
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    bench.open().rotate_key(|_| ()).unwrap();
    assert_eq!((refused(bench), warned(bench)), (vec![], vec![]));
    assert_eq!(bench.open().check().unwrap().rotation, None);
}

/// The key file records that every row of its stores was sealed.
fn a_store_does_not_become_an_unsealed_one(bench: &Bench) {
    let (_store, all) = filled(bench);
    let before = all.map(|row| kept(bench, row));
    let header = bench.sql("SELECT key_id, state FROM store").remove(0);
    let [key, state] = [0, 1].map(|column| header[column].clone().unwrap());
    let evil = "INSERT INTO connection (uid, conn_id, conn_type, host, created_at, updated_at) VALUES \
        ('zz', 'evil', 'postgres', 'h', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z')";
    let bare = "UPDATE connection SET tag = NULL, password = NULL, extra = NULL, host = 'evil.example'";
    for rows in [vec![bare], vec!["DELETE FROM connection", evil], vec![bare, evil], vec!["DELETE FROM connection"]] {
        for forged in [
            "state = NULL",
            "state = NULL, key_id = NULL",
            "state = NULL, key_id = 'deadbeef'",
            "state = replace(state, key_id, 'deadbeef'), key_id = 'deadbeef'",
        ] {
            for statement in &rows {
                bench.sql(statement);
            }
            bench.sql(&format!("UPDATE store SET {forged}"));
            let count = bench.definitions().len();
            for _before_and_after_a_writer in 0..2 {
                assert_eq!(refused(bench).len(), count, "{rows:?}, {forged}");
                assert!(!bench.open().check().unwrap().faults.is_empty(), "{rows:?}, {forged}");
            }
            if count > 0 {
                let rotated = bench.open().rotate_key(|_| ());
                assert!(matches!(rotated, Err(StoreError::Unvouched { .. } | StoreError::OtherKey { .. })));
                drop(bench.open().apply(&[add(&definition("more"))]));
                assert!(refused(bench).len() >= count, "{rows:?}, {forged}");
            }
            bench.sql("DELETE FROM connection");
            for (row, kept) in all.into_iter().zip(&before) {
                insert(bench, row, kept);
            }
            bench.sql(&format!("UPDATE store SET key_id = '{key}', state = '{state}'"));
            assert_eq!((refused(bench), warned(bench)), (vec![], vec![]), "{rows:?}, {forged}");
        }
    }
}
