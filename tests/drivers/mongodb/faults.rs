//! Faults that only a MongoDB server can have.

use hickory_resolver::proto::op::ResponseCode;
use mongodb::bson::doc;
use serde_json::json;

use super::speech::{self, *};
use crate::dns::{Question, Reply, at, here, records, service, text};
use crate::matrix::{Expected, Fault, OK, Otherwise, Own, Target, fast, late};
use crate::peer::{Script, Step, reply, say};
use crate::speech::{Driver, Role, script};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "MongoDB", faults, refusals, otherwise: OTHERWISE };

const OTHERWISE: &[(&str, Otherwise)] = &[
    // The answer is too short to be distinguished from the beginning of a message.
    ("SOCKS answers", Otherwise::As(late("auth"))),
    // The server closes the connection after bytes that are not a message of its protocol.
    ("no TLS is offered", Otherwise::As(fast("unreachable", "tls"))),
];

const ODD: Expected = fast("protocol", "auth");

fn one(name: &str, expected: Expected, script: Script) -> Fault {
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

/// `says` in answer to the first command.
fn greets_with(name: &str, expected: Expected, says: Step) -> Fault {
    one(name, expected, vec![Step::Hear, says, Step::Hold])
}

/// `rest` after the turn `at`.
fn after(name: &str, at: usize, expected: Expected, rest: Vec<Step>) -> Fault {
    one(name, expected, DRIVER.after(at, rest))
}

/// Documents nested `depth` deep.
fn nested(kind: u8, depth: usize) -> Vec<u8> {
    (0..depth).fold(vec![5, 0, 0, 0, 0], |inner, _| {
        let length = i32::try_from(inner.len() + 8).unwrap();
        [&length.to_le_bytes()[..], &[kind, b'x', 0], &inner, &[0]].concat()
    })
}

/// The greeting with another 32-bit word at the offset `at`.
fn with_word(at: usize, word: i32) -> Step {
    reply(move |heard| {
        let mut bytes = message(&hello(), heard);
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        bytes
    })
}

/// A greeting that has the same field twice.
fn repeated() -> Vec<u8> {
    let mut document = doc! { "a": 1, "b": 2, "ok": 1 }.to_vec().unwrap();
    let second = document.iter().position(|byte| *byte == b'b').unwrap();
    document[second] = b'a';
    raw_message(&document, &[])
}

fn faults() -> Vec<Fault> {
    let mut faults = messages();
    faults.extend(greetings());
    faults.extend(scram());
    faults.extend(sessions());
    faults.extend(services());
    faults
}

fn messages() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, length) in
        [("-5", -5), ("0", 0), ("15", 15), ("25", 25), ("48,000,000", 48_000_000), ("2,147,483,647", i32::MAX)]
    {
        faults.push(greets_with(&format!("a message of {name} bytes"), ODD, say(length.to_le_bytes())));
    }
    for depth in [65, 200, 800, 20_000] {
        faults.push(greets_with(
            &format!("documents nested {depth} deep"),
            ODD,
            say(raw_message(&nested(3, depth), &[])),
        ));
        faults.push(greets_with(&format!("arrays nested {depth} deep"), ODD, say(raw_message(&nested(4, depth), &[]))));
    }
    faults.extend([
        greets_with("a compressed message", ODD, with_word(12, 2012)),
        greets_with("a bomb of 100 MB in a kilobyte", ODD, say(bomb())),
        greets_with("an answer of before 3.6", ODD, with_word(12, 1)),
        greets_with("an operation that does not exist", ODD, with_word(12, 77)),
        greets_with("a stream of answers", ODD, with_word(16, 2)),
        greets_with("flags that nobody knows", ODD, with_word(16, 0x40)),
        greets_with("a section that does not exist", ODD, with_word(17, 0x0900_0000)),
        greets_with("a document longer than its message", ODD, with_word(21, 5000)),
        greets_with("a document shorter than its message", ODD, with_word(21, 40)),
        greets_with(
            "a field of a type that does not exist",
            ODD,
            say(raw_message(b"\x0d\0\0\0\x99a\0\0\0\0\0\0\0", &[])),
        ),
        greets_with("a text without end", ODD, say(raw_message(b"\x10\0\0\0\x02a\0\xff\xff\xff\x7fab\0\0", &[]))),
        greets_with("a field that is there twice", ODD, say(repeated())),
        one("answers without end", ODD, vec![Step::Hear, Step::Flood(message(&hello(), &[]))]),
        one(
            "a message that promises and does not come",
            late("auth"),
            vec![
                Step::Hear,
                say([&1_000_000_i32.to_le_bytes()[..], &[1, 0, 0, 0, 0, 0, 0, 0], &2013_i32.to_le_bytes()].concat()),
                Step::Hold,
            ],
        ),
    ]);
    faults
}

