//! A canary is in every secret place of many definitions, and servers echo it back. It must not appear in any output,
//! whatever the format and the outcome.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::hostile::echo::{mysql, postgres, postgres_with, s3};
use crate::hostile::peers::{peer, silent};
use crate::hostile::run::{formats, printed, stdout};
use crate::process;

const CANARY: &str = "cAnArY-7f/+9 z%";

/// The forms in which servers may echo the canary.
fn echoes() -> Vec<String> {
    vec![
        CANARY.to_owned(),
        CANARY.to_uppercase(),
        CANARY.chars().rev().collect(),
        STANDARD.encode(CANARY),
        STANDARD.encode(format!("login:{CANARY}")),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        CANARY.replace('%', "%25").replace(' ', "%20").replace('/', "%2F").replace('+', "%2B"),
        format!("{}{CANARY}", "x".repeat(505)),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("\\x{byte:02x}")),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("\\{byte:03o}")),
        CANARY.chars().fold(String::new(), |text, letter| text + &format!("\\u{:04x}", u32::from(letter))),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("={byte:02X}")),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("%25{byte:02X}")),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("{byte}, ")),
        CANARY.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}00")),
        STANDARD.encode(CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
        STANDARD.encode(STANDARD.encode(CANARY)),
        CANARY.chars().fold(String::new(), |text, letter| text + &format!("{letter}\u{200b}")),
        CANARY.chars().fold(String::new(), |text, letter| text + &format!("{letter}\u{fe0f}")),
        CANARY.replace('A', "А").replace('c', "с").replace('n', "ո"),
        CANARY
            .chars()
            .map(|letter| char::from_u32(u32::from(letter) + 0xfee0).filter(|_| letter > ' ').unwrap_or(letter))
            .collect(),
    ]
}

