//! Airflow's metadata database, in each generation, and the definitions that must be read from it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use connprobe::model::class::Class;
use connprobe::model::connection::Connection;
use connprobe::model::reason::{Source, Unusable};
use connprobe::model::secret::Secret;
use connprobe::source::{self, Environment, Settings, SourceError};
use serde_json::Value;

use crate::waiting::wait;

/// Each generation changed the table.
pub const GENERATIONS: [&str; 6] = ["1.10", "2.2", "2.9", "3.0", "3.1", "3.2"];

/// Part of every secret; must never be shown.
pub const CANARY: &str = "CANARY";

const TOKEN: &str = "gAAAAABmCANARYCANARYCANARY==";

/// One row and its flags, which may be NULL where the generation allows it.
#[derive(Clone, Copy, Default)]
struct Stored {
    conn_id: Option<&'static str>,
    conn_type: Option<&'static str>,
    description: Option<&'static str>,
    host: Option<&'static str>,
    schema: Option<&'static str>,
    login: Option<&'static str>,
    password: Option<&'static str>,
    port: Option<u16>,
    extra: Option<&'static str>,
    encrypted: Option<(bool, bool)>,
}

/// The rows in the table of `generation`, ordered by id.
fn stored(generation: &str) -> Vec<Stored> {
    let nothing = Stored { conn_id: Some("nothing"), conn_type: Some("spark"), ..Stored::default() };
    let whole = Stored {
        conn_id: Some("warehouse"),
        conn_type: Some("postgres"),
        description: Some("the \"warehouse\"; it's\nlarge \u{2603}"),
        host: Some("db1.example"),
        schema: Some("sales"),
        login: Some("etl"),
        password: Some("pä'ss \\ \"CANARY\" %"),
        port: Some(5432),
        extra: Some(r#"{"sslmode": "require", "note": "a \"b\" \\ c's \n\u2603"}"#),
        encrypted: Some((false, false)),
    };
    let mut rows = vec![
        whole,
        nothing,
        Stored { conn_id: Some("Größe"), host: Some("naïve.example"), login: Some("ünï 𝄞"), ..whole },
        Stored {
            conn_id: Some("sealed"),
            password: Some(TOKEN),
            extra: Some(TOKEN),
            encrypted: Some((true, true)),
            ..whole
        },
        Stored { conn_id: Some("half"), extra: Some(TOKEN), encrypted: Some((false, true)), ..whole },
        Stored {
            conn_id: Some("blank"),
            host: Some(""),
            schema: Some(""),
            login: Some(""),
            extra: Some(""),
            port: None,
            ..whole
        },
    ];
    if generation == "1.10" {
        rows.extend([whole, Stored { conn_type: None, ..nothing }, Stored { conn_id: None, ..whole }]);
    }
    rows
}

/// The published schema of `generation` for `engine`: `postgres`, `mysql` or `sqlite`.
pub fn schema(engine: &str, generation: &str) -> String {
    let file = format!("fixtures/airflow/schemas/{engine}/{generation}.sql");
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The SQL script that creates a database of `generation` and fills it.
pub fn script(engine: &str, generation: &str) -> String {
    let mut script = schema(engine, generation);
    let quote = if engine == "mysql" { '`' } else { '"' };
    let text = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")));
    if engine == "mysql" {
        script.insert_str(0, "SET NAMES utf8mb4; SET sql_mode = 'NO_BACKSLASH_ESCAPES';\n");
    }
    let team = match generation {
        "3.1" => Some(("team_id", "6ba7b8109dad11d180b400c04fd430c8")),
        "3.2" => Some(("team_name", "etl")),
        _ => None,
    };
    match team {
        Some(("team_id", id)) => writeln!(script, "INSERT INTO team VALUES ('{id}', 'etl');").unwrap(),
        Some((_, name)) => writeln!(script, "INSERT INTO team VALUES ('{name}');").unwrap(),
        None => {}
    }
    let strict = ["3.1", "3.2"].contains(&generation);
    for row in stored(generation) {
        let flags = row.encrypted.or(strict.then_some((false, false)));
        let flag = |flag: Option<bool>| flag.map_or("NULL", |flag| if flag { "TRUE" } else { "FALSE" }).to_owned();
        let mut columns = vec![
            ("conn_id", text(row.conn_id)),
            ("conn_type", text(row.conn_type)),
            ("host", text(row.host)),
            ("schema", text(row.schema)),
            ("login", text(row.login)),
            ("password", text(row.password)),
            ("port", row.port.map_or("NULL".to_owned(), |port| port.to_string())),
            ("extra", text(row.extra)),
            ("is_encrypted", flag(flags.map(|flags| flags.0))),
            ("is_extra_encrypted", flag(flags.map(|flags| flags.1))),
        ];
        if generation != "1.10" {
            columns.push(("description", text(row.description)));
        }
        if let Some((column, team)) = team {
            columns.push((column, text(Some(team))));
        }
        let (names, values): (Vec<String>, Vec<String>) =
            columns.into_iter().map(|(name, value)| (format!("{quote}{name}{quote}"), value)).unzip();
        writeln!(script, "INSERT INTO connection ({}) VALUES ({});", names.join(", "), values.join(", ")).unwrap();
    }
    script
}

/// The SQL script that fills a table with `count` rows of usual size.
pub fn many(engine: &str, count: usize) -> String {
    let mut script = schema(engine, "3.2");
    let quote = if engine == "mysql" { '`' } else { '"' };
    let extra = format!(r#"{{"sslmode": "require", "note": "{}"}}"#, "x".repeat(120));
    for first in (0..count).step_by(500) {
        let rows: Vec<String> = (first..count.min(first + 500))
            .map(|n| {
                format!(
                    "('c{n}', 'postgres', 'db{n}.example', 'sales', 'etl', 'secret{n}', 5432, '{extra}', FALSE, FALSE)"
                )
            })
            .collect();
        writeln!(
            script,
            "INSERT INTO connection (conn_id, conn_type, host, {quote}schema{quote}, login, password, port, extra, \
             is_encrypted, is_extra_encrypted) VALUES {};",
            rows.join(", ")
        )
        .unwrap();
    }
    script
}

/// The connections in the database that `url` names, read within `limit`.
pub fn load(url: &str, limit: Duration) -> Result<Vec<Connection>, SourceError> {
    let environment = Environment::of([("METADATA".into(), url.into())]);
    let settings = Settings { limit, environment, ..Settings::default() };
    wait(source::load(&"url-env:METADATA".parse().unwrap(), &settings.into())).map(|loaded| loaded.connections)
}

/// Compares the definitions that were read with the table of `generation`.
pub fn expect(connections: &[Connection], generation: &str) {
    let stored = stored(generation);
    assert_eq!(connections.len(), stored.len(), "{generation}");
    assert!(!format!("{connections:?}").contains(CANARY), "{generation}");
    for (connection, stored) in connections.iter().zip(stored) {
        let at = format!("{generation}: {:?}", stored.conn_id);
        let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        assert_eq!(connection.conn_id.as_deref(), stored.conn_id, "{at}");
        assert_eq!(connection.conn_type.as_deref(), stored.conn_type, "{at}");
        assert_eq!(connection.host, filled(stored.host), "{at}");
        assert_eq!(connection.schema, filled(stored.schema), "{at}");
        assert_eq!(connection.login, filled(stored.login), "{at}");
        assert_eq!(connection.port, stored.port, "{at}");
        let description = if generation == "1.10" { None } else { stored.description };
        assert_eq!(connection.description.as_deref(), description, "{at}");
        let (password, extra) = stored.encrypted.unwrap_or_default();
        if !password {
            assert_eq!(connection.password().map(Secret::expose), stored.password, "{at}");
        }
        if password || extra {
            assert!(
                connection.problems.iter().any(|problem| problem.class == Class::Secret),
                "{at}: {:?}",
                connection.problems
            );
        } else if stored.conn_type.is_some() && stored.conn_id.is_some() && stored.extra != Some("") {
            assert_eq!(connection.problems, [], "{at}");
        }
        if let (false, Some(text)) = (extra, stored.extra.filter(|text| !text.is_empty())) {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(Some(connection.extra.object()), expected.as_object(), "{at}");
        }
    }
}

/// Why a source is unusable.
pub fn unusable(error: &SourceError) -> &Unusable {
    match error {
        SourceError::Own(Source::Unusable { why, .. }) => why,
        _ => panic!("{error:?}"),
    }
}

/// The error of a source that cannot be read. Asserts that it has a hint and shows no secret.
pub fn complaint(url: &str, limit: Duration) -> SourceError {
    let error = load(url, limit).map(|connections| connections.len()).expect_err(url);
    let hint = error.hint().unwrap_or_default();
    assert!(!hint.is_empty(), "{error}");
    assert!(!format!("{error} {error:?} {hint}").contains(CANARY), "{error:?}");
    error
}
