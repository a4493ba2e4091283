//! `connprobe store init|check|rotate-key`, the place of the store, and what works without one.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use serde_json::json;

use crate::home::{Home, said};

#[test]
fn without_a_store_every_command_says_how_to_make_one() {
    let home = Home::bare();
    for (arguments, status) in [
        (&["check"][..], 3),
        (&["list"], 3),
        (&["export"], 3),
        (&["remove", "a"], 3),
        (&["import", "-"], 3),
        (&["add", "a", "--conn-type", "mysql", "--host", "h", "--no-password"], 3),
        (&["store", "check"], 3),
        (&["store", "rotate-key"], 3),
    ] {
        let stderr = home.run_with(arguments, "{}", status).stderr;
        assert!(stderr.contains("connprobe store init"), "{arguments:?}: {stderr}");
    }
    assert!(!home.path(".local").exists(), "nothing is made in passing");
}

#[test]
fn the_store_and_its_key_are_made_private_and_apart() {
    let home = Home::bare();
    let first = home.run(&["store", "init"], 0).stdout;
    let again = home.run(&["store", "init"], 0).stdout;
    assert_eq!((first.matches("(made)").count(), again.matches("(there already)").count()), (2, 2), "{first}{again}");
    for (name, mode) in [
        (".local/share/connprobe", 0o700),
        (".local/share/connprobe/connections.db", 0o600),
        (".config/connprobe/store.key", 0o600),
    ] {
        assert_eq!(home.path(name).metadata().unwrap().mode() & 0o7777, mode, "{name}");
    }
    home.run(&["store", "check"], 0);
}

/// Only this number tells an old copy of the whole store from the store itself.
#[test]
fn the_number_of_changes_is_shown() {
    let home = Home::new();
    for number in 1..4 {
        home.run(
            &["add", &format!("c{number}"), "--conn-type", "mysql", "--host", "h", "--login", "u", "--no-password"],
            0,
        );
        let said = home.run(&["store", "check"], 0).stdout;
        let after = said.split("after ").nth(1).and_then(|rest| rest.split_whitespace().next());
        assert_eq!(after, Some(number.to_string().as_str()), "{said}");
    }
}

#[test]
fn rows_that_cannot_be_vouched_for_are_seen_by_every_command_and_entered_anew() {
    let home = Home::new();
    let entry = |host: &str| json!({"conn_type": "mysql", "host": host, "login": "u", "password": "CANARY"});
    home.file("all.json", json!({"a": entry("one"), "b": entry("one")}));
    home.run(&["import", "all.json"], 0);
    let behind = |statement: &str| {
        rusqlite::Connection::open(home.path(".local/share/connprobe/connections.db"))
            .unwrap()
            .execute(statement, [])
            .unwrap()
    };
    behind("UPDATE store SET state = 'nonsense'");
    let listed = home.run(&["list", "--format", "json"], 0).stdout;
    assert_eq!(listed.matches("\"secret: ").count(), 2, "{listed}");
    let refused = home.run(&["store", "rotate-key"], 3).stderr;
    assert!(refused.contains("connprobe store check") && refused.contains("import --replace"), "{refused}");
    home.run(&["import", "all.json", "--replace"], 0);
    home.run(&["store", "check"], 0);
    behind("DELETE FROM connection");
    for (command, status) in [(&["list"][..], 0), (&["export"], 0), (&["check"], 3)] {
        let said = home.run(command, status);
        assert!(said.stderr.contains("connprobe store check"), "{command:?}: {}", said.stderr);
    }
}

