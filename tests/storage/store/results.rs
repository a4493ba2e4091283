//! Results of checks are kept, but only a limited number.

use connprobe::model::class::{Class, Status};
use connprobe::model::warning::WarningCode;
use connprobe::store::{Change, Remembered, RowId};
use jiff::{Timestamp, ToSpan};

use crate::store::bench::{Bench, Store, add, on_both, open_definition};

on_both!(
    a_definition_tells_when_it_last_worked,
    refusals_count_until_the_login_works_or_is_changed,
    results_are_bounded_and_the_last_success_stays,
    what_cannot_be_read_is_no_result_and_stops_nothing,
);

/// A result of a check that begins `seconds` from now.
fn result(seconds: i64, class: Option<Class>) -> Remembered {
    Remembered {
        started_at: Timestamp::now() + seconds.seconds(),
        status: class.map_or(Status::Ok, Class::status),
        class,
        code: class.map(|_| "28P01".to_owned()),
        message: class.map(|_| "login refused for user `etl`".to_owned()),
    }
}

fn with_two(bench: &Bench) -> (Store, [RowId; 2]) {
    let mut store = bench.create();
    let (one, two) = (open_definition("one"), open_definition("two"));
    let ids = store.apply(&[add(&one), add(&two)]).unwrap();
    (store, [ids[0], ids[1]])
}

fn a_definition_tells_when_it_last_worked(bench: &Bench) {
    let (mut store, [one, two]) = with_two(bench);
    let (worked, failed) = (result(1, None), result(2, Some(Class::Busy)));
    store.remember(&[(one, worked.clone()), (two, failed.clone())]).unwrap();
    store.remember(&[(one, failed.clone())]).unwrap();
    let mut store = bench.open();
    let histories: Vec<_> = store.definitions().unwrap().into_iter().map(|stored| stored.history.unwrap()).collect();
    let micros = |time: Timestamp| time.as_microsecond();
    assert_eq!(histories[0].last_ok.map(micros), Some(micros(worked.started_at)));
    assert_eq!(histories[1].last_ok, None);
    for history in &histories {
        assert_eq!(micros(history.last.started_at), micros(failed.started_at));
        assert_eq!(Remembered { started_at: failed.started_at, ..history.last.clone() }, failed);
    }
    // Results do not change the version of a definition, and are removed with it.
    assert!(store.definitions().unwrap().iter().all(|stored| stored.version == 1));
    store.apply(&[Change::Remove { id: one, version: 1 }]).unwrap();
    store.remember(&[(one, worked)]).unwrap();
    assert_eq!(store.definitions().unwrap().len(), 1);
    assert_eq!(bench.sql("SELECT CAST(count(*) AS TEXT) FROM result"), [[Some("1".to_owned())]]);
}

fn refusals_count_until_the_login_works_or_is_changed(bench: &Bench) {
    let (mut store, [one, _]) = with_two(bench);
    let refusals = |store: &mut Store| store.definitions().unwrap().remove(0).history.unwrap().refusals;
    for (class, expected) in [
        (Some(Class::Auth), 1),
        (Some(Class::Timeout), 1),
        (Some(Class::Auth), 2),
        (None, 0),
        (Some(Class::Unreachable), 0),
        (Some(Class::Auth), 1),
    ] {
        store.remember(&[(one, result(1, class))]).unwrap();
        assert_eq!(refusals(&mut store), expected, "{class:?}");
    }
    // The results above are dated one second ahead. After the pause, the change comes later than all of them, and
    // refusals before a change do not count.
    store.remember(&[(one, result(-60, Some(Class::Auth)))]).unwrap();
    assert_eq!(refusals(&mut store), 1);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let changed = open_definition("one");
    store.apply(&[Change::Update { id: one, version: 1, connection: changed.clone().into(), failing: false }]).unwrap();
    assert_eq!(refusals(&mut store), 0);
    store.remember(&[(one, result(1, Some(Class::Auth)))]).unwrap();
    assert_eq!(refusals(&mut store), 1);
}

fn results_are_bounded_and_the_last_success_stays(bench: &Bench) {
    let (mut store, [one, two]) = with_two(bench);
    store.remember(&[(one, result(1, None)), (two, result(1, None))]).unwrap();
    for _ in 0..30 {
        store.remember(&[(one, result(2, Some(Class::Timeout)))]).unwrap();
    }
    assert_eq!(bench.sql("SELECT CAST(count(*) AS TEXT) FROM result"), [[Some("22".to_owned())]]);
    let history = store.definitions().unwrap().remove(0).history.unwrap();
    assert!(history.last_ok.is_some() && history.last.class == Some(Class::Timeout));
}

/// Results are not sealed, so a user who can write the database can write any result.
fn what_cannot_be_read_is_no_result_and_stops_nothing(bench: &Bench) {
    let (mut store, [one, two]) = with_two(bench);
    store.remember(&[(one, result(1, None)), (two, result(1, None))]).unwrap();
    let (first, second) = (one.to_string(), two.to_string());
    let number = |row: &str| row["store#".len()..].to_owned();
    for (started_at, status, class) in [
        ("2026-11-29T10:00:00.000000Z", "fine", "NULL"),
        ("2026-11-29T10:00:00.000000Z", "", "NULL"),
        ("yesterday", "failed", "'busy'"),
        ("yesterday", "ok", "NULL"),
        ("zero", "failed", "'auth'"),
    ] {
        bench.sql(&format!(
            "INSERT INTO result (connection, started_at, status, class) \
             VALUES ({}, '{started_at}', '{status}', {class})",
            number(&first)
        ));
        let stored = store.definitions().unwrap();
        assert!(stored.iter().all(|stored| stored.connection.problems.is_empty()), "{started_at} {status}");
        assert_eq!(stored.iter().map(|stored| stored.history.is_some()).collect::<Vec<_>>(), [false, true]);
        let [warning] = store.warnings() else { panic!("{:?}", store.warnings()) };
        assert!(warning.code == WarningCode::StoreChanged && warning.message.contains("`connprobe store check`"));
        let health = store.check().unwrap();
        assert_eq!((health.faults.len(), health.connections), (1, 2), "{:?}", health.faults);
        assert!(health.faults[0].contains(&first) && !health.faults[0].contains(&second));
        bench.sql("DELETE FROM result WHERE id = (SELECT max(id) FROM result)");
    }
    let stored = store.definitions().unwrap();
    assert!(stored.iter().all(|stored| stored.history.is_some()) && store.warnings().is_empty());
    assert_eq!(store.check().unwrap().faults, Vec::<String>::new());
    // An unknown class is read as none.
    store.remember(&[(one, result(2, Some(Class::Busy)))]).unwrap();
    bench.sql("UPDATE result SET class = 'other' WHERE class = 'busy'");
    assert_eq!(store.definitions().unwrap()[0].history.as_ref().unwrap().last.class, None);
    assert_eq!(store.check().unwrap().faults, Vec::<String>::new());
}
