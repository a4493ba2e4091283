//! Redis: the messages of its server, in RESP2.

use std::io::{self, Read};

use serde_json::json;

use crate::peer::framing::take;
use crate::peer::{Script, Step, reply, say};
use crate::speech::{Description, Role, Said, Tls, Turn, Wire};

pub static OWN: Description = Description {
    name: "redis",
    called: "a Redis server",
    wire: Wire::Lines,
    framing: hear,
    complete: |definition, authority| {
        if let Some(pem) = authority {
            definition["extra"] = json!({"ssl": true, "ssl_ca_certs": pem});
        }
    },
    login,
    tls: Tls { prelude: Vec::new, in_packets: false, inside: login, lacking },
    to_strangers: || error("ERR Protocol error: invalid multibulk length"),
    refuse,
    welcome: None,
    connections: 1,
    passwords,
};

/// Reads a command: an array of texts, each with its length.
fn hear(from: &mut dyn Read, _first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    for _ in 0..number(from, &mut message)? {
        let length = number(from, &mut message)?;
        take(from, &mut message, length + 2)?;
    }
    Ok(message)
}

/// Reads a line and returns its number.
fn number(from: &mut dyn Read, to: &mut Vec<u8>) -> io::Result<usize> {
    let start = to.len();
    while !to[start..].ends_with(b"\r\n") {
        take(from, to, 1)?;
    }
    let text = String::from_utf8_lossy(&to[start..]).into_owned();
    text[1..].trim_end().parse().map_err(io::Error::other)
}

/// AUTH contains the password: once with a user, and once more without a user if the server has no users.
fn passwords(heard: &[u8]) -> usize {
    let (named, alone) = (b"*3\r\n$4\r\nAUTH\r\n", b"*2\r\n$4\r\nAUTH\r\n");
    let says = |command: &[u8]| heard.windows(command.len()).any(|window| window == command);
    let (begun, again) = (says(named), says(alone));
    usize::from(begun) + usize::from(begun && again)
}

/// A server without TLS. It reads the client's hello as a command and waits for its end.
fn lacking() -> Script {
    vec![Step::Listen, say(error("ERR Protocol error: unbalanced quotes in request")), Step::Hold]
}

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = said(heard);
        // An error must be a single line.
        error(&format!("WRONGPASS {first} {second}").replace(['\r', '\n'], "\t"))
    });
    vec![Step::Hear, demand(), Step::Hear, refusal]
}

/// The facts about a server in its answer to HELLO.
pub fn hello(mode: &str) -> String {
    let words = ["server", "redis", "version", "7.0.15", "mode", mode, "role", "master", "modules"];
    let texts = words.map(|word| format!("${}\r\n{word}\r\n", word.len())).concat();
    format!("*10\r\n{texts}*0\r\n")
}

/// An error message.
pub fn error(text: &str) -> Vec<u8> {
    format!("-{text}\r\n").into_bytes()
}

/// The answers to PING and HELLO.
pub fn lives() -> String {
    format!("+PONG\r\n{}", hello("standalone"))
}

/// The answer to PING before the login.
pub fn demand() -> Step {
    say(error("NOAUTH Authentication required."))
}

fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "auth", demand()),
        // The turn is so short that it is complete before any deadline, however slowly it is sent.
        Turn { short: true, ..Turn::new(Role::Verdict, "auth", say("+OK\r\n")) },
        Turn::new(Role::Answer, "query", say(lives())),
    ]
}
