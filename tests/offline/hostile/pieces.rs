//! A server returns a secret in pieces: in several fields of one answer, or in an answer and in what it reports about
//! itself.

use serde_json::{Value, json};

use crate::hostile::echo::{postgres_of, s3_of};
use crate::hostile::run::{formats, printed, stdout};

const SECRET: &str = "Sup3rS3cret";

fn definition(conn_type: &str, port: u16) -> Value {
    let extra = json!({"endpoint_url": format!("http://127.0.0.1:{port}"), "bucket_name": "lake"});
    let extra = if conn_type == "s3" { extra } else { json!({}) };
    json!({"conn_type": conn_type, "host": "127.0.0.1", "port": port, "login": "etl", "password": SECRET, "extra": extra})
}

#[test]
fn pieces_of_a_secret_in_one_answer_are_not_shown() {
    let denied = |text: &str| format!("<Code>AccessDenied</Code><Message>{text}</Message>");
    for (conn_type, port) in [
        ("postgres", postgres_of("Mit was Sup3r\0DS3cre\0Ht\0".to_owned())),
        ("postgres", postgres_of("MSup\0D3rS\0H3cret\0".to_owned())),
        ("postgres", postgres_of("M5375\0D70337253\0H336372\0".to_owned())),
        ("postgres", postgres_of("MU3Vw\0DM3JT\0HM2Ny\0".to_owned())),
        ("s3", s3_of("Server: Sup3r/S3cre\r\n", denied("t"))),
        ("s3", s3_of("Server: MinIO/S3cre\r\n", denied("it was Sup3r"))),
        ("s3", s3_of("", denied("it was Sup3r") + "<Details>S3cre</Details>")),
    ] {
        let input = json!({"etl": definition(conn_type, port)}).to_string();
        let report: Value = serde_json::from_str(&stdout(&["check", "-", "--format", "json"], &input)).unwrap();
        let result = &report["results"][0];
        assert_eq!(result["detail"], Value::Null, "{result:#}");
        for format in formats("check") {
            let output = printed(&["check", "-", "--format", format], &input);
            assert!(!["Sup3r", "S3cre", "70337253", "M3JT"].iter().any(|piece| output.contains(piece)), "{output}");
        }
    }
}

#[test]
fn what_has_no_piece_is_shown_beside_what_has() {
    let port = s3_of("Server: MinIO\r\n", format!("<Code>AccessDenied</Code><Message>it was {SECRET}</Message>"));
    let input = json!({"etl": definition("s3", port)}).to_string();
    let report: Value = serde_json::from_str(&stdout(&["check", "-", "--format", "json"], &input)).unwrap();
    let result = &report["results"][0];
    assert_eq!((&result["detail"], &result["facts"]["server"]), (&Value::Null, &json!("MinIO")), "{result:#}");
}
