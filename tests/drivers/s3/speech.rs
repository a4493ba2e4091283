//! S3: the messages of its server.

use serde_json::{Value, json};

use crate::peer::{Script, Step, framing, reply, say};
use crate::speech::{BAD_REQUEST, Description, Role, Said, Tls, Turn, Wire, address, no_password};

pub static OWN: Description = Description {
    name: "s3",
    called: "an HTTP server",
    wire: Wire::Http,
    framing: framing::http,
    complete,
    login,
    tls: Tls {
        prelude: Vec::new,
        in_packets: false,
        inside: login,
        lacking: || vec![Step::Listen, say("HTTP/1.1 400 Bad Request\r\n\r\n")],
    },
    to_strangers: || BAD_REQUEST.into(),
    refuse,
    welcome: None,
    // Except at AWS, a second request with made-up keys has to prove that the server checks keys.
    connections: 2,
    passwords: no_password,
};

fn complete(definition: &mut Value, authority: Option<&str>) {
    let (scheme, port) = (if authority.is_some() { "https" } else { "http" }, definition["port"].clone());
    let host = address(definition["host"].as_str().unwrap_or_default());
    definition["schema"] = json!("lake");
    definition["extra"] = json!({
        "endpoint_url": format!("{scheme}://{host}:{port}"),
        "verify": authority.map_or(json!(true), Value::from),
    });
}

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = said(heard);
        error("403 Forbidden", "", &escaped(&second), &escaped(&first))
    });
    vec![Step::Hear, refusal]
}

/// `text` escaped for XML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |xml, letter| xml + &format!("&#{};", u32::from(letter).max(1)))
}

/// A complete answer with a status, additional header lines, and a body.
pub fn answer(status: &str, lines: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{lines}\r\n{body}", body.len())
        .into_bytes()
}

/// An error in S3's format.
pub fn error(status: &str, lines: &str, code: &str, text: &str) -> Vec<u8> {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{text}</Message></Error>");
    answer(status, lines, &body)
}

/// The list of an empty bucket.
pub const LISTING: &str = "<?xml version=\"1.0\"?>\n<ListBucketResult><Name>lake</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>";

/// The head of an answer whose body has `length` bytes.
pub fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "auth", say(head(LISTING.len()))),
        Turn { hears: false, ..Turn::new(Role::Answer, "query", say(LISTING)) },
    ]
}
