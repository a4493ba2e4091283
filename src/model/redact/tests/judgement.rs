//! What counts as a leak, and what does not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{SECRET, shows};
use crate::model::redact::{CAP, Gathering, Kind, Redactor, Secrets};

#[test]
fn six_letters_in_a_row_are_a_leak_and_five_are_none() {
    for (secret, text, shown) in [
        ("correct-horse-16", "no ct-hor here", false),
        ("correct-horse-16", "no ct-ho here", true),
        // For secrets outside ASCII, eight bytes are a leak too.
        ("верная-лошадь-16", "ая-л", true),
        ("верная-лошадь-16", "ая-лo", true),
        ("верная-лошадь-16", "ая-ло", false),
        ("Grüße-1234-x", "Grüß e-12", false),
        ("correct horse battery staple", "correct / staple", false),
        ("correct horse battery staple", "a horse", true),
        // A shorter secret is matched as a whole.
        ("tulip", "no tulip", false),
        ("tulip", "no tuli", true),
        ("rose", "no R.O.S.E here", false),
        ("rose", "no rows", true),
        // An even shorter one is matched only as a word.
        ("abc", "no abc here", false),
        ("abc", "no 'ABC'.", false),
        ("abc", "no abcd here", true),
        ("a!", "no a! here", false),
        ("a!", "Nada! a", true),
        ("~", "password=~;", false),
        ("ab", "password=AB;", false),
        ("ab", "password=about", true),
        ("7", "row 7 of 10", false),
        ("7", "row 17 of 10", true),
        // Punctuation counts where there are too few letters.
        ("!!##%%&&", "for !!##%%&& at", false),
        ("!!##%%&&", "for !! ##%% at", false),
        ("!!##%%&&", "for !!## at", true),
        ("§¤§¤§¤", "§ ¤§¤§¤", false),
        ("~^|§", "~^|§", false),
        ("~^|§", "~^|", true),
    ] {
        assert_eq!(shows(secret, text), shown, "{secret} {text}");
    }
}

#[test]
fn a_server_s_fixed_wording_is_no_leak() {
    for (secret, text, shown) in [
        ("password123", "password authentication failed for user \"etl\"", true),
        ("password123", "password \"password123\" is wrong", false),
        ("password", "password authentication failed", true),
        ("authentication", "password authentication failed", true),
        ("Authentication!", "authentication! failed", false),
        ("password authentication", "password authentication failed for user \"etl\"", true),
        ("user", "no such user", true),
        ("for", "no entry for host", true),
        ("sigv4", "SigV4 failed", true),
        ("postgres", "PostgreSQL 16.4 (Debian 16.4-1.pgdg120+2)", true),
        ("postgres", "no role postgres", false),
        // Quoted or alone, it is not the server's wording.
        ("secret", "unknown command 'AUTH', with args beginning with: 'secret'", false),
        ("Secret", "unknown command \"AUTH\", with args beginning with: \"SECRET\"", false),
        ("password", "password \u{201c}password\u{201d} is wrong", false),
        ("connection refused", "no such user: `connection refused`", false),
        ("secret", "secret", false),
        ("secret", "SECRET.", false),
        ("secret", "534543524554", false),
        ("secret", "c2VjcmV0", false),
        ("admin", "role \"etl\" is no admin", true),
        ("access denied", "Access denied for user 'etl'@'10.0.0.1' (using password: YES)", true),
    ] {
        assert_eq!(shows(secret, text), shown, "{secret} {text}");
    }
}

#[test]
fn what_is_shown_anyway_is_no_leak() {
    let shown = ["warehouse", "etl-user", "db1.example.com", "5432", "PostgreSQL"];
    for (secret, text, passes) in [
        ("etl-user", "no login for etl-user", true),
        ("ETL-User", "no login for etl-user", true),
        ("etl-user", "no login for etl-userx", true),
        ("etl-user!", "no login for etl-user", true),
        ("etl-user!", "no login for etl-user!", false),
        ("etl-use", "no login for etl-user", true),
        ("etl-user-2024", "no login for etl-user-2024", false),
        ("5432", "port 5432", true),
        ("543", "port 543", false),
        ("example", "db1.example.com is down", true),
        ("example", "an example", false),
        ("warehouse", "database \"warehouse\" does not exist", true),
        ("etluse", "etl-user", true),
        ("etluserb", "etl-userb", false),
    ] {
        assert_eq!(Redactor::new([secret], &shown).scrub(text).is_some(), passes, "{secret} {text}");
    }
}

