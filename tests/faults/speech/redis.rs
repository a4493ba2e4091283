//! Redis, in RESP2.

use super::{Role, Turn};
use crate::peer::say;

/// What a server says of itself, in answer to HELLO.
pub fn hello(mode: &str) -> String {
    let words = ["server", "redis", "version", "7.0.15", "mode", mode, "role", "master", "modules"];
    let texts = words.map(|word| format!("${}\r\n{word}\r\n", word.len())).concat();
    format!("*10\r\n{texts}*0\r\n")
}

/// An error.
pub fn error(text: &str) -> Vec<u8> {
    format!("-{text}\r\n").into_bytes()
}

/// The answers to PING and HELLO.
pub fn lives() -> String {
    format!("+PONG\r\n{}", hello("standalone"))
}

pub(super) fn login() -> Vec<Turn> {
    vec![
        // So short that it is whole before any deadline, however slowly it comes.
        Turn { short: true, ..Turn::new(Role::First, "auth", say("+OK\r\n")) },
        Turn::new(Role::Answer, "query", say(lives())),
    ]
}