#[test]
fn they_are_where_the_arguments_and_the_environment_say() {
    let home = Home::bare();
    fs::create_dir(home.path("keys")).unwrap();
    home.run(&["store", "init", "--store", "a/b.db", "--key-file", "keys/k"], 0);
    home.file("pw", "CANARY");
    let add = ["add", "a", "--conn-type", "mysql", "--host", "h", "--login", "u", "--password-file", "pw"];
    home.run(&[&add[..], &["--store", "a/b.db", "--key-file", "keys/k"]].concat(), 0);
    let by_variable = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        said(command.env("CONNPROBE_KEY_FILE", "keys/k").spawn().unwrap(), "")
    };
    assert_eq!(by_variable(&["store", "check", "--store", "a/b.db"]).status, 0);
    assert!(!home.path(".local").exists() && !home.path(".config").exists());
    for (arguments, status) in [
        (&["store", "init", "--store", "mysql://u@h/db"][..], 2),
        (&["store", "init", "--store", "postgresql://u:CANARY@h/db"], 2),
        (&["store", "init", "--store", "url-env:ABSENT"], 2),
        (&["list", "--store", "a/b.db", "--key-file", "keys/absent"], 3),
        (&["list", "--store", "pw"], 3),
    ] {
        home.run(arguments, status);
    }
}

