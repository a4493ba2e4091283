//! The next run notices changes at a server: a new password, a user created late, a server set up anew.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::own::OwnMariaDb;
use super::servers::{Kind, client, definition, mariadb};
use crate::home::Home;
use crate::postgres::{administrator, sql};
use crate::servers::port;

const CHECK: [&str; 4] = ["check", "all.json", "--format", "json"];

/// The class and attempts of the first result.
fn first(report: &Value) -> (Option<String>, u64) {
    let result = &report["results"][0];
    (result["class"].as_str().map(str::to_owned), result["attempts"].as_u64().unwrap())
}

fn class(word: &str, attempts: u64) -> (Option<String>, u64) {
    (Some(word.to_owned()), attempts)
}

#[test]
fn postgres_a_password_set_anew_and_a_user_made_late() {
    let role = format!("late_{}", std::process::id());
    let admin = administrator("postgres");
    let home = Home::bare();
    let mut right = definition("postgres", port("PG_PORT"), &role, "CANARY1");
    right["schema"] = json!("postgres");
    home.file("all.json", json!({"it": right}));
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1));
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 0));
    sql(&admin, &format!("CREATE ROLE {role} LOGIN PASSWORD 'another'"));
    // The user now exists, so one login is made, with a secret that is still wrong.
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1));
    for _ in 0..3 {
        assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 0));
    }
    sql(&admin, &format!("ALTER ROLE {role} PASSWORD 'CANARY1'"));
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    sql(&admin, &format!("DROP ROLE {role}"));
}

/// No look at either pooler shows anything new about a refused secret: one always sends the same salt, the other always
/// a new one.
#[test]
fn pgbouncer_shows_nothing_new() {
    for (kind, login) in [(Kind::PgBouncer, "noconnect"), (Kind::PgBouncerPlain, "limited")] {
        let home = Home::bare();
        home.file("all.json", json!({"it": kind.definition(login, "CANARY-wrong")}));
        assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1), "{kind:?}");
        for _ in 0..3 {
            assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 0), "{kind:?}");
        }
    }
}

/// Runs a command as the administrator of the test server, which is `FerretDB`. Its SCRAM exchange has one step more
/// than the mongodb crate accepts, so the tests use Python.
fn mongo(command: &Value) {
    const SCRIPT: &str = "import json, pymongo, sys
client = pymongo.MongoClient('127.0.0.1', int(sys.argv[1]), username='connprobe', password='connprobe-demo', directConnection=True)
client['admin'].command(json.loads(sys.argv[2]))";
    let home = |name: &str, below: &str| std::env::var_os(name).map(|home| PathBuf::from(home).join(below));
    let cache = home("CONNPROBE_CACHE", "").or_else(|| home("XDG_CACHE_HOME", "connprobe"));
    let cache = cache.or_else(|| home("HOME", ".cache/connprobe")).unwrap();
    let output = Command::new(cache.join("venv/bin/python"))
        .args(["-c", SCRIPT, &port("MONGODB_PORT").to_string(), &command.to_string()])
        .output()
        .expect("the Python that tests/servers/install made");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn mongodb_a_password_set_anew_and_a_user_made_late() {
    let user = format!("late_{}", std::process::id());
    let home = Home::bare();
    let mut right = definition("mongo", port("MONGODB_PORT"), &user, "CANARY1");
    right["schema"] = json!("admin");
    home.file("all.json", json!({"it": right}));
    // FerretDB reports an unknown user before it receives a credential.
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1));
    mongo(&json!({"createUser": user, "pwd": "another", "roles": []}));
    assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 1), "the user was made");
    for _ in 0..3 {
        assert_eq!(first(&home.json(&CHECK, 1)), class("auth", 0));
    }
    // FerretDB cannot change a user, so the user is created anew.
    mongo(&json!({"dropUser": user}));
    mongo(&json!({"createUser": user, "pwd": "CANARY1", "roles": []}));
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1), "the salt is another");
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    mongo(&json!({"dropUser": user}));
}