/// `OP_COMPRESSED` with zlib, as after an agreement on compression.
fn bomb() -> Vec<u8> {
    let body = [&2013_i32.to_le_bytes()[..], &100_000_000_i32.to_le_bytes(), &[2], &[0x78; 1000]].concat();
    let length = i32::try_from(body.len() + 16).unwrap();
    [&length.to_le_bytes()[..], &[1, 0, 0, 0, 0, 0, 0, 0], &2012_i32.to_le_bytes(), &body].concat()
}

fn greetings() -> Vec<Fault> {
    let odd = |name, document| greets_with(name, ODD, tells(document));
    let wrong = fast("definition", "auth");
    vec![
        odd("a greeting that is none", doc! { "ok": 1 }),
        odd("a greeting without a wire version", doc! { "ok": 1, "ismaster": true }),
        greets_with(
            "an arbiter",
            wrong,
            greets(doc! { "setName": "rs0", "ismaster": false, "arbiterOnly": true }, "4096"),
        ),
        greets_with("a member of another replica set", wrong, greets(doc! { "setName": "rs1" }, "4096"))
            .with(json!({"replicaSet": "rs0"})),
        greets_with("no member of a replica set", wrong, greets(doc! {}, "4096")).with(json!({"replicaSet": "rs0"})),
        greets_with(
            "a replica set that is not initiated",
            fast("busy", "auth"),
            greets(doc! { "isreplicaset": true }, "4096"),
        )
        .with(json!({"replicaSet": "rs0"})),
        greets_with("not behind a load balancer", wrong, greets(doc! {}, "4096")).with(json!({"loadBalanced": true})),
        odd("a login that is over before it began", {
            let mut hello = hello();
            hello.insert("speculativeAuthenticate", sasl("v=AAAA", true));
            hello
        }),
        good(
            "absurd limits of the server's",
            doc! { "maxMessageSizeBytes": i32::MAX, "maxBsonObjectSize": i32::MAX, "logicalSessionTimeoutMinutes": i64::MAX },
        ),
        good("ten thousand hosts", doc! { "hosts": vec!["10.0.0.1:27017"; 10_000], "setName": "rs0" }),
        good(
            "hosts that are the metadata service",
            doc! { "hosts": ["169.254.169.254:80"], "primary": "169.254.169.254:80", "setName": "rs0" },
        ),
        good("compression that nobody asked for", doc! { "compression": ["zlib", "zstd"] }),
    ]
}

/// A successful login whose greeting has the additional fields `more`.
fn good(name: &str, more: mongodb::bson::Document) -> Fault {
    let mut turns = (DRIVER.login)();
    turns[0].says = greets(more, "4096");
    one(name, OK, [script(&turns), vec![Step::Hold]].concat())
}

fn scram() -> Vec<Fault> {
    let rounds =
        |rounds: &'static str| greets_with(&format!("SCRAM with {rounds} rounds"), ODD, greets(doc! {}, rounds));
    let challenge = |name: &str, text: &'static str| {
        greets_with(&format!("SCRAM, {name}"), ODD, {
            let mut hello = hello();
            hello.insert("speculativeAuthenticate", sasl(text, false));
            tells(hello)
        })
    };
    let proof = |name: &str, document| after(&format!("SCRAM, {name}"), 1, ODD, vec![tells(document), Step::Hold]);
    vec![
        rounds("1"),
        rounds("4095"),
        rounds("100001"),
        rounds("20000000"),
        rounds("2147483647"),
        rounds("4294967296"),
        challenge("a nonce that does not continue ours", "r=stranger,s=c2FsdA==,i=4096"),
        challenge("no nonce", "s=c2FsdA==,i=4096"),
        challenge("an empty salt", "r=stranger,s=,i=4096"),
        challenge("an empty challenge", ""),
        proof("a wrong proof of the server's", sasl("v=AAAA", true)),
        proof("no proof of the server's", sasl("", true)),
        proof("an answer without a payload", doc! { "ok": 1, "done": true, "conversationId": 1 }),
        proof("another conversation", {
            let mut other = sasl("v=AAAA", true);
            other.insert("conversationId", 99);
            other
        }),
    ]
}

