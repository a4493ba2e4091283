//! PostgreSQL: the messages of its server.

use std::io::{self, Read};

use serde_json::json;

use crate::peer::framing::take;
use crate::peer::{Script, Step, reply, say};
use crate::speech::{Description, Role, Said, Tls, Turn, Wire, no_password, scram};

pub static OWN: Description = Description {
    name: "postgres",
    called: "a PostgreSQL server",
    wire: Wire::Frames,
    framing: hear,
    complete: |definition, authority| {
        if let Some(pem) = authority {
            definition["extra"] = json!({"sslmode": "verify-full", "sslrootcert": pem});
        }
    },
    login,
    tls: Tls {
        prelude: || vec![Step::Hear, say("S")],
        in_packets: false,
        inside: || login().split_off(1),
        lacking: || OWN.taking(),
    },
    to_strangers: || error("08P01", "invalid length of startup packet", "ProcessStartupPacket"),
    refuse,
    welcome: Some(welcome_with),
    connections: 1,
    passwords: no_password,
};

/// Reads a message: a tag, a length and the body. The request for TLS and the startup message have no tag, and begin
/// with the high byte of their length.
fn hear(from: &mut dyn Read, first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    take(from, &mut message, 1)?;
    let tag = usize::from(!first && message[0] != 0);
    take(from, &mut message, 3 + tag)?;
    let length = u32::from_be_bytes(message[tag..].try_into().unwrap());
    take(from, &mut message, usize::try_from(length).unwrap().saturating_sub(4))?;
    Ok(message)
}

/// The texts without zero bytes, which would end them early.
fn endless((first, second): (String, String)) -> (String, String) {
    (first.replace('\0', "\u{1}"), second.replace('\0', "\u{1}"))
}

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = endless(said(heard));
        let fields = format!("SFATAL\0VFATAL\0C28P01\0M{first}\0D{second}\0H{second}\0Rauth_failed\0\0");
        message(b'E', fields.as_bytes())
    });
    vec![Step::Hear, say("N"), Step::Hear, refusal]
}

/// A server that accepts the login without a password, and sends the texts of `said`.
fn welcome_with(said: Said) -> Script {
    let asked = Said::clone(&said);
    let greet = reply(move |heard| {
        let (first, second) = endless(said(heard));
        [
            message(b'N', format!("SNOTICE\0VNOTICE\0C00000\0M{second}\0\0").as_bytes()),
            request(0, &[]),
            parameter("server_version", &first),
            parameter("application_name", &second),
            message(b'K', &[0; 8]),
            message(b'Z', b"I"),
        ]
        .concat()
    });
    let answer = reply(move |heard| {
        let (first, _) = endless(asked(heard));
        [description(), row_of(&first), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat()
    });
    vec![Step::Hear, say("N"), Step::Hear, greet, Step::Hear, answer, Step::Hold]
}

/// A message with a tag.
pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], &length[..], body].concat()
}

/// A request for authentication.
pub fn request(kind: u32, body: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes(), body].concat())
}

/// An error with `code`, raised by the server's `routine`.
pub fn error(code: &str, text: &str, routine: &str) -> Vec<u8> {
    message(b'E', format!("SFATAL\0VFATAL\0C{code}\0M{text}\0Fauth.c\0L1\0R{routine}\0\0").as_bytes())
}

/// A parameter that the server reports by itself.
pub fn parameter(name: &str, value: &str) -> Vec<u8> {
    message(b'S', format!("{name}\0{value}\0").as_bytes())
}

/// The demand for SCRAM, which modern servers use.
pub fn scram_demand() -> Vec<u8> {
    request(10, b"SCRAM-SHA-256\0\0")
}

/// A step that sends the challenge with the iteration count `rounds`.
pub fn scram_challenge(rounds: &'static str) -> Step {
    reply(move |heard| request(11, scram::challenge(&String::from_utf8_lossy(heard), rounds).as_bytes()))
}

/// A step that sends the server's signature, then `rest`.
pub fn scram_proof(rest: Vec<u8>) -> Step {
    reply(move |heard| {
        let last = String::from_utf8_lossy(heard.get(5..).unwrap_or_default()).into_owned();
        [request(12, scram::proof(&last).as_bytes()), rest.clone()].concat()
    })
}

/// All messages that follow an accepted login.
pub fn welcome() -> Vec<u8> {
    [
        request(0, &[]),
        parameter("server_version", "16.2"),
        parameter("in_hot_standby", "off"),
        parameter("default_transaction_read_only", "off"),
        message(b'K', &[0; 8]),
        message(b'Z', b"I"),
    ]
    .concat()
}

/// The description of the single column in the answer to the test query.
pub fn description() -> Vec<u8> {
    message(b'T', b"\0\x01current_database\0\0\0\0\0\0\0\0\0\0\x13\0\x40\xff\xff\xff\xff\0\0")
}

/// A row of one text.
pub fn row_of(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    message(b'D', &[&[0, 1][..], &length, text.as_bytes()].concat())
}

/// A row with the name of a database.
pub fn row() -> Vec<u8> {
    row_of("sales")
}

/// The answer to the test query.
pub fn answer() -> Vec<u8> {
    [description(), row(), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat()
}

fn login() -> Vec<Turn> {
    vec![
        Turn { short: true, ..Turn::new(Role::First, "tls", say("N")) },
        Turn::new(Role::Demand, "auth", say(scram_demand())),
        Turn::new(Role::Challenge, "auth", scram_challenge(scram::ROUNDS)),
        Turn::new(Role::Verdict, "auth", scram_proof(welcome())),
        Turn::new(Role::Answer, "query", say(answer())),
    ]
}
