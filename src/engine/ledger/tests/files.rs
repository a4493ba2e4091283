//! The file: several processes, what a killed one leaves, damage, disk space, and permissions.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use futures_util::future::join_all;
use tempfile::tempdir;

use super::*;
use crate::driver::controls::Control;
use crate::model::fingerprint::Fingerprint;
use std::path::Path;
use std::time::Duration;

use Came::{Again, Taken, Tried, Withheld};
use Ending::{Accepted, Refused, Unclear};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

#[test]
fn two_processes_send_one_wrong_secret_once() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    let a = login(&["db", "10.0.0.7"], "A");
    assert_eq!(one.begin(&a).0, Tried);
    assert_eq!(other.begin(&a).0, Taken);
    assert_eq!(other.begin(&login(&["10.0.0.7"], "B")).0, Taken, "one account at a time");
    assert_eq!(other.begin(&login(&["10.0.0.8"], "B")).0, Tried);
    one.ledger.leaves(&a);
    one.end(&a, &end(Refused));
    assert_eq!(other.begin(&a).0, Again(DAY));
    assert_eq!(other.begin(&login(&["db"], "B")).0, Tried);
}

#[test]
fn a_process_that_died_left_an_unclear_end_only_where_the_credential_may_have_left() {
    for (sent, came) in [(false, Tried), (true, Withheld(1))] {
        let directory = tempdir().unwrap();
        let a = login(&["db"], "A");
        let one = Bench::in_file(directory.path());
        assert_eq!(one.begin(&a).0, Tried);
        if sent {
            one.ledger.leaves(&a);
        }
        drop(one);
        let other = Bench::in_file(directory.path());
        assert_eq!(other.begin(&a).0, came, "{sent}");
        other.at(1);
        assert_eq!(other.begin(&a).0, Tried);
    }
}

