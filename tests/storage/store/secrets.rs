//! No secret is anywhere in clear, and each opens only where it was stored.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connprobe::model::class::Class;
use connprobe::model::connection::Connection;
use connprobe::store::{Access, Change, Options, StoreError};

use crate::store::bench::{Bench, CANARY, Store, add, definition, on_both, open_definition, options};

on_both!(
    a_value_that_was_moved_does_not_open,
    the_key_is_told_from_the_damage,
    a_damaged_secret_keeps_the_old_key,
    nothing_is_stored_in_clear,
    who_has_lost_the_key_can_begin_anew,
);

fn problems(bench: &Bench) -> Vec<Vec<String>> {
    let stored = bench.definitions();
    assert!(!format!("{stored:?}").contains(CANARY));
    let all = stored.iter().map(|stored| {
        let problems = &stored.connection.problems;
        assert!(problems.iter().all(|problem| problem.class == Class::Secret && problem.hint.is_some()));
        problems.iter().map(|problem| problem.message.clone()).collect()
    });
    all.collect()
}

/// A secret opens neither in another row nor in another column.
fn a_value_that_was_moved_does_not_open(bench: &Bench) {
    let mut store = bench.create();
    let (one, two) = (definition("one"), definition("two"));
    let [first, second] = store.apply(&[add(&one), add(&two)]).unwrap()[..] else { panic!() };
    assert_eq!(problems(bench), [[""; 0]; 2]);
    let value = |column: &str, id: &str| {
        let text = bench.sql(&format!("SELECT {column} FROM connection WHERE id = {}", &id["store#".len()..]));
        text[0][0].clone().unwrap()
    };
    let put = |column: &str, id: &str, value: &str| {
        bench.sql(&format!("UPDATE connection SET {column} = '{value}' WHERE id = {}", &id["store#".len()..]));
    };
    let (first, second) = (first.to_string(), second.to_string());
    for (column, from, from_column) in [
        ("password", &second, "password"),
        ("extra", &second, "extra"),
        ("password", &first, "extra"),
        ("extra", &first, "password"),
    ] {
        let (own, other) = (value(column, &first), value(from_column, from));
        put(column, &first, &other);
        let found = problems(bench);
        assert_eq!((found[0].len(), found[1].len()), (1, 0), "{column} from {from_column} of {from}: {found:?}");
        put(column, &first, &own);
    }
    // A secret does not follow its row to another host either.
    put("host", &first, "evil.example");
    assert_eq!(problems(bench)[0].len(), 1);
    put("host", &first, "db1.example");
    assert_eq!(problems(bench), [[""; 0]; 2]);
}

fn the_key_is_told_from_the_damage(bench: &Bench) {
    bench.create().apply(&[add(&definition("one"))]).unwrap();
    let other = Bench::sqlite();
    other.create();
    let with_other_key = Options { key_file: Some(other.key_file()), ..bench.options.clone() };
    let mut store = Store::open(&bench.location, &with_other_key, Access::Write).unwrap();
    let (needed, given) = (bench.open().check().unwrap().key.unwrap(), other.open().check().unwrap().key.unwrap());
    let faults = store.check().unwrap().faults;
    assert_eq!(faults.len(), 3, "the two secrets, and that nothing can be verified");
    assert!(faults.iter().all(|fault| fault.contains(&needed) && fault.contains("key")), "{faults:?}");
    let error = store.apply(&[add(&definition("two"))]).unwrap_err();
    assert!(matches!(&error, StoreError::OtherKey { needed: n, given: g } if *n == needed && *g == given), "{error}");
    let error = store.rotate_key(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::OtherKey { .. }), "{error}");
    let error = store.apply(&[add(&open_definition("two"))]).unwrap_err();
    assert!(matches!(error, StoreError::OtherKey { .. }), "{error}");
    for damage in ["'v1:zz'", "'hunter2'", "substr(password, 1, length(password) - 4)"] {
        let password = bench.sql("SELECT password FROM connection WHERE conn_id = 'one'")[0][0].clone().unwrap();
        bench.sql(&format!("UPDATE connection SET password = {damage} WHERE conn_id = 'one'"));
        let found = problems(bench);
        assert_eq!(found[0].len(), 1, "{damage}: {found:?}");
        assert_eq!(bench.open().check().unwrap().faults.len(), 1);
        bench.sql(&format!("UPDATE connection SET password = '{password}' WHERE conn_id = 'one'"));
    }
}

