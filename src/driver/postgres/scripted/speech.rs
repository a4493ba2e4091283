//! The messages of a server in a successful login.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const CANARY: &str = "CANARYpw";
pub(super) const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];

/// The server's next message, given what it was sent last.
pub(super) type Line = Box<dyn Fn(&[u8]) -> Vec<u8> + Send>;

pub(super) fn say(bytes: impl Into<Vec<u8>>) -> Line {
    let bytes = bytes.into();
    Box::new(move |_| bytes.clone())
}

pub(super) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], &length[..], body].concat()
}

pub(super) fn request(kind: u32, body: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes(), body].concat())
}

pub(super) fn refusal(fields: &[&str]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|field| [field.as_bytes(), &[0]].concat()).collect();
    message(b'E', &[&fields[..], &[0]].concat())
}

/// All messages after an accepted login.
pub(super) fn welcome() -> Vec<u8> {
    session("off")
}

/// Like [`welcome`], with `in_hot_standby` on or off.
pub(super) fn session(standby: &str) -> Vec<u8> {
    let parameters: Vec<u8> =
        [("server_version", "16.2"), ("in_hot_standby", standby), ("default_transaction_read_only", "off")]
            .iter()
            .flat_map(|(name, value)| message(b'S', format!("{name}\0{value}\0").as_bytes()))
            .collect();
    [request(0, &[]), parameters, message(b'K', &[0; 8]), message(b'Z', b"I")].concat()
}

/// The answer to the test query.
pub(super) fn row() -> Vec<u8> {
    let column = b"\0\x01current_database\0\0\0\0\0\0\0\0\0\0\x13\0\x40\xff\xff\xff\xff\0\0";
    [message(b'T', column), message(b'D', b"\0\x01\0\0\0\x05sales"), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")]
        .concat()
}

pub(super) const MECHANISMS: &[u8] = b"SCRAM-SHA-256\0\0";

pub(super) fn scram(rounds: &'static str) -> Vec<Line> {
    vec![say(request(10, MECHANISMS)), challenge(rounds)]
}

/// The answer to the client's nonce.
pub(super) fn challenge(rounds: &'static str) -> Line {
    Box::new(move |sent| {
        let sent = String::from_utf8_lossy(sent).into_owned();
        let nonce = sent.split("r=").nth(1).unwrap_or_default().to_owned();
        request(11, format!("r={nonce}x,s=c2FsdA==,i={rounds}").as_bytes())
    })
}

/// The proof that a server which knows the password owes for the client's proof.
pub(super) fn signature(sent: &[u8]) -> Vec<u8> {
    use aws_lc_rs::{hmac, pbkdf2};
    let last = std::str::from_utf8(&sent[5..]).unwrap();
    let (unproved, _) = last.split_once(",p=").unwrap();
    let nonce = unproved.split_once("r=").unwrap().1;
    let own = nonce.strip_suffix('x').unwrap();
    let signed = format!("n=,r={own},r={nonce},s=c2FsdA==,i=4096,{unproved}");
    let mut salted = [0; 32];
    let rounds = 4096.try_into().unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, b"salt", CANARY.as_bytes(), &mut salted);
    let sign = |key: &[u8], data: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data);
    let signature = sign(sign(&salted, b"Server Key").as_ref(), signed.as_bytes());
    request(12, format!("v={}", STANDARD.encode(signature)).as_bytes())
}

/// The whole script of a successful SCRAM login.
pub(super) fn scram_login() -> Vec<Line> {
    let mut script = scram("4096");
    script.push(Box::new(|sent| [signature(sent), welcome()].concat()));
    script.push(say(row()));
    script
}