#[test]
fn all_logins_of_a_process_that_died_are_told_of_whoever_comes_first() {
    let directory = tempdir().unwrap();
    let of = |host: &str| login(&[host, "10.0.0.7"], host);
    let one = Bench::in_file(directory.path());
    // Each account has its own login.
    let hosts = ["a", "b", "c", "d"].map(|host| login(&[host], host));
    for (number, login) in hosts.iter().enumerate() {
        assert_eq!(one.begin(login).0, Tried);
        if number % 2 == 0 {
            one.ledger.leaves(login);
        }
    }
    let two = Bench::in_file(directory.path());
    drop(one);
    // The second ledger was opened before the first one died, another after it, and a third after both.
    assert_eq!(two.begin(&hosts[0]).0, Withheld(1));
    assert_eq!(Bench::in_file(directory.path()).begin(&hosts[1]).0, Tried);
    let alive = || std::fs::read_dir(directory.path()).unwrap().flatten().count();
    drop(two);
    let three = Bench::in_file(directory.path());
    assert_eq!([three.begin(&hosts[2]).0, three.begin(&hosts[3]).0], [Withheld(1), Tried]);
    three.ledger.give_back(&hosts[3]);
    drop(three);
    assert_eq!(alive(), 2, "the ledger and its key");
    // If a process's notes are gone, it is unknown whether it sent a credential.
    let four = Bench::in_file(directory.path());
    assert_eq!(four.begin(&of("e")).0, Tried);
    for file in std::fs::read_dir(directory.path()).unwrap().flatten() {
        if file.file_name().to_string_lossy().ends_with(".alive") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    assert_eq!(Bench::in_file(directory.path()).begin(&of("e")).0, Withheld(1));
}

#[test]
fn what_is_noted_beside_the_file_does_not_grow_for_ever_and_is_not_lost() {
    let directory = tempdir().unwrap();
    let one = Bench::in_file(directory.path());
    let standing = login(&["standing"], "A");
    assert_eq!(one.begin(&standing).0, Tried);
    one.ledger.leaves(&standing);
    let other = Bench::in_file(directory.path());
    let notes = || {
        let files = std::fs::read_dir(directory.path()).unwrap().flatten();
        let alive = files.filter(|file| file.file_name().to_string_lossy().ends_with(".alive"));
        alive.map(|file| file.metadata().unwrap().len()).max().unwrap()
    };
    let mut most = 0;
    let accounts: Vec<String> = (0..100).map(|account| format!("db{account}")).collect();
    for round in 0..30 {
        let logins: Vec<Login> = accounts.iter().map(|account| login(&[account.as_str()], "B")).collect();
        for login in &logins {
            assert_eq!(one.begin(login).0, Tried);
            one.ledger.leaves(login);
            most = most.max(notes());
        }
        let accepted = end(Accepted);
        one.runtime.block_on(join_all(logins.iter().map(|login| one.ledger.end(login, &accepted))));
        // The second ledger reads what the first has rewritten, and rewrites it itself.
        assert_eq!(other.log_in(&login(&["elsewhere"], &format!("C{round}")), Accepted), Tried);
    }
    assert!((1 << 10..80 << 10).contains(&most), "{most} bytes");
    drop((one, other));
    assert_eq!(Bench::in_file(directory.path()).begin(&standing).0, Withheld(1));
}

#[test]
fn a_credential_that_leaves_while_its_turn_is_given_back_is_an_unclear_end() {
    let directory = tempdir().unwrap();
    let a = login(&["db"], "A");
    let one = Bench::in_file(directory.path());
    assert_eq!(one.begin(&a).0, Tried);
    // The run ends and gives the turn back, while the login is about to send.
    one.ledger.give_back(&a);
    one.ledger.leaves(&a);
    drop(one);
    let other = Bench::in_file(directory.path());
    assert_eq!(other.begin(&a).0, Withheld(1));
    other.at(1);
    assert_eq!(other.log_in(&a, Refused), Tried);
    assert!(matches!(other.log_in(&login(&["db"], "B"), Refused), Withheld(_)), "two were counted");
}

#[test]
fn a_process_that_lives_is_waited_for_until_its_login_is_over() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    let a = login(&["db"], "A");
    assert_eq!(one.begin(&a).0, Tried);
    one.ledger.leaves(&a);
    other.at(11);
    assert_eq!(other.begin(&a).0, Taken);
    other.at(12);
    assert_eq!(other.begin(&a).0, Tried);
}

#[test]
fn what_was_written_is_known_to_who_opens_it_next_and_to_nobody_else() {
    let directory = tempdir().unwrap();
    Bench::in_file(directory.path()).log_in(&login(&["db"], "hunter2"), Refused);
    for file in fs::read_dir(directory.path()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let plain = format!("{:?}", Fingerprint::of(&["hunter2"]).bytes());
        assert!(!text.contains("hunter2") || text.contains("id-hunter2"), "{text}");
        assert!(!text.contains(&plain));
    }
    assert_eq!(Bench::in_file(directory.path()).log_in(&login(&["db"], "hunter2"), Refused), Again(DAY));
}

#[test]
fn a_line_that_was_cut_or_is_no_line_costs_nothing_else() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    bench.log_in(&login(&["db"], "A"), Refused);
    let append = |bytes: &[u8]| {
        fs::OpenOptions::new().append(true).open(bench.ledger.path()).unwrap().write_all(bytes).unwrap();
    };
    append(b"\x00\xff{\"account\":[]}\n{\"account\":[\"00");
    bench.log_in(&login(&["other"], "B"), Refused);
    append(b"{\"future\":1}\n");
    for (host, secret) in [("db", "A"), ("other", "B")] {
        assert_eq!(Bench::in_file(directory.path()).log_in(&login(&[host], secret), Refused), Again(DAY));
    }
}

