//! The reasons to let a login through before its hold ends, and how often each may.

use super::*;
use Came::{Again, Tried, Withheld};
use Ending::{Accepted, Refused};
use tempfile::tempdir;
#[test]
fn force_overlooks_what_earlier_runs_left_and_keeps_to_two() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    for secret in ["A", "B"] {
        assert_eq!(bench.log_in(&login(&["db"], secret), Refused), Tried);
    }
    let Bench { ledger, clock, runtime } = Bench::in_file(directory.path());
    let forced = Bench { ledger: ledger.overlooking_earlier_runs(), clock, runtime };
    let came: Vec<Came> =
        ["C", "C", "D", "E"].iter().map(|secret| forced.log_in(&login(&["db"], secret), Refused)).collect();
    assert_eq!(came, [Tried, Again(DAY), Tried, Withheld(HOUR)]);
    let after = Bench::in_file(directory.path());
    assert_eq!(after.log_in(&login(&["db"], "D"), Refused), Again(DAY));
    assert_eq!(after.log_in(&login(&["db"], "E"), Refused), Withheld(4 * HOUR));
}

/// What a store counted before there was a ledger belongs to an earlier run, wherever the ledger is kept.
#[test]
fn force_overlooks_what_a_store_has_counted() {
    let directory = tempdir().unwrap();
    let refused = [(login(&["db"], "A"), start()), (login(&["db"], "B"), start())];
    let take_over = |ledger: &dyn Ledger, runtime: &tokio::runtime::Runtime| {
        runtime.block_on(ledger.take_over("a store", &refused));
    };
    let Bench { ledger, clock, runtime } = Bench::in_file(directory.path());
    let forced = Bench { ledger: ledger.overlooking_earlier_runs(), clock, runtime };
    take_over(&forced.ledger, &forced.runtime);
    assert_eq!(forced.log_in(&login(&["db"], "A"), Refused), Tried);
    // The import happened all the same.
    drop(forced);
    assert_eq!(Bench::in_file(directory.path()).log_in(&login(&["db"], "B"), Refused), Again(DAY));
    for (forced, held) in [(false, true), (true, false)] {
        let ledger = MemoryLedger::new(Clock::standing_at(start()));
        let ledger = if forced { ledger.overlooking_earlier_runs() } else { ledger };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        take_over(&ledger, &runtime);
        let begin = runtime.block_on(ledger.begin(&login(&["db"], "A")));
        assert_eq!(matches!(begin, Begin::Held(_)), held, "{forced}");
    }
}

#[test]
fn who_tries_once_each_minute_is_let_through_three_times_a_day() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Tried);
    let once = Login { early: Some(Early::Once), ..login(&["db"], "A") };
    let tried = |from: u64| -> usize {
        let minutes = (from..from + 24 * 60 - 10).filter(|minute| {
            bench.at(minute * MINUTE + 30);
            let came = bench.log_in(&once, Refused);
            bench.at(minute * MINUTE + 40);
            // Once a minute.
            assert!(came != Tried || bench.log_in(&once, Refused) != Tried);
            came == Tried
        });
        minutes.count()
    };
    assert_eq!(tried(1), 3);
    assert_eq!(tried(24 * 60 + 1), 3);
}

#[test]
fn a_person_is_asked_only_where_the_login_would_be_let_through() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let a = login(&["db"], "A");
    assert_eq!(bench.log_in(&a, Refused), Tried);
    let may_be_asked = |at: u64| {
        bench.at(at);
        let Begin::Held(hold) = bench.runtime.block_on(bench.ledger.begin(&a)) else { panic!("not held") };
        assert_eq!(bench.ledger.hold(&a), Some(hold.clone()));
        hold.once
    };
    let once = Login { early: Some(Early::Once), ..a.clone() };
    for round in 0..3 {
        assert!(may_be_asked(round * MINUTE + 1), "{round}");
        assert_eq!(bench.log_in(&once, Refused), Tried);
        assert!(!may_be_asked(round * MINUTE + 60), "one a minute");
    }
    assert!(!may_be_asked(HOUR), "three a day");
    assert!(may_be_asked(DAY + 1));
}

#[test]
fn what_ends_accepted_does_not_use_up_who_is_let_through() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    for round in 0..7 {
        bench.at(round * HOUR);
        for secret in [format!("W{round}"), format!("V{round}")] {
            assert_eq!(bench.log_in(&login(&["db"], &secret), Refused), Tried);
        }
        let reread = Login { early: Some(Early::Reread), ..login(&["db"], &format!("R{round}")) };
        assert_eq!(bench.begin(&reread), (Tried, true));
        bench.end(&reread, &End { early: true, ..end(Accepted) });
    }
}

#[test]
fn a_new_salt_frees_whichever_secret_is_held_once() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let salt = |text: &str| Some(Evidence::Salt(text.to_owned()));
    let refusal = End { evidence: salt("old"), ..end(Refused) };
    for secret in ["A", "B"] {
        assert_eq!(bench.log_in_with(&login(&["db"], secret), &refusal), Tried);
    }
    let a = login(&["db"], "A");
    assert!(!bench.ledger.past(&a, salt("old").as_ref()).changed);
    assert!(bench.ledger.past(&a, salt("new").as_ref()).changed);
    bench.runtime.block_on(bench.ledger.looked(&a, salt("new"), false));
    assert!(!bench.ledger.past(&a, salt("new").as_ref()).changed, "one login a salt");
    let freed = Login { early: Some(Early::Evidence), ..login(&["db"], "C") };
    assert_eq!(bench.log_in_with(&freed, &End { evidence: salt("new"), ..end(Refused) }), Tried);
    assert!(!bench.ledger.past(&a, salt("new").as_ref()).changed);
}

#[test]
fn the_salt_of_another_method_says_nothing() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let salt = |method: &str, text: &str| Some(Evidence::SaltOf(method.to_owned(), text.to_owned()));
    let a = login(&["db"], "A");
    bench.log_in_with(&a, &End { evidence: salt("SCRAM-SHA-256", "one"), ..end(Refused) });
    for bench in [bench, Bench::in_file(directory.path())] {
        for (method, text, changed) in
            [("SCRAM-SHA-256", "one", false), ("SCRAM-SHA-1", "two", false), ("SCRAM-SHA-256", "two", true)]
        {
            let past = bench.ledger.past(&a, salt(method, text).as_ref());
            assert_eq!((past.known, past.changed), (true, changed), "{method} {text}");
        }
    }
}

#[test]
fn a_connection_number_that_went_back_means_a_new_server() {
    for (then, now, changed) in [(5000, 8, true), (5000, 5001, false), (5000, 150, false), (8, 8, true), (8, 9, false)]
    {
        let directory = tempdir().unwrap();
        let bench = Bench::in_file(directory.path());
        let a = login(&["127.0.0.1"], "A");
        bench.log_in_with(&a, &End { evidence: Some(Evidence::ConnectionId(then)), ..end(Refused) });
        let past = bench.ledger.past(&a, Some(&Evidence::ConnectionId(now)));
        assert_eq!((past.known, past.changed), (true, changed), "{then} {now}");
    }
}

#[test]
fn looks_that_cost_something_are_rare() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let a = login(&["127.0.0.1"], "A");
    bench.log_in_with(&a, &End { evidence: Some(Evidence::ConnectionId(7)), ..end(Refused) });
    let mut looks = 0;
    for minute in 0..24 * 60 {
        bench.at(minute * MINUTE);
        if bench.ledger.past(&a, None).may_look {
            bench.runtime.block_on(bench.ledger.looked(&a, None, true));
            looks += 1;
        }
    }
    assert_eq!(looks, 6);
}
