//! `connprobe wait`: until scripted servers accept logins, and what the command behind it finds.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::{Home, Said, said};
use crate::peers::Peer;

/// The definition of a login at `port` that the peers accept.
fn good(port: u16) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "schema": "sales", "login": "good",
        "password": "CANARY1", "extra": {"sslmode": "disable"}})
}

/// One that they refuse.
fn bad(port: u16) -> Value {
    let mut definition = good(port);
    definition["login"] = json!("etl");
    definition
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Runs `wait` over `definitions` with `arguments`. Returns what it said, and how long it took.
fn wait(home: &Home, definitions: &Value, arguments: &[&str]) -> (Said, Duration) {
    home.file("all.json", definitions);
    fs::set_permissions(home.path("all.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let since = Instant::now();
    let child = home.command(&[&["wait", "all.json"], arguments].concat()).spawn().unwrap();
    let said = said(child, "");
    assert!(!said.stdout.contains("CANARY") && !said.stderr.contains("CANARY"), "{said:?}");
    (said, since.elapsed())
}

/// The results of a wait, by name.
fn results(said: &Said) -> Value {
    let report: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    let results = report["results"].as_array().unwrap().iter();
    let named = results.map(|result| (result["conn_id"].as_str().unwrap().to_owned(), result.clone()));
    let results: Value = named.collect();
    json!({"ended": report["ended"], "results": results})
}

#[test]
fn a_server_that_comes_late_is_ready_and_the_command_runs_in_its_place() {
    let (home, port) = (Home::bare(), free_port());
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        Peer::at(port)
    });
    let command = ["--format", "json", "--", "sh", "-c", "echo >&2 ran; exit 7"];
    let (said, took) = wait(&home, &json!({"warehouse": good(port)}), &command);
    assert_eq!(said.status, 7);
    assert!(took > Duration::from_millis(700), "{took:?}");
    let all = results(&said);
    let warehouse = &all["results"]["warehouse"];
    assert_eq!((&all["ended"], &warehouse["status"]), (&json!("complete"), &json!("ok")));
    assert!(
        warehouse["attempts"].as_u64().unwrap() > 3 && warehouse["waited"]["ready_seconds"].as_f64().unwrap() > 0.6
    );
    assert_eq!(warehouse["waited"]["spent"][0]["reason"], "connection_refused");
    assert_eq!(said.stderr.lines().last(), Some("ran"));
}

#[test]
fn a_refused_login_ends_the_wait_at_once_and_goes_once() {
    let (home, peer) = (Home::bare(), Peer::new());
    let definitions = json!({"late": good(free_port()), "wrong": bad(peer.port)});
    let (said, took) = wait(&home, &definitions, &["--format", "json", "--", "false"]);
    assert_eq!((said.status, peer.logins()), (1, 1));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let all = results(&said);
    assert_eq!(all["ended"], "given_up");
    let class = |name: &str| all["results"][name]["class"].as_str().unwrap().to_owned();
    assert_eq!(class("wrong"), "auth");
    // The result of the other one is that of its last attempt, if there was one.
    assert!(["unreachable", "cancelled"].contains(&class("late").as_str()), "{}", class("late"));
    // In the next wait the same secret is not sent again.
    let (said, _) = wait(&home, &definitions, &[]);
    assert_eq!((said.status, peer.logins()), (1, 1));
}

#[test]
fn with_keep_going_the_others_are_waited_for_first() {
    let (home, peer, port) = (Home::bare(), Peer::new(), free_port());
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        Peer::at(port)
    });
    let definitions =
        json!({"late": good(port), "wrong": bad(peer.port), "odd": {"conn_type": "postgres", "port": "x"}});
    let (said, _) = wait(&home, &definitions, &["--keep-going", "--format", "json", "--", "false"]);
    let all = results(&said);
    assert_eq!((said.status, &all["ended"]), (1, &json!("complete")));
    assert_eq!(
        (&all["results"]["late"]["status"], &all["results"]["odd"]["class"]),
        (&json!("ok"), &json!("definition"))
    );
}

#[test]
fn at_the_deadline_the_last_real_cause_is_told() {
    let home = Home::bare();
    let definitions = json!({"late": good(free_port())});
    let (said, took) = wait(&home, &definitions, &["--deadline", "600ms", "--format", "json", "--", "true"]);
    let all = results(&said);
    let late = &all["results"]["late"];
    assert_eq!((said.status, &all["ended"]), (124, &json!("deadline")));
    assert_eq!((&late["reason"], &late["waited"]["ready_seconds"]), (&json!("connection_refused"), &Value::Null));
    assert!(took < Duration::from_millis(1200) && late["attempts"].as_u64().unwrap() > 3, "{took:?} {late}");
}

