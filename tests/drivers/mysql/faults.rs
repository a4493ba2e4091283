//! Faults that only a MySQL server can have.

use super::speech::{self, *};
use crate::matrix::{self, Expected, Fault, Own, Target, fast, late};
use crate::peer::{Script, Step, say};
use crate::speech::{Driver, Role};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "MySQL", faults, refusals, otherwise: &[] };

const ODD: Expected = fast("protocol", "auth");

fn one(name: &str, expected: Expected, script: Script) -> Fault {
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

fn first(name: &str, expected: Expected, words: Vec<u8>) -> Fault {
    one(name, expected, vec![say(words), Step::Hold])
}

/// `rest` in answer to the client's proof.
fn verdict(name: &str, expected: Expected, rest: Vec<Step>) -> Fault {
    one(name, expected, DRIVER.after(1, rest))
}

/// `rest` in answer to the test query.
fn query(name: &str, expected: Expected, rest: Vec<Step>) -> Fault {
    one(name, expected, DRIVER.after(2, rest))
}

/// The `extra` of a definition that accepts the public key that the server sends.
fn asking() -> serde_json::Value {
    serde_json::json!({"get_server_public_key": true})
}

/// A server without the cached hash of the password. It demands the password itself, encrypted with its public `key`.
fn forgotten(key: &str) -> Vec<Step> {
    vec![
        say(switch(2, "caching_sha2_password", &[7; 20])),
        Step::Hear,
        say(packet(4, [1, 4])),
        Step::Hear,
        say(packet(6, format!("\x01{key}"))),
        Step::Hold,
    ]
}

fn faults() -> Vec<Fault> {
    let mut faults = greetings();
    faults.extend(methods());
    faults.extend(sessions());
    faults
}

fn greetings() -> Vec<Fault> {
    let versioned = |version: &str| packet(0, greeting_of(version, CAPABILITIES, "mysql_native_password"));
    vec![
        first("a greeting of protocol 9", ODD, packet(0, b"\x093.23.58\0\x01\0\0\0abcdefgh\0")),
        first("a greeting of protocol 11", ODD, packet(0, b"\x0b8.4.3\0\x01\0\0\0abcdefgh\0")),
        first("an empty greeting", ODD, packet(0, b"")),
        first("a greeting without a nonce", ODD, packet(0, b"\x0a8.4.3\0\x01\0\0\0")),
        first("a greeting without the end of its version", ODD, packet(0, [&[0x0a][..], &[b'8'; 300]].concat())),
        first("a version of 60,000 bytes", ODD, versioned(&"8".repeat(60_000))),
        first("a greeting of 16 MiB", ODD, b"\xff\xff\xff\0\x0a8.4.3\0".to_vec()),
        first("an error without a code", ODD, packet(0, b"\xff")),
        first("a greeting, and the verdict at once", ODD, [greeting(CAPABILITIES), packet(1, OK)].concat()),
        first("a server of before 4.1", ODD, packet(0, greeting_of("4.0.30", 1 | 1 << 3, ""))),
        one("a greeting, and then nothing", late("auth"), vec![say(greeting(CAPABILITIES)), Step::Hold]),
        one("a greeting without end", ODD, vec![say(b"\xff\xff\xff\0\x0a"), Step::Flood(vec![b'8'; 64])]),
    ]
}

fn methods() -> Vec<Fault> {
    let asks = |name: &str, class, words: Vec<u8>| verdict(name, fast(class, "auth"), vec![say(words), Step::Hold]);
    vec![
        asks("the password itself is asked for in clear", "policy", switch(2, "mysql_clear_password", b"")),
        asks("the scramble of before 4.1 is asked for", "unsupported", packet(2, b"\xfe")),
        asks("a method that nobody knows", "unsupported", switch(2, "evil_plugin\x1b[31m", b"")),
        asks("LDAP", "unsupported", switch(2, "authentication_ldap_sasl_client", b"SCRAM-SHA-1")),
        asks("a dialog", "unsupported", switch(2, "dialog", b"\x04Password:")),
        asks("Kerberos", "unsupported", switch(2, "auth_gssapi_client", b"principal\0")),
        asks("an empty nonce", "protocol", switch(2, "caching_sha2_password", b"\0")),
        asks("half a nonce", "protocol", switch(2, "caching_sha2_password", b"ten bytes.\0")),
        asks("a nonce without end", "protocol", switch(2, "caching_sha2_password", &[7; 60_000])),
        asks("a name without end", "unsupported", packet(2, [&[0xfe][..], &[b'x'; 60_000]].concat())),
        verdict(
            "two changes of the method",
            ODD,
            vec![
                say(switch(2, "caching_sha2_password", &[7; 20])),
                Step::Hear,
                say(switch(4, "mysql_native_password", &[7; 20])),
                Step::Hold,
            ],
        ),
        verdict("a key of no bytes", ODD, forgotten("")).with(asking()),
        verdict("a key that is none", ODD, forgotten("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"))
            .with(asking()),
        verdict("a key that does not end", ODD, forgotten("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq")).with(asking()),
        verdict("a key of 512 bits", ODD, forgotten(SMALL_KEY)).with(asking()),
        verdict("a key that nobody asked for", ODD, vec![say(packet(2, format!("\x01{SMALL_KEY}"))), Step::Hold]),
        verdict(
            "parsec with hours of computing",
            ODD,
            vec![
                say(switch(2, "parsec", &[7; 32])),
                Step::Hear,
                say(packet(4, [b"P\x20".as_slice(), &[7; 18]].concat())),
                Step::Hold,
            ],
        ),
        verdict(
            "well remembered, without end",
            ODD,
            vec![say(switch(2, "caching_sha2_password", &[7; 20])), Step::Hear, Step::Flood(packet(4, [1, 3]))],
        ),
        verdict(
            "a request for a file instead of the verdict",
            ODD,
            vec![say(packet(2, b"\xfb/etc/passwd")), Step::Hold],
        ),
        verdict("a verdict with the wrong number", ODD, vec![say(packet(9, OK)), Step::Hold]),
        verdict("a verdict of 16 MiB", ODD, vec![say(b"\xff\xff\xff\x02\0"), Step::Hold]),
        verdict("a compressed verdict", ODD, vec![say(b"\x08\0\0\0\x20\0\0x\x9c\x63\x60\x60"), Step::Hold]),
        verdict("an error without a code instead of the verdict", ODD, vec![say(packet(2, b"\xff\x15")), Step::Hold]),
    ]
}

fn sessions() -> Vec<Fault> {
    let odd = fast("protocol", "query");
    vec![
        query("a request for a file instead of an answer", odd, vec![say(packet(1, b"\xfb/etc/passwd")), Step::Hold]),
        query(
            "rows without end",
            odd,
            vec![say(columns()), Step::Flood(packet(3, [&[0xfc, 0xff, 0xe0][..], &[b'x'; 0xe0ff]].concat()))],
        ),
        query(
            "a row of 16 MiB",
            odd,
            vec![say([columns(), b"\xff\xff\xff\x03".to_vec()].concat()), Step::Flood(vec![b'x'; 64])],
        ),
        query(
            "65,535 columns",
            odd,
            vec![
                say(packet(1, b"\xfc\xff\xff")),
                Step::Flood(packet(2, b"\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0")),
            ],
        ),
        query(
            "no row",
            fast("server", "query"),
            vec![say([columns(), packet(3, b"\xfe\0\0\x02\0\0\0")].concat()), Step::Hold],
        ),
        query("no columns", fast("server", "query"), vec![say(packet(1, OK)), Step::Hold]),
        query("a column that is none", odd, vec![say([packet(1, b"\x01"), packet(2, b"\x03d")].concat()), Step::Hold]),
        query("an answer with the wrong number", odd, vec![say(packet(7, b"\x01")), Step::Hold]),
        query("an error without a code in the session", odd, vec![say(packet(1, b"\xff\x15")), Step::Hold]),
        query(
            "a server that knows no functions",
            matrix::OK,
            vec![say(error(1, 1064, "You have an error in your SQL syntax")), Step::Hear, say(answer()), Step::Hold],
        ),
    ]
}

fn refusals() -> Vec<Fault> {
    let said = |role, phase, number| {
        move |&(name, class, code): &(&str, &'static str, u16)| {
            Fault::instead(DRIVER, name, fast(class, phase), role, say(error(number, code, "no")))
        }
    };
    let greetings = GREETINGS.iter().map(said(Role::First, "auth", 0));
    let logins = LOGINS.iter().map(said(Role::Verdict, "auth", 2));
    greetings.chain(logins).chain(QUERIES.iter().map(said(Role::Answer, "query", 1))).collect()
}

/// Answers in place of the greeting: the class and the code.
const GREETINGS: &[(&str, &str, u16)] = &[
    ("this machine may not log in", "denied", 1130),
    ("this machine is blocked for its errors", "denied", 1129),
    ("no connection free", "busy", 1040),
    ("starting up", "busy", 3168),
    ("a code that nobody knows", "server", 9999),
];

/// Answers in place of the verdict.
const LOGINS: &[(&str, &str, u16)] = &[
    ("a wrong password", "auth", 1045),
    ("an unknown user", "auth", 1698),
    ("an account that is locked", "auth", 3118),
    ("an account that is locked, as MariaDB says it", "auth", 4151),
    ("an account that is locked for too many wrong passwords", "auth", 3955),
    ("a password or token that has expired", "auth", 1862),
    ("a password that must be changed", "auth", 1820),
    ("TLS is demanded", "tls", 3159),
    ("a login method that is not to be had", "unsupported", 1251),
    ("a password stored in the old form", "unsupported", 1275),
    ("a database that does not exist", "not_found", 1049),
    ("no right to the database", "denied", 1044),
    ("no connection free for this user", "busy", 1203),
    ("a limit of this user's is reached", "busy", 1226),
    ("shutting down", "busy", 1053),
    ("offline for maintenance", "busy", 3032),
    ("out of threads", "busy", 1135),
    ("the server's pooler has no server", "busy", 9001),
];

/// Answers to the test query.
const QUERIES: &[(&str, &str, u16)] = &[
    ("the test query is not permitted", "denied", 1044),
    ("the test query finds the password expired", "auth", 1820),
    ("the test query is cut off by a shutdown", "busy", 1053),
];

/// An RSA key of 512 bits.
const SMALL_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKY6HLalNia4e6GavWVXcMw2ytWHFFa3\n\
    9gHkyujMPWdeQpo2C3rfu9Ol4epe7cTmm55Iz9+QKwaxs63mnvz7UqkCAwEAAQ==\n\
    -----END PUBLIC KEY-----";