fn a_damaged_secret_keeps_the_old_key(bench: &Bench) {
    let mut store = bench.create();
    let (one, two) = (definition("one"), definition("two"));
    store.apply(&[add(&one), add(&two)]).unwrap();
    bench.sql("UPDATE connection SET host = 'moved' WHERE conn_id = 'one'");
    let error = store.rotate_key(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Undecryptable { count: 1, .. }), "{error}");
    // Both keys are still known, so the damage can be undone.
    bench.sql("UPDATE connection SET host = 'db1.example' WHERE conn_id = 'one'");
    assert_eq!(problems(bench), [[""; 0]; 2]);
    assert_eq!(bench.open().rotate_key(|_| ()).unwrap(), 1);
    assert_eq!(problems(bench), [[""; 0]; 2]);
    assert_eq!(bench.open().rotate_key(|_| ()).unwrap(), 2, "the next time is another rotation");
}

/// Every form in which `secret` may appear.
fn forms(secret: &str) -> Vec<String> {
    let base64 = STANDARD_NO_PAD.encode(secret);
    // For the other alignments, only the middle, which does not depend on the neighbouring bytes.
    let shifted = |by: usize| {
        let text = STANDARD_NO_PAD.encode(["x".repeat(by).as_bytes(), secret.as_bytes()].concat());
        text[4..text.len() - 4].to_owned()
    };
    let hex = secret
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect();
    vec![secret.to_owned(), base64[..base64.len() - 4].to_owned(), shifted(1), shifted(2), hex]
}

fn assert_nowhere(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_nowhere(&path);
            continue;
        }
        let content = fs::read(&path).unwrap();
        for form in forms(CANARY) {
            let found = content.windows(form.len()).any(|window| window.eq_ignore_ascii_case(form.as_bytes()));
            assert!(!found, "{form} is in {}", path.display());
        }
    }
}

fn nothing_is_stored_in_clear(bench: &Bench) {
    let mut store = bench.create();
    let definitions: Vec<Connection> = (0..50).map(|number| definition(&format!("c{number}"))).collect();
    let ids = store.apply(&definitions.iter().map(add).collect::<Vec<_>>()).unwrap();
    // The write-ahead log and its index only exist while the store is open.
    assert_nowhere(bench.home());
    let another = definition("another");
    store
        .apply(&[Change::Update { id: ids[0], version: 1, connection: another.clone().into(), failing: false }])
        .unwrap();
    store.apply(&[Change::Remove { id: ids[1], version: 1 }]).unwrap();
    let refused = store.apply(&[add(&definition("x")), Change::Remove { id: ids[1], version: 1 }]);
    assert!(refused.is_err());
    assert_nowhere(bench.home());
    let home = bench.home().to_owned();
    store.rotate_key(move |_| assert_nowhere(&home)).unwrap();
    drop(store);
    assert_nowhere(bench.home());
    let text = format!("{:?}", bench.sql("SELECT password, extra, description, login, host FROM connection"));
    assert!(text.contains("db1.example"));
    assert!(forms(CANARY).iter().all(|form| !text.contains(form.as_str())));
}

fn who_has_lost_the_key_can_begin_anew(bench: &Bench) {
    let mut store = bench.create();
    let id = store.apply(&[add(&definition("one"))]).unwrap()[0];
    fs::remove_file(bench.key_file()).unwrap();
    let create = || Store::create(&bench.location, &bench.options);
    assert!(matches!(create(), Err(StoreError::KeyMissing { .. })));
    assert!(!bench.key_file().exists(), "no key is made that opens nothing");
    Store::open(&bench.location, &options(None), Access::Write)
        .unwrap()
        .apply(&[Change::Remove { id, version: 1 }])
        .unwrap();
    create().unwrap().apply(&[add(&definition("one"))]).unwrap();
    assert_eq!(problems(bench), [[""; 0]]);
}
