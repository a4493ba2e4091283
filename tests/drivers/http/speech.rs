//! HTTP: the messages of a server that demands a login.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::peer::{Script, Step, framing, reply, say};
use crate::speech::{BAD_REQUEST, Description, Role, Said, Tls, Turn, Wire, no_password};

pub static OWN: Description = Description {
    name: "http",
    called: "an HTTP server",
    wire: Wire::Http,
    framing: framing::http,
    complete: |definition, authority| {
        definition["schema"] = json!(if authority.is_some() { "https" } else { "http" });
        definition["extra"] = authority.map_or_else(|| json!({}), |pem| json!({"verify": pem}));
    },
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
    // A login takes two requests, and the server may close the connection between them.
    connections: 2,
    passwords: no_password,
};

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = said(&basic(heard));
        let line = |text: &str| text.replace(|letter: char| !(' '..='~').contains(&letter), "?");
        let lines = format!("Server: {}\r\nX-Echo: {}\r\n", line(&first), line(&second));
        answer("401 Unauthorized", &lines)
    });
    vec![Step::Hear, demand(), Step::Hear, refusal]
}

/// Login and password in a request with HTTP Basic.
fn basic(request: &[u8]) -> Vec<u8> {
    let request = String::from_utf8_lossy(request);
    let pair = request.split_once("Basic ").and_then(|(_, rest)| STANDARD.decode(rest.lines().next()?).ok());
    pair.unwrap_or_default()
}

/// A complete answer without a body, after which the connection stays open.
pub fn answer(status: &str, lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: keep-alive\r\n{lines}\r\n").into_bytes()
}

/// The header that demands a login.
pub const BASIC: &str = "WWW-Authenticate: Basic realm=\"x\"\r\n";

/// The answer that demands a login.
pub fn demand() -> Step {
    say(answer("401 Unauthorized", BASIC))
}

fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "auth", demand()),
        Turn::new(Role::Verdict, "auth", say(answer("200 OK", "Server: nginx\r\n"))),
    ]
}
