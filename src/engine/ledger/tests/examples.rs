//! The contract's examples, line by line, as far as the ledger alone decides them.

use tempfile::tempdir;

use super::*;
use crate::model::fingerprint::Fingerprint;
use crate::net::dial::Endpoint;
use std::time::Duration;

use Came::{Again, Tried, Withheld};
use Ending::{Accepted, Refused, Unclear, Untested};

/// The time, the secret, the end that its login would have, and the decision.
type Step = (u64, &'static str, Ending, Came);

/// A name and the steps.
type Row = (&'static str, &'static [Step]);

const TABLE: &[Row] = &[
    (
        "a refused secret binds itself alone",
        &[(0, "A", Refused, Tried), (5 * MINUTE, "A", Refused, Again(DAY)), (5 * MINUTE, "B", Accepted, Tried)],
    ),
    (
        "an acceptance frees others, not the refused one",
        &[
            (0, "A", Refused, Tried),
            (MINUTE, "B", Accepted, Tried),
            (2 * MINUTE, "A", Refused, Again(DAY)),
            (2 * MINUTE, "C", Refused, Tried),
            (3 * MINUTE, "B", Accepted, Tried),
        ],
    ),
    (
        "two refusals hold the account, and each more twice as long",
        &[
            (0, "A", Refused, Tried),
            (MINUTE, "B", Refused, Tried),
            (2 * MINUTE, "C", Refused, Withheld(61 * MINUTE)),
            (62 * MINUTE, "C", Refused, Tried),
            (63 * MINUTE, "D", Refused, Withheld(62 * MINUTE + 2 * HOUR)),
        ],
    ),
    (
        "what was accepted lately goes on",
        &[
            (0, "B", Accepted, Tried),
            (HOUR, "C", Refused, Tried),
            (HOUR, "D", Refused, Tried),
            (HOUR, "B", Accepted, Tried),
        ],
    ),
    (
        "what was accepted lately goes on, others do not",
        &[
            (0, "B", Accepted, Tried),
            (HOUR, "C", Refused, Tried),
            (HOUR, "D", Refused, Tried),
            (HOUR, "E", Refused, Withheld(2 * HOUR)),
        ],
    ),
    (
        "what was accepted long ago is held like others",
        &[
            (0, "B", Accepted, Tried),
            (3 * DAY, "C", Refused, Tried),
            (3 * DAY, "D", Refused, Tried),
            (3 * DAY, "B", Accepted, Withheld(3 * DAY + HOUR)),
        ],
    ),
    (
        "a directory is down",
        &[
            (0, "B", Accepted, Tried),
            (HOUR, "B", Refused, Tried),
            (HOUR + 30 * MINUTE, "B", Refused, Again(2 * HOUR)),
            (HOUR + 61 * MINUTE, "B", Refused, Tried),
            (4 * HOUR, "B", Refused, Again(HOUR + 61 * MINUTE + DAY)),
        ],
    ),
    (
        "an unclear end does not bind its secret, a second does",
        &[
            (0, "A", Unclear, Tried),
            (2, "A", Unclear, Tried),
            (3, "A", Unclear, Withheld(HOUR + 2)),
            (62 * MINUTE, "A", Unclear, Tried),
        ],
    ),
    ("within a second it does not go again", &[(0, "A", Unclear, Tried), (0, "A", Unclear, Withheld(1))]),
    (
        "an unclear end counts as one of two",
        &[
            (0, "A", Unclear, Tried),
            (MINUTE, "B", Refused, Tried),
            (MINUTE, "A", Unclear, Withheld(61 * MINUTE)),
            (MINUTE, "C", Unclear, Withheld(61 * MINUTE)),
        ],
    ),
    (
        "a secret that was accepted before is not held by its unclear ends",
        &[
            (0, "A", Accepted, Tried),
            (DAY, "A", Unclear, Tried),
            (DAY + 2, "A", Unclear, Tried),
            (DAY + 30, "A", Unclear, Withheld(DAY + 62)),
            (DAY + 63, "A", Unclear, Tried),
            (DAY + 120, "A", Unclear, Withheld(DAY + 183)),
            (DAY + 183, "A", Unclear, Tried),
            (DAY + 400, "A", Unclear, Withheld(DAY + 423)),
        ],
    ),
    (
        "a secret that nobody asked for proves nothing",
        &[
            (0, "T", Untested, Tried),
            (0, "A", Refused, Tried),
            (0, "B", Refused, Tried),
            (0, "C", Refused, Withheld(HOUR)),
        ],
    ),
    ("a missing database proves the secret", &[(0, "A", Accepted, Tried), (0, "A", Accepted, Tried)]),
    (
        "the right one interrupted after a refusal counts",
        &[(0, "B", Refused, Tried), (MINUTE, "A", Unclear, Tried), (2 * MINUTE, "A", Accepted, Withheld(61 * MINUTE))],
    ),
];

#[test]
fn the_examples_of_the_contract() {
    for (name, steps) in TABLE {
        let directory = tempdir().unwrap();
        let bench = Bench::in_file(directory.path());
        for (at, secret, ending, came) in *steps {
            bench.at(*at);
            assert_eq!(bench.log_in(&login(&["db"], secret), *ending), *came, "{name}: {secret} at {at}");
        }
    }
}

#[test]
fn a_server_that_hangs_up_on_wrong_secrets_sees_them_ever_more_rarely() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let mut tried = Vec::new();
    for minute in 0..24 * 60 {
        bench.at(minute * MINUTE);
        assert_eq!(bench.log_in(&login(&["db"], "right"), Accepted), Tried);
        if bench.log_in(&login(&["db"], "wrong"), Unclear) == Tried {
            tried.push(minute);
        }
    }
    assert_eq!(tried, [0, 1, 61, 181, 421, 901]);
}

