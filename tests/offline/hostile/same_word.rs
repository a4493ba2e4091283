//! Password, login, host and database are the same word. The report stays readable and reveals nothing that the
//! definition does not show anyway.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use serde_json::{Value, json};

use crate::hostile::echo::{mysql, s3_of};
use crate::hostile::peers::{peer, read_some};
use crate::process;

const WORD: &str = "postgres";

/// Refuses the login, with the word in every place of the answer that may have text.
fn refusing(mut stream: TcpStream) {
    read_some(&mut stream);
    drop(stream.write_all(b"N"));
    read_some(&mut stream);
    let fields = format!("SFATAL\0VFATAL\0C28P01\0Mpassword {WORD} of {WORD} is not {WORD}\0Rauth_failed\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    drop(stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat()));
}

/// A DNS server that resolves every name to this machine.
fn names() -> SocketAddr {
    use hickory_resolver::proto::op::{Message, MessageType};
    use hickory_resolver::proto::rr::rdata::A;
    use hickory_resolver::proto::rr::{RData, Record, RecordType};

    let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, asker)) = socket.recv_from(&mut buffer) {
            let request = Message::from_vec(&buffer[..length]).unwrap();
            let query = request.queries[0].clone();
            let mut response = Message::new(request.metadata.id, MessageType::Response, request.metadata.op_code);
            if query.query_type() == RecordType::A {
                response.add_answer(Record::from_rdata(query.name().clone(), 60, RData::A(A(Ipv4Addr::LOCALHOST))));
            }
            response.add_query(query);
            drop(socket.send_to(&response.to_vec().unwrap(), asker));
        }
    });
    address
}

fn run(name: &str, definition: &Value, format: &str) -> String {
    let dns = format!("--dns-server={}", names());
    let mut command = process::connprobe(&["check", "-", "--format", format, &dns]);
    let output = process::over(&mut command, &json!({name: definition}).to_string());
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn a_report_stays_readable_where_the_password_is_the_word_for_everything() {
    let refused = peer(refusing);
    let definition = json!({
        "conn_type": WORD, "host": WORD, "port": refused, "login": WORD, "password": WORD, "schema": WORD,
    });
    let report: Value = serde_json::from_str(&run(WORD, &definition, "json")).unwrap();
    let result = &report["results"][0];
    for (field, expected) in [
        ("conn_id", WORD),
        ("conn_type", WORD),
        ("host", WORD),
        ("login", WORD),
        ("database", WORD),
        ("class", "auth"),
        ("code", "28P01"),
        ("message", "login refused for user `postgres`"),
    ] {
        assert_eq!(result[field], expected, "{field} of {result:#}");
    }
    assert_eq!(result["target"], format!("{WORD}:{refused}/{WORD}"));
    // A secret that equals a displayed field is not hidden: hiding it would reveal that it is the secret.
    assert_eq!(result["detail"], "password postgres of postgres is not postgres", "{result:#}");

    for format in ["table", "json", "ndjson"] {
        let text = run(WORD, &definition, format);
        assert!(text.contains(WORD) && !text.contains("[secret]"), "{format}: {text}");
        assert!(!text.contains("[withheld]"), "{format}: {text}");
    }
}

#[test]
fn a_text_with_a_password_that_is_shown_nowhere_is_dropped() {
    let refused = peer(refusing);
    let definition = json!({
        "conn_type": WORD, "host": "127.0.0.1", "port": refused, "login": "etl", "password": WORD,
    });
    let report: Value = serde_json::from_str(&run("warehouse", &definition, "json")).unwrap();
    assert_eq!(report["results"][0]["detail"], Value::Null, "{report:#}");
    assert_eq!(report["results"][0]["code"], "28P01", "{report:#}");
}

/// With well-known default keys, and with a secret of one letter, the server's text stays readable.
#[test]
fn a_short_or_equal_secret_hides_no_more_than_itself() {
    for (login, password) in [("minioadmin", "minioadmin"), ("minioadmin", "x"), ("etl", "abc")] {
        let port = s3_of(
            "Server: MinIO\r\n",
            "<Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message>"
                .to_owned(),
        );
        let definition = json!({
            "conn_type": "minio", "host": format!("http://127.0.0.1:{port}"), "login": login, "password": password,
        });
        let report: Value = serde_json::from_str(&run("store", &definition, "json")).unwrap();
        let result = &report["results"][0];
        assert_eq!(
            (&result["class"], &result["code"]),
            (&json!("auth"), &json!("SignatureDoesNotMatch")),
            "{result:#}"
        );
        assert_eq!(result["facts"]["server"], "MinIO", "{password}: {result:#}");
        assert!(result["message"].is_string() && result["hint"].is_string(), "{result:#}");
        assert!(!report.to_string().contains("[secret]"), "{report:#}");

        let port = mysql("Host '10.0.0.7' is not allowed to connect to this MySQL server".to_owned());
        let definition = json!({
            "conn_type": "mysql", "host": "127.0.0.1", "port": port, "login": login, "password": password,
        });
        let report: Value = serde_json::from_str(&run("shop", &definition, "json")).unwrap();
        let result = &report["results"][0];
        assert_eq!((&result["conn_id"], &result["login"]), (&json!("shop"), &json!(login)), "{result:#}");
        assert!(result["code"].is_string() && result["message"].is_string(), "{result:#}");
    }
}