fn definitions() -> Value {
    let mut all = serde_json::Map::new();
    for (n, echo) in echoes().into_iter().enumerate() {
        let login = format!("login{n}");
        let definition = |conn_type: &str, port: u16| json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": login, "password": CANARY});
        all.insert(format!("pg{n}"), definition("postgres", postgres(&format!("wrong: {echo}"))));
        all.insert(format!("my{n}"), definition("mysql", mysql(format!("wrong: {echo}"))));
        let mut keys = definition("s3", s3(&format!("wrong: {echo}")));
        keys["extra"] = json!({"endpoint_url": format!("http://127.0.0.1:{}", keys["port"]), "bucket_name": "lake", "aws_session_token": CANARY});
        all.insert(format!("s3{n}"), keys);
    }
    for (name, definition) in [
        ("uri port", json!(format!("postgres://u:{CANARY}@h:x/db"))),
        ("uri type", json!(format!("nothing://u:{CANARY}@h/db"))),
        ("uri", json!(CANARY)),
        ("bad port", json!({"conn_type": "mysql", "host": "h", "password": CANARY, "port": CANARY})),
        ("bad extra", json!({"conn_type": "mysql", "host": "h", "extra": CANARY})),
        (
            "unknown extra",
            json!({"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "u", "extra": {"odd": CANARY}}),
        ),
        (
            "odd value",
            json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "extra": {"sslmode": CANARY}}),
        ),
        (
            "inline key",
            json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "u", "extra": {"sslmode": "require", "sslcert": "x", "sslkey": format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----")}}),
        ),
        ("refused", json!({"conn_type": "mongo", "host": "127.0.0.1", "port": 1, "login": "u", "password": CANARY})),
        (
            "silent",
            json!({"conn_type": "mssql", "host": "127.0.0.1", "port": silent(), "login": "u", "password": CANARY}),
        ),
        ("half a pair", json!({"conn_type": "aws", "extra": {"aws_secret_access_key": CANARY}})),
    ] {
        all.insert(name.to_owned(), definition);
    }
    Value::Object(all)
}

/// Half of the canary, in any form, counts as a leak too.
fn leaks(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    echoes().iter().map(|echo| echo.trim_start_matches('x').to_lowercase()).find(|echo| {
        let half: String = echo.chars().take(echo.chars().count() / 2).collect();
        lower.contains(&half)
    })
}

#[test]
fn no_output_holds_a_secret_that_a_server_echoes_or_a_definition_misplaces() {
    let input = definitions().to_string();
    for command in
        [&["check", "-", "--timeout", "1s", "--per-host", "64"][..], &["check", "-", "--dry-run"], &["list", "-"]]
    {
        for format in formats(command[0]) {
            let output = printed(&[command, &["--format", format]].concat(), &input);
            assert_eq!(leaks(&output), None, "{format} {command:?}\n{output}");
        }
    }
}

/// A password in a field that reports show.
const MISPLACED: &str = "Sup3rS3cret";

/// Definitions with the password in such fields, by name, and whether each is usable all the same.
fn misplaced() -> Value {
    let mut all = serde_json::Map::new();
    let mut add = |definition: Value| {
        let name = format!("m{}", all.len());
        all.insert(name, definition);
    };
    for host in [
        "Server=tcp:127.0.0.1,1433;Initial Catalog=master;Password=Sup3rS3cret;",
        "127.0.0.1,1433;Password=Sup3rS3cret",
        "jdbc:postgresql://127.0.0.1:5432/app?user=etl&password=Sup3rS3cret",
        "host=127.0.0.1 password=Sup3rS3cret dbname=app",
        "db.example?password=Sup3rS3cret",
        "db.example?passwd=Sup3rS3cret",
        "db.example?pwd=Sup3rS3cret",
        "postgres://etl:Sup3rS3cret@127.0.0.1/app",
        "sa:Sup3rS3cret",
        "x/c?sv=1&sig=Sup3rS3cret",
        "AccountName=x;AccountKey=Sup3rS3cret",
        "db.example?token=Sup3rS3cret",
    ] {
        for conn_type in ["postgres", "mysql", "mssql", "mongo", "redis", "s3", "nothing"] {
            add(json!({"conn_type": conn_type, "host": host, "login": "etl", "password": "another"}));
        }
    }
    for conn_type in ["postgres", "mysql", "mssql", "mongo", "redis"] {
        add(
            json!({"conn_type": conn_type, "host": "127.0.0.1", "port": 1, "login": "etl", "schema": "app?password=Sup3rS3cret"}),
        );
        add(json!({"conn_type": conn_type, "host": "127.0.0.1", "port": 1, "login": "etl:Sup3rS3cret"}));
        add(
            json!({"conn_type": conn_type, "host": "127.0.0.1", "port": 1, "login": "etl", "extra": {"password=Sup3rS3cret": 1}}),
        );
        add(
            json!({"conn_type": conn_type, "host": "127.0.0.1", "port": 1, "login": "etl", "description": "password=Sup3rS3cret"}),
        );
    }
    let refusing = postgres("no such login: etl:Sup3rS3cret");
    add(
        json!({"conn_type": "postgres", "host": "127.0.0.1", "port": refusing, "login": "etl:Sup3rS3cret", "password": "another"}),
    );
    for key in ["user", "dbname"] {
        add(
            json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "etl", "extra": {key: "postgres://etl:Sup3rS3cret@h/x"}}),
        );
    }
    add(
        json!({"conn_type": "aws", "login": "AKIAXXXXXXXXXXXXXXXX", "password": "x", "extra": {"region_name": "eu?secret=Sup3rS3cret"}}),
    );
    // A definition's own secret in a field for something else.
    for (extra, key) in [
        (json!({"region_name": "Sup3rS3cret!"}), "Sup3rS3cret"),
        (json!({"config_kwargs": {"region_name": "Sup3rS3cret!"}}), "Sup3rS3cret"),
        (json!({"region_name": "Sup3rS3cret!", "aws_session_token": "Sup3rS3cret"}), "another-one"),
        (json!({"role_arn": "Sup3rS3cret", "region_name": "us-east-1"}), "Sup3rS3cret"),
        (json!({"endpoint_url": "http://Sup3rS3cret.example:1", "region_name": "us-east-1"}), "Sup3rS3cret"),
        (json!({"pw-Sup3rS3cret": 1, "endpoint_url": "http://127.0.0.1:1"}), "Sup3rS3cret"),
    ] {
        add(json!({"conn_type": "aws", "login": "AKIAXXXXXXXXXXXXXXXX", "password": key, "extra": extra}));
    }
    for extra in [
        json!({"hostaddr": "Sup3rS3cret"}),
        json!({"client_encoding": "Sup3rS3cret"}),
        json!({"pw-Sup3rS3cret": "1"}),
        json!({"a-key-that-is-so-long-that-it-is-cut-off-in-the-middle-of-Sup3rS3cret": "1"}),
    ] {
        add(
            json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "etl", "password": "Sup3rS3cret", "extra": extra}),
        );
    }
    add(json!({"conn_type": "postgres://etl:Sup3rS3cret@127.0.0.1/app"}));
    all.insert("postgres://etl:Sup3rS3cret@127.0.0.1/app".to_owned(), json!({"conn_type": "postgres"}));
    all.insert("warehouse?password=Sup3rS3cret".to_owned(), json!({"conn_type": "postgres"}));
    Value::Object(all)
}

