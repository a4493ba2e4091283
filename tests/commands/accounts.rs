//! What is remembered about accounts, from any source, across runs and processes; and what ends a hold.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::{CANARY, Home, said};
use crate::peers::Peer;

fn postgres(port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

/// `name class attempts` of every result.
fn told(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("ok").to_owned();
    let results = report["results"].as_array().unwrap().iter();
    results.map(|one| format!("{} {} {}", word(&one["conn_id"]), word(&one["class"]), one["attempts"])).collect()
}

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

#[test]
fn a_refused_secret_of_a_file_is_sent_once_a_day_and_the_hint_s_command_ends_that() {
    let home = Home::bare();
    let peer = Peer::new();
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY1")}));
    assert_eq!(told(&home.json(&CHECK, 1)), ["bad auth 1"]);
    for _ in 0..3 {
        let report = home.json(&CHECK, 1);
        assert_eq!(told(&report), ["bad auth 0"]);
        assert_eq!(peer.logins(), 1);
        let result = &report["results"][0];
        let account = format!("postgres://bad@localhost:{}", peer.port);
        assert_eq!((&result["account"], &result["code"]), (&json!(account), &json!("28P01")));
        let held = &result["held"];
        let time = |name: &str| held[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time("until").as_second() - time("since").as_second(), 24 * 60 * 60);
        assert_eq!(held["refusals"], 1);
    }
    // The command in the hint works as it is written.
    let hint = home.json(&CHECK, 1)["results"][0]["hint"].as_str().unwrap().to_owned();
    let command = hint.split('`').find(|part| part.starts_with("connprobe ")).unwrap().to_owned();
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    home.run(&words, 0);
    assert_eq!(told(&home.json(&CHECK, 1)), ["bad auth 1"]);
    assert_eq!(peer.logins(), 2);
}

#[test]
fn edits_free_nothing_and_another_secret_is_tried_at_once() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY1")}));
    home.run(&["import", "all.json"], 0);
    assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["bad auth 1"]);
    let mut edited = postgres(peer.port, "bad", "CANARY1");
    edited["host"] = json!("localhost");
    edited["description"] = json!("another");
    edited["extra"] = json!({"application_name": "x"});
    home.file("all.json", json!({"bad": edited, "renamed": postgres(peer.port, "bad", "CANARY1")}));
    home.run(&["import", "all.json", "--replace"], 0);
    assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["bad auth 0", "renamed auth 0"]);
    assert_eq!(peer.logins(), 1);
    // The second refusal holds the account for all other secrets.
    home.file(
        "more.json",
        json!({"b": postgres(peer.port, "bad", "CANARY2"), "c": postgres(peer.port, "bad", "CANARY3")}),
    );
    let report = home.json(&["check", "more.json", "--format", "json"], 1);
    let attempts: Vec<&Value> = report["results"].as_array().unwrap().iter().map(|one| &one["attempts"]).collect();
    assert_eq!((peer.logins(), attempts), (2, vec![&json!(1), &json!(0)]));
    assert_eq!(report["results"][1]["class"], "withheld");
    // With `--force`, two more logins go.
    let force = home.json(&["check", "more.json", "--force", "--format", "json"], 1);
    assert_eq!((told(&force), peer.logins()), (vec!["b auth 1".to_owned(), "c auth 1".to_owned()], 4));
    // A dry run sends nothing, and needs no ledger.
    assert_eq!(told(&home.json(&["check", "more.json", "--dry-run", "--format", "json"], 0)), ["b ok 0", "c ok 0"]);
}

#[test]
fn one_way_to_the_server_has_one_refusal_however_the_definition_asks_for_it() {
    // The peer has no TLS: each of these logins goes in clear.
    let spelled = [json!({}), json!({"sslmode": "disable"}), json!({"sslmode": "prefer"}), json!({"sslmode": "allow"})];
    for first in &spelled {
        let home = Home::bare();
        let peer = Peer::new();
        let of = |extra: &Value| {
            let mut definition = postgres(peer.port, "bad", "CANARY1");
            definition["extra"] = extra.clone();
            definition
        };
        home.file("all.json", json!({"it": of(first)}));
        assert_eq!(told(&home.json(&CHECK, 1)), ["it auth 1"]);
        let all = spelled.iter().enumerate().map(|(n, extra)| (format!("c{n}"), of(extra)));
        home.file("all.json", Value::Object(all.collect()));
        for _ in 0..2 {
            let report = home.json(&CHECK, 1);
            assert_eq!(told(&report), ["c0 auth 0", "c1 auth 0", "c2 auth 0", "c3 auth 0"], "{first}");
            for result in report["results"].as_array().unwrap() {
                assert_eq!((&result["reason"], &result["held"]["refusals"]), (&json!("login_refused"), &json!(1)));
            }
        }
        assert_eq!(peer.logins(), 1, "{first}");
        // The same within one run.
        let all = spelled.iter().enumerate().map(|(n, extra)| {
            let mut definition = of(extra);
            definition["login"] = json!("badder");
            (format!("c{n}"), definition)
        });
        home.file("all.json", Value::Object(all.collect()));
        let attempts: Vec<Value> =
            home.json(&CHECK, 1)["results"].as_array().unwrap().iter().map(|one| one["attempts"].clone()).collect();
        assert_eq!((attempts.iter().filter(|one| **one == 1).count(), peer.logins()), (1, 2), "{attempts:?}");
    }
}