#[test]
fn a_proven_secret_goes_on_beside_eight_wrong_ones() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
    let wrong: Vec<Came> = (0..8).map(|number| bench.log_in(&login(&["db"], &format!("W{number}")), Refused)).collect();
    assert_eq!(wrong.iter().filter(|came| **came == Tried).count(), 2);
    assert_eq!(wrong[2..], [Withheld(HOUR); 6]);
    assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
}

#[test]
fn the_right_secret_after_six_wrong_ones_is_tried_within_three_days() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let secrets = ["W1", "W2", "W3", "W4", "W5", "W6", "R"];
    let mut refused = Vec::new();
    for run in 0..3 * 24 * 6 {
        bench.at(run * 10 * MINUTE);
        // The same order as in the engine: secrets that were never refused go first.
        let mut order: Vec<Login> = secrets.iter().map(|secret| login(&["db"], secret)).collect();
        order.sort_by_key(|login| bench.ledger.was_refused(login));
        for login in order {
            let right = login.id == "id-R";
            let came = bench.log_in(&login, if right { Accepted } else { Refused });
            if came == Tried && right {
                assert!(refused.len() == 6 && run < 2 * 24 * 6, "{refused:?} {run}");
                return;
            }
            if came == Tried {
                refused.push(run);
            }
        }
    }
    panic!("the right one was never tried: {refused:?}");
}

#[test]
fn names_and_addresses_of_one_account_share_a_hold_and_are_forgotten_together() {
    let names: &[&[&str]] = &[&["db1", "10.0.0.7"], &["10.0.0.7"]];
    for (refused, forgotten) in [(0, "db1"), (0, "10.0.0.7"), (1, "db1"), (1, "10.0.0.7")] {
        let directory = tempdir().unwrap();
        let bench = Bench::in_file(directory.path());
        // The name was seen at its address.
        assert_eq!(bench.log_in(&login(names[0], "seen"), Accepted), Tried);
        assert_eq!(bench.log_in(&login(names[refused], "A"), Refused), Tried);
        assert_eq!(bench.log_in(&login(names[1 - refused], "A"), Refused), Again(DAY));
        let forgotten = format!("postgres://etl@{forgotten}:5432");
        assert_eq!(bench.runtime.block_on(bench.ledger.forget(&forgotten)).unwrap().len(), 2);
        assert_eq!(bench.log_in(&login(names[1 - refused], "A"), Refused), Tried);
    }
}

#[test]
fn an_account_is_found_by_its_name_its_id_and_that_of_a_result() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    for found in ["postgres://etl@db:5432", "id-A", "*"] {
        bench.log_in(&login(&["db"], "A"), Refused);
        let id = bench.ledger.lines()[0].id.clone();
        let word = if found == "*" { &id } else { found };
        assert_eq!(bench.runtime.block_on(bench.ledger.forget(word)).unwrap(), ["postgres://etl@db:5432"], "{word}");
        assert!(bench.ledger.lines().is_empty());
    }
    assert!(bench.runtime.block_on(bench.ledger.forget("postgres://nobody@db:5432")).unwrap().is_empty());
}

