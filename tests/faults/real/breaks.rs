//! Breaks or slows down a recorded login at each of its points.

use std::time::Duration;

use super::proxy::{How, Proxy, Toxic, Way};
use super::servers::{Of, Server, servers};
use super::transcript::Transcript;
use crate::matrix::{Expected, OK, late};
use crate::run::{self, Limits, Set};

/// The time limit of logins that must end before it, even if they are slowed down.
const PLENTY: Duration = Duration::from_secs(20);

/// The time limit of logins that end by it.
const DEADLINE: Duration = Duration::from_millis(1500);

/// The number of simultaneous logins that the smallest server accepts.
const AT_ONCE: usize = 8;

/// Records a good login through a proxy that changes nothing.
fn recorded((of, server): &(Of, Server)) -> Transcript {
    let proxy = Proxy::start(server.port, Toxic::None);
    let definition = server.definition(*of, proxy.listening.port);
    let set = Set::through(of.0, server.name.to_owned(), definition, &proxy.watch, OK);
    let (verdicts, _) = run::run(&[set], Limits { timeout: PLENTY, concurrency: 1 });
    assert_eq!(verdicts[server.name].wrong, [""; 0], "{}: a good login", server.name);
    (of.1.read)(&proxy.spoken())
}

/// Runs the breaks in groups, each break with its expected result.
fn broken(server: &(Of, Server), toxics: &[(Toxic, Expected)], limits: Limits) {
    toxics.chunks(crate::SOME).for_each(|some| broken_at_once(server, some, limits));
}

/// Runs all of these breaks in one run.
fn broken_at_once((of, server): &(Of, Server), toxics: &[(Toxic, Expected)], limits: Limits) {
    let proxies: Vec<Proxy> = toxics.iter().map(|(toxic, _)| Proxy::start(server.port, *toxic)).collect();
    let sets: Vec<Set> = toxics
        .iter()
        .zip(&proxies)
        .map(|((toxic, expected), proxy)| {
            let name = format!("{}: {toxic:?}", server.name);
            Set::through(of.0, name, server.definition(*of, proxy.listening.port), &proxy.watch, *expected)
        })
        .collect();
    let (verdicts, run) = run::run(&sets, limits);
    println!("{}: {} breaks in {:?}, peak {} MiB", server.name, toxics.len(), run.took, run.peak >> 20);
    let wrong = run::wrong(&verdicts);
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), toxics.len(), wrong.join("\n"));
    assert!(run.peak < crate::MEMORY);
}

const QUICK: Limits = Limits { timeout: PLENTY, concurrency: AT_ONCE };
const SLOW: Limits = Limits { timeout: DEADLINE, concurrency: AT_ONCE };

#[test]
fn a_good_login_cut_at_any_byte_is_told_by_where() {
    for server in servers().iter().filter(|(_, server)| server.in_clear) {
        let good = recorded(server);
        let mut toxics = Vec::new();
        for how in [How::Close, How::Reset] {
            // Every byte of the login, and some bytes of the answer to the test query, which may be long.
            let proof = (good.accepted..good.proved - 1).step_by(7);
            for after in (0..good.accepted).chain(proof).chain([good.proved - 1, good.proved]) {
                toxics.push((Toxic::Cut { way: Way::FromServer, after, how }, good.after_server(after)));
            }
            for after in good.moments_of_client() {
                toxics.push((Toxic::Cut { way: Way::FromClient, after, how }, good.after_client(after)));
            }
        }
        broken(server, &toxics, QUICK);
    }
}

#[test]
fn a_login_that_freezes_between_two_turns_is_told_at_the_deadline_by_where() {
    for server in servers().iter().filter(|(_, server)| server.in_clear) {
        let good = recorded(server);
        let moments = good.turns.iter().flat_map(|turn| [*turn, turn + 1]).filter(|after| *after < good.proved);
        let toxics: Vec<_> =
            moments.map(|after| (Toxic::Freeze { after }, late(good.after_server(after).phase))).collect();
        broken(server, &toxics, SLOW);
    }
}

#[test]
fn a_slow_way_is_no_fault() {
    for server in servers() {
        let toxics = [
            (Toxic::Segments, OK),
            (Toxic::Late(Duration::from_millis(60)), OK),
            (Toxic::Dripping(Duration::from_micros(500)), OK),
            (Toxic::Halves(Duration::from_millis(30)), OK),
        ];
        broken(&server, &toxics, QUICK);
    }
}
