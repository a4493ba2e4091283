//! `airflow:` and databases by URL: an Airflow home with `airflow.cfg` and a database file as Airflow 3 creates them,
//! and the connections that its rows give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use connprobe::model::class::Class;
use connprobe::model::connection::Connection;
use connprobe::model::problem::{Problem, SecretFlaw};
use connprobe::model::reason::unusable::{Configuration, Instead, Keys, Metadata, SettingPlace};
use connprobe::model::reason::{Reason, Source, Unusable};
use connprobe::source::{self, Environment, Settings, SourceError};
use rusqlite::{Connection as Database, ToSql};
use tempfile::TempDir;

use crate::airflow::unusable;
use crate::sources::{CANARY, LIMIT, codes, password};
use crate::waiting::wait;

const KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const OLDER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// `CANARY-password` as Airflow's own library encrypts it with the key,
const TOKEN: &str =
    "gAAAAABrAxAGV1jY_QqGYQRB2MiCgyRWI2BrvShNJPLjzTY_nqdlIIUyAqagFwRewLdo-JPUhEduCm_WUeoee8Eur3Th_BdxnQ==";
/// `CANARY-older` with the older one,
const OLDER_TOKEN: &str =
    "gAAAAABrAxAG9N8sRIKLK1ENeQgtisHPQuSbAgtipyWtoAcNdv5mGNE3kWvhARXNsiLYJRA0O_aEmZcTiDKZbQhgyCTXs83_wA==";
/// and `{"sslmode": "require", "application_name": "CANARY-extra"}` with the key.
const EXTRA_TOKEN: &str = "gAAAAABrAxJ1DL9QhR6_daNZE6Q2DMz2_gqS-FyflPaPH86-Pf17n3GoxT655pyUJcPhaCa1mpY_lie_CZFRd5maMpnrwuEuRleHDqzKLmzRLV57SfFw_wnJ6YUdPkl_2BbKWRlK1GfiGPsqshDks6I05ycKWXd1Qw==";

/// The table as Airflow 3.3 creates it.
const TABLE: &str = "CREATE TABLE connection (
    id INTEGER NOT NULL PRIMARY KEY, conn_id VARCHAR(250) NOT NULL UNIQUE, conn_type VARCHAR(500) NOT NULL,
    description VARCHAR(5000), host VARCHAR(500), schema VARCHAR(500), login TEXT, password TEXT, port INTEGER,
    is_encrypted BOOLEAN NOT NULL, is_extra_encrypted BOOLEAN NOT NULL, team_name VARCHAR(50), extra TEXT)";

/// The name, password and extra of a row, and whether each of the two is encrypted.
type Stored<'a> = (&'a str, Option<&'a str>, bool, Option<&'a str>, bool);

/// An Airflow home.
struct Home {
    directory: TempDir,
}