#[test]
fn import_and_add_are_remembered_like_check() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY1")}));
    home.file("secret", "CANARY1");
    for _ in 0..2 {
        home.run(&["import", "all.json", "--check"], 1);
    }
    let port = peer.port.to_string();
    let add = ["add", "bad", "--check", "--conn-type", "postgres", "--host", "localhost", "--port", &port];
    let said = home.run(&[&add[..], &["--login", "bad", "--password-file", "secret"]].concat(), 1);
    assert_eq!(peer.logins(), 1, "{}", said.stderr);
}

#[test]
fn what_add_has_seen_others_know() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("secret", "CANARY1");
    let port = peer.port.to_string();
    let add = ["add", "bad", "--check", "--conn-type", "postgres", "--host", "localhost", "--port", &port];
    home.run(&[&add[..], &["--login", "bad", "--password-file", "secret"]].concat(), 1);
    home.file("all.json", json!({"it": postgres(peer.port, "bad", "CANARY1")}));
    assert_eq!((told(&home.json(&CHECK, 1)), peer.logins()), (vec!["it auth 0".to_owned()], 1));
}

#[test]
fn two_processes_at_once_make_one_login() {
    let home = Home::bare();
    let peer = Peer::slow(Duration::from_millis(300));
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY1")}));
    let running: Vec<Child> = (0..4).map(|_| home.command(&CHECK).spawn().unwrap()).collect();
    let mut attempts = Vec::new();
    for child in running {
        let report: Value = serde_json::from_str(&said(child, "").stdout).unwrap();
        let result = &report["results"][0];
        assert_eq!((&result["status"], &result["class"]), (&json!("failed"), &json!("auth")));
        // A result never names itself as the one that it rests on, not even if another process has the same definition.
        assert_eq!(result["shared_with"], json!([]));
        attempts.push(result["attempts"].as_u64().unwrap());
    }
    attempts.sort_unstable();
    assert_eq!((attempts, peer.logins()), (vec![0, 0, 0, 1], 1));
}

#[test]
fn of_two_processes_at_once_the_second_names_the_result_of_the_first() {
    let home = Home::bare();
    let peer = Peer::slow(Duration::from_millis(300));
    let names = ["one", "two"];
    let running = names.map(|name| {
        let file = format!("{name}.json");
        home.file(&file, json!({name: postgres(peer.port, "bad", "CANARY1")}));
        home.command(&["check", &file, "--format", "json"]).spawn().unwrap()
    });
    let mut results = running.map(|child| {
        let report: Value = serde_json::from_str(&said(child, "").stdout).unwrap();
        report["results"][0].clone()
    });
    // Either process may have been first.
    results.sort_by_key(|result| result["attempts"].as_u64() != Some(1));
    let [first, second] = results;
    for result in [&first, &second] {
        assert_eq!((&result["status"], &result["class"]), (&json!("failed"), &json!("auth")), "{result:#}");
    }
    assert_eq!((&first["attempts"], &first["shared_with"], &first["held"]), (&json!(1), &json!([]), &Value::Null));
    assert_eq!((&second["attempts"], &second["shared_with"]), (&json!(0), &json!([first["id"]])));
    assert_eq!((&second["held"]["refusals"], peer.logins()), (&json!(1), 1));
}

#[test]
fn a_store_that_is_restored_frees_no_refused_secret() {
    let home = Home::new();
    let peer = Peer::new();
    let stored = |port: u16, extra: Value| {
        let mut definition = postgres(port, "bad", "CANARY1");
        definition["extra"] = extra;
        definition
    };
    home.file("all.json", json!({"bad": stored(peer.port, json!({}))}));
    home.run(&["import", "all.json"], 0);
    home.run(&["store", "backup", "before.db"], 0);
    assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["bad auth 1"]);
    // The row is renamed and its extra edited; then the store is restored to its state before the refusal.
    home.file("all.json", json!({"renamed": stored(peer.port, json!({"application_name": "x"}))}));
    home.run(&["import", "all.json"], 0);
    home.run(&["remove", "bad"], 0);
    assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["renamed auth 0"]);
    let store = home.path(".local/share/connprobe/connections.db");
    for beside in ["-wal", "-shm"] {
        let mut name = store.as_os_str().to_owned();
        name.push(beside);
        drop(std::fs::remove_file(name));
    }
    std::fs::rename(home.path("before.db"), &store).unwrap();
    for _ in 0..2 {
        assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["bad auth 0"]);
    }
    assert_eq!(peer.logins(), 1);
}

