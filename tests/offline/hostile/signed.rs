//! S3 servers that echo the signed request.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::hostile::peers::peer;
use crate::hostile::run::stdout;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

/// A server that refuses with a text which `said` derives from the head of the request.
fn echoing(said: fn(&str) -> String) -> u16 {
    peer(move |mut stream| {
        let mut buffer = [0; 8192];
        let length = stream.read(&mut buffer).unwrap_or_default();
        let text = said(&String::from_utf8_lossy(&buffer[..length])).replace('&', "&amp;").replace('<', "&lt;");
        let body = format!("<Error><Code>SignatureDoesNotMatch</Code><Message>{text}</Message></Error>");
        let head = format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        drop(stream.write_all((head + &body).as_bytes()));
    })
}

fn authorization(head: &str) -> &str {
    let line = head.lines().find(|line| line.to_lowercase().starts_with("authorization:"));
    line.and_then(|line| line.split_once(": ")).map_or("", |(_, value)| value)
}

fn signature(head: &str) -> &str {
    authorization(head).split_once("Signature=").map_or("", |(_, signature)| signature)
}

/// A function from the head of a request to the server's text.
type Answer = fn(&str) -> String;

#[test]
fn a_signed_request_that_is_said_back_is_not_shown() {
    let said: [(Answer, Option<&str>); 5] = [
        (|head| head.to_owned(), None),
        (|head| format!("the header was {}", authorization(head)), None),
        (|head| format!("{} does not match", signature(head)), None),
        (|head| format!("SIGNATURE {}", signature(head).to_uppercase()), None),
        (|_| format!("no such key: {KEY}"), Some("no such key: AKIA…MPLE")),
    ];
    for (said, shown) in said {
        let port = echoing(said);
        let extra = json!({"endpoint_url": format!("http://127.0.0.1:{port}"), "bucket_name": "lake"});
        let definition = json!({"conn_type": "aws", "login": KEY, "password": "wJalrXUtnFEMI/K7MDENG", "extra": extra});
        let output = stdout(&["check", "-", "--format", "json"], &json!({"s3": definition}).to_string());
        let report: Value = serde_json::from_str(&output).unwrap();
        let result = &report["results"][0];
        assert_eq!((&result["class"], &result["detail"]), (&json!("auth"), &json!(shown)), "{result:#}");
        assert!(!output.contains(KEY), "{output}");
    }
}