impl Home {
    /// A home with this `airflow.cfg`, and with these rows in `airflow.db`.
    fn new(cfg: &str, rows: &[Stored<'_>]) -> Self {
        let home = Self { directory: tempfile::tempdir().unwrap() };
        fs::write(home.path("airflow.cfg"), cfg).unwrap();
        home.database("airflow.db", rows);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Creates a database in the home; returns its URL.
    fn database(&self, name: &str, rows: &[Stored<'_>]) -> String {
        let path = self.path(name);
        let database = Database::open(&path).unwrap();
        database.execute_batch(&format!("BEGIN; {TABLE};")).unwrap();
        let mut statement = database
            .prepare(
                "INSERT INTO connection (conn_id, conn_type, host, login, password, port, is_encrypted, extra, is_extra_encrypted)
                 VALUES (?1, 'postgres', 'db1.example', 'etl', ?2, 5432, ?3, ?4, ?5)",
            )
            .unwrap();
        for (conn_id, password, is_encrypted, extra, is_extra_encrypted) in rows {
            statement.execute([conn_id as &dyn ToSql, password, is_encrypted, extra, is_extra_encrypted]).unwrap();
        }
        drop(statement);
        database.execute_batch("COMMIT").unwrap();
        format!("sqlite:///{}", path.display())
    }

    /// Settings with this home and the variables `more` in the environment.
    fn settings(&self, more: &[(&str, &str)]) -> Settings {
        let home = [("AIRFLOW_HOME", self.directory.path().to_str().unwrap())];
        let variables = home.iter().chain(more).map(|(name, value)| (name.into(), value.into()));
        Settings { limit: LIMIT, environment: Environment::of(variables), ..Settings::default() }
    }

    fn load(&self, more: &[(&str, &str)]) -> Result<Vec<Connection>, SourceError> {
        load("airflow:", &self.settings(more).into())
    }
}

fn load(word: &str, settings: &Arc<Settings>) -> Result<Vec<Connection>, SourceError> {
    wait(source::load(&word.parse()?, settings)).map(|loaded| {
        assert!(!format!("{loaded:?}").contains(CANARY), "{loaded:?}");
        loaded.connections
    })
}

fn with_key(keys: &str) -> String {
    format!("[core]\nfernet_key = {keys}\n[database]\n# the default\n")
}

#[test]
fn every_row_is_a_connection_with_its_secrets() {
    let home = Home::new(
        &with_key(&format!("{KEY}, {OLDER_KEY}")),
        &[
            ("encrypted", Some(TOKEN), true, Some(EXTRA_TOKEN), true),
            ("rotated", Some(OLDER_TOKEN), true, None, false),
            ("plain", Some("CANARY-plain"), false, Some(r#"{"sslmode": "disable"}"#), false),
            ("mixed", Some(TOKEN), true, Some(r#"{"sslmode": "disable"}"#), false),
            ("bare", None, false, Some(""), false),
        ],
    );
    let connections = home.load(&[]).unwrap();
    let seen: Vec<(&str, &str, &str, Option<&str>)> = connections
        .iter()
        .zip(["airflow#1", "airflow#2", "airflow#3", "airflow#4", "airflow#5"])
        .map(|(connection, origin)| {
            assert_eq!((&connection.problems[..], codes(connection)), (&[][..], vec![]));
            assert_eq!(connection.origin.to_string(), origin);
            assert_eq!((connection.host.as_deref(), connection.port), (Some("db1.example"), Some(5432)));
            let sslmode = connection.extra.get("sslmode").and_then(|mode| mode.as_str());
            (
                connection.conn_id.as_deref().unwrap(),
                connection.login.as_deref().unwrap(),
                password(connection),
                sslmode,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("encrypted", "etl", "CANARY-password", Some("require")),
            ("rotated", "etl", "CANARY-older", None),
            ("plain", "etl", "CANARY-plain", Some("disable")),
            ("mixed", "etl", "CANARY-password", Some("disable")),
            ("bare", "etl", "", None),
        ]
    );
}

#[test]
fn a_row_that_cannot_be_decrypted_is_a_problem_of_its_own() {
    let rows = [
        ("fine", Some("CANARY-plain"), false, None, false),
        ("encrypted", Some(TOKEN), true, Some(EXTRA_TOKEN), true),
        ("cut", Some(&TOKEN[..60]), true, None, false),
        ("other", Some("CANARY-plain"), true, None, false),
        ("unmarked", Some(TOKEN), false, None, false),
    ];
    let read = |cfg: &str, environment: &[(&str, &str)]| -> Vec<Vec<Problem>> {
        let home = Home::new(cfg, &rows);
        let connections = home.load(environment).unwrap();
        let own = home.path("").display().to_string();
        let without_place =
            |problem: &Problem| Problem { message: problem.message.replace(&own, ""), ..problem.clone() };
        connections.iter().map(|connection| connection.problems.iter().map(without_place).collect()).collect()
    };
    let cut = SecretFlaw::Damaged { field: "password" }.into();
    let other = SecretFlaw::NotAToken { field: "password" }.into();
    let unmarked = SecretFlaw::MarkedPlain { field: "password", flag: "is_encrypted" }.into();
    assert_eq!(read(&with_key(KEY), &[]), [vec![], vec![], vec![cut], vec![other], vec![unmarked]]);

    // A wrong key has the same effect on every field: it is one cause.
    let both = |flaw: fn(&'static str) -> SecretFlaw| ["password", "extra"].map(|field| Problem::from(flaw(field)));
    let wrong = both(|field| {
        let place = SettingPlace::Line {
            section: "core",
            name: "fernet_key".to_owned(),
            file: "airflow.cfg".to_owned(),
            line: 2,
        };
        SecretFlaw::OtherFernetKey { place: Some(place), count: 1, field }
    });
    assert_eq!(read(&with_key(OLDER_KEY), &[])[1], wrong);
    let missing = both(|field| SecretFlaw::NoFernetKey { place: None, field });
    assert_eq!(read("[core]\n", &[])[1], missing);
    let empty = both(|field| {
        let place = SettingPlace::Variable("AIRFLOW__CORE__FERNET_KEY".to_owned());
        SecretFlaw::NoFernetKey { place: Some(place), field }
    });
    assert_eq!(read(&with_key(KEY), &[("AIRFLOW__CORE__FERNET_KEY", "")])[1], empty);
    for [password, extra] in [wrong, missing, empty] {
        assert_eq!((&password.message, password.class), (&extra.message, Class::Secret));
    }
}

#[test]
fn the_database_is_the_one_that_airflow_would_use() {
    let home = Home::new("", &[("default", None, false, None, false)]);
    let row = |name| [(name, None, false, None, false)];
    // A `%` is doubled in the file, but not in the environment.
    let in_file = home.database("file%40.db", &row("file"));
    let in_environment = home.database("environment%40.db", &row("environment"));
    let old = home.database("old.db", &row("old"));
    let file = format!("[database]\nsql_alchemy_conn = {}\n", in_file.replace('%', "%%"));
    let old_file = format!("[core]\nsql_alchemy_conn = {old}\n");
    let (new_name, old_name) = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN");
    let beyond = in_environment.replace(home.directory.path().to_str().unwrap(), "$AIRFLOW_HOME");
    for (cfg, environment, expected) in [
        ("", &[][..], "default"),
        (&old_file, &[], "old"),
        (&file, &[], "file"),
        (&file, &[(old_name, &*old)], "old"),
        (&file, &[(old_name, &old), (new_name, &in_environment)], "environment"),
        (&file, &[(new_name, &beyond)], "environment"),
    ] {
        fs::write(home.path("airflow.cfg"), cfg).unwrap();
        let connections = home.load(environment).unwrap();
        assert_eq!(connections[0].conn_id.as_deref(), Some(expected), "{cfg} {environment:?}");
    }
}

#[test]
fn a_command_gives_a_setting_only_where_that_is_allowed() {
    let home = Home::new("", &[("a", Some(TOKEN), true, None, false)]);
    let key = home.path("key");
    fs::write(&key, format!("{KEY}\n")).unwrap();
    fs::write(home.path("airflow.cfg"), format!("[core]\nfernet_key_cmd = cat '{}'\n", key.display())).unwrap();
    let error = home.load(&[]).unwrap_err();
    let place = SettingPlace::Line {
        section: "core",
        name: "fernet_key_cmd".to_owned(),
        file: home.path("airflow.cfg").display().to_string(),
        line: 2,
    };
    let refused = Configuration::CommandNotAllowed { place, instead: Instead::Keys };
    assert_eq!(unusable(&error), &Unusable::from(refused));
    let allowed = Settings { allow_commands: true, ..home.settings(&[]) }.into();
    assert_eq!(password(&load("airflow:", &allowed).unwrap()[0]), "CANARY-password");
}

#[test]
fn keys_in_a_file_are_used_instead_of_airflows() {
    let home = Home::new(&with_key("CANARY-no-key"), &[("a", Some(TOKEN), true, None, false)]);
    let error = home.load(&[]).unwrap_err();
    let expected = matches!(
        unusable(&error),
        Unusable::Keys(Keys::NotAKey { place: SettingPlace::Line { line: 2, .. }, number: 1, count: 1 })
    );
    assert!(expected && !format!("{error} {error:?}").contains(CANARY), "{error}");
    let keys = home.path("keys");
    fs::write(&keys, format!("{OLDER_KEY}\n{KEY}\n")).unwrap();
    let settings = Settings { fernet_key_file: Some(keys.clone()), ..home.settings(&[]) }.into();
    assert_eq!(password(&load("airflow:", &settings).unwrap()[0]), "CANARY-password");
    fs::remove_file(keys).unwrap();
    assert!(matches!(load("airflow:", &settings), Err(SourceError::Own(Source::Missing { .. }))));
}

#[test]
fn a_database_is_named_by_its_url_in_three_ways() {
    let home = Home::new(&with_key(KEY), &[]);
    let url = home.database("named.db", &[("a", Some(TOKEN), true, None, false)]);
    let file = home.path("url");
    fs::write(&file, format!("\n{url}\n")).unwrap();
    let settings = home.settings(&[("URL", &url), ("EMPTY", " ")]).into();
    let by_file = format!("url-file:{}", file.display());
    for word in [&*url, "url-env:URL", &by_file] {
        let connections = load(word, &settings).unwrap();
        assert_eq!(password(&connections[0]), "CANARY-password", "{word}");
        assert_eq!(connections[0].origin.to_string(), format!("{word}#1"));
    }
    for variable in ["NOBODY", "EMPTY"] {
        let error = load(&format!("url-env:{variable}"), &settings).unwrap_err();
        let variable = variable.to_owned();
        assert_eq!(unusable(&error), &Unusable::from(Metadata::VariableUnset { variable }));
    }
    let missing = load("url-file:/nonexistent", &settings).unwrap_err();
    assert!(matches!(missing, SourceError::Own(Source::Missing { .. })), "{missing}");
}

#[test]
fn an_empty_table_is_no_success() {
    let home = Home::new("", &[]);
    let error = home.load(&[]).unwrap_err();
    assert_eq!(unusable(&error), &Unusable::from(Metadata::NoRows));
    assert!(error.hint().is_some());
}

#[test]
fn ten_thousand_encrypted_rows_are_read_at_once() {
    let names: Vec<String> = (0..10_000).map(|number| format!("c{number}")).collect();
    let rows: Vec<Stored<'_>> =
        names.iter().map(|name| (&**name, Some(TOKEN), true, Some(EXTRA_TOKEN), true)).collect();
    let home = Home::new(&with_key(&format!("{OLDER_KEY},{KEY}")), &rows);
    let began = Instant::now();
    let settings = home.settings(&[]).into();
    let loaded = wait(source::load(&"airflow:".parse().unwrap(), &settings)).unwrap();
    let time = began.elapsed();
    assert_eq!(loaded.connections.len(), 10_000);
    assert!(loaded.connections.iter().all(|connection| password(connection) == "CANARY-password"));
    // Generous, for a build without optimisation on a machine that runs all other tests as well.
    assert!(time < Duration::from_secs(10), "{time:?}");
}

/// Runs connprobe with only `variables` in its environment.
fn connprobe(arguments: &[&str], home: &Path, variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(arguments)
        .env_clear()
        .env("CONNPROBE_STATE", crate::state::anew())
        .env("AIRFLOW_HOME", home)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn nothing_is_typed_but_the_command() {
    let home = Home::new(
        &with_key(KEY),
        &[
            ("fine", Some(TOKEN), true, Some(EXTRA_TOKEN), true),
            ("older", Some(OLDER_TOKEN), true, None, false),
            ("plain", Some("CANARY-plain"), false, None, false),
        ],
    );
    let directory = home.directory.path();
    let rotated = format!("{KEY},{OLDER_KEY}");
    for (variables, statuses, exit) in [
        (&[("AIRFLOW__CORE__FERNET_KEY", &*rotated)][..], ["ok", "ok", "ok"], 0),
        (&[], ["ok", "error", "ok"], 1),
        (&[("AIRFLOW__CORE__FERNET_KEY", "")], ["error", "error", "ok"], 1),
    ] {
        let output = connprobe(&["check", "airflow:", "--dry-run", "--format", "json"], directory, variables);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(exit), "{text}");
        assert!(!text.contains(CANARY) && !text.contains("gAAAAA") && !text.contains(KEY), "{text}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let found: Vec<&str> =
            report["results"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect();
        assert_eq!(found, statuses, "{variables:?}");
        assert_eq!(report["sources"][0]["name"], "airflow");
        for result in report["results"].as_array().unwrap().iter().filter(|result| result["status"] == "error") {
            assert_eq!(result["class"], "secret");
        }
    }
}

#[test]
fn a_type_without_a_driver_is_skipped_though_its_secret_cannot_be_read() {
    let row = |name| (name, Some(TOKEN), true, Some(EXTRA_TOKEN), true);
    let home = Home::new("[core]\n", &[row("ftp"), row("postgres")]);
    let database = Database::open(home.path("airflow.db")).unwrap();
    database.execute("UPDATE connection SET conn_type = conn_id", []).unwrap();
    let output = connprobe(&["check", "airflow:", "--dry-run", "--format", "json"], home.directory.path(), &[]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (n, expected) in [("skipped", "no_driver"), ("error", "key_missing")].into_iter().enumerate() {
        let result = &report["results"][n];
        assert_eq!((result["status"].as_str(), result["reason"].as_str()), (Some(expected.0), Some(expected.1)));
    }
}

#[test]
fn where_there_is_no_airflow_the_run_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = connprobe(&["check", "airflow:", "--dry-run", "--format", "json"], nowhere.path(), &[]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sources"][0]["problem"]["reason"], "source_unusable", "{report:#}");
    let file = nowhere.path().join("airflow.cfg").display().to_string();
    let expected = Source::unusable("airflow", Configuration::NoAirflow { file });
    assert_eq!(report["sources"][0]["problem"]["message"], Reason::from(expected).message());
}
