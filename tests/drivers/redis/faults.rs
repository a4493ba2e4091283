//! Faults that only a Redis server can have.

use std::time::Duration;

use serde_json::json;

use super::speech::{self, demand, error, hello, lives};
use crate::matrix::{Expected, Fault, OK, Otherwise, Own, Target, fast, late};
use crate::peer::{Script, Step, say};
use crate::speech::{Driver, Role};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "Redis", faults, refusals, otherwise: OTHERWISE };

const OTHERWISE: &[(&str, Otherwise)] = &[
    // These are messages of the driver's own protocol.
    ("Redis greets", Otherwise::As(fast("busy", "auth"))),
    ("Redis in protected mode greets", Otherwise::As(fast("denied", "auth"))),
    // The peer does not know PING, so the driver sends AUTH, which is not answered.
    ("Redis answers", Otherwise::As(late("auth"))),
    // Half of the answer proves the session; the rest contains facts about the server.
    ("half of it, then silence in place of the answer to the test query", Otherwise::As(OK)),
    ("half of it, then a close in place of the answer to the test query", Otherwise::As(OK)),
    ("half of it, then a reset in place of the answer to the test query", Otherwise::As(OK)),
    ("a byte of it now and then in place of the answer to the test query", Otherwise::As(OK)),
];

/// A pause that is long enough for the bytes before it to arrive separately.
const MOMENT: Duration = Duration::from_millis(30);

const ODD: Expected = fast("protocol", "auth");
const UNSET: &str = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";