#[test]
fn what_the_wrong_key_or_none_leaves_readable() {
    let home = Home::new();
    home.file("pw", "CANARY");
    home.run(&["add", "a", "--conn-type", "mysql", "--host", "127.0.0.1", "--login", "u", "--password-file", "pw"], 0);
    home.run(&["store", "init", "--store", "other.db", "--key-file", "other.key"], 0);
    for key in [&["--key-file", "other.key"][..], &[]] {
        if key.is_empty() {
            fs::remove_file(home.path(".config/connprobe/store.key")).unwrap();
        }
        let with = |arguments: &[&'static str]| [arguments, key].concat();
        let faults = home.run(&with(&["store", "check"]), 1).stdout;
        assert!(faults.lines().any(|line| line.contains("`store#1`") && line.contains("`password`")), "{faults}");
        let listed = home.json(&with(&["list", "--format", "json"]), 0);
        assert!(listed[0]["problem"].as_str().is_some_and(|problem| problem.contains("`password`")), "{listed:#}");
        let report = home.json(&with(&["check", "--format", "json"]), 1);
        assert_eq!(report["results"][0]["class"], "secret");
        let exported = home.run(&with(&["export"]), 1);
        assert_eq!((exported.stdout.as_str(), exported.stderr.matches("store#1").count()), ("{}\n", 1), "{exported:?}");
        home.file("new.json", r#"{"b": {"conn_type": "mysql", "host": "h", "login": "u", "password": "CANARY"}}"#);
        home.run(&with(&["import", "new.json"]), 3);
    }
    // The key that everything is encrypted with is not replaced.
    home.run(&["store", "init"], 3);
}

/// Without the key, not even the target of a row without secrets can be verified.
#[test]
fn without_its_key_no_row_is_used() {
    let home = Home::new();
    home.run(
        &[
            "add",
            "open",
            "--conn-type",
            "postgres",
            "--host",
            "127.0.0.1",
            "--port",
            "1",
            "--login",
            "u",
            "--no-password",
        ],
        0,
    );
    let class = |home: &Home| home.json(&["check", "--format", "json"], 1)["results"][0]["class"].clone();
    assert_eq!(class(&home), "unreachable");
    fs::remove_file(home.path(".config/connprobe/store.key")).unwrap();
    assert_eq!(class(&home), "secret");
    assert!(home.run(&["list"], 0).stdout.starts_with("CONNECTION"));
    home.run(&["export"], 1);
    home.run(&["store", "check"], 1);
}

/// Results are not sealed, and an unreadable one stops nothing.
#[test]
fn a_result_that_cannot_be_read_is_a_warning() {
    let home = Home::new();
    home.run(
        &["add", "a", "--conn-type", "postgres", "--host", "127.0.0.1", "--port", "1", "--login", "u", "--no-password"],
        0,
    );
    let store = rusqlite::Connection::open(home.path(".local/share/connprobe/connections.db")).unwrap();
    let insert = "INSERT INTO result (connection, started_at, status) VALUES (1, '2026-11-29T10:00:00Z', 'fine')";
    store.execute_batch(insert).unwrap();
    drop(store);
    for (command, status) in [(&["list"][..], 0), (&["check", "--dry-run"], 0), (&["export"], 0)] {
        let stderr = home.run(command, status).stderr;
        assert!(stderr.contains("`connprobe store check`"), "{command:?}: {stderr}");
    }
    assert!(home.run(&["store", "check"], 1).stdout.contains("`store#1`"));
    home.run(&["check"], 1);
}

#[test]
fn a_store_that_cannot_be_read_is_not_listed_as_empty() {
    let home = Home::new();
    home.hold("list: an empty store", &home.run(&["list"], 0).stdout);
    home.file(".local/share/connprobe/connections.db", "something else");
    assert_eq!(home.run(&["list"], 3).stdout, "");
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one() {
    let home = Home::new();
    home.file("pw", "CANARY1");
    home.run(&["add", "a", "--conn-type", "mysql", "--host", "h", "--login", "u", "--password-file", "pw"], 0);
    let key = home.path(".config/connprobe/store.key");
    let before = fs::read_to_string(&key).unwrap();
    let told = home.run(&["store", "rotate-key"], 0).stdout;
    let after = fs::read_to_string(&key).unwrap();
    assert!(before != after && !told.contains(after.lines().last().unwrap()));
    assert_eq!(home.stored()["a"]["password"], "CANARY1");
    home.run(&["store", "check"], 0);
}

#[test]
fn a_row_that_something_else_changed_is_named_and_sends_nothing() {
    let home = Home::new();
    home.file("pw", "CANARY");
    home.file("verified.json", r#"{"sslmode": "verify-full"}"#);
    let add = ["add", "a", "--conn-type", "postgres", "--host", "127.0.0.1", "--port", "1", "--login", "u"];
    home.run(&[&add[..], &["--password-file", "pw", "--extra-file", "verified.json"]].concat(), 0);
    let store = rusqlite::Connection::open(home.path(".local/share/connprobe/connections.db")).unwrap();
    store.execute("UPDATE connection SET extra = NULL", []).unwrap();
    assert!(home.run(&["store", "check"], 1).stdout.contains("`store#1`"));
    let report = home.json(&["check", "--format", "json"], 1);
    assert_eq!(
        (&report["results"][0]["reason"], &report["results"][0]["attempts"]),
        (&"row_changed".into(), &0.into())
    );
    // Importing the definition again repairs the row.
    home.file(
        "a.json",
        r#"{"a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "password": "CANARY"}}"#,
    );
    home.run(&["import", "a.json", "--replace"], 0);
    home.run(&["store", "check"], 0);
    assert_eq!(home.json(&["check", "--format", "json"], 1)["results"][0]["class"], "unreachable");
}

#[test]
fn a_copy_is_a_store_of_its_own_and_replaces_no_file_of_the_store() {
    let home = Home::new();
    home.file("pw", "CANARY");
    home.run(&["add", "a", "--conn-type", "mysql", "--host", "h", "--login", "u", "--password-file", "pw"], 0);
    for _ in 0..2 {
        home.run(&["store", "backup", "copy.db"], 0);
    }
    home.run(&["store", "check", "--store", "copy.db"], 0);
    let (store, key) = (".local/share/connprobe/connections.db", ".config/connprobe/store.key");
    fs::hard_link(home.path(key), home.path("hard")).unwrap();
    home.file("public.db", "");
    home.run(&["store", "init", "--store", "other.db", "--key-file", "other.key"], 0);
    home.file("text", "mine");
    home.file("beside.draft", "mine");
    for name in ["text", "beside.draft"] {
        fs::set_permissions(home.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    home.run(&["store", "backup", "beside"], 0);
    assert_eq!(fs::read_to_string(home.path("beside.draft")).unwrap(), "mine");
    for file in [store, key, "hard", "other.db", "text"] {
        let before = fs::read(home.path(file)).unwrap();
        home.run(&["store", "backup", file], 2);
        assert_eq!(fs::read(home.path(file)).unwrap(), before, "{file}");
    }
    // Only the name of an empty file is kept, not its mode.
    fs::set_permissions(home.path("public.db"), fs::Permissions::from_mode(0o644)).unwrap();
    home.run(&["store", "backup", "public.db"], 0);
    assert_eq!(home.path("public.db").metadata().unwrap().mode() & 0o7777, 0o600);
    // `-` means standard output elsewhere, so it is not taken for a file name.
    for command in [&["store", "backup"][..], &["export", "--output"], &["export", "--with-secrets", "--output"]] {
        home.run(&[command, &["-"]].concat(), 2);
        assert!(!home.path("-").exists(), "{command:?}");
    }
    home.run(&["export", "--output", "./-"], 0);
    assert!(home.path("-").exists());
}

/// A row that cannot be read stops the rotation after it has begun.
#[test]
fn a_rotation_that_is_not_at_its_end_is_said() {
    let home = Home::new();
    home.file("pw", "CANARY");
    home.run(&["add", "a", "--conn-type", "mysql", "--host", "h", "--login", "u", "--password-file", "pw"], 0);
    let move_to = |host: &str| {
        let store = rusqlite::Connection::open(home.path(".local/share/connprobe/connections.db")).unwrap();
        store.execute("UPDATE connection SET host = ?1", [host]).unwrap();
    };
    move_to("elsewhere");
    let said = home.run(&["store", "rotate-key"], 3);
    assert!(said.stderr.contains("store.key.new"), "{said:?}");
    move_to("h");
    let key = |name: &str| home.path(".config/connprobe").join(name);
    let checked = home.run(&["store", "check"], 1);
    assert!(checked.stdout.contains("connprobe store rotate-key"), "{checked:?}");
    // Without the next key, only its absence is reported.
    fs::rename(key("store.key.new"), key("away")).unwrap();
    let checked = home.run(&["store", "check"], 1);
    assert!(checked.stdout.contains("--key-file") && !checked.stdout.contains("rotate-key"), "{checked:?}");
    home.run(&["check"], 1);
    fs::rename(key("away"), key("store.key.new")).unwrap();
    home.run(&["store", "rotate-key"], 0);
    home.run(&["store", "check"], 0);
    assert_eq!(fs::read_dir(home.path(".config/connprobe")).unwrap().count(), 1);
}

/// Its tables or all of its content are gone: the message advises to restore a copy, not to check the disk.
#[test]
fn a_store_that_lost_its_tables_or_all_of_it_asks_for_a_copy() {
    let home = Home::new();
    let file = home.path(".local/share/connprobe/connections.db");
    rusqlite::Connection::open(&file).unwrap().execute("DROP TABLE result", []).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute("ALTER TABLE connection RENAME TO c", []).unwrap();
    for (command, status) in [(&["list"][..], 3), (&["check"], 3), (&["store", "check"], 1)] {
        let said = home.run(command, status);
        assert!((said.stdout + &said.stderr).contains("copy"), "{command:?}");
    }
    fs::write(&file, "").unwrap();
    for beside in ["-wal", "-shm"] {
        drop(fs::remove_file(file.with_extension(format!("db{beside}"))));
    }
    let said = home.run(&["list"], 3);
    assert!(said.stderr.contains("copy") && said.stderr.contains("connprobe store init"), "{said:?}");
}

#[test]
fn a_rotation_takes_no_key_of_another_store() {
    let home = Home::new();
    let other = ["--store", "other.db", "--key-file", ".config/connprobe/store.key.new"];
    home.run(&[&["store", "init"], &other[..]].concat(), 0);
    home.file("pw", "CANARY");
    home.run(&["add", "a", "--conn-type", "mysql", "--host", "h", "--login", "u", "--password-file", "pw"], 0);
    home.run(&["store", "rotate-key"], 2);
    for store in [&[][..], &other] {
        home.run(&[&["store", "check"], store].concat(), 0);
    }
    fs::rename(home.path(other[3]), home.path("other.key")).unwrap();
    home.run(&["store", "rotate-key"], 0);
    home.run(&["store", "rotate-key"], 0);
    home.run(&["store", "check"], 0);
}

#[test]
fn damage_is_named_and_nothing_is_made_anew() {
    let home = Home::new();
    let file = home.path(".local/share/connprobe/connections.db");
    fs::write(&file, "what is this?").unwrap();
    home.run(&["store", "check"], 3);
    home.run(&["check"], 3);
    home.run(&["store", "init"], 3);
    assert_eq!(fs::read_to_string(&file).unwrap(), "what is this?");
}