#[test]
fn only_the_account_that_was_named_is_forgotten() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let endpoint = Endpoint::Tcp { host: "db".to_owned(), port: 1 };
    let of = |driver, login, shown| User { driver, login, shown }.named(&endpoint);
    let accounts = [
        of("postgres", "etl", "etl"),
        of("postgres", "ETL", "ETL"),
        of("mssql", "sa", "SA"),
        of("s3", "AKIA1ZZZZ", "AKIA…ZZZZ"),
        of("s3", "AKIA2ZZZZ", "AKIA…ZZZZ"),
    ];
    let refused = |account: &Account, n: usize| Login {
        who: Who::new(vec![account.clone()], Some(Fingerprint::of(&["A"])), vec!["tls".to_owned()]).into(),
        id: format!("result-{n}"),
        ..login(&["db"], "A")
    };
    let forget = |word: &str| bench.runtime.block_on(bench.ledger.forget(word));
    for (n, account) in accounts.iter().enumerate() {
        bench.log_in(&refused(account, n), Refused);
    }
    assert_eq!(forget("postgres://ETL@db:1").unwrap(), ["postgres://ETL@db:1"]);
    assert!(forget("postgres://ETL@db:1").unwrap().is_empty());
    assert_eq!(forget("mssql://sa@DB:1").unwrap(), ["mssql://SA@db:1"]);
    let Err(NotForgotten::Several(ids)) = forget("s3://AKIA…ZZZZ@db:1") else { panic!("one was chosen") };
    assert_eq!(ids.len(), 2);
    assert_eq!(bench.ledger.lines().len(), 3);
    assert_eq!(forget(&ids[0]).unwrap(), ["s3://AKIA…ZZZZ@db:1"]);
    // Only one account with this shown form is left.
    assert_eq!(forget("s3://AKIA…ZZZZ@db:1").unwrap().len(), 1);
    assert_eq!(forget("result-0").unwrap(), ["postgres://etl@db:1"]);
}

#[test]
fn a_name_with_many_addresses_is_not_tried_at_each() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let all = ["db", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
    let reached = End { accounts: vec![account("db"), account("10.0.0.1")], ..end(Refused) };
    assert_eq!(bench.log_in_with(&login(&all, "A"), &reached), Tried);
    assert_eq!(bench.log_in(&login(&["db", "10.0.0.4"], "A"), Refused), Again(DAY));
    assert_eq!(bench.log_in(&login(&["10.0.0.4"], "A"), Refused), Tried);
}

#[test]
fn circumstances_bind_and_edited_definitions_do_not() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let plain = login_in(&["db"], "A", &["plain"]);
    assert_eq!(bench.log_in(&plain, Refused), Tried);
    assert_eq!(bench.log_in(&Login { id: "renamed".to_owned(), ..plain.clone() }, Refused), Again(DAY));
    assert_eq!(bench.log_in(&login(&["db"], "A"), Accepted), Tried);
    assert_eq!(bench.log_in(&plain, Refused), Again(DAY));
    // A secret that was accepted in some circumstances is not held because of other secrets' refusals; once refused in
    // some, it is.
    for secret in ["X", "Y"] {
        assert_eq!(bench.log_in(&login(&["db"], secret), Refused), Tried);
    }
    let third = login_in(&["db"], "A", &["certificate"]);
    assert_eq!(bench.log_in(&third, Refused), Tried);
    assert!(matches!(bench.log_in(&login(&["db"], "A"), Accepted), Withheld(_)));
}

