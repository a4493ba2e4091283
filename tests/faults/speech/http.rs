//! HTTP, of a server that demands a login.

use super::{Role, Turn};
use crate::peer::{Step, say};

/// A whole answer without a body, after which the connection stays.
pub fn answer(status: &str, lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: keep-alive\r\n{lines}\r\n").into_bytes()
}

/// What says that a login is demanded.
pub const BASIC: &str = "WWW-Authenticate: Basic realm=\"x\"\r\n";

/// A login is demanded.
pub fn demand() -> Step {
    say(answer("401 Unauthorized", BASIC))
}

pub(super) fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "auth", demand()),
        Turn::new(Role::Verdict, "auth", say(answer("200 OK", "Server: nginx\r\n"))),
    ]
}