#[test]
fn a_line_that_is_lost_is_said_and_for_a_day_an_account_sees_one_refusal() {
    for (line, lost) in [
        (&b"{\"account\":[\"0123\n"[..], true),
        (b"\x00\x00\x00\x00\n", true),
        (b"{\"account\":[\"00000000000000000000000000000001\",{\"refusals\":\"many\"}]}\n", true),
        (b"{\"future\":[1, 2]}\n", false),
    ] {
        let directory = tempdir().unwrap();
        let bench = Bench::in_file(directory.path());
        bench.log_in(&login(&["before"], "A"), Refused);
        fs::OpenOptions::new().append(true).open(bench.ledger.path()).unwrap().write_all(line).unwrap();
        // The ledger that has it open and the one that opens it next both detect the same loss.
        bench.at(60);
        assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Tried);
        let other = Bench::in_file(directory.path());
        other.at(120);
        let at = lost.then(|| start().after(Duration::from_mins(1)));
        assert_eq!((bench.ledger.lost(), other.ledger.lost()), (at, at), "{line:?}");
        for (host, until) in [("db", 60 + HOUR), ("before", HOUR)] {
            let came = other.log_in(&login(&[host], "B"), Accepted);
            assert_eq!(came, if lost { Withheld(until) } else { Tried }, "{host} {line:?}");
        }
        // A loss that is noted under a clock which is ahead lasts a day there, and is ignored under the right one.
        let right = Bench::in_file(directory.path());
        right.at(0);
        assert_eq!(right.ledger.lost(), None);
        let later = Bench::in_file(directory.path());
        later.at(DAY + 60);
        assert_eq!(later.ledger.lost(), None);
        for secret in ["B", "C"] {
            assert_eq!(later.log_in(&login(&["new"], secret), Refused), Tried);
        }
    }
}

#[test]
fn files_of_others_beside_the_ledger_stay_and_drafts_of_the_dead_go() {
    let directory = tempdir().unwrap();
    let names = ["ledger.draft", "ledger.key.draft", "ledger.0.draft", "ledger.x.alive"];
    for name in names {
        fs::write(directory.path().join(name), name).unwrap();
    }
    let left = directory.path().join("ledger.0123456789abcdef.draft");
    fs::write(&left, "what a killed process left").unwrap();
    let bench = Bench::in_file(directory.path());
    for round in 0..1500 {
        bench.at(round * 7200);
        assert_eq!(bench.log_in(&login(&["db"], "R"), Accepted), Tried);
    }
    assert!(fs::metadata(bench.ledger.path()).unwrap().len() < 600_000, "it was written anew");
    for name in names {
        assert_eq!(fs::read_to_string(directory.path().join(name)).unwrap(), name);
    }
    assert!(!left.exists());
    let files = files(bench.ledger.path());
    assert!(files.iter().all(|file| file.is_file()), "{files:?}");
}

#[test]
fn files_of_many_dead_processes_go_little_by_little_and_hide_no_claim() {
    let directory = tempdir().unwrap();
    let a = login(&["db"], "A");
    let one = Bench::in_file(directory.path());
    assert_eq!(one.begin(&a).0, Tried);
    one.ledger.leaves(&a);
    for number in 0..1200 {
        fs::write(directory.path().join(format!("ledger.{number:016x}.alive")), "").unwrap();
    }
    drop(one);
    let left = || fs::read_dir(directory.path()).unwrap().count();
    let before = left();
    let other = Bench::in_file(directory.path());
    assert!((1..before - 400).contains(&left()), "{} of {before}", left());
    assert!(left() > before - 600, "{} of {before}", left());
    assert_eq!(other.begin(&a).0, Withheld(1));
    drop(other);
    for _ in 0..3 {
        drop(Bench::in_file(directory.path()));
    }
    assert!(left() < 10, "{}", left());
}