#[test]
fn what_a_login_meets_counts_and_not_what_its_definition_would_take() {
    let meeting = |circumstances: &[&str]| login_in(&["db"], "A", circumstances);
    let (plain, encrypted, either) = (meeting(&["plain"]), meeting(&["tls"]), meeting(&["tls", "plain"]));
    let met = |one: &str| Login { met: Some(one.to_owned()), ..either.clone() };
    // The server has no TLS: whichever login came first, the secret is refused once. What the server offers next time
    // is unknown.
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    assert_eq!(bench.log_in(&met("plain"), Refused), Tried);
    for bench in [bench, Bench::in_file(directory.path())] {
        assert_eq!(bench.log_in(&plain, Refused), Again(DAY));
        assert_eq!(bench.begin(&either).0, Tried);
        assert!(bench.ledger.hold(&either).is_none() && bench.ledger.hold(&met("plain")).is_some());
        assert!(bench.ledger.hold(&met("tls")).is_none());
        bench.end(&met("plain"), &end(Untested));
        assert!(bench.ledger.was_refused(&either));
        assert_eq!(bench.begin(&encrypted).0, Tried);
        bench.ledger.give_back(&encrypted);
    }
    // The circumstances are unknown before the connection: the login goes as far as that, and no further the next time.
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    assert_eq!(bench.log_in(&plain, Refused), Tried);
    assert_eq!(bench.begin(&either).0, Tried);
    assert!(bench.ledger.hold(&either).is_none() && bench.ledger.hold(&plain).is_some());
    bench.end(&met("plain"), &end(Untested));
    assert_eq!(bench.log_in(&met("tls"), Refused), Tried);
    assert_eq!(
        Bench::in_file(directory.path()).log_in(&either, Refused),
        Again(DAY),
        "refused in all that it may meet"
    );
    // With TLS, a refusal in clear proves nothing.
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    assert_eq!(bench.log_in(&plain, Refused), Tried);
    assert_eq!(bench.log_in(&met("tls"), Accepted), Tried);
    assert_eq!(bench.log_in(&plain, Refused), Again(DAY));
    assert_eq!(bench.log_in(&met("tls"), Refused), Tried);
    assert!(matches!(bench.log_in(&encrypted, Refused), Again(_)));
    // For a process that died, the circumstances that it had met count.
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    assert_eq!(bench.begin(&either).0, Tried);
    bench.ledger.leaves(&met("plain"));
    drop(bench);
    let bench = Bench::in_file(directory.path());
    for again in [&plain, &met("plain")] {
        assert_eq!(bench.begin(again).0, Withheld(1));
    }
    assert_eq!(bench.begin(&encrypted).0, Tried);
}

#[test]
fn a_server_that_counts_interrupted_handshakes_is_looked_at_ever_more_rarely() {
    let server = || vec!["mysql localhost:3306".to_owned()];
    let of = |secret: &str| {
        let circumstances = vec!["tls".to_owned(), "plain".to_owned()];
        let who = Who::new(vec![account("db")], Some(Fingerprint::of(&[secret])), circumstances);
        Login { who: who.counted_at(server()).into(), ..login(&["db"], secret) }
    };
    let met = |login: &Login, one: &str| Login { met: Some(one.to_owned()), ..login.clone() };
    let (a, b) = (of("A"), of("B"));
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let looks = |bench: &Bench<FileLedger>, at: u64| {
        bench.at(at);
        let came = bench.begin(&a).0;
        if came == Tried {
            bench.end(&met(&a, "plain"), &end(Untested));
        }
        came
    };
    assert_eq!(bench.log_in(&met(&a, "plain"), Refused), Tried);
    // The first look is allowed at once, the next after 10, 20 and 40 minutes, across processes.
    for (at, came) in [(1, Tried), (2, Again(DAY)), (600, Again(DAY)), (601, Tried), (1800, Again(DAY))] {
        assert_eq!(looks(&bench, at), came, "{at}");
    }
    let bench = Bench::in_file(directory.path());
    for (at, came) in [(1801, Tried), (1802, Again(DAY)), (4200, Again(DAY)), (4201, Tried), (4202, Again(DAY))] {
        assert_eq!(looks(&bench, at), came, "{at}");
    }
    // A login that met nothing that holds it may go. A handshake that it finishes clears the server.
    assert_eq!(bench.log_in(&met(&b, "plain"), Accepted), Tried);
    bench.runtime.block_on(bench.ledger.handshake(&server(), false));
    assert_eq!(looks(&bench, 4203), Tried);
    // Once the server has TLS, a refusal in clear proves nothing.
    bench.at(4804);
    assert_eq!(bench.begin(&a).0, Tried);
    bench.end(&met(&a, "tls"), &end(Accepted));
    for at in [4805, 4806] {
        bench.at(at);
        assert_eq!(bench.begin(&a).0, Tried);
        bench.end(&met(&a, "tls"), &end(Accepted));
    }
    // A look under a clock that was ten days ahead delays the next one by a day.
    bench.at(10 * DAY);
    assert_eq!(bench.log_in(&met(&a, "plain"), Refused), Tried);
    assert_eq!(looks(&bench, 10 * DAY + 1), Tried);
    assert_eq!(looks(&bench, 5000), Again(5000 + DAY));
    bench.at(5000 + DAY);
    assert_eq!(bench.log_in(&met(&b, "plain"), Accepted), Tried);
    assert_eq!(bench.log_in(&met(&a, "plain"), Refused), Tried);
    assert_eq!(looks(&bench, 5001 + DAY), Tried);
}

