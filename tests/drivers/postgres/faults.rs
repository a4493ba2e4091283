//! Faults that only a PostgreSQL server can have.

use serde_json::json;

use super::speech::{self, *};
use crate::matrix::{Expected, Fault, OK, Own, Target, fast, late};
use crate::peer::{Manner, Script, Step, Words, say};
use crate::speech::{Driver, Role};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "PostgreSQL", faults, refusals, otherwise: &[] };

const ODD: Expected = fast("protocol", "auth");

/// A good login in clear up to the turn `at`, then `rest`.
fn after(at: usize, rest: Vec<Step>) -> Script {
    DRIVER.after(at, rest)
}

fn one(name: &str, expected: Expected, script: Script) -> Fault {
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

fn faults() -> Vec<Fault> {
    let mut faults = encryption();
    faults.extend(demands());
    faults.extend(scram());
    faults.extend(frames());
    faults.extend(sessions());
    faults
}

fn encryption() -> Vec<Fault> {
    vec![
        one(
            "an old server's error instead of an answer about TLS",
            fast("busy", "tls"),
            vec![Step::Hear, say("EFATAL:  sorry, too many clients already\n\0")],
        ),
        one(
            "could not fork",
            fast("busy", "tls"),
            vec![Step::Hear, say("Ecould not fork new process for connection\0")],
        ),
        one("a byte that is neither S nor N", fast("protocol", "tls"), vec![Step::Hear, say("X"), Step::Hold]),
        one("GSSAPI's letter instead of TLS's", fast("protocol", "tls"), vec![Step::Hear, say("G"), Step::Hold]),
        one(
            "S, and then clear text",
            fast("tls", "tls"),
            vec![Step::Hear, say([b"S", &scram_demand()[..]].concat()), Step::Hold],
        )
        // With `prefer` a second login in clear would follow, as with libpq.
        .secure(),
        one("S, and then nothing", late("tls"), vec![Step::Hear, say("S"), Step::Hold]),
    ]
}

fn demands() -> Vec<Fault> {
    let demand = |name: &str, kind: u32, body: &[u8]| {
        one(
            &format!("{name} is demanded"),
            fast("unsupported", "auth"),
            after(1, vec![say(request(kind, body)), Step::Hold]),
        )
    };
    let asked = |name: &str, then: Vec<u8>| one(name, ODD, after(2, vec![say(then), Step::Hold]));
    vec![
        demand("Kerberos V5", 2, b""),
        demand("a unix socket's credential", 6, b""),
        demand("GSSAPI", 7, b""),
        demand("SSPI", 9, b""),
        demand("a SASL mechanism that nobody knows", 10, b"EXTERNAL\0\0"),
        demand("channel binding without TLS", 10, b"SCRAM-SHA-256-PLUS\0\0"),
        one("an unknown kind of proof is demanded", ODD, after(1, vec![say(request(99, b"")), Step::Hold])),
        one("no proof is demanded", OK, after(1, vec![say(welcome()), Step::Hear, say(answer()), Step::Hold])),
        one(
            "a proof is demanded twice",
            ODD,
            after(1, vec![say([scram_demand(), scram_demand()].concat()), Step::Hold]),
        ),
        asked("the password in clear, after SCRAM was begun", request(3, b"")),
        asked("its hash, after SCRAM was begun", request(5, b"salt")),
        asked("accepted in the middle of SCRAM", welcome()),
        one("MD5 with half a salt", ODD, after(1, vec![say(request(5, b"sa")), Step::Hold])),
        one(
            "the password expired meanwhile",
            fast("auth", "auth"),
            after(3, vec![say(error("28P01", "no", "auth_failed"))]),
        ),
    ]
}

fn scram() -> Vec<Fault> {
    let rounds = |rounds: &'static str| {
        one(&format!("SCRAM with {rounds} rounds"), ODD, after(2, vec![scram_challenge(rounds), Step::Hold]))
    };
    let challenge = |name: &str, text: &'static str| {
        one(&format!("SCRAM, {name}"), ODD, after(2, vec![say(request(11, text.as_bytes())), Step::Hold]))
    };
    let proof = |name: &str, body: Vec<u8>| one(&format!("SCRAM, {name}"), ODD, after(3, vec![say(body), Step::Hold]));
    vec![
        rounds("0"),
        rounds("-1"),
        rounds("100001"),
        rounds("2147483647"),
        rounds("99999999999999999999"),
        challenge("a nonce that does not continue ours", "r=stranger,s=c2FsdA==,i=4096"),
        challenge("no nonce", "s=c2FsdA==,i=4096"),
        challenge("an extension that must be understood", "m=x,r=stranger,s=c2FsdA==,i=4096"),
        challenge("an empty challenge", ""),
        proof("no proof of the server's", welcome()),
        proof(
            "a wrong proof of the server's",
            [request(12, b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), welcome()].concat(),
        ),
        one(
            "SCRAM, an error instead of the proof",
            fast("auth", "auth"),
            after(3, vec![say(request(12, b"e=other-error")), Step::Hold]),
        ),
        proof("a second challenge", request(11, b"r=a,s=c2FsdA==,i=4096")),
    ]
}