#[test]
fn a_key_that_is_gone_begins_the_ledger_anew_with_one_refusal_an_account() {
    let directory = tempdir().unwrap();
    let new = Bench::in_file(directory.path());
    assert_eq!(new.ledger.lost(), None);
    new.log_in(&login(&["db"], "A"), Refused);
    drop(new);
    fs::remove_file(directory.path().join("ledger.key")).unwrap();
    let anew = Bench::in_file(directory.path());
    assert_eq!((anew.ledger.lost(), anew.ledger.lines().len()), (Some(start()), 0));
    assert_eq!(anew.log_in(&login(&["db"], "A"), Refused), Tried);
    for bench in [anew, Bench::in_file(directory.path())] {
        assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Again(DAY));
        assert_eq!(bench.log_in(&login(&["db"], "B"), Refused), Withheld(HOUR));
        assert_eq!(bench.ledger.lost(), Some(start()));
    }
}

#[test]
fn a_file_that_is_removed_is_written_again_by_who_knows() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    bench.log_in(&login(&["db"], "A"), Refused);
    fs::remove_file(bench.ledger.path()).unwrap();
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Again(DAY));
    assert_eq!(Bench::in_file(directory.path()).log_in(&login(&["db"], "A"), Refused), Again(DAY));
}

#[test]
fn a_long_history_does_not_make_a_long_file_and_all_holders_follow() {
    let directory = tempdir().unwrap();
    let (one, other) = (Bench::in_file(directory.path()), Bench::in_file(directory.path()));
    one.log_in(&login(&["db"], "A"), Refused);
    for round in 0..2000 {
        let bench = if round % 2 == 0 { &one } else { &other };
        bench.at(round * 7200);
        assert_eq!(bench.log_in(&login(&["other"], "R"), Accepted), Tried);
    }
    let length = fs::metadata(one.ledger.path()).unwrap().len();
    assert!(length < 600_000, "{length}");
    assert_eq!(one.ledger.lines(), other.ledger.lines());
}

#[test]
fn a_ledger_that_cannot_be_written_any_more_goes_on_in_memory_with_one_refusal() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    bench.log_in(&login(&["full"], "A"), Refused);
    // Nothing can be appended to the directory that is now at the path.
    fs::remove_file(bench.ledger.path()).unwrap();
    fs::create_dir(bench.ledger.path()).unwrap();
    assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Tried);
    assert!(bench.ledger.not_kept().is_some());
    assert!(matches!(bench.log_in(&login(&["db"], "B"), Refused), Withheld(_)));
    assert!(matches!(bench.log_in(&login(&["full"], "B"), Refused), Withheld(_)));
}

#[test]
fn what_is_no_file_of_ours_is_not_opened() {
    let directory = tempdir().unwrap();
    let wrong = [directory.path().to_owned(), "/dev/null".into(), directory.path().join("absent/ledger")];
    for path in wrong {
        assert!(FileLedger::open(&path, Clock::default()).is_err(), "{path:?}");
    }
}

#[test]
fn a_file_that_is_no_ledger_is_left_as_it_is() {
    let directory = tempdir().unwrap();
    let (path, key) = (directory.path().join("T"), directory.path().join("T.key"));
    let foreign: [(&Path, &[u8]); 6] = [
        (&path, b"{\"account\":[\"etl\"]}\n"),
        (&path, b"{\"connections\":[]}"),
        (&path, b"x"),
        (&path, b"SQLite format 3\0"),
        (&path, &[0; 4096]),
        (&key, b"AGE-SECRET-KEY-1 and whatever else stands in the key of a store\n"),
    ];
    for (named, bytes) in foreign {
        fs::write(named, bytes).unwrap();
        fs::set_permissions(named, fs::Permissions::from_mode(0o644)).unwrap();
        let Err(error) = FileLedger::open(&path, Clock::default()) else { panic!("{named:?} was opened") };
        assert!(error.to_string().contains(&*named.to_string_lossy()), "{error}");
        assert_eq!(fs::read(named).unwrap(), bytes);
        assert_eq!(fs::metadata(named).unwrap().permissions().mode() & 0o777, 0o644);
        fs::remove_file(named).unwrap();
    }
}

