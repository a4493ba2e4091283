//! S3 keys that Garage refuses with `AccessDenied` (scripted, in the words of Garage 2.5.0) are counted as refusals,
//! across the definitions of an account and across runs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::home::Home;

/// Source: Garage 2.5 `src/api/common/common_error.rs` and `src/api/common/signature/mod.rs`.
const REFUSAL: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code>\
    <Message>Forbidden: Invalid signature</Message><Resource>/</Resource><Region>garage</Region></Error>";

/// A server that refuses every signature. Returns its port and the number of requests.
fn garage() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counted = Arc::clone(&counted);
            thread::spawn(move || refuse(&stream, &counted));
        }
    });
    (port, heard)
}

fn refuse(mut stream: &TcpStream, counted: &AtomicUsize) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while lines.next().is_some() {
        let signed =
            lines.by_ref().take_while(|line| !line.is_empty()).filter(|line| line.contains("AWS4-HMAC-SHA256"));
        counted.fetch_add(signed.count(), Ordering::SeqCst);
        let answer = format!(
            "HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\ncontent-length: {}\r\n\r\n{REFUSAL}",
            REFUSAL.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Four definitions of one account, each with a different wrong secret.
fn definitions(port: u16, extra: &Value) -> Value {
    let definition = |number: usize| {
        let mut extra = extra.clone();
        extra["endpoint_url"] = json!(format!("http://127.0.0.1:{port}"));
        extra["region_name"] = json!("garage");
        json!({"conn_type": "s3", "login": "GK31c2f218a2e44f485b94239e", "password": format!("CANARY-{number}"), "extra": extra})
    };
    (0..4).map(|number| (format!("c{number}"), definition(number))).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn two_wrong_secrets_at_garage_withhold_the_rest_of_the_account() {
    for extra in [json!({}), json!({"bucket_name": "landing"})] {
        let home = Home::bare();
        let (port, heard) = garage();
        home.file("all.json", definitions(port, &extra));
        let classes = |status| -> Vec<String> {
            let report = home.json(&["check", "all.json", "--format", "json", "--retries", "3"], status);
            let results = report["results"].as_array().unwrap();
            let mut classes: Vec<String> =
                results.iter().map(|result| result["class"].as_str().unwrap().to_owned()).collect();
            classes.sort_unstable();
            classes
        };
        assert_eq!(classes(1), ["auth", "auth", "withheld", "withheld"], "{extra}");
        assert_eq!(heard.load(Ordering::SeqCst), 2, "{extra}: requests that Garage saw");
        // The ledger keeps the refusals for the next run.
        let again = classes(1);
        assert_eq!(again.iter().filter(|class| *class == "withheld").count(), 2, "{again:?}");
        assert_eq!(heard.load(Ordering::SeqCst), 2, "{extra}: requests that Garage saw in two runs");
    }
}
