//! Servers that are killed and restarted while a login is under way.

use crate::drivers::ALL;
use crate::served::{Served, definitions};
use crate::servers::{self, until};
use crate::wait::Home;

#[test]
fn servers_that_are_killed_in_mid_login_end_nothing() {
    let servers = servers::stopped();
    servers.start_all();
    for (_, served) in ALL {
        servers.await_listening(served);
        servers.pause(served);
    }
    let home = Home::of(&definitions(&servers));
    let wait = home.wait(&[]);
    for (name, served) in ALL {
        until(name, || servers.is_connected(served));
        servers.kill(served);
    }
    servers.start_all();
    let ended = wait.end();
    ended.is_ready();
    for (name, _) in ALL {
        assert!(ended.results[*name]["attempts"].as_u64().unwrap() > 1, "{name}: {}", ended.shown());
    }
}

/// A server whose proof of the password has arrived, and which is killed before it answers.
#[test]
fn a_server_that_is_killed_with_the_password_ends_nothing() {
    let servers = servers::stopped();
    let slow: Vec<&(&str, Served)> = ALL.iter().filter(|(_, served)| served.slow.is_some()).collect();
    assert!(!slow.is_empty());
    for (name, served) in slow {
        let slow = served.slow.as_ref().unwrap();
        let received = || servers.lines(&served.log(), |line| line.contains(slow.received));
        let before = received();
        servers.start_with(served, slow.options);
        let home = Home::of(&serde_json::json!({ *name: (served.definition)(&servers) }));
        let wait = home.wait(&[]);
        until(name, || received() > before);
        servers.kill(served);
        servers.start(served);
        let ended = wait.end();
        ended.is_ready();
        assert_eq!(received(), before + 2, "{}", ended.shown());
    }
}