#[test]
fn a_password_in_a_field_that_is_shown_is_shown_nowhere() {
    let input = misplaced().to_string();
    for command in [&["check", "-", "--timeout", "1s"][..], &["check", "-", "--dry-run"], &["list", "-"]] {
        for format in formats(command[0]) {
            let output = printed(&[command, &["--format", format]].concat(), &input);
            assert!(!output.contains(MISPLACED), "{format} {command:?}\n{output}");
        }
    }
    for format in ["json", "yaml", "env"] {
        let output = printed(&["export", "-", "--format", format], &input);
        assert!(!output.contains(MISPLACED), "export {format}\n{output}");
    }
}

#[test]
fn a_connection_string_in_a_field_is_told_as_what_it_is() {
    let report: Value =
        serde_json::from_str(&stdout(&["check", "-", "--dry-run", "--format", "json"], &misplaced().to_string()))
            .unwrap();
    let results = report["results"].as_array().unwrap();
    let named = |name: &str| results.iter().find(|result| result["conn_id"] == name).unwrap();
    for (name, reason, field) in [
        ("m0", "connection_string", "host"),
        ("m7", "secret_misplaced", "host"),
        ("m14", "connection_string", "host"),
        ("m21", "connection_string", "host"),
        ("m28", "secret_misplaced", "host"),
        ("m56", "secret_misplaced", "host"),
        ("m84", "secret_misplaced", "schema"),
        ("m85", "secret_misplaced", "login"),
    ] {
        let result = named(name);
        assert_eq!(result["class"], "definition", "{result}");
        assert_eq!((&result["reason"], &result["fields"]), (&json!(reason), &json!([field])), "{result}");
    }
}

#[test]
fn a_refusal_that_names_the_password_of_another_login_is_not_shown() {
    let port = postgres(&format!("wrong: {CANARY}"));
    let report: Value = serde_json::from_str(&stdout(
        &["check", "-", "--format", "json"],
        &json!({
            "alice": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "alice", "password": CANARY},
            "bob": {"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": "bob", "password": "something else"},
        })
        .to_string(),
    ))
    .unwrap();
    let bob = report["results"].as_array().unwrap().iter().find(|result| result["conn_id"] == "bob").unwrap();
    assert_eq!((&bob["code"], &bob["detail"]), (&json!("28P01"), &Value::Null), "{bob}");
}