#[test]
fn what_a_wrong_clock_left_lasts_a_day() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    bench.at(10 * DAY);
    for secret in ["A", "B"] {
        assert_eq!(bench.log_in(&login(&["db"], secret), Refused), Tried);
    }
    bench.at(0);
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Again(DAY));
    assert_eq!(bench.log_in(&login(&["db"], "C"), Refused), Withheld(DAY));
    bench.at(HOUR);
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Again(DAY), "it is not put off again");
    bench.at(DAY);
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Tried);
}

#[test]
fn the_last_four_accepted_secrets_go_beside_refused_ones() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let accepted = ["A", "B", "C", "D", "E"];
    for (minute, secret) in (0..).zip(accepted) {
        bench.at(minute * MINUTE);
        assert_eq!(bench.log_in(&login(&["db"], secret), Accepted), Tried);
    }
    bench.at(HOUR);
    for wrong in ["X", "Y"] {
        assert_eq!(bench.log_in(&login(&["db"], wrong), Refused), Tried);
    }
    for bench in [bench, Bench::in_file(directory.path())] {
        bench.at(HOUR);
        let held = accepted.map(|secret| bench.ledger.hold(&login(&["db"], secret)).is_some());
        assert_eq!(held, [true, false, false, false, false]);
    }
}

#[test]
fn a_seventeenth_refused_secret_takes_the_place_of_the_oldest() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    for number in 0..17 {
        // At this distance there are never sixteen within a day.
        bench.at(number * 2 * HOUR);
        assert_eq!(bench.log_in(&login(&["db"], &format!("W{number}")), Refused), Tried, "{number}");
        assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
    }
    let now = 16 * 2 * HOUR;
    assert_eq!(bench.log_in(&login(&["db"], "W16"), Refused), Again(now + DAY));
    assert_eq!(bench.log_in(&login(&["db"], "W5"), Refused), Again(10 * HOUR + DAY));
    let known = |secret: &str| bench.ledger.was_refused(&login(&["db"], secret));
    assert_eq!((known("W0"), known("W1"), known("W16")), (false, true, true));
}

#[test]
fn sixteen_refusals_under_a_wrong_clock_last_a_day() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    for number in 0..16 {
        bench.at(10 * DAY + number * MINUTE);
        assert_eq!(bench.log_in(&login(&["db"], &format!("W{number}")), Refused), Tried);
        assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
    }
    bench.at(0);
    let shown = bench.ledger.lines()[0].until.unwrap();
    assert_eq!(bench.ledger.hold(&login(&["db"], "X")).unwrap().until, shown);
    assert_eq!(shown, start().after(Duration::from_secs(DAY)), "before anything is written");
    assert_eq!(bench.log_in(&login(&["db"], "X"), Refused), Withheld(DAY));
    let bench = Bench::in_file(directory.path());
    bench.at(HOUR);
    assert_eq!(bench.log_in(&login(&["db"], "X"), Refused), Withheld(DAY), "it is not put off again");
    bench.at(DAY);
    assert_eq!(bench.log_in(&login(&["db"], "X"), Refused), Tried);
}

#[test]
fn sixteen_refused_secrets_within_a_day_hold_all_but_accepted_ones() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    for number in 0..16 {
        bench.at(number * MINUTE);
        assert_eq!(bench.log_in(&login(&["db"], &format!("W{number}")), Refused), Tried);
        assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
    }
    assert_eq!(bench.log_in(&login(&["db"], "X"), Refused), Withheld(DAY));
    assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
    bench.at(DAY);
    assert_eq!(bench.log_in(&login(&["db"], "X"), Refused), Tried);
}

#[test]
fn a_late_refusal_takes_the_place_of_the_unclear_end() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let a = login(&["db"], "A");
    assert_eq!(bench.log_in(&a, Unclear), Tried);
    bench.at(30);
    bench.end(&a, &End { late: true, ..end(Refused) });
    assert_eq!(bench.log_in(&a, Refused), Again(DAY + 30));
    assert_eq!(bench.log_in(&login(&["db"], "B"), Refused), Tried);
    assert_eq!(bench.log_in(&login(&["db"], "C"), Refused), Withheld(HOUR + 30));
}

