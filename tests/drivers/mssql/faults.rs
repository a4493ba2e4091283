//! Faults that only a SQL Server can have.

use serde_json::json;

use super::speech::{self, *};
use crate::dns::{AZURE, here, records};
use crate::matrix::{Expected, Fault, OK, Own, Target, fast, late};
use crate::peer::{Script, Step, say};
use crate::speech::{Driver, Role};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "SQL Server", faults, refusals, otherwise: &[] };

const ODD: Expected = fast("protocol", "auth");

fn one(name: &str, expected: Expected, script: Script) -> Fault {
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

/// `words` in answer to PRELOGIN.
fn greets(name: &str, words: Vec<u8>) -> Fault {
    one(name, fast("protocol", "tls"), vec![Step::Hear, say(words), Step::Hold])
}

/// `rest` after the turn `at`.
fn after(name: &str, at: usize, expected: Expected, rest: Vec<Step>) -> Fault {
    one(name, expected, DRIVER.after(at, rest))
}

/// `payload` in answer to LOGIN7.
fn verdict(name: &str, expected: Expected, payload: &[u8]) -> Fault {
    after(name, 1, expected, vec![say(packet(1, payload)), Step::Hold])
}

/// `payload` in answer to the test query.
fn answers(name: &str, expected: Expected, payload: &[u8]) -> Fault {
    after(name, 2, expected, vec![say(packet(1, payload)), Step::Hold])
}

fn faults() -> Vec<Fault> {
    let mut faults = preludes();
    faults.extend(verdicts());
    faults.extend(sessions());
    faults.push(route_of_azure());
    faults
}

fn preludes() -> Vec<Fault> {
    let off = |encryption| vec![Step::Hear, say(prelogin(encryption)), Step::Hold];
    vec![
        one("PRELOGIN without end", fast("protocol", "tls"), vec![Step::Hear, Step::Flood(packet(0, &[0; 64]))]),
        greets("PRELOGIN without options", packet(1, &[0xff])),
        greets("PRELOGIN of no bytes", packet(1, &[])),
        greets("PRELOGIN whose options lie outside", packet(1, &[0, 0xff, 0xff, 0, 6, 1, 0xff, 0xff, 0, 1, 0xff])),
        greets("PRELOGIN whose options have no end", packet(1, &[0, 0, 11, 0, 6, 1, 0, 17])),
        greets("PRELOGIN with an option of 65,535 bytes", packet(1, &[0, 0, 11, 0xff, 0xff, 1, 0, 17, 0, 1, 0xff])),
        greets("PRELOGIN with a version of two bytes", packet(1, &[0, 0, 11, 0, 2, 1, 0, 13, 0, 1, 0xff, 16, 0, 2])),
        greets("an encryption that does not exist", prelogin(9)),
        greets("PRELOGIN in a packet of length 7", vec![4, 1, 0, 7, 0, 0, 0, 0]),
        greets("PRELOGIN in a packet of length 0", vec![4, 1, 0, 0, 0, 0, 0, 0]),
        greets("PRELOGIN in a packet of 65,535 bytes", vec![4, 1, 0xff, 0xff, 0, 0, 0, 0]),
        greets("PRELOGIN in the client's own packet", [&[0x12][..], &prelogin(ENCRYPT_ON)[1..]].concat()),
        one("less encryption than is demanded", fast("tls", "tls"), off(ENCRYPT_OFF)).with(json!({"Encrypt": "yes"})),
        one("no encryption where it is demanded", fast("tls", "tls"), off(ENCRYPT_NOT_SUP))
            .with(json!({"encryption": "require"})),
        // Like FreeTDS, connprobe does what the server demands; it then waits for a handshake that does not come.
        one("encryption where it is turned off, and does not come", late("tls"), off(ENCRYPT_REQ))
            .with(json!({"encryption": "off"})),
        one("encryption is agreed on, and does not come", late("tls"), off(ENCRYPT_OFF)),
        one(
            "encryption is agreed on, and an answer in clear comes",
            fast("protocol", "tls"),
            vec![Step::Hear, say(prelogin(ENCRYPT_ON)), Step::Hear, say(welcome()), Step::Hold],
        ),
    ]
}

fn verdicts() -> Vec<Fault> {
    let feature = [&[0xae, 0x01][..], &u32::MAX.to_le_bytes(), &[0; 32]].concat();
    vec![
        verdict(
            "routed to the metadata service",
            fast("policy", "auth"),
            &[routing("169.254.169.254", 80), done(0)].concat(),
        ),
        verdict(
            "routed to another host",
            fast("policy", "auth"),
            &[routing("replica.example", 1433), done(0)].concat(),
        ),
        verdict("routed to this machine", fast("policy", "auth"), &[routing("127.0.0.1", 1433), done(0)].concat()),
        verdict("tokens that do not exist", ODD, &[0x01; 32]),
        verdict("a feature of 4 GiB", ODD, &feature),
        verdict("an error that is cut off", ODD, &token(0xaa, &[0x18, 0x48, 0, 0, 1, 14, 0xff, 0xff])),
        verdict("an error with a text outside of it", ODD, &[&[0xaa, 4, 0][..], &[0x18, 0x48, 0, 0]].concat()),
        verdict("an ENVCHANGE that is cut off", ODD, &token(0xe3, &[4, 200])),
        verdict(
            "a database missing, and a refusal after it",
            fast("not_found", "auth"),
            &[error(4060, "no"), error(18456, "no"), done(2)].concat(),
        ),
        after("messages without end", 1, ODD, vec![Step::Flood(packet(0, &info("hello")))]),
        after("packets of no bytes, without end", 1, ODD, vec![Step::Flood(packet(0, &[]))]),
        after("a verdict in a packet of length 7", 1, ODD, vec![say([4, 1, 0, 7, 0, 0, 0, 0]), Step::Hold]),
        after("the client's own message back", 1, ODD, vec![say([0x10, 1, 0, 9, 0, 0, 0, 0, 0]), Step::Hold]),
        verdict("a session without LOGINACK", late("query"), &done(0)),
        verdict("SSPI is asked for", ODD, &[0xed, 4, 0, 1, 2, 3, 4]),
        verdict("another way to log in is asked for", ODD, &[&[0xee][..], &8_u32.to_le_bytes(), &[0; 8]].concat()),
    ]
}

fn sessions() -> Vec<Fault> {
    let odd = fast("protocol", "query");
    vec![
        answers("no row", odd, &done(0)),
        answers("columns and no row", odd, &[columns(), done(0)].concat()),
        answers("65,534 columns", late("query"), &[0x81, 0xfe, 0xff, 0, 0, 0, 0]),
        answers("a row before its columns", odd, &[row(), done(0)].concat()),
        answers("a value longer than its packet", late("query"), &[columns(), vec![0xd1, 0xff, 0x7f]].concat()),
        answers("a column of a type that does not exist", odd, &[0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0x99, 0]),
        after("rows without end", 2, odd, vec![say(packet(0, &columns())), Step::Flood(packet(0, &row()))]),
        after("messages instead of an answer, without end", 2, odd, vec![Step::Flood(packet(0, &info("hello")))]),
        answers("the answer in two result sets", OK, &[columns(), row(), done(1), columns(), row(), done(0)].concat()),
        answers(
            "an error after the row",
            fast("busy", "query"),
            &[columns(), row(), error(701, "no"), done(2)].concat(),
        ),
    ]
}

/// The server accepts the login and routes the client to another server, whose name resolves to an address that
/// connprobe must not connect to.
fn route_of_azure() -> Fault {
    let route = packet(1, &[login_ack(), routing(AZURE, 1433), done(0)].concat());
    let script = vec![Step::Hear, say(prelogin(ENCRYPT_NOT_SUP)), Step::Hear, say(route), Step::Hold];
    let target = Target::Named(|question| records(question, [here()]), script);
    Fault::new("a route of Azure's to a name that stands for the metadata service").on(
        DRIVER,
        fast("policy", "connect"),
        target,
    )
}

fn refusals() -> Vec<Fault> {
    let said = |role, phase| {
        move |&(name, class, number): &(&str, &'static str, u32)| {
            let words = packet(1, &[error(number, "no"), done(2)].concat());
            Fault::instead(DRIVER, name, fast(class, phase), role, say(words))
        }
    };
    LOGINS.iter().map(said(Role::Verdict, "auth")).chain(QUERIES.iter().map(said(Role::Answer, "query"))).collect()
}

/// Answers in place of the verdict: the class and the number.
const LOGINS: &[(&str, &str, u32)] = &[
    ("a wrong password", "auth", 18456),
    ("an unknown user", "auth", 18452),
    ("an account that is locked", "auth", 18486),
    ("an account that is disabled", "auth", 18470),
    ("a password or token that has expired", "auth", 18487),
    ("a password that must be changed", "auth", 18488),
    ("this machine may not log in", "denied", 40615),
    ("this machine is blocked for its errors", "denied", 17892),
    ("a virtual network may not log in", "denied", 40914),
    ("TLS is demanded", "tls", 47072),
    ("a database that does not exist", "not_found", 4060),
    ("a default database that does not open", "not_found", 4064),
    ("no right to the database", "denied", 916),
    ("a database that accepts no connections", "denied", 976),
    ("no connection free", "busy", 10928),
    ("no connection free for this user", "busy", 17809),
    ("a limit of this user's is reached", "busy", 10929),
    ("starting up", "busy", 17187),
    ("shutting down", "busy", 6005),
    ("offline for maintenance", "busy", 18401),
    ("in single-user mode", "busy", 18461),
    ("a database that is not available at the moment", "busy", 40613),
    ("out of memory", "busy", 701),
    ("out of disk", "server", 1105),
    ("a code that nobody knows", "server", 99_999),
];

/// Answers to the test query.
const QUERIES: &[(&str, &str, u32)] = &[
    ("the test query is not permitted", "denied", 916),
    ("the test query is cut off by a shutdown", "busy", 6005),
    ("the test query ends in an unknown error", "server", 99_999),
];