#[test]
fn the_secrets_of_what_cannot_be_read_are_looked_for_too() {
    let port = postgres(&format!("alice has {CANARY}"));
    let bob = |name: &str| json!({"conn_id": name, "conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": "bob", "password": "something else"});
    let mut cut_off = bob("alice");
    cut_off["extra"] = json!(format!("{{\"password\": \"{CANARY}\""));
    for alice in [
        json!({"conn_id": "alice", "uri": format!("postgres://alice:{CANARY}@127.0.0.1:1/d")}),
        json!({"conn_id": "alice", "uri": format!("postgres://alice:{CANARY}@127.0.0.1:99999/d")}),
        json!({"conn_id": "alice", "uri": format!("postgres//alice:{CANARY}@127.0.0.1:1/d")}),
        json!({"conn_id": "alice", "uri": "postgres://alice@127.0.0.1:1/d", "password": CANARY}),
        json!({"conn_id": "alice", "conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "a", "password": CANARY, "pw": "another"}),
        json!({"conn_id": format!("password={CANARY}"), "conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "a"}),
        cut_off,
    ] {
        let input = json!([alice, bob("bob")]).to_string();
        let output = stdout(&["check", "-", "--format", "json"], &input);
        assert!(output.contains("28P01") && !output.contains(CANARY), "{alice}: {output}");
    }
}

/// Texts that people paste into a field that reports show.
const PASTED: [&str; 26] = [
    "password: Sup3rS3cret",
    r#"{"password":"Sup3rS3cret"}"#,
    r#"{"login": "etl", "password": "Sup3rS3cret"}"#,
    "Bearer Sup3rS3cret",
    "mysql -u etl -pSup3rS3cret -h db",
    "psql -h db --password Sup3rS3cret",
    "curl -u etl:Sup3rS3cret https://db",
    "db password: Sup3rS3cret",
    r#"{\"password\": \"Sup3rS3cret\"}"#,
    r#"{"db":{"password":{"value":"Sup3rS3cret"}}}"#,
    r#"{"passwords":["Sup3rS3cret"]}"#,
    r#"{"name":"password","value":"Sup3rS3cret"}"#,
    r#""password"="Sup3rS3cret""#,
    "'password' => 'Sup3rS3cret'",
    "password:\n  Sup3rS3cret",
    "- name: DB_PASSWORD\n  value: Sup3rS3cret",
    "<password>Sup3rS3cret</password>",
    "db.example:5432:app:etl:Sup3rS3cret",
    "machine db login etl password Sup3rS3cret",
    "-----BEGIN PRIVATE KEY-----\nSup3rS3cret\n-----END PRIVATE KEY-----",
    "sshpass -p Sup3rS3cret ssh db",
    "ALTER ROLE etl PASSWORD 'Sup3rS3cret'",
    "set PGPASSWORD Sup3rS3cret",
    "password：Sup3rS3cret",
    "client_secret:Sup3rS3cret",
    "postgres%3A%2F%2Fetl%3ASup3rS3cret%40db",
];

#[test]
fn what_is_pasted_into_a_plain_field_is_shown_nowhere() {
    let mut all = serde_json::Map::new();
    for (number, text) in PASTED.into_iter().enumerate() {
        let definition = || json!({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "etl", "password": "x1y2", "schema": "app"});
        for field in ["host", "login", "schema", "description"] {
            let mut definition = definition();
            definition[field] = json!(text);
            all.insert(format!("{field}{number}"), definition);
        }
        let mut keyed = definition();
        keyed["extra"] = json!({text: 1});
        all.insert(format!("extra{number}"), keyed);
        all.insert(text.to_owned(), definition());
    }
    let input = Value::Object(all).to_string();
    for command in [&["check", "-", "--timeout", "1s"][..], &["check", "-", "--dry-run"], &["list", "-"]] {
        for format in formats(command[0]) {
            let output = printed(&[command, &["--format", format]].concat(), &input);
            assert!(!output.contains(MISPLACED), "{command:?} {format}\n{output}");
        }
    }
    for format in ["json", "yaml", "env", "env-json"] {
        let output = printed(&["export", "-", "--format", format], &input);
        assert!(!output.contains(MISPLACED), "export {format}\n{output}");
    }
}

/// A server that lends keys as STS does. It answers requests that use these keys with an error that has `secret` in
/// every place.
fn lending(secret: &'static str) -> u16 {
    peer(move |mut stream| {
        let mut request = vec![0; 16 << 10];
        let length = stream.read(&mut request).unwrap_or_default();
        let asks = String::from_utf8_lossy(&request[..length]).contains("AssumeRole");
        let (status, body) = if asks {
            let keys = format!(
                "<AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>",
                LENT[0], LENT[1], LENT[2]
            );
            (
                "200 OK",
                format!(
                    "<AssumeRoleResponse><AssumeRoleResult><Credentials>{keys}<Expiration>2041-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
                ),
            )
        } else {
            (
                "403 Forbidden",
                format!(
                    "<Error><Code>{secret}</Code><Message>it was {secret}</Message><Region>{secret}</Region></Error>"
                ),
            )
        };
        let headers = format!("Server: {secret}\r\nx-amz-bucket-region: {secret}\r\nContent-Type: text/xml\r\n");
        drop(write!(
            stream,
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ));
    })
}

const LENT: [&str; 3] = ["ASIATEMPORARY0000001", "TempSecretKey9Zz3Qw7Lp", "SessTokenXYZ987654321qwertyASDFGH"];

#[test]
fn keys_that_a_server_lends_are_secrets_of_the_run() {
    for secret in LENT {
        let port = lending(secret);
        let input = json!({"a": {"conn_type": "aws", "schema": "lake", "login": "AKIAIOSFODNN7EXAMPLE", "password": "x1y2x1y2x1y2", "extra": {
            "endpoint_url": format!("http://127.0.0.1:{port}"), "region_name": "us-east-1",
            "role_arn": "arn:aws:iam::123456789012:role/reader"}}})
        .to_string();
        for format in ["table", "json", "ndjson"] {
            let output = printed(&["check", "-", "--format", format], &input);
            assert!(output.contains("127.0.0.1") && !output.contains(secret), "{format} {output}");
        }
    }
}

#[test]
fn what_was_sent_to_a_source_is_a_secret_of_the_run() {
    let port = postgres(&format!("wrong: {CANARY}"));
    let encoded = "cAnArY-7f%2F%2B9%20z%25";
    let input = json!({"bob": {"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": "bob", "password": "something else"}}).to_string();
    for arguments in [&["check", "-", "url-env:DB"][..], &["check", "-", "store:", "--store", "url-env:DB"]] {
        let mut command = process::connprobe(&[arguments, &["--format", "json"]].concat());
        command.env("DB", format!("postgresql://meta:{encoded}@127.0.0.1:{port}/airflow?sslmode=disable"));
        let output = process::over(&mut command, &input);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("28P01"), "{said}");
        assert_eq!(leaks(&said), None, "{arguments:?}\n{said}");
    }
}

#[test]
fn a_code_of_a_source_shows_no_secret() {
    let port = postgres_with("Hx7q9", "Mno\0".to_owned());
    for arguments in
        [&["check", "url-env:DB"][..], &["check", "--store", "url-env:DB"], &["check", "url-env:DB", "--no-detail"]]
    {
        for password in ["Hx7q9", "something-else"] {
            let mut command = process::connprobe(&[arguments, &["--format", "json"]].concat());
            command.env("DB", format!("postgresql://meta:{password}@127.0.0.1:{port}/airflow?sslmode=prefer"));
            let output = process::over(&mut command, "");
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            let is_shown = password != "Hx7q9" && arguments.last() != Some(&"--no-detail");
            assert_eq!(said.contains("Hx7q9"), is_shown, "{arguments:?} {said}");
        }
    }
}

#[test]
fn a_server_s_text_can_be_left_out() {
    let port = postgres("the pool is closed today");
    let input = json!({"bob": {"conn_type": "postgres", "host": "127.0.0.1", "port": port, "login": "bob", "password": "x1y2"}}).to_string();
    for (arguments, told) in [(&["check", "-"][..], true), (&["check", "-", "--no-detail"], false)] {
        let output = printed(arguments, &input);
        assert_eq!(output.contains("closed today"), told, "{output}");
        assert!(output.contains("28P01"), "{output}");
    }
}

#[test]
fn no_syntax_error_echoes_what_it_stands_in() {
    let whole = definitions().to_string();
    let step = whole.len() / 97;
    for end in (1..whole.len()).step_by(step.max(1)) {
        let Some(cut) = whole.get(..end) else { continue };
        assert_eq!(leaks(&printed(&["check", "-", "--dry-run"], cut)), None, "cut at {end}");
    }
}

#[test]
fn the_detector_finds_what_it_looks_for() {
    for echo in echoes() {
        assert!(leaks(&format!("detail: {echo}!")).is_some(), "{echo}");
    }
    assert_eq!(leaks("password authentication failed"), None);
}

/// If a field holds the password of another definition, every command hides it as `check` does.
#[test]
fn what_one_command_hides_no_other_shows() {
    let input = json!({
        "a": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "etl_Sup3rS3cret", "password": MISPLACED},
        "b": {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "etl", "password": MISPLACED, "description": "use Sup3rS3cret"},
        "c": {"conn_type": "postgres", "host": "sa:Sup3rS3cret", "login": "etl", "description": "use Sup3rS3cret", "schema": "x/Sup3rS3cret"},
        "d Sup3rS3cret": {"conn_type": "mysql", "host": "127.0.0.1", "port": 1, "login": "etl", "password": MISPLACED},
        "e": {"conn_type": "mysql", "host": "db-Sup3rS3cret.invalid", "login": "etl", "password": MISPLACED},
        "f": {"conn_type": "nothing", "host": "x", "login": "etl Sup3rS3cret", "extra": {"token": MISPLACED}},
    })
    .to_string();
    for command in [&["check", "-", "--timeout", "1s"][..], &["check", "-", "--dry-run"], &["list", "-"]] {
        for format in formats(command[0]) {
            let output = printed(&[command, &["--format", format]].concat(), &input);
            assert!(!output.contains(MISPLACED), "{format} {command:?}\n{output}");
        }
    }
    for format in ["json", "yaml", "env", "env-json"] {
        let output = printed(&["export", "-", "--format", format], &input);
        assert!(!output.contains(MISPLACED), "export {format}\n{output}");
    }
}
