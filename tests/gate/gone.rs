//! `--invert`: until the servers are gone.

use crate::drivers::ALL;
use crate::served::definitions;
use crate::servers::{self, until};
use crate::wait::Home;

#[test]
fn servers_that_stop_are_gone() {
    let servers = servers::stopped();
    servers.start_all();
    let definitions = definitions(&servers);
    Home::of(&definitions).wait(&[]).end().is_ready();
    let accepted = || ALL.iter().map(|(_, served)| served.accepted.map(|accepted| accepted(&servers)));
    let before: Vec<_> = accepted().collect();
    let home = Home::of(&definitions);
    let wait = home.wait(&["--invert"]);
    until("a login at each", || accepted().zip(&before).all(|(after, before)| after.is_none() || after > *before));
    for (_, served) in ALL {
        assert_eq!(home.runs(), 0);
        servers.stop(served);
    }
    let ended = wait.end();
    assert_eq!((ended.status, ended.runs), (crate::wait::HANDED_ON, 1), "{}", ended.shown());
    for (name, _) in ALL {
        assert_eq!(ended.results[*name]["reason"], "connection_refused", "{name}: {}", ended.shown());
    }
}