#[test]
fn the_secrets_of_others_are_found_and_what_they_show_is_not_looked_for() {
    let mut run = Gathering::default();
    run.add(["alice-secret-1"], &["alice"]);
    run.add(["postgres"], &["postgres"]);
    run.add(["orders"], &["carol"]);
    let run = Arc::new(run.finish());
    let of = |shown: &[&str]| Redactor::of_run(Arc::clone(&run), None, shown);
    assert_eq!(of(&["bob"]).scrub("it was alice-secret-1"), None);
    assert!(of(&["bob"]).scrub("no role postgresx").is_some());
    assert_eq!(of(&["bob"]).scrub("no orders"), None);
    assert!(of(&["bob", "orders"]).scrub("no orders").is_some());
    // The excuse of one result must not apply to another.
    assert_eq!(of(&["bob"]).scrub("no orders"), None);
}

#[test]
fn what_is_made_of_what_is_shown_is_not_searched() {
    let shown = ["etluser", "db.example.com", "a"];
    for (secret, text, passes) in [
        ("etluser@db.example.com", "etluser@db.example.com", true),
        ("etluser", "etluser@%", true),
        ("etluseretluser", "etluseretluser", false),
        ("aaaa", "aaaa", false),
        ("etluser!!!!!!", "etluser!!!!!!", false),
        ("userdb", "etluser@db.example.com", true),
        ("etluserx", "etluserx", false),
    ] {
        assert_eq!(
            Redactor::new([secret], &shown).judge(&[(Kind::Name, text)])[0].is_some(),
            passes,
            "{secret} {text}"
        );
    }
}

#[test]
fn a_short_secret_hides_no_name() {
    let redactor = Redactor::new(["abc", "secret-name"], &["etl"]);
    assert_eq!(redactor.scrub("abc").as_deref(), None);
    assert_eq!(redactor.judge(&[(Kind::Name, "abc")])[0].as_deref(), Some("abc"));
    assert_eq!(redactor.judge(&[(Kind::Name, "a-secret-name")])[0], None);
    for (name, shown) in [
        ("MariaDB", Some("MariaDB")),
        ("10.11.14-MariaDB", Some("10.11.14-MariaDB")),
        ("etl@%", Some("etl@%")),
        ("", Some("")),
        ("%73ecret-name", None),
        ("c2VjcmV0LW5hbWU=", None),
        ("etl\u{1b}", Some("etl")),
    ] {
        assert_eq!(redactor.judge(&[(Kind::Name, name)])[0].as_deref(), shown, "{name:?}");
    }
}

#[test]
fn what_is_shown_is_capped_and_without_hazards() {
    let redactor = Redactor::new([SECRET], &[]);
    assert_eq!(redactor.scrub("a\u{1b}[31mb\r\nc").as_deref(), Some("a[31mb c"));
    assert!(redactor.scrub(&"y".repeat(4 * CAP)).unwrap().chars().count() == CAP + 1);
    assert_eq!(Redactor::new([], &[]).scrub("fine").as_deref(), Some("fine"));
}

#[test]
fn what_nobody_sees_hides_nothing_behind_it() {
    for hidden in ["\u{1}", "\n", "\u{200b}", "\u{e000}"] {
        let text = format!("{}{SECRET}", hidden.repeat(10 * CAP));
        assert_eq!(Redactor::new([SECRET], &[]).scrub(&text), None, "{hidden:?}");
        let encoded = format!("{}{}", hidden.repeat(10 * CAP), STANDARD.encode(SECRET));
        assert_eq!(Redactor::new([SECRET], &[]).scrub(&encoded), None, "{hidden:?}");
    }
}