fn frames() -> Vec<Fault> {
    let length = |name: &str, length: [u8; 4]| {
        let message = [b"R", &length[..], &[0, 0, 0, 10]].concat();
        one(&format!("a message of {name}"), ODD, after(1, vec![say(message), Step::Hold]))
    };
    let flood = |name: &str, at: usize, first: Vec<u8>, unit: Vec<u8>, expected| {
        one(&format!("{name}, without end"), expected, after(at, vec![say(first), Step::Flood(unit)]))
    };
    let proof = |rest: Vec<u8>| vec![scram_proof(rest)];
    vec![
        length("length 0", [0; 4]),
        length("length 3", [0, 0, 0, 3]),
        length("length 2,147,483,647", [0x7f, 0xff, 0xff, 0xff]),
        length("length -1", [0xff; 4]),
        one("a message of an unknown kind", ODD, after(1, vec![say(message(b'!', b"x")), Step::Hold])),
        one("a row before the login", ODD, after(1, vec![say(row()), Step::Hold])),
        flood("notices", 1, vec![], message(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mhello\0\0"), ODD),
        flood("parameters", 1, request(0, b""), parameter("a", "b"), ODD),
        one("errors without end", fast("server", "auth"), after(1, vec![Step::Flood(error("XX000", "no", "elog"))])),
        one("an error without a code", fast("server", "auth"), after(1, vec![say(message(b'E', b"SFATAL\0\0"))])),
        one(
            "an error of one megabyte",
            ODD,
            after(1, vec![say(error("28P01", &"x".repeat(1 << 20), "auth_failed")), Step::Hold]),
        ),
        one(
            "an error whose text is no text",
            fast("auth", "auth"),
            after(1, vec![say(message(b'E', b"SFATAL\0VFATAL\0C28P01\0M\xff\xfe\x1b[31m\0Rauth_failed\0\0"))]),
        ),
        one(
            "another version of the protocol",
            ODD,
            after(1, vec![say(message(b'v', &[0, 3, 0, 0, 0, 0, 0, 1, b'x', 0])), Step::Hold]),
        ),
        one(
            "the session is never ready",
            late("auth"),
            after(3, {
                let mut unready = welcome();
                unready.truncate(unready.len() - 6);
                let mut steps = proof(unready);
                steps.push(Step::Hold);
                steps
            }),
        ),
    ]
}

fn sessions() -> Vec<Fault> {
    let told = |name: &str, expected, rest: Vec<Step>| one(name, expected, after(4, rest));
    let odd = fast("protocol", "query");
    let ready = || message(b'Z', b"I");
    vec![
        told("no row", odd, vec![say([description(), message(b'C', b"SELECT 0\0"), ready()].concat()), Step::Hold]),
        told("nothing but readiness", odd, vec![say(ready()), Step::Hold]),
        told("rows without end", odd, vec![say(description()), Step::Flood(row_of(&"x".repeat(1000)))]),
        told(
            "a row of 65,535 columns",
            odd,
            vec![
                say([description(), message(b'D', b"\xff\xff"), message(b'C', b"SELECT 1\0"), ready()].concat()),
                Step::Hold,
            ],
        ),
        told(
            "a value of negative length, which libpq too takes for none",
            OK,
            vec![
                say([description(), message(b'D', b"\0\x01\xff\xff\xff\xfe"), message(b'C', b"SELECT 1\0"), ready()]
                    .concat()),
                Step::Hold,
            ],
        ),
        told("a request to copy a file", odd, vec![say(message(b'G', &[0, 0, 0])), Step::Hold]),
        told(
            "a row without a description",
            odd,
            vec![say([row(), message(b'C', b"SELECT 1\0"), ready()].concat()), Step::Hold],
        ),
        told(
            "an error after the row",
            fast("server", "query"),
            vec![say([description(), row(), error("XX000", "no", "elog"), ready()].concat()), Step::Hold],
        ),
        told(
            "rows, a little at a time",
            late("query"),
            vec![
                say(description()),
                Step::Say(Words::These(row().repeat(50)), Manner::Dripping(std::time::Duration::from_millis(20))),
                Step::Hold,
            ],
        ),
    ]
}

fn refusals() -> Vec<Fault> {
    let said = |role, phase| {
        move |&(name, class, code, routine): &(&str, &'static str, &str, &str)| {
            Fault::instead(DRIVER, name, fast(class, phase), role, say(error(code, "no", routine)))
        }
    };
    let unknown_setting = said(Role::Verdict, "auth")(&(
        "a setting that the server does not know",
        "definition",
        "42704",
        "SetConfigOption",
    ));
    let mut faults: Vec<Fault> = LOGINS.iter().map(said(Role::Verdict, "auth")).collect();
    faults.push(unknown_setting.with(json!({"options": "-c nosuch=1"})));
    faults.extend(QUERIES.iter().map(said(Role::Answer, "query")));
    faults
}

/// Answers in place of the verdict: the class, the code, and the routine that raised the error.
const LOGINS: &[(&str, &str, &str, &str)] = &[
    ("a wrong password", "auth", "28P01", "auth_failed"),
    ("an unknown user", "auth", "28000", "InitializeSessionUserId"),
    ("a method of the server's own says no", "auth", "28000", "auth_failed"),
    ("a bare refusal, as Redshift and poolers give it", "auth", "28000", ""),
    ("this machine may not log in", "denied", "28000", "ClientAuthentication"),
    ("a database that does not exist", "not_found", "3D000", "InitPostgres"),
    ("no right to the database", "denied", "42501", "CheckMyDatabase"),
    ("a database that accepts no connections", "denied", "55000", "CheckMyDatabase"),
    ("no connection free", "busy", "53300", "InitProcess"),
    ("starting up", "busy", "57P03", "ProcessStartupPacket"),
    ("shutting down", "busy", "57P01", "ProcessInterrupts"),
    ("another process crashed", "busy", "57P02", "quickdie"),
    ("out of memory", "server", "53200", "AllocSetAlloc"),
    ("out of disk", "server", "53100", "mdextend"),
    ("the server's pooler has no server", "busy", "08001", ""),
    ("an internal error", "server", "XX000", "elog"),
    ("a code that nobody knows", "server", "ZZ123", "nobody"),
];

/// Answers to the test query.
const QUERIES: &[(&str, &str, &str, &str)] = &[
    ("the test query is not permitted", "denied", "42501", "aclcheck_error"),
    ("the test query is cut off by a shutdown", "busy", "57P01", "ProcessInterrupts"),
    ("the test query is canceled", "server", "57014", "ProcessInterrupts"),
    ("the test query finds the disk full", "server", "53100", "mdextend"),
    ("the test query ends in an unknown error", "server", "ZZ123", "nobody"),
];
