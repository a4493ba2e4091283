//! Servers that send the client's own secret back, each time encoded in another way.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::encodings::{
    composed, debug, decomposed, hexadecimal, json, latin, reversed, sha256, url, url_lightly, utf16,
};
use crate::matrix::drivers;
use crate::peer::{Peer, Script};
use crate::speech::{Driver, Said};

/// The prefix of a name, right before the number of the secret.
pub const NAME: &str = "canary-";

/// The number of characters of a server's text that are shown.
const SHOWN: usize = 512;

/// An encoding of a secret in two fields of a message.
pub type Way = fn(&str) -> (String, String);

/// All encodings.
pub const WAYS: &[Way] = &[
    |secret| (secret.to_owned(), format!("password={secret};")),
    |secret| (secret.to_uppercase(), secret.to_lowercase()),
    |secret| (reversed(secret), String::new()),
    |secret| (STANDARD.encode(secret), URL_SAFE.encode(secret)),
    |secret| (STANDARD.encode(format!("u:{secret}")), STANDARD.encode(format!("us:{secret} and more"))),
    |secret| (hexadecimal(secret), hexadecimal(secret).to_uppercase()),
    |secret| (url(secret), url_lightly(secret)),
    |secret| (secret.replace(' ', "+"), url(secret).to_lowercase()),
    |secret| (utf16(secret), String::new()),
    |secret| (debug(secret), json(secret)),
    |secret| (sha256(secret), format!("stored: {}", sha256(secret).to_uppercase())),
    |secret| (broken(secret, " "), broken(secret, "\n")),
    |secret| (broken(secret, "\u{200b}"), broken(secret, "' '")),
    halves,
    |secret| (at_the_end(secret), at_the_end(&reversed(secret))),
    |secret| (at_the_end(&STANDARD.encode(secret)), at_the_end(&hexadecimal(secret))),
    |secret| (at_the_end(&url(secret)), format!("\u{1b}[31m{secret}\u{1b}[0m")),
    |secret| composed(secret).into(),
    |secret| (decomposed(secret), latin(secret)[0].clone()),
    |secret| {
        let [_, url, base64] = latin(secret);
        (secret.to_owned(), if secret.len().is_multiple_of(2) { url } else { base64 })
    },
];

/// The secret in two pieces.
fn halves(secret: &str) -> (String, String) {
    let letters: Vec<char> = secret.chars().collect();
    let (first, second) = letters.split_at(letters.len() / 2);
    (first.iter().collect(), second.iter().collect())
}

/// The secret with `between` in the middle.
fn broken(secret: &str, between: &str) -> String {
    let (first, second) = halves(secret);
    first + between + &second
}

/// `form` at a position where only half of it is shown.
fn at_the_end(form: &str) -> String {
    format!("{}{form}", "x".repeat(SHOWN.saturating_sub(form.chars().count() / 2)))
}

/// The secrets by the number in the client's name.
pub type Secrets = Arc<HashMap<usize, String>>;

/// For each driver a server that refuses the login, and for one driver a server that accepts it without a secret.
pub struct Echoes {
    refusing: Vec<(Driver, Peer)>,
    taking: Peer,
}

impl Echoes {
    pub fn start(secrets: &Secrets) -> Self {
        let refusing = drivers().map(|driver| (driver, Peer::start((driver.refuse)(said(secrets)), driver.framing)));
        let (driver, welcome) = welcoming();
        let taking = Peer::start(welcome(said(secrets)), driver.framing);
        Self { refusing: refusing.collect(), taking }
    }

    /// The port of the server that refuses the login.
    pub fn refusing(&self, driver: Driver) -> u16 {
        let found = self.refusing.iter().find(|(other, _)| *other == driver);
        found.map(|(_, peer)| peer.listening.port).expect("all are there")
    }

    /// The port of the server that accepts the login.
    pub fn taking(&self) -> u16 {
        self.taking.listening.port
    }
}

/// A driver whose server may accept a login without a secret, and such a server.
pub fn welcoming() -> (Driver, fn(Said) -> Script) {
    drivers().find_map(|driver| Some((driver, driver.welcome?))).expect("a driver")
}

/// The texts of a server that has these secrets.
fn said(secrets: &Secrets) -> Said {
    let secrets = Arc::clone(secrets);
    Arc::new(move |heard| words(heard, &secrets))
}

/// The texts for the client whose name is in `heard`.
fn words(heard: &[u8], secrets: &Secrets) -> (String, String) {
    let text: String = heard.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    let number = text.split_once(NAME).and_then(|(_, rest)| rest.get(..5)?.parse::<usize>().ok());
    match number.and_then(|number| Some((number, secrets.get(&number)?))) {
        Some((number, secret)) => WAYS[number % WAYS.len()](secret),
        None => (String::new(), String::new()),
    }
}
