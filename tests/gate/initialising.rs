//! Servers that initialise themselves as the images of databases do: a temporary server first, then the real one.

use serde_json::json;

use crate::drivers::ALL;
use crate::served::{Initialising, Served};
use crate::servers::{self, until};
use crate::wait::Home;

/// So many accepted logins take 2.7 seconds, within which the temporary server ends.
const STABLE: usize = 10;

fn that_initialise() -> Vec<(&'static str, &'static Served, &'static Initialising)> {
    let all = ALL.iter().filter_map(|(name, served)| Some((*name, served, served.initialising.as_ref()?)));
    let all: Vec<_> = all.collect();
    assert!(!all.is_empty());
    all
}

#[test]
fn a_temporary_server_at_the_same_address_is_not_stable() {
    let servers = servers::stopped();
    for (name, served, _) in that_initialise() {
        let accepted = || served.accepted.unwrap()(&servers);
        let before = accepted();
        let home = Home::of(&json!({ name: (served.definition)(&servers) }));
        let wait = home.wait(&["--stable", &STABLE.to_string()]);
        servers.start(served);
        until(name, || accepted() > before + 1);
        let told = wait.told(name);
        servers.stop(served);
        let temporary = accepted() - before;
        // The wait has noticed it. A restart between two logins goes unnoticed, and does no harm: the last is at the real one.
        until(name, || wait.told(name) > told);
        assert!(temporary < STABLE && home.runs() == 0, "{name}: {temporary} logins before the temporary server ended");
        servers.start(served);
        let ended = wait.end();
        ended.is_ready();
        assert_eq!(accepted() - before - temporary, STABLE, "{name}: {}", ended.shown());
        servers.stop(served);
    }
}

#[test]
fn a_server_that_initialises_itself_on_its_socket_is_no_answer() {
    let servers = servers::stopped();
    for (name, served, initialising) in that_initialise() {
        let accepted = || served.accepted.unwrap()(&servers);
        let is_ready = || servers.lines(&served.log(), |line| line.contains(initialising.ready));
        let (before, ready) = (accepted(), is_ready());
        let home = Home::of(&json!({ name: (served.definition)(&servers) }));
        let wait = home.wait(&[]);
        servers.start_with(served, initialising.options);
        until(name, || is_ready() > ready && wait.told(name) > 0);
        servers.stop(served);
        assert_eq!((accepted(), home.runs()), (before, 0), "{name}");
        servers.start(served);
        let ended = wait.end();
        ended.is_ready();
        assert_eq!(accepted(), before + 1, "{name}: {}", ended.shown());
        assert_eq!(ended.met(name)[0], "connection_refused", "{name}: {}", ended.shown());
        servers.stop(served);
    }
}
