//! An S3 endpoint is asked once a day for its answer to made-up keys, across all runs.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::home::Home;

/// A scripted S3 server that lists its buckets to every client and counts the requests.
fn open_to_anybody() -> (u16, Arc<AtomicUsize>) {
    const BODY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>x</ID></Owner><Buckets></Buckets></ListAllMyBucketsResult>"#;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut heard = Vec::new();
            while !heard.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                match stream.read(&mut byte) {
                    Ok(1) => heard.push(byte[0]),
                    _ => break,
                }
            }
            if heard.is_empty() {
                continue;
            }
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{BODY}",
                BODY.len()
            );
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    (port, requests)
}

#[test]
fn an_endpoint_is_asked_with_made_up_keys_once_a_day() {
    let (port, requests) = open_to_anybody();
    let home = Home::bare();
    let of = |login: &str| {
        json!({"conn_type": "aws", "login": login, "password": "CANARYkeyCANARYkeyCANARYkey",
               "extra": {"endpoint_url": format!("http://127.0.0.1:{port}"), "region_name": "eu-central-1"}})
    };
    home.file("all.json", json!({"a": of("AKIAABCDEFGHIJKLMNOP"), "b": of("AKIAABCDEFGHIJKLMNOQ")}));
    let check = |arguments: &[&str]| {
        let report = home.json(&[&["check", "all.json", "--format", "json"], arguments].concat(), 0);
        for result in report["results"].as_array().unwrap() {
            let warned: Vec<&Value> = result["warnings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
            assert_eq!((&result["status"], warned), (&json!("ok"), vec![&json!("keys_not_checked")]), "{result:#}");
        }
        requests.swap(0, Ordering::SeqCst)
    };
    assert_eq!(check(&[]), 3);
    for _ in 0..2 {
        assert_eq!(check(&[]), 2, "it was asked before");
    }
    // Without a ledger, each run asks.
    assert_eq!(check(&["--state", "none"]), 3);
}
