//! Servers that do not start before the deadline: the report has the cause of the last attempt at each.

use serde_json::json;

use crate::drivers::ALL;
use crate::served::definitions;
use crate::servers;
use crate::wait::Home;

#[test]
fn at_the_deadline_each_server_is_told_with_what_was_met_last() {
    let servers = servers::stopped();
    let (first, last) = (&ALL[0], &ALL[ALL.len() - 1]);
    // One is ready, and one accepts connections and says nothing.
    servers.start(&first.1);
    servers.start(&last.1);
    servers.await_listening(&last.1);
    servers.pause(&last.1);
    let ended = Home::of(&definitions(&servers)).wait(&["--deadline", "4s"]).end();
    servers.kill(&last.1);
    ended.is_not_ready(124);
    assert_eq!(ended.why, "deadline");
    for (name, _) in ALL {
        let result = &ended.results[*name];
        let (field, expected) = match *name {
            name if name == first.0 => ("status", "ok"),
            name if name == last.0 => ("class", "timeout"),
            _ => ("reason", "connection_refused"),
        };
        assert_eq!(result[field], expected, "{name}: {}", ended.shown());
    }
}

/// A server that accepts connections and turns every login away, for as long as it follows another.
#[test]
fn a_server_that_starts_without_end_is_told_as_that() {
    let servers = servers::stopped();
    let starting: Vec<_> = ALL.iter().filter(|(_, served)| served.starting.is_some()).collect();
    assert!(!starting.is_empty());
    for (name, served) in starting {
        let starting = served.starting.as_ref().unwrap();
        servers.shell(served, starting.prepare);
        servers.start_with(served, starting.options);
        servers.await_listening(served);
        let home = Home::of(&json!({ *name: (served.definition)(&servers) }));
        let ended = home.wait(&["--deadline", "2s"]).end();
        servers.stop(served);
        servers.shell(served, starting.restore);
        ended.is_not_ready(124);
        assert_eq!(ended.results[*name]["reason"], "starting_up", "{}", ended.shown());
        // The same wait, once the server accepts logins.
        let wait = home.wait(&[]);
        servers.start(served);
        wait.end().is_ready();
    }
}
