//! A ledger that cannot be opened ends a run before any login. If it can no longer be written during a run, the run
//! goes on, an account sees one refusal from then on, and one warning says so.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::home::{Home, Said, said};
use crate::peers::Peer;

const CHECK: [&str; 6] = ["check", "all.json", "--format", "json", "--per-host", "64"];

fn wrong(peer: &Peer, login: &str, secret: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": login, "password": secret})
}

fn warned(report: &Value) -> Vec<&str> {
    report["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// The classes of all results whose names begin with `prefix`.
fn classes(report: &Value, prefix: &str) -> Vec<String> {
    let results = report["results"].as_array().unwrap().iter();
    let named = results.filter(|one| one["conn_id"].as_str().unwrap().starts_with(prefix));
    let mut classes: Vec<String> = named.map(|one| one["class"].as_str().unwrap().to_owned()).collect();
    classes.sort_unstable();
    classes
}

#[test]
fn a_file_that_goes_in_mid_run_leaves_one_refusal_an_account() {
    let home = Home::bare();
    let peer = Peer::slow(Duration::from_millis(400));
    let all = (0..3).map(|n| (format!("c{n}"), wrong(&peer, "bad", &format!("CANARY{n}"))));
    home.file("all.json", Value::Object(all.collect()));
    let child = home.command(&CHECK).spawn().unwrap();
    while peer.logins() == 0 {
        sleep(Duration::from_millis(5));
    }
    fs::remove_file(home.path("accounts")).unwrap();
    fs::create_dir(home.path("accounts")).unwrap();
    let said = said(child, "");
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.status, classes(&report, "c")), (1, ["auth", "withheld", "withheld"].map(str::to_owned).to_vec()));
    assert_eq!((warned(&report), peer.logins()), (vec!["ledger_not_kept"], 1));
}

/// Runs `arguments` with a limit of `kib` KiB on the size of files: a write beyond it is cut, as on a full disk.
fn with_room(home: &Home, kib: u32, arguments: &[&str]) -> Said {
    let binary = home.command(&[]).get_program().to_owned();
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"")]).arg(binary).args(arguments);
    command.current_dir(home.path("")).env_clear().env("HOME", home.path(""));
    command.env("CONNPROBE_STATE", home.path("accounts")).env("PATH", std::env::var_os("PATH").unwrap());
    said(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), "")
}

/// Otherwise each run would send the same refused secret again, and a cron job would lock the account.
#[test]
fn a_disk_that_is_full_at_the_start_ends_the_run_before_any_login() {
    let home = Home::bare();
    let peer = Peer::new();
    home.file("all.json", json!({"it": wrong(&peer, "good", "CANARY1")}));
    home.json(&CHECK, 0);
    let before = std::fs::read(home.path("accounts")).unwrap();
    home.file("all.json", json!({"it": wrong(&peer, "bad", "CANARY1")}));
    for _ in 0..3 {
        assert_eq!((with_room(&home, 0, &CHECK).status, peer.logins()), (4, 1));
    }
    assert_eq!(std::fs::read(home.path("accounts")).unwrap(), before, "what was tried was taken back");
    home.json(&CHECK, 1);
    assert_eq!(peer.logins(), 2);
}

#[test]
fn a_file_that_another_process_keeps_locked_leaves_one_refusal_an_account() {
    let home = Home::bare();
    let peer = Peer::slow(Duration::from_millis(400));
    let all = (0..3).map(|n| (format!("c{n}"), wrong(&peer, "bad", &format!("CANARY{n}"))));
    home.file("all.json", Value::Object(all.collect()));
    let child = home.command(&CHECK).spawn().unwrap();
    while peer.logins() == 0 {
        sleep(Duration::from_millis(5));
    }
    let kept = fs::File::open(home.path("accounts")).unwrap();
    kept.lock().unwrap();
    let said = said(child, "");
    drop(kept);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.status, classes(&report, "c")), (1, ["auth", "withheld", "withheld"].map(str::to_owned).to_vec()));
    assert_eq!((warned(&report), peer.logins()), (vec!["ledger_not_kept"], 1));
}

#[test]
fn a_disk_that_fills_up_leaves_one_refusal_an_account_and_the_next_run_says_what_was_lost() {
    let home = Home::bare();
    let peer = Peer::new();
    let mut all = Map::new();
    for (n, secret) in (0..10).flat_map(|n| ["CANARY1", "CANARY2"].map(|secret| (n, secret))) {
        all.insert(format!("a{n}-{secret}").replace("CANARY", ""), wrong(&peer, &format!("bad{n}"), secret));
    }
    home.file("all.json", Value::Object(all));
    let full = with_room(&home, 6, &CHECK);
    let report: Value = serde_json::from_str(&full.stdout).unwrap();
    assert_eq!((full.status, warned(&report)), (1, vec!["ledger_not_kept"]), "{}", full.stderr);
    let held = (0..10).filter(|n| classes(&report, &format!("a{n}-")) == ["auth", "withheld"]).count();
    assert!(held > 0 && (0..10).all(|n| classes(&report, &format!("a{n}-"))[0] == "auth"), "{report:#}");
    assert_eq!(peer.logins(), 20 - held);
    // With room again, the loss is reported, and nothing that was written is forgotten.
    let report = home.json(&CHECK, 1);
    assert_eq!(warned(&report), ["ledger_lost"], "{report:#}");
    assert!(peer.logins() < 20 - held + 20, "some of it was kept");
    let before = peer.logins();
    assert_eq!(warned(&home.json(&CHECK, 1)), ["ledger_lost"]);
    assert_eq!(peer.logins(), before);
}

