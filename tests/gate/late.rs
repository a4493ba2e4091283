//! Servers that come late, each at its own moment, and a suite that logs in to each with another client.

use std::thread;
use std::time::{Duration, Instant};

use crate::drivers::ALL;
use crate::served::definitions;
use crate::servers;
use crate::wait::Home;

/// The time between the starts of two servers: the last of seven comes after five seconds.
const APART: Duration = Duration::from_millis(800);

#[test]
fn every_server_comes_late_and_the_suite_behind_the_wait_finds_them_all() {
    let servers = servers::stopped();
    let accepted = || -> Vec<Option<usize>> {
        ALL.iter().map(|(_, served)| served.accepted.map(|accepted| accepted(&servers))).collect()
    };
    let before = accepted();
    let logins = ALL.iter().map(|(name, served)| {
        let script = servers.script(served, served.suite);
        format!("(set -e; {script}) >/dev/null && echo '{name} accepts logins'")
    });
    let home = Home::of(&definitions(&servers));
    let begin = Instant::now();
    let wait = home.wait_for(&[], &logins.collect::<Vec<_>>().join("\n"));
    for (number, (_, served)) in (0..).zip(ALL) {
        thread::sleep((begin + APART * number).saturating_duration_since(Instant::now()));
        // The first is restarted in the middle, once it is ready and before the others are.
        if number == 3 {
            servers.stop(&ALL[0].1);
            servers.start(&ALL[0].1);
        }
        servers.start(served);
    }
    let ended = wait.end();
    ended.is_ready();
    let told: Vec<String> = ALL.iter().map(|(name, _)| format!("{name} accepts logins")).collect();
    assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), told, "{}", ended.shown());
    for (name, _) in &ALL[1..] {
        assert!(ended.met(name).contains(&"connection_refused"), "{name}: {}", ended.shown());
    }
    // One login of the wait at each server, and one of the suite.
    for ((name, _), (before, after)) in ALL.iter().zip(before.into_iter().zip(accepted())) {
        assert_eq!(after, before.map(|before| before + 2), "{name}");
    }
}
