//! `connprobe state`: how accounts are listed, why each is held, and what is forgotten. Snapshots hold the words; what
//! differs from run to run is masked, and times are shown relative to the last refusal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use jiff::{SpanRound, Timestamp, Unit};
use serde_json::{Value, json};

use crate::home::Home;
use crate::peers::Peer;

const RIGHT: &str = "the-right-one";

fn postgres(port: u16, login: &str, password: &str) -> Value {
    json!({"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": login, "password": password})
}

/// Attempts the logins of each of `runs`, given by user and password.
fn log_in(home: &Home, port: u16, options: &[&str], runs: &[&[(&str, &str)]]) {
    for logins in runs {
        // The names differ, since an account can also be found by the ids of its results.
        let all = logins.iter().enumerate();
        let all = all.map(|(n, (login, password))| (format!("{login}{n}"), postgres(port, login, password)));
        home.file("all.json", Value::Object(all.collect()));
        let child = home.command(&[&["check", "all.json", "--format", "json"], options].concat()).spawn().unwrap();
        crate::home::said(child, "");
    }
}

/// `list` with its lines ordered by account, without ids, and with times relative to the last refusal.
fn masked(list: &str) -> String {
    let mut lines: Vec<String> = list.lines().map(line_masked).collect();
    lines.sort();
    lines.join("\n")
}

fn line_masked(line: &str) -> String {
    let (mut first, mut before) = (None, "");
    let words = line.split(' ').enumerate().map(|(at, word)| {
        let is_end = std::mem::replace(&mut before, word) == "until";
        let bare = word.trim_end_matches([';', ':', ',']);
        let Ok(time) = bare.parse::<Timestamp>() else {
            let is_id = at == 0 && bare.len() == 16 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
            return if is_id { "ID".to_owned() } else { word.to_owned() };
        };
        if is_end && first.is_none() {
            return format!("TIME{}", &word[bare.len()..]);
        }
        let since = *first.get_or_insert(time);
        // A second may pass between the two times.
        let round = SpanRound::new().largest(Unit::Hour).smallest(Unit::Minute);
        let span = (time - since).round(round).unwrap();
        format!("SINCE+{span}{}", &word[bare.len()..])
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_known_of_accounts_is_listed_with_its_reasons() {
    let home = Home::bare();
    home.hold("state: an empty ledger", &home.run(&["state"], 0).stdout);
    let peer = Peer::new();
    let goes_down = Arc::new(AtomicBool::new(false));
    let closing = Peer::going_down(&goes_down);
    log_in(
        &home,
        peer.port,
        &[],
        &[
            // One account was refused once; the other has no refusal since its acceptance.
            &[("one-refused", "A")],
            &[("accepted", RIGHT)],
            // Two different secrets are refused, with an acceptance between them.
            &[("two-refused", "A")],
            &[("two-refused", RIGHT)],
            &[("two-refused", "B")],
            // Two consecutive refusals hold all other secrets, and the refused ones are not sent again.
            &[("account", "A"), ("account", "B")],
        ],
    );
    let secrets: Vec<String> = (0..16).map(|number| format!("S{number}")).collect();
    let pairs: Vec<[(&str, &str); 2]> =
        secrets.chunks(2).map(|two| [("sixteen", two[0].as_str()), ("sixteen", two[1].as_str())]).collect();
    let runs: Vec<&[(&str, &str)]> = pairs.iter().map(|pair| &pair[..]).collect();
    log_in(&home, peer.port, &["--force"], &runs);
    // No answer twice: for a secret that was accepted before, which is not counted, and for one that was not.
    let both: &[(&str, &str)] = &[("proven-unclear", RIGHT), ("unclear", "A")];
    log_in(&home, closing.port, &[], &[&both[..1]]);
    goes_down.store(true, Ordering::SeqCst);
    log_in(&home, closing.port, &[], &[both]);
    thread::sleep(Duration::from_millis(1100));
    log_in(&home, closing.port, &[], &[both]);
    home.hold("state: held accounts", &masked(&home.run(&["state"], 0).stdout));
}

#[test]
fn what_is_forgotten_is_said() {
    let home = Home::bare();
    let peer = Peer::new();
    log_in(&home, peer.port, &[], &[&[("bad", "CANARY1")], &[("worse", "CANARY1")], &[("b\u{1b}[31md", "CANARY1")]]);
    let report = home.json(&["check", "all.json", "--format", "json"], 1);
    let id = |line: usize| {
        let list = home.run(&["state"], 0).stdout;
        list.lines().nth(line).and_then(|line| line.split(' ').next()).unwrap().to_owned()
    };
    let account = |login: &str| format!("postgres://{login}@localhost:{}", peer.port);
    let of_result = report["results"][0]["id"].as_str().unwrap().to_owned();
    let listed = masked(&home.run(&["state"], 0).stdout);
    home.hold("state: names that steer a terminal", &listed);
    let both = |said: crate::home::Said| said.stdout + &said.stderr;
    home.hold("state forget: of the account", &both(home.run(&["state", "forget", &account("bad")], 0)));
    home.hold("state forget: of a result's id", &both(home.run(&["state", "forget", &of_result], 0)));
    home.hold("state forget: of its own id", &both(home.run(&["state", "forget", &id(0)], 0)));
    home.hold("state forget: nothing is known", &both(home.run(&["state", "forget", &account("bad")], 1)));
    home.hold("state forget: a name that steers a terminal", &both(home.run(&["state", "forget", "b\u{1b}[31md"], 1)));
    assert_eq!(home.run(&["state"], 0).stdout, Home::bare().run(&["state"], 0).stdout);
}

/// An account whose records were partly lost is held more strictly for a day, and the list begins with that.
#[test]
fn what_was_lost_is_said_before_the_list() {
    let home = Home::bare();
    let peer = Peer::new();
    log_in(&home, peer.port, &[], &[&[("bad", "CANARY1")]]);
    let path = home.path("accounts");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"damaged\": \n");
    std::fs::write(&path, text).unwrap();
    let said = home.run(&["state"], 0);
    let warned: Vec<String> = said.stderr.lines().map(line_masked).collect();
    home.hold("state: something was lost", &format!("{}\n{}", warned.join("\n"), masked(&said.stdout)));
}

#[test]
fn to_look_at_a_ledger_makes_none() {
    let home = Home::bare();
    let made = || std::fs::read_dir(home.path("")).unwrap().count();
    let before = made();
    for (arguments, status) in [
        (&["state"][..], 0),
        (&["state", "forget", "x"], 1),
        (&["state", "--state", "typo"], 3),
        (&["state", "forget", "x", "--state", "typo"], 3),
        (&["state", "--state", "nowhere/typo"], 3),
    ] {
        let said = home.run(arguments, status);
        assert_eq!(said.stderr.contains("hint: "), status > 0, "{arguments:?}: {said:?}");
        assert_eq!(made(), before, "{arguments:?}");
    }
}