#[test]
fn mariadb_that_was_made_anew_on_this_machine() {
    let mut own = OwnMariaDb::new();
    own.start();
    let root = |own: &OwnMariaDb, statements: &str| client(&own.socket(), statements);
    root(&own, "CREATE USER late IDENTIFIED BY 'CANARYold'; CREATE USER other IDENTIFIED BY 'CANARYold'");
    // Raises the server's connection numbers.
    for _ in 0..5 {
        root(&own, "SELECT 1");
    }
    let all = |login: &str, passwords: &[&str]| {
        let definitions = passwords.iter().map(|word| definition("mysql", own.port, login, word));
        let named = definitions.enumerate().map(|(n, definition)| (format!("c{n}"), definition));
        Value::Object(named.collect())
    };
    // Two were refused, so all others wait. The first home has runs before the restart, which look at the server; the
    // second has its next run after it.
    let homes = ["other", "late"].map(|login| {
        let home = Home::bare();
        home.file("all.json", all(login, &["CANARY1", "CANARY2"]));
        let report = home.json(&CHECK, 1);
        assert_eq!(report["summary"]["by_class"], json!({"auth": 2}), "{report:#}");
        home.file("all.json", all(login, &["CANARY3"]));
        home
    });
    for _ in 0..3 {
        assert_eq!(first(&homes[0].json(&CHECK, 1)), class("withheld", 0), "nothing has changed");
    }
    own.end();
    own.start();
    client(&own.socket(), "SET PASSWORD FOR late = PASSWORD('CANARY3'); SET PASSWORD FOR other = PASSWORD('CANARY3')");
    assert_eq!(first(&homes[1].json(&CHECK, 0)), (None, 1), "the number of the connection went back");
    // The last look of this home was less than ten minutes ago.
    assert_eq!(first(&homes[0].json(&CHECK, 1)), class("withheld", 0));
}

#[test]
fn mariadb_a_person_s_word_frees_a_held_account() {
    let (user, kind) = (format!("word{}", std::process::id()), Kind::MariaDb);
    let (login, right) = kind.make(&user);
    let home = Home::bare();
    let all = ["CANARY1", "CANARY2", "CANARY3"].iter().enumerate();
    let all = all.map(|(n, password)| (format!("c{n}"), kind.definition(&login, password)));
    home.file("all.json", Value::Object(all.collect()));
    home.json(&CHECK, 1);
    home.file("all.json", json!({"right": kind.definition(&login, right)}));
    assert_eq!(first(&home.json(&CHECK, 1)), class("withheld", 0));
    home.run(&["state", "forget", &format!("mysql://{login}@localhost:{}", port("MARIADB_PORT"))], 0);
    assert_eq!(first(&home.json(&CHECK, 0)), (None, 1));
    mariadb(&format!("DROP USER '{user}'"));
}

/// Twenty definitions of one login were all right, and then its password is changed at the server.
#[test]
fn a_password_that_is_changed_is_refused_twice_at_most_however_many_use_it() {
    for kind in [Kind::Postgres, Kind::MariaDb, Kind::MySql] {
        let name = format!("changed{}", std::process::id());
        let (login, right) = kind.make(&name);
        let home = Home::bare();
        let of = |number: u64| {
            let mut definition = kind.definition(&login, right);
            definition["extra"] = kind.edit(number);
            (format!("c{number}"), definition)
        };
        home.file("all.json", Value::Object((0..20).map(of).collect()));
        let report = home.json(&CHECK, 0);
        assert_eq!(report["summary"]["ok"], 20, "{kind:?}");
        kind.set_password(&login, "CANARYnew");
        for most in [2, 0] {
            let report = home.json(&CHECK, 1);
            assert_eq!(report["summary"]["by_class"], json!({"auth": 20}), "{kind:?}: {report:#}");
            let results = report["results"].as_array().unwrap();
            let tried = results.iter().filter(|result| result["attempts"] != 0).count();
            assert!(tried <= most && (most == 0 || tried > 0), "{kind:?}: {tried} of 20 were tried");
        }
        // The new password is tried at once.
        home.file("all.json", json!({"it": kind.definition(&login, "CANARYnew")}));
        assert_eq!(first(&home.json(&CHECK, 0)), (None, 1), "{kind:?}");
        kind.remove(&login);
    }
}