/// Sixty-four logins are under way when the process is killed; the next run makes all of them.
#[test]
fn who_is_killed_in_a_login_holds_nobody_s_first_one() {
    const MANY: usize = 64;
    let home = Home::bare();
    let peer = Peer::slow(Duration::from_secs(2));
    let check = [&CHECK[..], &["--per-host", "64", "--concurrency", "64", "--timeout", "60s"]].concat();
    for (number, signal) in [Some(Signal::KILL), Some(Signal::INT), None].into_iter().enumerate() {
        // These accounts have not been used in an earlier round.
        let login = |n: usize| postgres(peer.port, &format!("good{number}x{n}"), "CANARY");
        let all = (0..MANY).map(|n| (format!("c{n:02}"), login(n)));
        home.file("all.json", Value::Object(all.collect()));
        let before = peer.logins();
        let early = if signal.is_some() { &[][..] } else { &["--deadline", "1500ms"] };
        let mut child = home.command(&[&check[..], early].concat()).spawn().unwrap();
        if let Some(signal) = signal {
            let begun = Instant::now();
            while peer.logins() < before + MANY {
                assert!(begun.elapsed() < Duration::from_mins(1), "{} logins", peer.logins() - before);
                std::thread::sleep(Duration::from_millis(5));
            }
            kill_process(i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap(), signal).unwrap();
        }
        child.wait().unwrap();
        let report = home.json(&check, 0);
        assert_eq!(report["summary"]["ok"], MANY, "{signal:?}");
    }
}

#[test]
fn a_server_that_goes_down_in_mid_login_holds_nobody_s_secret() {
    let goes_down = Arc::new(AtomicBool::new(false));
    let peer = Peer::going_down(&goes_down);
    // The secret of some accounts was accepted before; for the others it is the first login.
    for accepted in [true, false] {
        let home = Home::bare();
        let all = (0..5).map(|n| (format!("c{n}"), postgres(peer.port, &format!("good{accepted}{n}"), "CANARY")));
        home.file("all.json", Value::Object(all.collect()));
        if accepted {
            home.run(&CHECK, 0);
        }
        goes_down.store(true, Ordering::SeqCst);
        let report = home.json(&CHECK, 1);
        assert!(told(&report).iter().all(|one| one.ends_with("closed 1")), "{report:#}");
        goes_down.store(false, Ordering::SeqCst);
        assert_eq!(home.json(&CHECK, 0)["summary"]["ok"], 5);
    }
}

#[test]
fn the_default_places_stay_untouched_where_another_is_named() {
    let home = Home::bare();
    let peer = Peer::new();
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY1")}));
    let usual = home.path("usual");
    let named = home.path("named").display().to_string();
    for arguments in [&CHECK[..], &[&CHECK[..], &["--state", &named]].concat()] {
        let mut command = home.command(arguments);
        command.env("XDG_STATE_HOME", &usual);
        assert_eq!(said(command.spawn().unwrap(), "").status, 1);
    }
    assert!(!usual.exists() && !home.path(".local/state").exists());
    // Each of the two processes has its own memory. The usual place is used if none is named.
    assert_eq!(peer.logins(), 2);
    let mut command = home.command(&CHECK);
    command.env_remove("CONNPROBE_STATE").env("XDG_STATE_HOME", &usual);
    assert_eq!(said(command.spawn().unwrap(), "").status, 1);
    assert_eq!((usual.join("connprobe/accounts").is_file(), peer.logins()), (!is_container_layer(&usual), 3));
}

/// A file in a container's own layer is lost with the container, so it is not used for the ledger.
fn is_container_layer(path: &std::path::Path) -> bool {
    let file = std::fs::File::open(path).unwrap();
    rustix::fs::fstatfs(&file).unwrap().f_type == 0x794c_7630
}

