//! MySQL.

use super::{Role, Turn};
use crate::peer::say;

/// The server understands TLS.
pub const SSL: u32 = 1 << 11;

/// What a usual server can do, but for TLS.
pub const CAPABILITIES: u32 = 1 | 1 << 3 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 19 | 1 << 20 | 1 << 24;

/// A packet with its number.
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

/// An error with a code and a state.
pub fn error(number: u8, code: u16, text: &str) -> Vec<u8> {
    let [low, high] = code.to_le_bytes();
    packet(number, [&[0xff, low, high][..], b"#28000", text.as_bytes()].concat())
}

/// A change of the login method.
pub fn switch(number: u8, method: &str, nonce: &[u8]) -> Vec<u8> {
    packet(number, [b"\xfe", method.as_bytes(), b"\0", nonce].concat())
}

/// All is well.
pub const OK: &[u8] = b"\0\0\0\x02\0\0\0";

/// One column.
pub fn columns() -> Vec<u8> {
    [packet(1, b"\x01"), packet(2, b"\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0")].concat()
}

/// The answer to the test query.
pub fn answer() -> Vec<u8> {
    [columns(), packet(3, b"\x011"), packet(4, b"\xfe\0\0\x02\0\0\0")].concat()
}

pub(super) fn login() -> Vec<Turn> {
    vec![
        Turn { hears: false, ..Turn::new(Role::First, "auth", say(greeting(CAPABILITIES))) },
        Turn::new(Role::Verdict, "auth", say(packet(2, OK))),
        Turn::new(Role::Answer, "query", say(answer())),
    ]
}
