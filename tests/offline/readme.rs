//! The claims of README and documents: their commands are valid, the usage text is the program's own, the tables match
//! the code, and the links resolve.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use connprobe::driver::Registry;
use connprobe::model::class::Class;

fn document(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// README and the documents in `docs/`, each with its path.
fn documents() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path());
    let others = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from);
    let texts = docs.chain(others).filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    texts.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The code blocks in `language`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).map(str::to_owned).collect()
}

/// Creates an Airflow home with one connection.
fn airflow(home: &Path) {
    fs::create_dir(home).unwrap();
    let database = rusqlite::Connection::open(home.join("airflow.db")).unwrap();
    let script = "
        CREATE TABLE connection (id INTEGER PRIMARY KEY, conn_id, conn_type, host, schema, login, password, port, extra);
        INSERT INTO connection (conn_id, conn_type, host, login) VALUES ('warehouse', 'postgres', 'db.example', 'etl')";
    database.execute_batch(script).unwrap();
}

#[test]
fn every_command_shown_is_understood() {
    let commands: Vec<String> = documents()
        .iter()
        .flat_map(|(_, text)| blocks(text, "console"))
        .flat_map(|block| {
            block.lines().filter_map(|line| line.strip_prefix("$ connprobe ")).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    let home = tempfile::tempdir().unwrap();
    airflow(&home.path().join("airflow"));
    for command in commands {
        let probes = (command.starts_with("check") || command.starts_with("import")) && !command.contains("--dry-run");
        let call = match command.split(' ').next() {
            _ if probes => r#""$@" --dry-run"#,
            // No server of the examples need be there.
            Some("wait") => r#"wait --deadline 0.2s "${@:2}""#,
            _ => r#""$@""#,
        };
        let script = format!("connprobe() {{ \"$CONNPROBE\" {call}; }}\nconnprobe {command}");
        let output = Command::new("bash")
            .args(["-c", &script])
            .env("CONNPROBE", env!("CARGO_BIN_EXE_connprobe"))
            .env("HOME", home.path())
            .env("CONNPROBE_STATE", home.path().join("accounts"))
            .env("AIRFLOW_HOME", home.path().join("airflow"))
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        assert!(
            code == 0 || code == 1 || command.starts_with("wait") && code == 124,
            "`connprobe {command}` ends with {code}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The exit status and the report of the check that the guide shows for one definition, with `definition` on standard
/// input.
fn checked(definition: &str) -> (i32, serde_json::Value) {
    let guide = document("docs/guide.md");
    let (_, section) = guide.split_once("## Before a connection is saved").expect("the section");
    let block = blocks(section, "console").into_iter().next().expect("its block");
    let (command, _) = block.strip_prefix("$ connprobe ").and_then(|line| line.split_once(" <<< ")).expect("a command");
    let output = Command::new("bash")
        .args(["-c", &format!("\"$CONNPROBE\" {command} <<< \"$DEFINITION\"")])
        .env("CONNPROBE", env!("CARGO_BIN_EXE_connprobe"))
        .env("DEFINITION", definition)
        .env("CONNPROBE_STATE", "none")
        .output()
        .unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

/// Runs the command in the block under "Before a connection is saved", and checks the table below it.
#[test]
fn the_check_of_one_definition_ends_as_its_table_says() {
    let shown = r#"{"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "etl", "password": "…"}"#;
    assert!(document("docs/guide.md").contains(shown));
    let (status, report) = checked(shown);
    let result = &report["results"][0];
    assert_eq!((status, &result["reason"]), (1, &serde_json::json!("connection_refused")), "{report:#}");
    assert!(result["message"].is_string() && result["hint"].is_string() && result["fields"].is_array(), "{report:#}");

    let wrong = shown.replace("\"port\": 1", "\"port\": 1, \"extra\": {\"sslmode\": \"REQUIRE\"}");
    let (status, report) = checked(&wrong);
    assert_eq!((status, &report["results"][0]["fields"]), (1, &serde_json::json!(["extra.sslmode"])), "{report:#}");

    let (status, report) = checked("{\"conn_type\": ");
    assert_eq!(status, 3, "{report:#}");
    assert!(report["sources"][0]["problem"]["reason"].is_string(), "{report:#}");

    let (status, report) = checked(r#"{"conn_type": "spark", "host": "www.example.com"}"#);
    let result = &report["results"][0];
    assert_eq!((status, &result["class"]), (3, &serde_json::json!("unsupported")), "{report:#}");
    assert!(result["message"].is_string() && result["reason"].is_string(), "{report:#}");
}

#[test]
fn the_usage_shown_is_the_programs_own() {
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(["check", "--help"])
        .env("CONNPROBE_STATE", "none")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let usage = String::from_utf8(output.stdout).unwrap();
    let shown = blocks(&document("docs/usage.md"), "text")
        .into_iter()
        .find(|block| block.contains("Usage: connprobe check"))
        .expect("a usage block");
    let lines = |text: &str| {
        text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&shown), lines(&usage));
}

#[test]
fn the_explanation_shown_is_the_programs_own() {
    let shown = blocks(&document("docs/usage.md"), "console").into_iter().find_map(|block| {
        let (word, text) = block.strip_prefix("$ connprobe explain ")?.split_once('\n')?;
        Some((word.to_owned(), text.to_owned()))
    });
    let (word, shown) = shown.expect("a block of `explain`");
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(["explain", &word])
        .env("COLUMNS", "80")
        .env("CONNPROBE_STATE", "none")
        .output()
        .unwrap();
    assert_eq!(shown.trim_end(), String::from_utf8(output.stdout).unwrap().trim_end());
}

#[test]
fn the_table_of_types_is_the_registry() {
    let readme = document("README.md");
    for driver in Registry::builtin().drivers() {
        for (name, port) in driver.spec().types {
            let row = readme.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
            let row = row.unwrap_or_else(|| panic!("no row of the table names `{name}`"));
            assert!(row.contains(&port.to_string()), "`{name}`: port {port} is not in {row}");
        }
    }
}

#[test]
fn the_table_of_classes_is_the_codes() {
    let results = document("docs/results.md");
    for class in Class::ALL {
        let row = format!("| `{}` | {} |", class.as_str(), class.meaning());
        assert!(results.contains(&row), "no row {row}");
    }
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    let mut links = 0;
    for (path, text) in documents() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target)) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || target.contains("://") {
                continue;
            }
            let at = path.parent().unwrap_or(Path::new("")).join(file);
            assert!(at.exists(), "{} names {target}", path.display());
            links += 1;
        }
    }
    assert!(links >= 20, "{links} links");
}