/// Random base64 of `length` characters.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb).to_le_bytes()
    };
    let bytes: Vec<u8> = std::iter::repeat_with(&mut next).take(length.div_ceil(8)).flatten().collect();
    STANDARD.encode(bytes).chars().take(length).collect()
}

#[test]
fn noise_is_judged_in_little_time() {
    for (secret, length, count, kilobytes, microseconds) in [
        ("Passwort-Fuechse-1", 200, 1, 40, 500),
        ("Paßwort-Füchse-1", 200, 1, 800, 8_000),
        ("верная-лошадь-16", 200, 1, 800, 8_000),
        ("Passwort-Fuechse-1", 4096, 1, 400, 2_000),
        ("Passwort-Fuechse-1", 4096, 3, 2_500, 10_000),
    ] {
        let redactor = Redactor::new([secret], &[]);
        let rounds = if cfg!(debug_assertions) { 2 } else { 300 };
        let texts = |round: u64| -> Vec<String> {
            (0..count).map(|one| format!("proxy error, request {}", noise(3 * round + one, length))).collect()
        };
        let all: Vec<Vec<String>> = (0..rounds).map(texts).collect();
        let since = Instant::now();
        for texts in &all {
            let texts: Vec<(Kind, &str)> = texts.iter().map(|text| (Kind::Text, text.as_str())).collect();
            let shown = redactor.judge(&texts);
            assert!(shown.iter().all(Option::is_some) && !redactor.gave_up(), "{secret} {count}×{length}");
            assert!(redactor.read() < kilobytes << 10, "{secret} {count}×{length}: {} bytes", redactor.read());
        }
        let each = since.elapsed() / u32::try_from(rounds).unwrap();
        let limit = Duration::from_micros(microseconds);
        assert!(cfg!(debug_assertions) || each < limit, "{secret} {count}×{length}: {each:?}");
    }
}

#[test]
fn what_can_be_read_in_too_many_ways_is_not_shown() {
    let redactor = Redactor::new(["Paßwort-Füchse-1"], &[]);
    let texts: Vec<String> = (0..40).map(|one| noise(one, 4096)).collect();
    let texts: Vec<(Kind, &str)> = texts.iter().map(|text| (Kind::Name, text.as_str())).collect();
    assert!(redactor.judge(&texts).iter().all(Option::is_none) && redactor.gave_up());
    // The next texts are judged as usual.
    assert!(redactor.scrub("no such database").is_some() && !redactor.gave_up());
}

#[test]
fn a_text_with_too_many_readings_is_dropped() {
    let nested = (0..400).map(|n| format!("%25{n:02x}\\u0025&#37;=25")).collect::<Vec<_>>().concat();
    let since = Instant::now();
    let _either = Redactor::new([SECRET], &[]).scrub(&nested);
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}

/// In a release build, 100,000 secrets of 24 characters take at most 0.3 s of CPU time and 130 MiB. The elapsed time is
/// longer if other processes use the machine.
#[test]
fn many_secrets_are_gathered_and_found_quickly() {
    let count = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
    let secret = |n: u64| {
        let word = |n: u64| {
            n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
        };
        STANDARD.encode([word(n).to_le_bytes(), word(n + 1_000_000).to_le_bytes()].concat())
    };
    let secrets: Vec<String> = (0..count).map(secret).collect();
    let since = Instant::now();
    let mut run = Gathering::default();
    for secret in &secrets {
        run.add([secret.as_str()], &["etl"]);
    }
    let run = Arc::new(run.finish());
    let gathered = since.elapsed();
    let redactor = Redactor::of_run(Arc::clone(&run), Some(Secrets::of([secrets[0].as_str()], &[])), &["etl"]);
    for secret in secrets.iter().step_by(usize::try_from(count / 100).unwrap()) {
        assert_eq!(redactor.scrub(&format!("bad password {secret}")), None);
        assert_eq!(redactor.scrub(&format!("bad password {}", &secret[..12])), None);
        assert!(redactor.scrub("password authentication failed for user \"etl\"").is_some());
    }
    assert!(run.is_coarse());
    assert_eq!(redactor.scrub(&secrets[0][..6]), None, "six letters of one's own");
    assert!(gathered < Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 }), "{gathered:?}");
}
