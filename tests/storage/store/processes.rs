//! Several processes at once, and processes that are killed (`kill -9`) in the middle.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use connprobe::model::secret::Secret;
use connprobe::store::{Access, Change, Location, StoreError};

use crate::store::bench::{Bench, CANARY, Store, add, definition, on_both, server_url, whole};

on_both!(
    whoever_makes_the_store_first_makes_it_for_all,
    writers_that_are_killed_leave_whole_changes_and_every_acknowledged_one,
    a_rotation_that_is_killed_anywhere_goes_on_where_it_was,
    several_rotations_at_once_lose_no_key,
    a_store_that_was_open_before_a_rotation_goes_on,
);

const WRITERS: usize = 4;

/// The number of kills, and the least time before each in milliseconds. A server needs fewer kills, since writers
/// cannot damage it, and more time, since they log in first.
fn runs(bench: &Bench) -> (u32, u64) {
    match bench.location {
        Location::Sqlite(_) => (300, 10),
        Location::Postgres(_) => (10, 250),
    }
}

/// Starts the program `store-writer` on the store.
fn writer(bench: &Bench, arguments: &[&str]) -> Child {
    let program = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/store-writer");
    assert!(program.exists(), "run `cargo build --example store-writer`");
    let (place, url) = match &bench.location {
        Location::Sqlite(path) => (path.clone(), String::new()),
        Location::Postgres(connection) => (PathBuf::from("url-env:STORE_URL"), server_url(connection)),
    };
    let mut command = Command::new(program);
    command.arg(place).arg(bench.key_file()).args(arguments).env("STORE_URL", url);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Numbers that look random, but are the same in every run of the tests.
fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// The groups that a writer with this output must have left, and those that it may have left instead.
fn promised(said: &str) -> [BTreeSet<String>; 2] {
    let mut groups = BTreeSet::new();
    let mut next = BTreeSet::new();
    for line in said.lines() {
        if let Some(change) = line.strip_prefix("try ") {
            next.clone_from(&groups);
            for word in change.split(' ') {
                match word.split_at(1) {
                    ("+", group) => assert!(next.insert(group.to_owned())),
                    ("-", group) => assert!(next.remove(group), "{said}"),
                    _ => panic!("{said}"),
                }
            }
        } else if line == "done" {
            groups.clone_from(&next);
        }
    }
    [groups, next]
}

fn writers_that_are_killed_leave_whole_changes_and_every_acknowledged_one(bench: &Bench) {
    bench.create();
    let (runs, least) = runs(bench);
    let (mut seed, mut acknowledged, mut interrupted) = (7, 0, 0);
    let since = Instant::now();
    for run in 0..runs {
        let names: Vec<String> = (0..WRITERS).map(|writer| format!("{run}w{writer}")).collect();
        let mut writers: Vec<Child> = names.iter().map(|name| writer(bench, &["write", name])).collect();
        sleep(Duration::from_millis(least + random(&mut seed) % (6 * least)));
        for writer in &mut writers {
            writer.kill().unwrap();
        }
        let mut store = bench.open();
        let mut left: BTreeMap<String, usize> = BTreeMap::new();
        let stored = store.definitions().unwrap();
        for stored in &stored {
            let connection = &stored.connection;
            let secret = format!("secret of {}", connection.conn_id.as_deref().unwrap());
            assert_eq!(connection.password().map(Secret::expose), Some(secret.as_str()), "{:?}", connection.problems);
            *left.entry(connection.description.clone().unwrap()).or_default() += 1;
        }
        assert!(left.values().all(|members| *members == 3), "half a change was stored: {left:?}");
        for (name, mut writer) in names.iter().zip(writers) {
            let (mut said, mut complaint) = (String::new(), String::new());
            writer.stdout.take().unwrap().read_to_string(&mut said).unwrap();
            writer.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
            writer.wait().unwrap();
            assert_eq!(complaint, "", "a writer was turned away in run {run}");
            let own = |group: &&String| group.split('-').next() == Some(name);
            let own: BTreeSet<String> = left.keys().filter(own).cloned().collect();
            let promised = promised(&said);
            assert!(promised.contains(&own), "run {run}: {own:?} is left of {said}");
            acknowledged += said.lines().filter(|line| *line == "done").count();
            interrupted += usize::from(promised[0] != promised[1]);
        }
        assert_eq!(store.check().unwrap().faults, Vec::<String>::new(), "run {run}");
        let removals: Vec<Change> =
            stored.iter().map(|stored| Change::Remove { id: stored.id, version: stored.version }).collect();
        store.apply(&removals).unwrap();
    }
    let seconds = since.elapsed().as_secs_f32();
    println!("{runs} runs: {acknowledged} changes acknowledged, {interrupted} cut off, {seconds:.1} s");
    let enough = acknowledged > runs as usize && interrupted > runs as usize;
    assert!(enough, "{acknowledged} acknowledged, {interrupted} cut off: the kills missed the writers");
}

fn a_rotation_that_is_killed_anywhere_goes_on_where_it_was(bench: &Bench) {
    let definitions: Vec<_> = (0..450).map(|number| definition(&format!("c{number}"))).collect();
    bench.create().apply(&definitions.iter().map(add).collect::<Vec<_>>()).unwrap();
    let key = || bench.open().check().unwrap().key.unwrap();
    let old_key_file = bench.home().join("old.key");
    std::fs::copy(bench.key_file(), &old_key_file).unwrap();
    let (old, mut kills) = (key(), 0);
    // Each process finishes one batch more than the one before, or the rotation.
    loop {
        let mut rotating = writer(bench, &["rotate", "1"]);
        if rotating.wait().unwrap().success() {
            break;
        }
        kills += 1;
        assert!(kills < 20, "the rotation does not come to its end");
        let mut store = bench.open();
        let health = store.check().unwrap();
        assert_eq!((health.faults.len(), health.secrets), (0, 900), "after {kills} kills: {:?}", health.faults.first());
        // Other processes go on working meanwhile.
        let meanwhile = definition(&format!("meanwhile{kills}"));
        let id = store.apply(&[add(&meanwhile)]).unwrap()[0];
        store.apply(&[Change::Remove { id, version: 1 }]).unwrap();
    }
    assert!(kills >= 4, "{kills}: every batch was to be a chance");
    assert_ne!(key(), old);
    assert!(!bench.home().join("keys/store.key.new").exists());
    let stored = bench.definitions();
    assert!(stored.iter().zip(&definitions).all(|(stored, before)| whole(&stored.connection) == whole(before)));
    // The old key opens nothing any more.
    let with_old_key = connprobe::store::Options { key_file: Some(old_key_file), ..bench.options.clone() };
    let mut store = Store::open(&bench.location, &with_old_key, Access::Read).unwrap();
    let stored = store.definitions().unwrap();
    assert!(stored.iter().all(|stored| stored.connection.problems.len() == 2));
    assert!(!format!("{stored:?}").contains(CANARY));
}

fn several_rotations_at_once_lose_no_key(bench: &Bench) {
    let definitions: Vec<_> = (0..250).map(|number| definition(&format!("c{number}"))).collect();
    bench.create().apply(&definitions.iter().map(add).collect::<Vec<_>>()).unwrap();
    let rotate = || bench.open().rotate_key(|_| ());
    std::thread::scope(|scope| {
        let rotations: Vec<_> = (0..4).map(|_| scope.spawn(rotate)).collect();
        for rotation in rotations {
            rotation.join().unwrap().unwrap();
        }
    });
    let health = bench.open().check().unwrap();
    assert_eq!((health.secrets, health.faults.len()), (500, 0), "{:?}", health.faults.first());
    assert!(!bench.home().join("keys/store.key.new").exists());
}

fn a_store_that_was_open_before_a_rotation_goes_on(bench: &Bench) {
    let (one, two) = (definition("one"), definition("two"));
    bench.create().apply(&[add(&one)]).unwrap();
    let [mut reader, mut checker, mut writer, mut rotator] = std::array::from_fn(|_| bench.open());
    for _ in 0..2 {
        bench.open().rotate_key(|_| ()).unwrap();
    }
    let read = reader.definitions().unwrap();
    assert_eq!(whole(&read[0].connection), whole(&one));
    assert_eq!(checker.check().unwrap().faults, Vec::<String>::new());
    writer.apply(&[add(&two)]).unwrap();
    assert_eq!(rotator.rotate_key(|_| ()).unwrap(), 2);
    assert_eq!(bench.open().check().unwrap().secrets, 4);
}

fn whoever_makes_the_store_first_makes_it_for_all(bench: &Bench) {
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn(move || bench.create().apply(&[add(&definition(&format!("c{number}")))]).unwrap())
            })
            .collect();
        for maker in makers {
            maker.join().unwrap();
        }
    });
    let health = bench.open().check().unwrap();
    assert_eq!((health.connections, health.secrets, health.faults.len()), (8, 16, 0), "{health:?}");
}

/// Another session holds an exclusive lock on the table.
#[test]
fn a_table_that_somebody_keeps_locked_is_in_use() {
    let bench = Bench::postgres();
    bench.create().apply(&[add(&definition("one"))]).unwrap();
    let mut options = bench.options.clone();
    options.limit = Duration::from_secs(4);
    std::thread::scope(|scope| {
        scope.spawn(|| bench.sql("BEGIN; LOCK TABLE connection IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(15)"));
        let is_locked = "SELECT CAST(pid AS TEXT) FROM pg_locks WHERE relation = to_regclass('connprobe.connection') \
            AND mode = 'AccessExclusiveLock' AND granted";
        while bench.sql(is_locked).is_empty() {
            sleep(Duration::from_millis(20));
        }
        let mut store = Store::open(&bench.location, &options, Access::Read).unwrap();
        let error = store.definitions().unwrap_err();
        assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    });
}
