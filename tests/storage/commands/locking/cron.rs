//! Successive runs, like those of cron, with random events: edited and renamed rows, aliases, several processes at
//! once, some killed or interrupted in the middle of a login. No server locks an account, and no right secret is held.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};

use super::servers::Kind;
use crate::home::Home;

const CHECK: [&str; 6] = ["check", "all.json", "--format", "json", "--per-host", "64"];

/// The number of random runs for each server: few in continuous integration, many in `make endure`.
fn runs() -> u64 {
    std::env::var("CONNPROBE_RUNS").map_or(10, |runs| runs.parse().expect("CONNPROBE_RUNS is a number"))
}

/// Random numbers that are the same in every run of the tests, but differ between servers.
struct Lot(u64);

impl Lot {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn secret(number: u64) -> String {
    format!("CANARY-wrong-{number}")
}

/// The class and attempts of the result for `name`.
#[track_caller]
fn result(report: &Value, name: &str) -> (Value, Value) {
    let found = report["results"].as_array().unwrap().iter().find(|one| one["conn_id"] == name).expect("its result");
    (found["class"].clone(), found["attempts"].clone())
}

/// The definitions of a run: `wrong` ones of one account, and those of another account, one of which is `right`.
fn definitions(kind: Kind, lot: &mut Lot, wrong: &str, mixed: &(String, &str)) -> Value {
    let mut all = Map::new();
    let mut add = |lot: &mut Lot, name: &str, login: &str, password: &str| {
        let mut definition = kind.definition(login, password);
        definition["host"] = json!(["127.0.0.1", "localhost", "127.0.0.1"][usize::try_from(lot.below(3)).unwrap()]);
        definition["extra"] = kind.edit(lot.below(4));
        let name = if name == "right" { name.to_owned() } else { format!("{name}{}", lot.below(1_000_000)) };
        all.insert(name, definition);
    };
    for number in 0..3 {
        let (of_wrong, of_mixed) = (secret(lot.below(5)), secret(lot.below(4)));
        add(lot, &format!("w{number}-"), wrong, &of_wrong);
        add(lot, &format!("m{number}-"), &mixed.0, &of_mixed);
    }
    add(lot, "right", &mixed.0, mixed.1);
    Value::Object(all)
}

/// A run with a random disturbance. Returns whether a process was ended early.
fn disturbed(home: &Home, lot: &mut Lot) -> bool {
    let pause = Duration::from_millis(lot.below(120));
    match lot.below(4) {
        0 => {
            let mut running: Vec<_> = (0..2).map(|_| home.command(&CHECK).spawn().unwrap()).collect();
            for child in &mut running {
                child.wait().unwrap();
            }
            false
        }
        1 => {
            let deadline = format!("{}ms", 1 + pause.as_millis());
            home.command(&[&CHECK[..], &["--deadline", &deadline]].concat()).spawn().unwrap().wait().unwrap();
            true
        }
        how => {
            let mut child = home.command(&CHECK).spawn().unwrap();
            sleep(pause);
            let signal = if how == 2 { Signal::KILL } else { Signal::INT };
            let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
            // A process that has already ended does no harm.
            let _gone = kill_process(id, signal);
            child.wait().unwrap();
            true
        }
    }
}

fn endures(kind: Kind) {
    let id = std::process::id();
    let (wrong, mixed) = (format!("wrong{id}"), kind.make(&format!("mixed{id}")));
    let wrong = if mixed.0.starts_with("mixed") { kind.make(&wrong).0 } else { wrong };
    let before = [&wrong, &mixed.0].map(|login| kind.refused(login).unwrap_or_default());
    let home = Home::bare();
    // After one wrong secret, the right one is tried at once.
    home.file("all.json", json!({"a": kind.definition(&mixed.0, &secret(0))}));
    assert_eq!(result(&home.json(&CHECK, 1), "a"), (json!("auth"), json!(1)), "{kind:?}");
    home.file("all.json", json!({"right": kind.definition(&mixed.0, mixed.1)}));
    assert_eq!(result(&home.json(&CHECK, 0), "right"), (Value::Null, json!(1)), "{kind:?}");

    let mut lot = Lot(20_261_122 + kind as u64);
    let (mut made, mut broken) = (0, 0);
    while made < runs() {
        home.file("all.json", definitions(kind, &mut lot, &wrong, &mixed));
        broken += usize::from(disturbed(&home, &mut lot));
        // Whatever the disturbance, the right secret still works beside the wrong ones.
        home.file("all.json", definitions(kind, &mut lot, &wrong, &mixed));
        let report = home.json(&CHECK, 1);
        assert_eq!(result(&report, "right"), (Value::Null, json!(1)), "{kind:?} after {made} runs: {report:#}");
        made += 2;
    }

    if let Some(refused) = kind.refused(&wrong) {
        assert!((1..=2).contains(&(refused - before[0])), "{kind:?}: {refused} logins as {wrong}");
        // Each of four wrong secrets is tried once a day, and once more for each killed process that could not record
        // the end.
        let refused = kind.refused(&mixed.0).unwrap_or_default() - before[1];
        assert!(refused <= 4 + broken, "{kind:?}: {refused} logins as {}, {broken} broken off", mixed.0);
    }
    // Neither account is locked: a home without history can log in.
    for (login, password) in [(&wrong, super::servers::RIGHT), (&mixed.0, mixed.1)] {
        if login.starts_with("wrong") && mixed.0 == "scramuser" {
            continue;
        }
        let other = Home::bare();
        other.file("all.json", json!({"right": kind.definition(login, password)}));
        other.json(&CHECK, 0);
    }
    if mixed.0 != "scramuser" {
        for login in [&wrong, &mixed.0] {
            kind.remove(login);
        }
    }
}

#[test]
fn mariadb_blocks_nobody() {
    endures(Kind::MariaDb);
}

#[test]
fn mysql_locks_nobody() {
    endures(Kind::MySql);
}

#[test]
fn postgres_counts_two_refusals() {
    endures(Kind::Postgres);
}

#[test]
fn pgbouncer_counts_two_refusals() {
    endures(Kind::PgBouncer);
}

#[test]
fn pgbouncer_with_plain_passwords_counts_two_refusals() {
    endures(Kind::PgBouncerPlain);
}