#[test]
fn a_bad_definition_and_a_bad_source_end_the_wait_at_once_and_a_skipped_one_does_not() {
    let (home, peer) = (Home::bare(), Peer::new());
    for (definitions, arguments, status) in [
        (json!({"a": {"conn_type": "postgres", "host": "h", "port": "x"}}), &["--", "true"][..], 1),
        (json!({"a": good(peer.port), "b": {"conn_type": "spark", "host": "h"}}), &["--", "true"], 0),
        (json!({"a": good(peer.port), "b": {"conn_type": "spark", "host": "h"}}), &["--strict", "--", "true"], 1),
        (json!({"b": {"conn_type": "spark", "host": "h"}}), &["--", "true"], 3),
        (json!({"b": {"conn_type": "spark", "host": "h"}}), &["--allow-empty", "--", "true"], 0),
        (json!({}), &[], 3),
        (json!({}), &["--allow-empty"], 0),
        (json!({"a": good(peer.port)}), &["missing.json"], 3),
        (json!({"a": good(peer.port)}), &["--retries", "1"], 2),
        (json!({"a": good(peer.port)}), &["--"], 2),
        (json!({"a": good(peer.port)}), &["--stable", "2", "--invert"], 2),
    ] {
        let (said, took) = wait(&home, &definitions, arguments);
        assert_eq!(said.status, status, "{definitions} {arguments:?}: {said:?}");
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn an_expectation_is_about_one_connection_that_can_have_it() {
    let (home, port) = (Home::bare(), free_port());
    let redis = json!({"conn_type": "redis", "host": "127.0.0.1", "port": port});
    let two = json!({"a": good(port), "b": good(port), "b x=y": good(port), "c": redis});
    for (definitions, arguments, status) in [
        (&two, &["--expect-table", "users"][..], 2),
        (&two, &["--expect-table", "nobody=users"], 2),
        (&two, &["--expect-table", "c=users"], 2),
        (&two, &["--expect-collection", "events"], 2),
        (&two, &["--expect-table", ""], 2),
        (&two, &["--expect-key", "k", "--invert"], 2),
        (&two, &["--expect-table", "a="], 2),
        (&two, &["--expect-table", "a=."], 2),
        (&two, &["--expect-query", "select 1 where 1 = 1"], 2),
        // These have one, and its server never comes.
        (&two, &["--expect-table", "a=users", "--deadline", "0.2s"], 124),
        (&two, &["--expect-table", "b x=y=users", "--deadline", "0.2s"], 124),
        (&two, &["--expect-key", "migrated", "--deadline", "0.2s"], 124),
        (&two, &["--expect-query", "a=select 1 where 1 = 1", "--deadline", "0.2s"], 124),
        (&two, &["--expect-query", "select 1 where 1 = 1", "--exclude", "b*", "--deadline", "0.2s"], 124),
    ] {
        let (said, _) = wait(&home, definitions, arguments);
        assert_eq!(said.status, status, "{arguments:?}: {said:?}");
    }
}

#[test]
fn a_refused_login_is_repeated_as_often_as_is_wanted() {
    let (home, peer) = (Home::bare(), Peer::new());
    let definitions = json!({"wrong": bad(peer.port)});
    let (said, took) = wait(&home, &definitions, &["--retry-auth", "3"]);
    assert_eq!((said.status, peer.logins()), (1, 3));
    assert!(took > Duration::from_secs(2), "{took:?}");
    // Earlier refusals count.
    let (said, _) = wait(&home, &definitions, &["--retry-auth", "4"]);
    assert_eq!((said.status, peer.logins()), (1, 4));
    let (said, _) = wait(&home, &definitions, &["--retry-auth", "4"]);
    assert_eq!((said.status, peer.logins()), (1, 4));
}

/// The refusals of an account are counted together, and a hold by another definition is no end.
#[test]
fn definitions_of_one_account_share_what_may_be_repeated() {
    let (home, peer) = (Home::bare(), Peer::new());
    let mut other = bad(peer.port);
    other["schema"] = json!("hr");
    let (said, _) = wait(&home, &json!({"one": bad(peer.port), "other": other}), &["--retry-auth", "3"]);
    assert_eq!((said.status, peer.logins()), (1, 3));
}

#[test]
fn a_silent_server_is_told_as_that() {
    let (home, peer) = (Home::bare(), Peer::silent());
    let arguments = ["--deadline", "700ms", "--format", "json"];
    let (said, _) = wait(&home, &json!({"a": good(peer.port)}), &arguments);
    assert_eq!((said.status, &results(&said)["results"]["a"]["class"]), (124, &json!("timeout")));
}

#[test]
fn a_login_is_accepted_as_often_as_stable_asks_for() {
    let (home, peer) = (Home::bare(), Peer::new());
    let (said, took) = wait(&home, &json!({"a": good(peer.port)}), &["--stable", "3"]);
    assert_eq!((said.status, peer.logins()), (0, 3));
    assert!(took > Duration::from_millis(600), "{took:?}");
}

#[test]
fn what_nothing_answers_for_any_more_is_down_and_a_refused_login_is_an_answer() {
    let (home, peer) = (Home::bare(), Peer::new());
    for (definition, status) in [(good(free_port()), 0), (bad(peer.port), 1), (good(peer.port), 124)] {
        let (said, _) = wait(&home, &json!({"a": definition}), &["--invert", "--deadline", "700ms"]);
        assert_eq!(said.status, status, "{said:?}");
    }
}

#[test]
fn the_command_finds_everything_as_it_was() {
    let (home, peer) = (Home::bare(), Peer::new());
    home.file("all.json", json!({"a": good(peer.port)}));
    // The limits are lower than connprobe's own, and one signal is ignored, as `nohup` does.
    let script = "ulimit -S -n 200; ulimit -S -c 0; trap '' HUP; exec \"$@\"";
    let found = "cat /proc/self/limits | grep -E 'open files|core file'; grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status; \
         ls /proc/self/fd | tr '\\n' ' '; pwd; cat";
    let seen = |before: &[&str]| {
        let command = home.command(&[]);
        let program = command.get_program().to_owned();
        let mut shell = std::process::Command::new("sh");
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(home.path("."));
        shell.args(["-c", script, "sh"]);
        if !before.is_empty() {
            shell.arg(&program).args(before);
        }
        shell.args(["sh", "-c", found]);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"its input").unwrap();
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(child.wait().unwrap().success());
        // The C library owns signals 32 and 33.
        let without_internal = |line: &str| match line.split_once(":\t") {
            Some((name, mask)) if name.starts_with("Sig") => {
                format!("{name} {:x}", u64::from_str_radix(mask, 16).unwrap() & 0x7fff_ffff)
            }
            _ => line.to_owned(),
        };
        text.lines().map(without_internal).collect::<Vec<_>>().join("\n")
    };
    let expected = seen(&[]);
    assert!(expected.ends_with("its input"), "{expected}");
    assert_eq!(seen(&["wait", "all.json", "--quiet", "--"]), expected);
}

#[test]
fn the_command_has_its_own_signals_and_status() {
    let (home, peer) = (Home::bare(), Peer::new());
    home.file("all.json", json!({"a": good(peer.port)}));
    let mut child = home
        .command(&["wait", "all.json", "--", "sh", "-c", "echo started; exec sleep 30"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0; 8];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    kill_process(i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap(), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(15));
    for (command, status) in [("./missing", 127), ("no-such-command", 127), (".", 126)] {
        let (said, _) = wait(&home, &json!({"a": good(peer.port)}), &["--", command]);
        assert_eq!(said.status, status, "{command}: {said:?}");
    }
}

#[test]
fn a_signal_ends_the_wait_with_its_status_and_a_report() {
    let home = Home::bare();
    home.file("all.json", json!({"a": good(free_port())}));
    let child = home.command(&["wait", "all.json", "--format", "json", "--", "true"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(600));
    kill_process(i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap(), Signal::INT).unwrap();
    let said = said(child, "");
    let all = results(&said);
    assert_eq!((said.status, &all["ended"]), (130, &json!("interrupted")));
    assert_eq!(all["results"]["a"]["reason"], "connection_refused");
}

#[test]
fn the_ready_file_is_there_once_everything_is_ready() {
    let (home, peer) = (Home::bare(), Peer::new());
    let (ready, definitions) = (home.path("ready"), json!({"a": good(peer.port)}));
    let (said, _) = wait(&home, &definitions, &["--ready-file", "ready"]);
    assert_eq!((said.status, fs::read(&ready).unwrap()), (0, b"ready\n".to_vec()));
    let (said, _) = wait(&home, &json!({"a": good(free_port())}), &["--ready-file", "ready", "--deadline", "200ms"]);
    assert_eq!((said.status, ready.exists()), (124, false));
    home.file("ready", "notes");
    let (said, _) = wait(&home, &definitions, &["--ready-file", "ready"]);
    assert_eq!((said.status, fs::read(&ready).unwrap()), (2, b"notes".to_vec()));
}

#[test]
fn quiet_says_nothing_but_what_is_wrong() {
    let (home, peer) = (Home::bare(), Peer::new());
    let (said, _) = wait(&home, &json!({"a": good(peer.port)}), &["--quiet"]);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (0, "", ""));
    let (said, _) = wait(&home, &json!({"a": bad(peer.port)}), &["--quiet"]);
    assert!(said.status == 1 && !said.stderr.is_empty());
}
