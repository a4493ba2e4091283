//! What several logins write at one moment, and what other processes see of it.

use std::fs;
use std::io::Write;

use futures_util::future::join_all;
use futures_util::poll;
use tempfile::tempdir;

use super::*;
use Ending::{Accepted, Refused};

/// Whether `ledger` permits `login`; the turn is given back.
async fn lets_go(ledger: &FileLedger, login: &Login) -> bool {
    let goes = matches!(ledger.begin(login).await, Begin::Go { .. });
    if goes {
        ledger.give_back(login);
    }
    goes
}

#[test]
fn acceptances_wait_for_others_some_milliseconds_and_refusals_for_nobody() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|host| login(&[host], "R"));
    let logins = [&a, &b, &c, &d];
    for login in logins {
        assert_eq!(one.begin(login).0, Came::Tried);
        one.ledger.leaves(login);
    }
    one.runtime.block_on(async {
        let (accepted, refused) = (end(Accepted), end(Refused));
        // The end waits for others while logins are under way; an end that is the last of them does not wait.
        let mut first = one.ledger.end(&a, &accepted);
        assert!(poll!(&mut first).is_pending());
        assert!(poll!(&mut one.ledger.end(&b, &accepted)).is_ready());
        assert!(!lets_go(&other.ledger, &a).await && !lets_go(&other.ledger, &b).await);
        first.await;
        assert!(lets_go(&other.ledger, &a).await && lets_go(&other.ledger, &b).await);
        assert_eq!(other.ledger.lines().len(), 2);
        // Another write takes the waiting end along.
        let mut first = one.ledger.end(&c, &accepted);
        assert!(poll!(&mut first).is_pending());
        one.ledger.end(&d, &refused).await;
        assert!(lets_go(&other.ledger, &c).await && !lets_go(&other.ledger, &d).await);
        assert_eq!(other.ledger.lines().len(), 4);
        first.await;
    });
}

#[test]
fn the_last_login_under_way_waits_for_nobody() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    let [a, b] = ["a", "b"].map(|host| login(&[host, "10.0.0.7"], host));
    one.runtime.block_on(async {
        for login in [&a, &b] {
            assert!(matches!(one.ledger.begin(login).await, Begin::Go { .. }));
        }
        // The logins share a key, at which the later one counts.
        let accepted = end(Accepted);
        let mut first = one.ledger.end(&a, &accepted);
        assert!(poll!(&mut first).is_pending());
        let mut last = one.ledger.end(&b, &accepted);
        assert!(poll!(&mut last).is_pending(), "others that are as far write with it");
        assert!(poll!(&mut last).is_ready());
        assert!(poll!(&mut first).is_ready(), "its caller has the answer");
        assert!(lets_go(&other.ledger, &a).await && lets_go(&other.ledger, &b).await);
    });
}

#[test]
fn an_acceptance_is_written_at_once_where_something_is_known_against_its_account() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    assert_eq!(one.log_in(&login(&["refused"], "A"), Refused), Came::Tried);
    assert_eq!(one.log_in(&login(&["unclear"], "A"), Ending::Unclear), Came::Tried);
    let elsewhere = login(&["elsewhere"], "R");
    assert_eq!(one.begin(&elsewhere).0, Came::Tried);
    for host in ["refused", "unclear"] {
        let right = login(&[host], "R");
        assert_eq!(one.log_in(&right, Accepted), Came::Tried);
        assert_eq!(other.begin(&login(&[host], "B")).0, Came::Tried, "{host}");
    }
}

#[test]
fn an_acceptance_that_waits_counts_in_this_process_and_is_written_when_nobody_waits_for_it_any_more() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    let [elsewhere, a, b] = [("elsewhere", "R"), ("db", "A"), ("db", "B")].map(|(host, of)| login(&[host], of));
    one.runtime.block_on(async {
        for login in [&elsewhere, &a] {
            assert!(matches!(one.ledger.begin(login).await, Begin::Go { .. }));
        }
        let accepted = end(Accepted);
        let mut first = one.ledger.end(&a, &accepted);
        assert!(poll!(&mut first).is_pending());
        assert!(lets_go(&one.ledger, &b).await);
        assert_eq!(one.ledger.lines().len(), 1);
        one.ledger.begin(&a).await;
        let mut again = one.ledger.end(&a, &accepted);
        assert!(poll!(&mut again).is_pending());
        assert!(!lets_go(&other.ledger, &a).await);
        drop(again);
        assert!(lets_go(&other.ledger, &a).await);
    });
}

#[test]
fn so_many_logins_that_they_are_written_in_parts_are_seen_by_others() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    let logins: Vec<Login> = (0..300).map(|number| login(&[&format!("db{number}")], "R")).collect();
    one.runtime.block_on(async {
        let went = join_all(logins.iter().map(|login| one.ledger.begin(login))).await;
        assert!(went.iter().all(|went| matches!(went, Begin::Go { .. })));
        let taken = join_all(logins.iter().map(|login| other.ledger.begin(login))).await;
        assert!(taken.iter().all(|taken| matches!(taken, Begin::Taken { .. })));
        let accepted = end(Accepted);
        join_all(logins.iter().map(|login| one.ledger.end(login, &accepted))).await;
    });
    assert_eq!(Bench::in_file(directory.path()).ledger.lines().len(), 300);
    assert!(logins.iter().all(|login| other.begin(login).0 == Came::Tried));
}

#[test]
fn a_line_that_is_outdated_is_no_loss_unless_others_may_be_missing_in_it() {
    for (outdated, lost) in [("{\"refusals\":\"many\"", false), ("{\"sho\0\0\0", true)] {
        let directory = tempdir().unwrap();
        let bench = Bench::in_file(directory.path());
        bench.log_in(&login(&["db"], "A"), Refused);
        let written = fs::read_to_string(bench.ledger.path()).unwrap();
        let line = written.lines().rfind(|line| line.starts_with("{\"account\":")).unwrap();
        let (key, _) = line.split_once(",{").unwrap();
        let mut file = fs::OpenOptions::new().append(true).open(bench.ledger.path()).unwrap();
        writeln!(file, "{key},{outdated}}}]}}\n{line}").unwrap();
        let opened = Bench::in_file(directory.path());
        assert_eq!(opened.ledger.lost().is_some(), lost, "{outdated:?}");
        assert_eq!(opened.log_in(&login(&["db"], "A"), Refused), Came::Again(DAY));
    }
}