/// A pipe without a writer, or an endless device, in the place of any of the ledger's files.
#[test]
fn what_is_no_regular_file_is_neither_waited_for_nor_read() {
    let home = Home::bare();
    let peer = Peer::new();
    home.file("all.json", json!({"it": wrong(&peer, "good", "CANARY1")}));
    let fifo = |name: &str| {
        assert!(std::process::Command::new("mkfifo").arg(home.path(name)).status().unwrap().success());
    };
    let zero = |name: &str| std::os::unix::fs::symlink("/dev/zero", home.path(name)).unwrap();
    fifo("pipe");
    fifo("piped.key");
    zero("zero");
    zero("endless.key");
    for state in ["pipe", "piped", "zero", "endless"] {
        for arguments in [
            &["check", "all.json", "--format", "json", "--state", state][..],
            &["state", "--state", state],
            &["state", "forget", "x", "--state", state],
        ] {
            let begun = Instant::now();
            home.run(arguments, 4);
            assert!(begun.elapsed() < Duration::from_secs(2), "{arguments:?}: {:?}", begun.elapsed());
        }
    }
    assert_eq!(peer.logins(), 0);
    // A pipe with the name of another process's file counts as a dead process.
    home.json(&CHECK, 0);
    fifo("accounts.0123456789abcdef.alive");
    let begun = Instant::now();
    home.json(&CHECK, 0);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn another_process_s_lock_is_waited_for_no_longer_than_the_run_may_take() {
    let home = Home::bare();
    let peer = Peer::new();
    home.file("all.json", json!({"it": wrong(&peer, "good", "CANARY1")}));
    home.json(&CHECK, 0);
    let locked = fs::File::open(home.path("accounts")).unwrap();
    locked.lock().unwrap();
    for limit in ["--deadline", "--timeout"] {
        let begun = Instant::now();
        home.run(&["check", "all.json", limit, "300ms"], 4);
        assert!(begun.elapsed() < Duration::from_secs(2), "{limit}: {:?}", begun.elapsed());
    }
    assert_eq!(peer.logins(), 1);
    drop(locked);
    home.json(&CHECK, 0);
}

/// Prepares the ledger's place before a run. The file that it returns is kept open during the run.
type Prepare = fn(&Path) -> Option<fs::File>;

/// The reasons why a file cannot be used as a ledger.
const UNUSABLE: [(&str, Prepare); 9] = [
    ("a pipe", |path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        None
    }),
    ("a text", |path| {
        fs::write(path, "my diary\n").unwrap();
        None
    }),
    ("a directory", |path| {
        fs::create_dir(path).unwrap();
        None
    }),
    ("a link to nothing", |path| {
        std::os::unix::fs::symlink("/nonexistent/x", path).unwrap();
        None
    }),
    ("a device", |path| {
        std::os::unix::fs::symlink("/dev/full", path).unwrap();
        None
    }),
    ("too large", |path| {
        let file = fs::File::create(path).unwrap();
        std::io::Write::write_all(&mut &file, br#"{"lost":["00000000000000000000000000000000",0]}"#).unwrap();
        file.set_len(300 << 20).unwrap();
        fs::write(path.with_file_name("accounts.key"), [0xff; 32]).unwrap();
        None
    }),
    ("locked", |path| {
        let file = fs::File::create(path).unwrap();
        file.lock().unwrap();
        Some(file)
    }),
    ("two names", |path| {
        fs::write(path, "").unwrap();
        fs::hard_link(path, path.with_file_name("other")).unwrap();
        None
    }),
    ("another file in its key's place", |path| {
        fs::write(path.with_file_name("accounts.key"), "my diary\n").unwrap();
        None
    }),
];

/// At the usual place, and at one that is named.
#[test]
fn a_ledger_that_cannot_be_used_ends_the_run_before_any_login_wherever_it_is() {
    let peer = Peer::new();
    for (name, prepare) in UNUSABLE {
        for is_named in [false, true] {
            let home = Home::bare();
            let state = tempfile::tempdir_in("/dev/shm").unwrap();
            fs::create_dir(state.path().join("connprobe")).unwrap();
            let ledger = state.path().join("connprobe/accounts");
            let kept = prepare(&ledger);
            home.file("all.json", json!({"it": wrong(&peer, "good", "CANARY1")}));
            for limit in ["--timeout", "--deadline"] {
                let mut command = home.command(&["check", "all.json", "--format", "json", limit, "400ms"]);
                if is_named {
                    command.arg("--state").arg(&ledger);
                } else {
                    command.env_remove("CONNPROBE_STATE").env("XDG_STATE_HOME", state.path());
                }
                let said = said(command.spawn().unwrap(), "");
                assert_eq!((said.status, peer.logins()), (4, 0), "{name}, {is_named}, {limit}: {}", said.stderr);
            }
            drop(kept);
        }
    }
}

/// If there is no place for a ledger, a run has its own in memory and warns about it.
#[test]
fn where_no_ledger_can_be_made_there_is_one_for_the_run() {
    let peer = Peer::new();
    let home = Home::bare();
    home.file("all.json", json!({"it": wrong(&peer, "good", "CANARY1")}));
    home.file("file", "");
    for state in [home.path("file"), "/proc/nowhere".into()] {
        let mut command = home.command(&CHECK);
        command.env_remove("CONNPROBE_STATE").env("XDG_STATE_HOME", &state);
        let said = said(command.spawn().unwrap(), "");
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!((said.status, warned(&report)), (0, vec!["ledger_not_kept"]), "{state:?}: {}", said.stderr);
    }
}