#[test]
fn what_takes_the_place_of_the_file_later_is_left_as_it_is() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    fs::remove_file(bench.ledger.path()).unwrap();
    fs::write(bench.ledger.path(), "another file").unwrap();
    bench.log_in(&login(&["db"], "A"), Refused);
    assert!(bench.ledger.not_kept().is_some());
    assert_eq!(fs::read(bench.ledger.path()).unwrap(), b"another file");
}

#[test]
fn all_names_of_one_file_are_one_ledger() {
    let directory = tempdir().unwrap();
    let real = directory.path().join("real");
    fs::create_dir(&real).unwrap();
    // The link exists before its target.
    std::os::unix::fs::symlink(real.join("ledger"), directory.path().join("ledger")).unwrap();
    let (linked, direct) = (Bench::in_file(directory.path()), Bench::in_file(&real));
    assert_eq!(linked.log_in(&login(&["db"], "A"), Refused), Tried);
    assert_eq!(direct.log_in(&login(&["db"], "A"), Refused), Again(DAY));
    assert!(directory.path().join("ledger").is_symlink());
    assert!(!directory.path().join("ledger.key").exists());
    fs::hard_link(real.join("ledger"), real.join("other")).unwrap();
    for name in ["ledger", "other"] {
        assert!(FileLedger::open(&real.join(name), Clock::default()).is_err(), "{name}");
    }
}

#[test]
fn proven_logins_of_one_account_go_beside_each_other_without_a_word() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    bench.log_in(&login(&["db"], "R"), Accepted);
    let length = fs::metadata(bench.ledger.path()).unwrap().len();
    let proven = Login { alone: false, ..login(&["db"], "R") };
    assert_eq!(bench.begin(&proven).0, Tried);
    assert_eq!(bench.begin(&proven).0, Tried);
    bench.end(&proven, &end(Accepted));
    bench.end(&proven, &end(Accepted));
    assert_eq!(fs::metadata(bench.ledger.path()).unwrap().len(), length);
    bench.end(&proven, &end(Unclear));
    assert!(fs::metadata(bench.ledger.path()).unwrap().len() > length);
}

#[test]
fn what_endpoints_answer_is_kept_for_a_day() {
    let directory = tempdir().unwrap();
    let bench = Bench::in_file(directory.path());
    let (refused, taken) = (Control::Refused("AccessDenied".to_owned()), Control::Taken);
    for (endpoint, control) in [("http://a", &taken), ("http://b", &taken), ("http://b", &refused)] {
        bench.runtime.block_on(bench.ledger.keep_control(endpoint, control));
    }
    for bench in [bench, Bench::in_file(directory.path())] {
        assert_eq!(bench.ledger.control("http://a"), Some((start(), taken.clone())));
        assert_eq!(bench.ledger.control("http://b"), Some((start(), refused.clone())));
        assert_eq!(bench.ledger.control("http://c"), None);
        assert!(bench.ledger.lines().is_empty());
    }
    let clock = Clock::standing_at(start().after(Duration::from_secs(DAY)));
    assert_eq!(FileLedger::open(&directory.path().join("ledger"), clock).unwrap().control("http://a"), None);
}

#[test]
fn the_counters_of_a_store_are_taken_over_once() {
    let directory = tempdir().unwrap();
    let refused = [(login(&["db"], "A"), start()), (login(&["db"], "B"), start())];
    for _ in 0..2 {
        let bench = Bench::in_file(directory.path());
        bench.runtime.block_on(bench.ledger.take_over("a store", &refused));
        assert_eq!(bench.log_in(&login(&["db"], "A"), Refused), Again(DAY));
        assert_eq!(bench.log_in(&login(&["db"], "C"), Refused), Withheld(60 * 60));
    }
}
