//! Servers that send the client's own secret back, each time encoded in another way.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use mongodb::bson::doc;

use super::encodings::{
    composed, debug, decomposed, hexadecimal, json, latin, reversed, sha256, url, url_lightly, utf16,
};
use crate::matrix::Driver;
use crate::peer::{Peer, Script, Step, reply, say};
use crate::speech::{self, http, mongodb as mongo, mssql, mysql, postgres, redis, s3};

/// The prefix of a name, right before the number of the secret.
pub const NAME: &str = "canary-";

/// The number of characters of a server's text that are shown.
const SHOWN: usize = 512;

/// An encoding of a secret in two fields of a message.
pub type Way = fn(&str) -> (String, String);

/// All of them.
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

/// For each driver a server that refuses the login, and for PostgreSQL one that accepts it.
pub struct Echoes {
    refusing: Vec<(Driver, Peer)>,
    taking: Peer,
}

impl Echoes {
    pub fn start(secrets: &Secrets) -> Self {
        let start = |driver| (driver, Peer::start(refusal(driver, secrets), speech::framing(driver)));
        let taking = Peer::start(welcome(secrets), speech::framing(Driver::Postgres));
        Self { refusing: Driver::ALL.into_iter().map(start).collect(), taking }
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

/// The words that are sent to the client whose name is in `heard`.
fn words(heard: &[u8], secrets: &Secrets) -> (String, String) {
    let text: String = heard.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    let number = text.split_once(NAME).and_then(|(_, rest)| rest.get(..5)?.parse::<usize>().ok());
    match number.and_then(|number| Some((number, secrets.get(&number)?))) {
        Some((number, secret)) => WAYS[number % WAYS.len()](secret),
        None => (String::new(), String::new()),
    }
}

/// The words without NULs, which would end a text.
fn endless((first, second): (String, String)) -> (String, String) {
    (first.replace('\0', "\u{1}"), second.replace('\0', "\u{1}"))
}

fn refusal(driver: Driver, secrets: &Secrets) -> Script {
    let secrets = Arc::clone(secrets);
    let refuse = match driver {
        Driver::Postgres => reply(move |heard| {
            let (first, second) = endless(words(heard, &secrets));
            let fields = format!("SFATAL\0VFATAL\0C28P01\0M{first}\0D{second}\0H{second}\0Rauth_failed\0\0");
            postgres::message(b'E', fields.as_bytes())
        }),
        Driver::Mysql => reply(move |heard| {
            let (first, second) = words(heard, &secrets);
            mysql::error(2, 1045, &format!("{first} {second}"))
        }),
        Driver::Mssql => reply(move |heard| {
            let (first, second) = words(heard, &secrets);
            mssql::packet(1, &[mssql::error(18456, &first), mssql::error(4064, &second), mssql::done(2)].concat())
        }),
        Driver::Mongodb => reply(move |heard| {
            let (first, second) = words(heard, &secrets);
            mongo::message(&doc! { "ok": 0.0, "code": 18, "codeName": second, "errmsg": first }, heard)
        }),
        Driver::Redis => reply(move |heard| {
            let (first, second) = words(heard, &secrets);
            // An error is one line.
            redis::error(&format!("WRONGPASS {first} {second}").replace(['\r', '\n'], "\t"))
        }),
        Driver::S3 => reply(move |heard| {
            let (first, second) = words(heard, &secrets);
            s3::error("403 Forbidden", "", &escaped(&second), &escaped(&first))
        }),
        Driver::Http => reply(move |heard| {
            let (first, second) = words(&basic(heard), &secrets);
            let line = |text: &str| text.replace(|letter: char| !(' '..='~').contains(&letter), "?");
            let lines = format!("Server: {}\r\nX-Echo: {}\r\n", line(&first), line(&second));
            http::answer("401 Unauthorized", &lines)
        }),
    };
    let mut script = match driver {
        Driver::Postgres => vec![Step::Hear, say("N")],
        Driver::Mysql => vec![say(mysql::greeting(mysql::CAPABILITIES))],
        Driver::Mssql => vec![Step::Hear, say(mssql::prelogin(mssql::ENCRYPT_NOT_SUP))],
        Driver::Mongodb | Driver::Redis | Driver::S3 => vec![],
        Driver::Http => vec![Step::Hear, http::demand()],
    };
    script.extend([Step::Hear, refuse]);
    script
}

/// The user and password of a request with HTTP Basic.
fn basic(request: &[u8]) -> Vec<u8> {
    let request = String::from_utf8_lossy(request);
    let pair = request.split_once("Basic ").and_then(|(_, rest)| STANDARD.decode(rest.lines().next()?).ok());
    pair.unwrap_or_default()
}

/// The text escaped for XML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |xml, letter| xml + &format!("&#{};", u32::from(letter).max(1)))
}

/// A PostgreSQL server without a password, whose facts contain the secret.
fn welcome(secrets: &Secrets) -> Script {
    let (greeted, asked) = (Arc::clone(secrets), Arc::clone(secrets));
    let greet = reply(move |heard| {
        let (first, second) = endless(words(heard, &greeted));
        [
            postgres::message(b'N', format!("SNOTICE\0VNOTICE\0C00000\0M{second}\0\0").as_bytes()),
            postgres::request(0, &[]),
            postgres::parameter("server_version", &first),
            postgres::parameter("application_name", &second),
            postgres::message(b'K', &[0; 8]),
            postgres::message(b'Z', b"I"),
        ]
        .concat()
    });
    let answer = reply(move |heard| {
        let (first, _) = endless(words(heard, &asked));
        [
            postgres::description(),
            postgres::row_of(&first),
            postgres::message(b'C', b"SELECT 1\0"),
            postgres::message(b'Z', b"I"),
        ]
        .concat()
    });
    vec![Step::Hear, say("N"), Step::Hear, greet, Step::Hear, answer, Step::Hold]
}
