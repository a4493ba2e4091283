//! SQL Server: the messages of its server.

use std::io::{self, Read};

use serde_json::json;

use crate::peer::framing::take;
use crate::peer::{Script, Step, reply, say};
use crate::speech::{Description, Role, Said, Tls, Turn, Wire, no_password};

pub static OWN: Description = Description {
    name: "mssql",
    called: "a SQL Server",
    wire: Wire::Frames,
    framing: hear,
    complete: |definition, authority| {
        if let Some(pem) = authority {
            definition["extra"] = json!({"Encrypt": "yes", "cafile": pem});
        }
    },
    login,
    tls: Tls {
        prelude: || vec![Step::Hear, say(prelogin(ENCRYPT_ON))],
        in_packets: true,
        inside: || login().split_off(1),
        lacking: || OWN.taking(),
    },
    to_strangers: || prelogin(ENCRYPT_ON),
    refuse,
    welcome: None,
    connections: 1,
    passwords: no_password,
};

/// Reads a message: packets with a length, the last of which is marked.
fn hear(from: &mut dyn Read, _first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let start = message.len();
        take(from, &mut message, 8)?;
        let length = u16::from_be_bytes([message[start + 2], message[start + 3]]);
        take(from, &mut message, usize::from(length).saturating_sub(8))?;
        if message[start + 1] & 1 == 1 {
            return Ok(message);
        }
    }
}

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = said(heard);
        packet(1, &[error(18456, &first), error(4064, &second), done(2)].concat())
    });
    vec![Step::Hear, say(prelogin(ENCRYPT_NOT_SUP)), Step::Hear, refusal]
}

/// Only the login is encrypted.
pub const ENCRYPT_OFF: u8 = 0;
/// Everything is encrypted.
pub const ENCRYPT_ON: u8 = 1;
/// Encryption is not supported.
pub const ENCRYPT_NOT_SUP: u8 = 2;
/// Everything must be encrypted.
pub const ENCRYPT_REQ: u8 = 3;

const COLLATION: [u8; 5] = [0x09, 0x04, 0xd0, 0x00, 0x34];

/// A packet of a response; `status` 1 marks the last one.
pub fn packet(status: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
    [&[4, status, high, low, 0, 0, 1, 0][..], payload].concat()
}

/// The answer to PRELOGIN.
pub fn prelogin(encryption: u8) -> Vec<u8> {
    packet(1, &[0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 3, 0xe8, 0, 0, encryption])
}

/// A token with a length of 16 bits.
pub fn token(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &u16::try_from(body.len()).unwrap().to_le_bytes(), body].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn report(kind: u8, number: u32, class: u8, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes();
    token(kind, &[&number.to_le_bytes()[..], &[1, class], &length, &utf16(text), &[0, 0], &[1, 0, 0, 0]].concat())
}

/// An ERROR token.
pub fn error(number: u32, text: &str) -> Vec<u8> {
    report(0xaa, number, 14, text)
}

/// An INFO token.
pub fn info(text: &str) -> Vec<u8> {
    report(0xab, 5701, 10, text)
}

/// A LOGINACK token.
pub fn login_ack() -> Vec<u8> {
    let name = utf16("Microsoft SQL Server");
    token(0xad, &[&[1, 0x74, 0, 0, 4, 20][..], &name, &[16, 0, 3, 0xe8]].concat())
}

/// An ENVCHANGE token that routes the client to another server.
pub fn routing(host: &str, port: u16) -> Vec<u8> {
    let length = u16::try_from(host.len()).unwrap().to_le_bytes();
    let route = [&[0][..], &port.to_le_bytes(), &length, &utf16(host)].concat();
    token(0xe3, &[&[20][..], &u16::try_from(route.len()).unwrap().to_le_bytes(), &route, &[0, 0]].concat())
}

/// A DONE token with its status.
pub fn done(status: u16) -> Vec<u8> {
    [&[0xfd][..], &status.to_le_bytes(), &[0; 2], &[0; 8]].concat()
}

/// The columns of the answer to the test query: three texts.
pub fn columns() -> Vec<u8> {
    let column = [&[0; 6][..], &[0xe7, 0, 1], &COLLATION, &[0]].concat();
    [&[0x81, 3, 0][..], &column, &column, &column].concat()
}

/// A row of three texts.
pub fn row() -> Vec<u8> {
    let text = |text: &str| {
        let text = utf16(text);
        [&u16::try_from(text.len()).unwrap().to_le_bytes()[..], &text].concat()
    };
    [&[0xd1][..], &text("etl"), &text("sales"), &text("READ_WRITE")].concat()
}

/// The answer to an accepted login.
pub fn welcome() -> Vec<u8> {
    packet(1, &[login_ack(), done(0)].concat())
}

/// The answer to the test query.
pub fn answer() -> Vec<u8> {
    packet(1, &[columns(), row(), [&[0xfd, 0x10, 0, 0, 0, 1][..], &[0; 7]].concat()].concat())
}

fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "tls", say(prelogin(ENCRYPT_NOT_SUP))),
        Turn::new(Role::Verdict, "auth", say(welcome())),
        Turn::new(Role::Answer, "query", say(answer())),
    ]
}