fn one(name: &str, expected: Expected, script: Script) -> Fault {
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

/// The error of servers before Redis 6.
const NO_USERS: &str = "ERR wrong number of arguments for 'auth' command";

/// `says` in answer to AUTH.
fn auth(name: &str, expected: Expected, says: impl AsRef<[u8]>) -> Fault {
    logging_in(name, expected, vec![say(says), Step::Hold])
}

/// `rest` after the client has sent AUTH.
fn logging_in(name: &str, expected: Expected, rest: Script) -> Fault {
    one(name, expected, [vec![Step::Hear, demand(), Step::Hear], rest].concat())
}

/// `says` after an accepted login.
fn after(name: &str, expected: Expected, says: impl AsRef<[u8]>) -> Fault {
    logging_in(name, expected, vec![say("+OK\r\n"), Step::Hear, say(says), Step::Hold])
}

/// `says` in answer to SELECT of database 3.
fn select(name: &str, expected: Expected, says: &str) -> Fault {
    let words = [&b"+PONG\r\n"[..], &error(says), hello("standalone").as_bytes()].concat();
    after(name, expected, words).with(json!({"db": 3}))
}

fn faults() -> Vec<Fault> {
    let mut faults = logins();
    faults.extend(sessions());
    faults.extend(replies());
    faults
}

fn logins() -> Vec<Fault> {
    let busy = fast("busy", "auth");
    vec![
        auth("a wrong password, as before Redis 6", fast("auth", "auth"), error("ERR invalid password")),
        logging_in(
            "a user where there are none, and then none",
            OK,
            vec![say(error(NO_USERS)), Step::Hear, say("+OK\r\n"), Step::Hear, say(lives()), Step::Hold],
        ),
        logging_in(
            "a user where there are none, twice",
            fast("protocol", "auth"),
            vec![say(error(NO_USERS)), Step::Hear, say(error(NO_USERS)), Step::Hold],
        ),
        auth("a login where there are none", fast("definition", "auth"), error("ERR unknown command 'AUTH'")),
        auth("a script that goes on", busy, error("BUSY Redis is busy running a script.")),
        logging_in("no password is set", OK, vec![say(error(UNSET)), Step::Hear, say(lives()), Step::Hold]),
        one("full before a word is said, and closed", busy, vec![say(error("ERR max number of clients reached"))]),
        one(
            "protected before a word is said, and closed",
            fast("denied", "auth"),
            vec![say(error("DENIED Redis is running in protected mode"))],
        ),
        logging_in("half of OK, then silence", late("auth"), vec![say("+O"), Step::Hold]),
        logging_in("half of OK, then a close", fast("closed", "auth"), vec![say("+O")]),
        logging_in(
            "half of OK, then a reset",
            fast("closed", "auth"),
            vec![say("+O"), Step::Pause(MOMENT), Step::Reset],
        ),
    ]
}

fn sessions() -> Vec<Fault> {
    let wrong = fast("definition", "query");
    let refused = |name, class, text| after(name, fast(class, "query"), error(text));
    vec![
        refused(
            "a replica that has lost its master",
            "busy",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        ),
        refused(
            "a server that cannot save",
            "server",
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        ),
        refused("a cluster that is down", "busy", "CLUSTERDOWN The cluster is down"),
        refused("a node that names another", "server", "MOVED 3999 169.254.169.254:80"),
        refused("the login is forgotten", "auth", "NOAUTH Authentication required."),
        after(
            "no right to PING",
            OK,
            [error("NOPERM this user has no permissions to run the 'ping' command"), hello("standalone").into()]
                .concat(),
        ),
        after("a server that does not know HELLO", OK, "+PONG\r\n-ERR unknown command 'HELLO'\r\n"),
        logging_in("a proxy that closes at HELLO", OK, vec![say("+OK\r\n"), Step::Hear, say("+PONG\r\n")]),
        after("a Sentinel", wrong, format!("+PONG\r\n{}", hello("sentinel"))),
        after("OK in the place of PONG", fast("protocol", "query"), "+OK\r\n"),
        after("HELLO that is none", OK, "+PONG\r\n(hello)\r\n"),
        select("a database beyond the last", fast("not_found", "query"), "ERR DB index is out of range"),
        select(
            "no right to the database",
            fast("denied", "query"),
            "NOPERM this user has no permissions to run the 'select' command",
        ),
        select("a database in a cluster", wrong, "ERR SELECT is not allowed in cluster mode"),
        select("a database of a Sentinel", wrong, "ERR unknown command 'SELECT', with args beginning with: '3' "),
    ]
}

fn replies() -> Vec<Fault> {
    vec![
        auth("a text of 2 GiB", ODD, "$2147483647\r\n"),
        auth("a text of a length that is none", ODD, "$many\r\n"),
        auth("a text of a negative length", ODD, "$-7\r\n"),
        auth("an array of a thousand million values", ODD, "*1000000000\r\n"),
        auth("an array of more values than there are numbers", ODD, "*99999999999999999999\r\n"),
        auth("arrays of arrays without end", ODD, "*1000\r\n".repeat(1000)),
        auth("a number that is none", ODD, ":many\r\n"),
        auth("an answer that nobody gives", ODD, "+QUEUED\r\n"),
        auth("a map, as RESP3 has it", ODD, "%1\r\n+a\r\n+b\r\n"),
        auth("a line of a megabyte", ODD, format!("+{}\r\n", "x".repeat(1 << 20))),
        logging_in("an error without end", ODD, vec![say("-"), Step::Flood(vec![b'x'; 64])]),
        logging_in("texts without end", ODD, vec![say("*1000\r\n"), Step::Flood(b"$3\r\nabc\r\n".to_vec())]),
        auth("arrays one in the other, and no more", late("auth"), "*1\r\n".repeat(1000)),
    ]
}

const WRONGPASS: &str = "WRONGPASS invalid username-password pair or user is disabled.";

fn refusals() -> Vec<Fault> {
    let said = |role, phase| {
        move |&(name, class, text): &(&str, &'static str, &str)| {
            Fault::instead(DRIVER, name, fast(class, phase), role, say(error(text)))
        }
    };
    LOGINS.iter().map(said(Role::Verdict, "auth")).chain(QUERIES.iter().map(said(Role::Answer, "query"))).collect()
}

/// Answers to AUTH: the class and the error.
const LOGINS: &[(&str, &str, &str)] = &[
    ("a wrong password", "auth", WRONGPASS),
    ("an unknown user", "auth", WRONGPASS),
    ("this machine may not log in", "denied", "DENIED no"),
    ("no connection free", "busy", "ERR max number of clients reached"),
    ("starting up", "busy", "LOADING no"),
    ("a code that nobody knows", "server", "STRANGE no"),
];

/// Answers to the test query.
const QUERIES: &[(&str, &str, &str)] = &[("the test query ends in an unknown error", "server", "STRANGE no")];
