//! MySQL: the messages of its server.

use std::io::{self, Read};

use serde_json::json;

use crate::peer::framing::take;
use crate::peer::{Script, Step, reply, say};
use crate::speech::{Description, Role, Said, Tls, Turn, Wire, no_password};

pub static OWN: Description = Description {
    name: "mysql",
    called: "a MySQL or MariaDB server",
    wire: Wire::Frames,
    framing: hear,
    complete: |definition, authority| {
        if let Some(pem) = authority {
            definition["extra"] = json!({"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": pem}});
        }
    },
    login,
    tls: Tls {
        prelude: || vec![say(greeting(CAPABILITIES | SSL)), Step::Hear],
        in_packets: false,
        inside,
        lacking: || OWN.taking(),
    },
    to_strangers: || greeting(CAPABILITIES),
    refuse,
    welcome: None,
    connections: 1,
    passwords: no_password,
};

/// Reads a message: a length of three bytes, a sequence number, and the payload.
fn hear(from: &mut dyn Read, _first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    take(from, &mut message, 4)?;
    let length = u32::from_le_bytes([message[0], message[1], message[2], 0]);
    take(from, &mut message, usize::try_from(length).unwrap())?;
    Ok(message)
}

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = said(heard);
        error(2, 1045, &format!("{first} {second}"))
    });
    vec![say(greeting(CAPABILITIES)), Step::Hear, refusal]
}

/// The turns inside TLS. Their numbers differ, because the request for TLS had a sequence number of its own.
fn inside() -> Vec<Turn> {
    let mut turns = login().split_off(1);
    turns[0].says = say(packet(3, OK));
    turns
}

/// The capability TLS.
pub const SSL: u32 = 1 << 11;

/// The capabilities of a usual server, except TLS.
pub const CAPABILITIES: u32 = 1 | 1 << 3 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 19 | 1 << 20 | 1 << 24;

/// A packet with its sequence number.
pub fn packet(number: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&length[..3], &[number], payload].concat()
}

/// The greeting of a server with `capabilities`.
pub fn greeting(capabilities: u32) -> Vec<u8> {
    packet(0, greeting_of("8.4.3", capabilities, "mysql_native_password"))
}

/// The payload of a greeting.
pub fn greeting_of(version: &str, capabilities: u32, method: &str) -> Vec<u8> {
    let [a, b, c, d] = capabilities.to_le_bytes();
    [
        b"\x0a",
        version.as_bytes(),
        b"\0\x2a\0\0\0nonceabc\0",
        &[a, b, 0xff, 2, 0, c, d, 21],
        &[0; 10],
        b"twelve bytes\0",
        method.as_bytes(),
        b"\0",
    ]
    .concat()
}

/// An error with a code and an SQL state.
pub fn error(number: u8, code: u16, text: &str) -> Vec<u8> {
    let [low, high] = code.to_le_bytes();
    packet(number, [&[0xff, low, high][..], b"#28000", text.as_bytes()].concat())
}

/// A request to switch the login method.
pub fn switch(number: u8, method: &str, nonce: &[u8]) -> Vec<u8> {
    packet(number, [b"\xfe", method.as_bytes(), b"\0", nonce].concat())
}

/// The payload of an OK packet.
pub const OK: &[u8] = b"\0\0\0\x02\0\0\0";

/// The definition of one column.
pub fn columns() -> Vec<u8> {
    [packet(1, b"\x01"), packet(2, b"\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0")].concat()
}

/// The answer to the test query.
pub fn answer() -> Vec<u8> {
    [columns(), packet(3, b"\x011"), packet(4, b"\xfe\0\0\x02\0\0\0")].concat()
}

fn login() -> Vec<Turn> {
    vec![
        Turn { hears: false, ..Turn::new(Role::First, "auth", say(greeting(CAPABILITIES))) },
        Turn::new(Role::Verdict, "auth", say(packet(2, OK))),
        Turn::new(Role::Answer, "query", say(answer())),
    ]
}