#[test]
fn without_a_place_to_write_one_refusal_holds_an_account() {
    let home = Home::bare();
    let peer = Peer::new();
    home.file(
        "all.json",
        json!({"b": postgres(peer.port, "bad", "CANARY1"), "c": postgres(peer.port, "bad", "CANARY2")}),
    );
    // Access for other users would cause another warning.
    std::fs::set_permissions(home.path("all.json"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    for (variable, value, codes) in
        [("XDG_STATE_HOME", "/proc/nowhere", vec!["ledger_not_kept"]), ("CONNPROBE_STATE", "none", vec![])]
    {
        let before = peer.logins();
        let mut command = home.command(&CHECK);
        command.env_remove("CONNPROBE_STATE").env(variable, value);
        let said = said(command.spawn().unwrap(), "");
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        let classes: Vec<&Value> = report["results"].as_array().unwrap().iter().map(|one| &one["class"]).collect();
        assert_eq!((classes, peer.logins() - before), (vec![&json!("auth"), &json!("withheld")], 1));
        let warned: Vec<&str> =
            report["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(warned, codes, "{variable}");
        assert_eq!(said.stderr.lines().count(), codes.len(), "{}", said.stderr);
    }
    // A ledger that is named explicitly must be usable.
    home.run(&[&CHECK[..], &["--state", "/proc/nowhere/accounts"]].concat(), 4);
    let named = ["all.json", "own"].map(|name| home.path(name));
    home.file("own.key", json!("the key of something else"));
    for named in named {
        let said = home.run(&[&CHECK[..], &["--state", named.to_str().unwrap()]].concat(), 4);
        assert!(said.stderr.contains(named.to_str().unwrap()), "{}", said.stderr);
    }
    assert_eq!(peer.logins(), 2, "before any login");
}

#[test]
fn what_was_lost_of_the_ledger_is_said_and_an_account_sees_one_refusal() {
    let damage: [fn(&Home); 2] = [
        |home| std::fs::remove_file(home.path("accounts.key")).unwrap(),
        |home| {
            let path = home.path("accounts");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("\"refusals\":", "\"refusals:")).unwrap();
        },
    ];
    for damage in damage {
        let home = Home::bare();
        let peer = Peer::new();
        let all = |secrets: [&str; 2]| {
            let [a, b] = secrets.map(|secret| postgres(peer.port, "bad", secret));
            home.file("all.json", json!({"a": a, "b": b}));
        };
        all(["CANARY1", "CANARY2"]);
        home.json(&CHECK, 1);
        assert_eq!(peer.logins(), 2);
        damage(&home);
        all(["CANARY3", "CANARY4"]);
        for _ in 0..2 {
            let report = home.json(&CHECK, 1);
            let warned: Vec<&Value> = report["warnings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
            assert_eq!(warned, [&json!("ledger_lost")], "{report:#}");
            assert_eq!(peer.logins(), 3);
        }
        let mut held = told(&home.json(&CHECK, 1));
        for one in &mut held {
            one.drain(..2);
        }
        held.sort_unstable();
        assert_eq!(held, ["auth 0", "withheld 0"]);
    }
}

#[test]
fn what_a_store_has_counted_itself_is_taken_over() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"bad": postgres(peer.port, "bad", "CANARY1")}));
    home.run(&["import", "all.json"], 0);
    // The state that an older connprobe leaves: the result is in the store, and there is no ledger.
    home.run(&["check", "--state", "none"], 1);
    assert_eq!(peer.logins(), 1);
    assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["bad auth 0"]);
    assert_eq!(peer.logins(), 1);
    // The import happens once: an account that was forgotten since stays forgotten.
    home.run(&["state", "forget", &format!("postgres://bad@127.0.0.1:{}", peer.port)], 0);
    assert_eq!(told(&home.json(&["check", "--format", "json"], 1)), ["bad auth 1"]);
}

#[test]
fn what_cannot_be_remembered_changes_nothing_else() {
    let home = Home::new();
    let peer = Peer::new();
    home.file("all.json", json!({"good": postgres(peer.port, "good", "CANARY")}));
    home.run(&["import", "all.json"], 0);
    let writer = rusqlite::Connection::open(home.path(".local/share/connprobe/connections.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let said = home.run(&["check", "--timeout", "1s"], 0);
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
    home.hold("check: the store is locked", &said.stderr);
    writer.execute_batch("ROLLBACK").unwrap();
    drop(writer);
    home.run(&["check"], 0);
    assert_eq!(home.json(&["list", "--format", "json"], 0)[0]["last_status"], "ok");
}

/// A key in `extra` that is held: the field to correct is that of the key, not an absent login or password.
#[test]
fn a_held_key_points_at_its_own_field() {
    let home = Home::bare();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in server.incoming() {
            let mut client = client.unwrap();
            let _request = client.read(&mut [0; 4096]);
            let _gone =
                client.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let key = format!("{CANARY}-key");
    home.file(
        "all.json",
        json!({"api": {"conn_type": "http", "host": "127.0.0.1", "port": port, "extra": {"X-Api-Key": key}}}),
    );
    for attempts in [1, 0] {
        let report = home.json(&["check", "all.json", "--format", "json"], 1);
        let result = &report["results"][0];
        let expected = (&json!(attempts), &json!(["extra.X-Api-Key"]));
        assert_eq!((&result["attempts"], &result["fields"]), expected, "{report:#}");
    }
}