#[test]
fn two_late_refusals_count_twice() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let a = login(&["db"], "A");
    for at in [0, 2] {
        bench.at(at);
        assert_eq!(bench.log_in(&a, Unclear), Tried);
    }
    for at in [30, 31] {
        bench.at(at);
        bench.end(&a, &End { late: true, ..end(Refused) });
    }
    assert_eq!(bench.log_in(&login(&["db"], "B"), Refused), Withheld(HOUR + 31));
}

#[test]
fn an_entry_is_dropped_thirty_days_after_its_last_login() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    bench.log_in(&login(&["db"], "A"), Refused);
    for (days, known) in [(30, 1), (31, 0)] {
        let clock = Clock::standing_at(start().after(Duration::from_secs(days * DAY)));
        let later = FileLedger::open(bench.ledger.path(), clock).unwrap();
        assert_eq!(later.lines().len(), known, "after {days} days");
    }
}

#[test]
fn in_memory_an_account_sees_one_refusal() {
    let clock = Clock::standing_at(start());
    let bench = Bench { ledger: MemoryLedger::new(clock.clone()), clock, runtime: runtime() };
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Tried);
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Again(DAY));
    assert_eq!(bench.log_in(&login(&["db"], "B"), Refused), Withheld(HOUR));
    assert!(bench.ledger.not_kept().is_none());
}

#[test]
fn interrupted_handshakes_hold_a_server_until_one_is_finished() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let server = ["mysql db:3306".to_owned()];
    let note = |interrupted| bench.runtime.block_on(bench.ledger.handshake(&server, interrupted));
    for _ in 0..4 {
        note(true);
    }
    assert_eq!(bench.ledger.interrupted(&server[0]), (4, None));
    for (at, until) in [(0, 10), (10, 30), (30, 70)] {
        bench.at(at * MINUTE);
        note(true);
        let (_, held) = bench.ledger.interrupted(&server[0]);
        assert_eq!(held, Some(start().after(Duration::from_secs(until * MINUTE))));
        let (in_a_row, _) = Bench::in_file(directory.path()).ledger.interrupted(&server[0]);
        assert!(in_a_row >= 5, "the next run knows");
    }
    note(false);
    assert_eq!(bench.ledger.interrupted(&server[0]), (0, None));
    assert_eq!(Bench::in_file(directory.path()).ledger.interrupted(&server[0]), (0, None));
}

/// Four definitions that are broken off at one moment are no reason to withhold logins to a server for a day.
#[test]
fn handshakes_that_were_under_way_together_lengthen_the_pause_once() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let server = vec!["mysql db:3306".to_owned(); 9];
    let held = || bench.ledger.interrupted(&server[0]);
    let note = |count: usize| bench.runtime.block_on(bench.ledger.handshake(&server[..count], true));
    note(9);
    assert_eq!(held(), (9, Some(start().after(Duration::from_secs(10 * MINUTE)))));
    // Handshakes that began before the limit was reached end later.
    bench.at(MINUTE);
    note(2);
    assert_eq!(held(), (11, Some(start().after(Duration::from_secs(11 * MINUTE)))));
    bench.at(11 * MINUTE);
    assert_eq!(held(), (11, None));
    note(1);
    assert_eq!(held(), (12, Some(start().after(Duration::from_secs(31 * MINUTE)))));
}

#[test]
fn what_a_process_that_is_no_more_was_in_the_middle_of_is_interrupted() {
    let server = "mysql db:3306";
    // The handshakes that begin (true) or end (false), and how many are interrupted in the end.
    for (steps, expected) in [(&[true][..], 1), (&[true, false], 0), (&[true, true, false], 1), (&[false, true], 1)] {
        let directory = tempdir().unwrap();
        let bench = Bench::in_file(directory.path());
        for begins in steps {
            bench.ledger.shakes_hands(server, *begins);
        }
        let count = || Bench::in_file(directory.path()).ledger.interrupted(server).0;
        assert_eq!(count(), 0, "{steps:?}: it lives");
        drop(bench);
        assert_eq!([count(), count()], [expected, expected], "{steps:?}");
    }
}
