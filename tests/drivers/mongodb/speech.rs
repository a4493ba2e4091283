//! MongoDB: the messages of its server.

use std::io::{self, Read};

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Document, doc};
use serde_json::json;

use crate::peer::framing::take;
use crate::peer::{Script, Step, reply};
use crate::speech::{Description, Role, Said, Tls, Turn, Wire, no_password, scram};

pub static OWN: Description = Description {
    name: "mongodb",
    called: "a MongoDB server",
    wire: Wire::Frames,
    framing: hear,
    complete: |definition, authority| {
        if let Some(pem) = authority {
            definition["extra"] = json!({"tls": true, "tlsCAFile": pem});
        }
    },
    login,
    // A server without TLS reads the client's hello as a message of its own protocol and closes the connection.
    tls: Tls { prelude: Vec::new, in_packets: false, inside: login, lacking: || vec![Step::Listen] },
    to_strangers: || message(&hello(), &[]),
    refuse,
    welcome: None,
    connections: 1,
    passwords: no_password,
};

/// Reads a message: a length that includes itself, and the rest.
fn hear(from: &mut dyn Read, _first: bool) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    take(from, &mut message, 4)?;
    let length = usize::try_from(u32::from_le_bytes(message[..].try_into().unwrap())).unwrap();
    take(from, &mut message, length.saturating_sub(4))?;
    Ok(message)
}

fn refuse(said: Said) -> Script {
    let refusal = reply(move |heard| {
        let (first, second) = said(heard);
        message(&doc! { "ok": 0.0, "code": 18, "codeName": second, "errmsg": first }, heard)
    });
    vec![Step::Hear, refusal]
}

const OP_MSG: i32 = 2013;

/// A message with `document`, in answer to `request`.
pub fn message(document: &Document, request: &[u8]) -> Vec<u8> {
    raw_message(&document.to_vec().unwrap(), request)
}

/// A message with these bytes in place of a document.
pub fn raw_message(document: &[u8], request: &[u8]) -> Vec<u8> {
    let id = request.get(4..8).map_or([0; 4], |id| id.try_into().unwrap());
    let length = i32::try_from(document.len() + 21).unwrap().to_le_bytes();
    [&length[..], &[1, 0, 0, 0], &id, &OP_MSG.to_le_bytes(), &[0; 4], &[0], document].concat()
}

/// The document of the command in `message`.
pub fn command(message: &[u8]) -> Document {
    message.get(21..).and_then(|bytes| Document::from_reader(bytes).ok()).unwrap_or_default()
}

/// The greeting of a usual server.
pub fn hello() -> Document {
    doc! {
        "ismaster": true, "helloOk": true, "maxWireVersion": 21, "minWireVersion": 0, "maxBsonObjectSize": 1 << 24,
        "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "saslSupportedMechs": ["SCRAM-SHA-256"],
        "readOnly": false, "ok": 1.0,
    }
}

/// A SASL step of a login.
pub fn sasl(payload: &str, done: bool) -> Document {
    let payload = Binary { subtype: BinarySubtype::Generic, bytes: payload.as_bytes().to_vec() };
    doc! { "conversationId": 1, "done": done, "payload": payload, "ok": 1.0 }
}

fn payload(command: &Document) -> String {
    command.get_binary_generic("payload").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

/// The greeting with the additional fields `more`. If the client's command began a login, it includes the challenge
/// with the iteration count `rounds`.
pub fn greeting(heard: &[u8], more: Document, rounds: &str) -> Document {
    let mut hello = hello();
    if let Ok(begun) = command(heard).get_document("speculativeAuthenticate") {
        hello.insert("speculativeAuthenticate", sasl(&scram::challenge(&payload(begun), rounds), false));
    }
    hello.extend(more);
    hello
}

/// A step that sends this greeting.
pub fn greets(more: Document, rounds: &'static str) -> Step {
    reply(move |heard| message(&greeting(heard, more.clone(), rounds), heard))
}

/// A step that sends the server's signature.
pub fn proves() -> Step {
    reply(|heard| message(&sasl(&scram::proof(&payload(&command(heard))), true), heard))
}

/// A step that sends `document` in answer to any command.
pub fn tells(document: Document) -> Step {
    reply(move |heard| message(&document, heard))
}

/// The answer to `buildInfo`.
pub fn build() -> Document {
    doc! { "version": "8.0.4", "ok": 1.0 }
}

fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "auth", greets(doc! {}, scram::ROUNDS)),
        Turn::new(Role::Verdict, "auth", proves()),
        Turn::new(Role::Answer, "query", tells(build())),
    ]
}
