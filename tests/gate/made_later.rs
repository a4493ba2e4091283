//! Users, databases and buckets that a script makes a moment after their server is there.

use std::collections::BTreeMap;

use serde_json::json;

use crate::drivers::ALL;
use crate::served::{LATE, Served};
use crate::servers::{self, Servers, until};
use crate::wait::Home;

/// Starts every server of which `field` is known, and waits until each accepts the login of a good definition.
fn started(servers: &Servers, has_it: impl Fn(&Served) -> bool) -> Vec<&'static (&'static str, Served)> {
    let some: Vec<_> = ALL.iter().filter(|(_, served)| has_it(served)).collect();
    assert!(!some.is_empty());
    for (_, served) in &some {
        servers.start(served);
    }
    let good: BTreeMap<_, _> = some.iter().map(|(name, served)| (*name, (served.definition)(servers))).collect();
    Home::of(&json!(good)).wait(&[]).end().is_ready();
    some
}

#[test]
fn a_refused_login_ends_the_wait_at_once_and_goes_to_the_server_once() {
    let servers = servers::stopped();
    for (name, served) in started(&servers, |served| served.refused.is_some()) {
        let wrong = served.with(&servers, &json!({"password": LATE}));
        let refused = || served.refused.unwrap()(&servers, wrong["login"].as_str().unwrap());
        let before = refused();
        let home = Home::of(&json!({ *name: wrong }));
        // In the second wait, too, nothing is sent again.
        for _ in 0..2 {
            let ended = home.wait(&[]).end();
            ended.is_not_ready(1);
            assert_eq!((&ended.why, &ended.results[*name]["class"]), (&json!("given_up"), &json!("auth")), "{name}");
            assert_eq!(refused(), before + 1, "{name}: {}", ended.shown());
        }
    }
}

#[test]
fn a_user_that_is_made_a_moment_later_is_waited_for_where_that_is_wanted() {
    let servers = servers::stopped();
    let all = started(&servers, |served| served.user.is_some());
    let homes = all.iter().map(|(name, served)| {
        let home = Home::of(&json!({ *name: served.with(&servers, &json!({"login": "late", "password": LATE})) }));
        (name, served, home)
    });
    for (name, served, home) in homes.collect::<Vec<_>>() {
        let refused = || served.refused.unwrap()(&servers, "late");
        let wait = home.wait(&["--retry-auth", "20"]);
        until(name, || refused() > 0);
        assert_eq!(home.runs(), 0, "{name}");
        servers.shell(served, served.user.unwrap());
        let ended = wait.end();
        ended.is_ready();
        assert_eq!(
            u64::try_from(refused()).unwrap() + 1,
            ended.results[*name]["attempts"],
            "{name}: {}",
            ended.shown()
        );
    }
}

#[test]
fn a_database_that_is_made_a_moment_later_is_waited_for() {
    let servers = servers::stopped();
    let all = started(&servers, |served| served.place.is_some());
    let place = |served: &'static Served| served.place.as_ref().unwrap();
    let definitions: BTreeMap<_, _> =
        all.iter().map(|(name, served)| (*name, served.with(&servers, &(place(served).fields)()))).collect();
    let home = Home::of(&json!(definitions));
    let wait = home.wait(&[]);
    for (name, served) in &all {
        until(name, || wait.told(name) > 0);
        assert_eq!(home.runs(), 0, "{name}");
        servers.shell(served, place(served).made);
    }
    let ended = wait.end();
    ended.is_ready();
    for (name, served) in all {
        assert_eq!(ended.met(name), [place(served).reason], "{name}: {}", ended.shown());
    }
}
