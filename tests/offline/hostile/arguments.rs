//! Passwords in arguments that are no place for them: no message about a command line repeats them.

use std::fs;

use crate::hostile::run::{formats, printed};
use crate::process;

const SECRET: &str = "Sup3rS3cret";

#[test]
fn no_usage_error_repeats_an_argument_raw() {
    for argument in
        ["--odd\u{1b}[31m", "od\u{202e}d", "--password=Sup3rS3cret", "--format=a\u{1b}]0;b", "--timeout=\u{9b}1"]
    {
        for command in ["check", "explain", "odd\u{1b}"] {
            let output = printed(&[command, argument, "x", "y"], "{}");
            assert!(!output.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{output:?}");
            assert!(!output.contains(SECRET), "{output:?}");
        }
    }
}

/// Arguments that take a value, given as the words before and after it.
const PLACES: [(&[&str], &[&str]); 27] = [
    (&["check"], &[]),
    (&["check", "--store"], &[]),
    (&["check", "--tls-ca"], &["x.json"]),
    (&["check", "--key-file"], &["store:"]),
    (&["check", "--fernet-key-file"], &["airflow:"]),
    (&["check", "--state"], &["x.json"]),
    (&["check", "--timeout"], &["-"]),
    (&["check", "--deadline"], &["-"]),
    (&["check", "--concurrency"], &["-"]),
    (&["check", "--retries"], &["-"]),
    (&["check", "--dns-server"], &["-"]),
    (&["check", "--egress-allow"], &["-"]),
    (&["check", "--egress-deny"], &["-"]),
    (&["check", "--select"], &["-"]),
    (&["check", "--type"], &["-"]),
    (&["check", "--format"], &["-"]),
    (&["check", "-", "--odd"], &[]),
    (&["list"], &[]),
    (&["explain"], &[]),
    (&["types"], &[]),
    (&["state", "forget"], &[]),
    (&["add", "x", "--conn-type", "postgres", "--host", "h", "--no-password", "--port"], &[]),
    (&["add"], &["--conn-type", "postgres", "--host", "h", "--no-password"]),
    (&["add", "x", "--uri-file"], &[]),
    (&["remove"], &[]),
    (&["import"], &[]),
    (&["export", "--output"], &["-"]),
];

#[test]
fn no_message_about_an_argument_repeats_the_password_in_it() {
    for (before, behind) in PLACES {
        for value in [
            "mysql://u:Sup3rS3cret@h",
            "u:Sup3rS3cret@h",
            "/nowhere/x?password=Sup3rS3cret",
            "mysql://u@h/x?passwd=Sup3rS3cret",
            "/nowhere/x?pwd=Sup3rS3cret",
            "host=db password=Sup3rS3cret",
            "json=/nowhere/u:Sup3rS3cret@h",
            "mysql://u:Sup3r%53%33cret@h",
        ] {
            let output = printed(&[before, &[value], behind].concat(), "");
            assert!(!output.contains(SECRET), "{before:?} {value}: {output}");
            assert!(!output.contains("Sup3r%53"), "{before:?} {value}: {output}");
        }
    }
}

#[test]
fn the_name_of_an_option_is_told() {
    let output = printed(&["check", "--format", "xml", "-"], "");
    assert!(output.contains("'xml'") && output.contains("--format"), "{output}");
}

#[test]
fn no_file_is_made_whose_name_holds_a_password() {
    for value in [
        "postgres://etl:Sup3rS3cret@127.0.0.1:1/app",
        "etl:Sup3rS3cret@h",
        "password=Sup3rS3cret",
        "password: Sup3rS3cret",
        "Bearer Sup3rS3cret",
        "mysql -u etl -pSup3rS3cret -h db",
        "db:5432:app:etl:Sup3rS3cret",
        "/nowhere/Bearer Sup3rS3cret",
        r#"{"password":"Sup3rS3cret"}"#,
        r#"{\"password\":\"Sup3rS3cret\"}"#,
        r#"{"a":{"password":{"v":"Sup3rS3cret"}}}"#,
    ] {
        for arguments in [
            &["store", "init", "--store", value, "--key-file", "k"][..],
            &["store", "init", "--store", "s.db", "--key-file", value],
            &["check", "-", "--state", value],
            &["check", "-", "--format", &format!("json={value}")],
            &["export", "-", "--output", value],
            &["store", "backup", value],
        ] {
            let directory = tempfile::tempdir().unwrap();
            let mut command = process::connprobe(arguments);
            command.current_dir(directory.path());
            let output =
                process::over(&mut command, r#"{"a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1}}"#);
            assert!(!output.status.success(), "{arguments:?}");
            let made = fs::read_dir(directory.path()).unwrap().flatten().map(|entry| entry.file_name());
            let made: Vec<String> = made.map(|name| name.to_string_lossy().into_owned()).collect();
            assert!(made.is_empty(), "{arguments:?}: {made:?}");
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!said.contains(SECRET), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_document_in_the_place_of_a_source_is_not_repeated() {
    for value in [
        r#"json:{"conn_type": "postgres", "password": "Sup3rS3cret"}"#,
        r#"json:{"conn_type": "postgres", "extra": {"odd": "Sup3rS3cret"}}"#,
        r#"{"conn_type": "postgres", "extra": {"odd": "Sup3rS3cret"}}"#,
        "yaml:{a: {conn_type: postgres, odd: Sup3rS3cret}}",
        "a:\n  odd: Sup3rS3cret",
        r#"url-env:{"conn_type": "postgres", "password": "Sup3rS3cret"}"#,
        r#"url-file:{\"password\": \"Sup3rS3cret\"}"#,
    ] {
        for command in ["check", "list", "import", "export"] {
            let output = printed(&[command, value], "");
            assert!(!output.contains(SECRET), "{command} {value}: {output}");
        }
    }
}

#[test]
fn no_report_repeats_the_password_in_a_source() {
    for word in ["password: Sup3rS3cret", "Bearer Sup3rS3cret", "db:5432:app:etl:Sup3rS3cret", "etl:Sup3rS3cret"] {
        let prefixes = ["", "json:", "yaml:", "env-file:", "vault:", "aws-sm:", "aws-ssm:", "url-env:", "url-file:"];
        for value in prefixes.map(|prefix| format!("{prefix}{word}")).into_iter().chain(["password=Sup3rS3cret".into()])
        {
            for format in formats("check") {
                let output = printed(&["check", &value, "--format", format], "");
                assert!(!output.contains(SECRET), "{value} {format}: {output}");
            }
        }
    }
}

#[test]
fn a_url_in_the_place_of_airflow_s_home_is_not_repeated() {
    for variable in ["AIRFLOW_HOME", "AIRFLOW_CONFIG"] {
        let mut command = process::connprobe(&["check", "airflow:"]);
        let output = command.env(variable, "postgresql://airflow:Sup3rS3cret@db/airflow").output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("airflow") && !said.contains(SECRET), "{variable}: {said}");
    }
}
