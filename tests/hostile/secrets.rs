//! A canary stands in every secret place of many definitions, and servers echo it back: it must
//! appear in no output, in whatever format and with whatever outcome.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::peers::{hold, peer, read_some, silent};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const CANARY: &str = "cAnArY-7f/+9 z%";

/// The canary as servers may echo it.
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
    ]
}

/// A PostgreSQL server that has no TLS and refuses every login with `text`.
fn postgres(text: String) -> u16 {
    peer(move |mut stream| {
        read_some(&mut stream);
        drop(stream.write_all(b"N"));
        read_some(&mut stream);
        let fields = format!("SFATAL\0VFATAL\0C28P01\0M{text}\0Rauth_failed\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        drop(stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()));
    })
}

/// A MySQL server that refuses every host with `text`.
fn mysql(text: String) -> u16 {
    peer(move |mut stream| {
        let body = [b"\xff\x6a\x04", text.as_bytes()].concat();
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        drop(stream.write_all(&[&length[..3], &[0], &body].concat()));
        hold(stream);
    })
}

/// An S3 server that refuses every request with `text`.
fn s3(text: String) -> u16 {
    peer(move |mut stream| {
        read_some(&mut stream);
        let body = format!("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>{text}</Message></Error>");
        drop(write!(
            stream,
            "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ));
    })
}

fn definitions() -> Value {
    let mut all = serde_json::Map::new();
    for (n, echo) in echoes().into_iter().enumerate() {
        let login = format!("login{n}");
        let definition = |conn_type: &str, port: u16| json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": login, "password": CANARY});
        all.insert(format!("pg{n}"), definition("postgres", postgres(format!("wrong: {echo}"))));
        all.insert(format!("my{n}"), definition("mysql", mysql(format!("wrong: {echo}"))));
        let mut keys = definition("s3", s3(format!("wrong: {echo}")));
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

/// Everything that a run over `input` prints.
fn printed(arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(arguments)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// Half of the canary in any form is a leak too.
fn leaks(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    echoes().iter().map(|echo| echo.trim_start_matches('x').to_lowercase()).find(|echo| {
        let half = &echo[..echo.len() / 2];
        lower.contains(half)
    })
}

#[test]
fn no_output_holds_a_secret_that_a_server_echoes_or_a_definition_misplaces() {
    let input = definitions().to_string();
    for format in ["table", "json", "ndjson"] {
        for extra in [&["check", "-", "--timeout", "1s", "--per-host", "64"][..], &["check", "-", "--dry-run"]] {
            let output = printed(&[extra, &["--format", format]].concat(), &input);
            assert_eq!(leaks(&output), None, "{format} {extra:?}\n{output}");
        }
        let output = printed(&["list", "-", "--format", format], &input);
        assert_eq!(leaks(&output), None, "list {format}\n{output}");
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