fn sessions() -> Vec<Fault> {
    let odd = fast("protocol", "query");
    vec![
        after("nested 800 deep after the login", 2, odd, vec![say(raw_message(&nested(3, 800), &[])), Step::Hold]),
        after("2,147,483,647 bytes after the login", 2, odd, vec![say(i32::MAX.to_le_bytes()), Step::Hold]),
        after("a compressed message after the login", 2, odd, vec![with_word(12, 2012), Step::Hold]),
        after("an answer without ok", 2, fast("server", "query"), vec![tells(doc! { "version": "8.0.4" }), Step::Hold]),
        after(
            "an answer of half a megabyte",
            2,
            OK,
            vec![tells(doc! { "ok": 1, "version": "8.0.4", "text": "x".repeat(500_000) }), Step::Hold],
        ),
        after(
            "an answer of two megabytes",
            2,
            odd,
            vec![tells(doc! { "ok": 1, "text": "x".repeat(2_000_000) }), Step::Hold],
        ),
    ]
}

/// Contents of the records of a `mongodb+srv` name.
fn services() -> Vec<Fault> {
    const NO_ADDRESS: Expected = fast("resolve", "resolve");
    let by_srv = |name: &str, expected, naming| {
        let fault = Fault::new(format!("SRV: {name}"));
        fault.on(DRIVER, expected, Target::Service(naming, DRIVER.taking())).with(json!({"srv": true, "tls": false}))
    };
    vec![
        by_srv("all is well", OK, |question| seeds(question, "node", &[])),
        by_srv("a TXT record that names the authentication database", OK, |question| {
            seeds(question, "node", &["authSource=admin"])
        }),
        by_srv("there is no record", NO_ADDRESS, |_| Reply::Code(ResponseCode::NXDomain)),
        by_srv("the name has records of other kinds only", NO_ADDRESS, |question| records(question, [here()])),
        by_srv("the DNS server fails", NO_ADDRESS, |_| Reply::Code(ResponseCode::ServFail)),
        by_srv("the DNS server is silent", late("resolve"), |_| Reply::Silence),
        by_srv("a host of another domain", fast("policy", "resolve"), |question| {
            records(question, [service("db.evil.example", question.port)])
        }),
        by_srv("an address instead of a host", NO_ADDRESS, |question| {
            records(question, [service("169.254.169.254", question.port)])
        }),
        by_srv("the service is not offered", NO_ADDRESS, |question| records(question, [service("", question.port)])),
        by_srv("the host has no address", NO_ADDRESS, |question| seeds(question, "gone", &[])),
        by_srv("the host stands for the metadata service", fast("policy", "connect"), |question| {
            seeds(question, "metadata", &[])
        }),
        by_srv("a TXT record that turns TLS off", fast("policy", "resolve"), |question| {
            seeds(question, "node", &["tls=false"])
        }),
        by_srv("two TXT records", fast("policy", "resolve"), |question| {
            seeds(question, "node", &["authSource=admin", "authSource=other"])
        }),
    ]
}

/// The records of a cluster with the single host `node` and these TXT records.
fn seeds(question: &Question, node: &str, texts: &[&str]) -> Reply {
    match question.prefix.as_str() {
        "_mongodb._tcp" => records(question, [service(&format!("{node}.{}", question.zone), question.port)]),
        "" => records(question, texts.iter().map(|line| text(line))),
        "node" => records(question, [here()]),
        "metadata" => records(question, [at("169.254.169.254")]),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}

fn refusals() -> Vec<Fault> {
    let said = |role, phase| {
        move |&(name, class, code): &(&str, &'static str, i32)| {
            let words = tells(doc! { "ok": 0.0, "code": code, "errmsg": "no" });
            Fault::instead(DRIVER, name, fast(class, phase), role, words)
        }
    };
    LOGINS.iter().map(said(Role::Verdict, "auth")).chain(QUERIES.iter().map(said(Role::Answer, "query"))).collect()
}

/// Answers in place of the verdict: the class and the code.
const LOGINS: &[(&str, &str, i32)] = &[
    ("a wrong password", "auth", 18),
    ("an unknown user", "auth", 11),
    ("a password or token that has expired", "auth", 391),
    ("a method of the server's own says no", "auth", 8000),
    ("a login method that is not to be had", "unsupported", 334),
    // The server sends 13 after the login only, such as for the test query.
    ("a denial in the place of an accepted login", "auth", 13),
    ("no connection free", "busy", 462),
    ("starting up", "busy", 91),
    ("shutting down", "busy", 11600),
    ("offline for maintenance", "busy", 11602),
    ("a database that is not available at the moment", "busy", 189),
    ("no primary", "busy", 10107),
    ("neither primary nor secondary", "busy", 13436),
    // Before the end of the login such a code counts as a refusal, so that the secret is not sent again.
    ("a code that nobody knows, to the proof", "auth", 99_999),
    ("a throttle", "busy", 16500),
];

/// Answers to the test query.
const QUERIES: &[(&str, &str, i32)] = &[
    ("the test query is not permitted", "denied", 13),
    ("the test query is cut off by a shutdown", "busy", 11600),
    ("the test query ends in an unknown error", "server", 99_999),
];
