//! Faults that only an S3 server can have.

use super::speech::{self, *};
use crate::matrix::{Expected, Fault, OK, Otherwise, Own, Target, fast, late};
use crate::peer::{Manner, Script, Step, Words, say};
use crate::speech::{Driver, Role};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "S3", faults, refusals, otherwise: OTHERWISE };

/// boto3 rejects a URL with such a host.
const NO_URL: Otherwise = Otherwise::As(fast("definition", "-"));

const OTHERWISE: &[(&str, Otherwise)] = &[
    ("a host name that cannot be one", NO_URL),
    ("a host name that DNS has no room for", NO_URL),
    ("the host is a link-local address with a zone", NO_URL),
    ("a name with an underscore", NO_URL),
    // A URL cannot contain letters outside ASCII.
    ("a name in letters that DNS does not have", Otherwise::Never),
    // The status shows that the keys were accepted; the page does not.
    ("a web page answers", Otherwise::As(EMPTY)),
    ("no TLS is offered", Otherwise::As(fast("protocol", "tls"))),
];

const ODD: Expected = fast("protocol", "auth");
/// The status shows that the keys were accepted, but the body is not an answer to the test query.
const EMPTY: Expected = fast("protocol", "query");

fn one(name: &str, expected: Expected, rest: Vec<Step>) -> Fault {
    let script: Script = [vec![Step::Hear], rest].concat();
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

fn answers(name: &str, expected: Expected, words: Vec<u8>) -> Fault {
    one(name, expected, vec![say(words), Step::Hold])
}

fn faults() -> Vec<Fault> {
    let mut faults = statuses();
    faults.extend(bodies());
    faults.extend(heads());
    faults
}

fn statuses() -> Vec<Fault> {
    let status =
        |status: &str, class| answers(&format!("{status} and no body"), fast(class, "auth"), answer(status, "", ""));
    let redirect = |name: &str, to: &str| {
        let lines = format!("Location: {to}\r\n");
        answers(&format!("a redirect to {name}"), ODD, answer("307 Temporary Redirect", &lines, ""))
    };
    vec![
        answers("204 No Content and no body", EMPTY, answer("204 No Content", "", "")),
        status("400 Bad Request", "protocol"),
        status("401 Unauthorized", "protocol"),
        status("403 Forbidden", "protocol"),
        status("404 Not Found", "protocol"),
        status("407 Proxy Authentication Required", "protocol"),
        status("418 I'm a teapot", "protocol"),
        status("429 Too Many Requests", "busy"),
        status("500 Internal Server Error", "server"),
        status("502 Bad Gateway", "server"),
        status("503 Service Unavailable", "busy"),
        status("511 Network Authentication Required", "protocol"),
        redirect("another host", "http://elsewhere.example/lake"),
        redirect("the metadata service", "http://169.254.169.254/latest/meta-data/"),
        redirect("itself", "/"),
        answers(
            "a login page",
            EMPTY,
            answer("200 OK", "Content-Type: text/html\r\n", "<html><form action=\"/login\"></form></html>"),
        ),
        answers(
            "a proxy that wants a login",
            ODD,
            answer("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n", "<html></html>"),
        ),
    ]
}

fn bodies() -> Vec<Fault> {
    let body = |name: &str, body: &str| answers(name, EMPTY, answer("200 OK", "", body));
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"{}\"><!ENTITY b \"{}\">]><ListBucketResult><Name>&b;</Name></ListBucketResult>",
        "x".repeat(1000),
        "&a;".repeat(1000)
    );
    vec![
        body("no listing", ""),
        body("half a listing", &LISTING[..LISTING.len() / 2]),
        body("a listing of another kind", "<?xml version=\"1.0\"?><Something/>"),
        body("JSON", "{\"buckets\": []}"),
        body(
            "an error with a good status",
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>",
        ),
        body("entities that explode", &bomb),
        body(
            "an entity that names a file",
            "<!DOCTYPE l [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><ListBucketResult><Name>&f;</Name></ListBucketResult>",
        ),
        body("elements nested 100,000 deep", &("<a>".repeat(100_000) + &"</a>".repeat(100_000))),
        body("a listing that is no text", "\u{fffd}\u{fffd}"),
        one("a body that is too short", fast("closed", "query"), vec![say(head(5000)), say(LISTING)]),
        one(
            "a body that is too long",
            OK,
            vec![say(head(LISTING.len())), say([LISTING.as_bytes(), &[b'x'; 4096]].concat()), Step::Hold],
        ),
        one(
            "a body without end",
            EMPTY,
            vec![say("HTTP/1.1 200 OK\r\n\r\n"), Step::Flood(b"<Contents></Contents>".to_vec())],
        ),
        one(
            "an error without end",
            ODD,
            vec![say("HTTP/1.1 403 Forbidden\r\n\r\n"), Step::Flood(b"<Error><Code>".to_vec())],
        ),
        one(
            "a body of 10 GB, announced",
            EMPTY,
            vec![say(head(10_000_000_000)), Step::Flood(b"<Contents></Contents>".to_vec())],
        ),
        one(
            "pieces without end",
            EMPTY,
            vec![say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Step::Flood(b"1\r\nx\r\n".to_vec())],
        ),
        one(
            "a piece of 16 exabytes",
            EMPTY,
            vec![
                say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
                Step::Flood(vec![b'x']),
            ],
        ),
        one(
            "a piece whose length is none",
            EMPTY,
            vec![say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Step::Hold],
        ),
        one(
            "a body, a byte at a time",
            late("query"),
            vec![
                say(head(LISTING.len())),
                Step::Say(Words::These(LISTING.into()), Manner::Dripping(std::time::Duration::from_millis(50))),
                Step::Hold,
            ],
        ),
        answers(
            "a body in gzip that nobody asked for",
            EMPTY,
            answer("200 OK", "Content-Encoding: gzip\r\n", "\u{1f}\u{8b}"),
        ),
    ]
}

fn heads() -> Vec<Fault> {
    let listing = |lines: &str| answer("200 OK", lines, LISTING);
    vec![
        answers("a head of 10,000 lines", ODD, listing(&"X-Line: x\r\n".repeat(10_000))),
        answers("a line of 300 KB", ODD, listing(&format!("X-Line: {}\r\n", "x".repeat(300_000)))),
        answers("a line without a name", ODD, listing(": x\r\n")),
        answers("a status that is none", ODD, answer("9999 What", "", LISTING)),
        answers("a status of letters", ODD, answer("abc", "", LISTING)),
        answers("HTTP/3.7", ODD, b"HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
        answers("HTTP/0.9", ODD, LISTING.as_bytes().to_vec()),
        answers("two lengths", ODD, listing("Content-Length: 5\r\n")),
        answers(
            "a length of letters",
            ODD,
            format!("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{LISTING}").into_bytes(),
        ),
        answers(
            "lines of ESC and high bytes",
            OK,
            [
                b"HTTP/1.1 200 OK\r\nServer: \xff\xfe\x80\r\n".to_vec(),
                format!("Content-Length: {}\r\n\r\n{LISTING}", LISTING.len()).into_bytes(),
            ]
            .concat(),
        ),
        one("continue, without end", ODD, vec![Step::Flood(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())]),
        answers("an upgrade to something else", ODD, answer("101 Switching Protocols", "Upgrade: h2c\r\n", "")),
        answers(
            "HTTP/2 in clear",
            ODD,
            b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0\0\x06\0\0\x40\0".to_vec(),
        ),
        answers(
            "a clock that is a day ahead",
            fast("local", "auth"),
            error("403 Forbidden", "Date: Wed, 01 Jan 2098 00:00:00 GMT\r\n", "RequestTimeTooSkewed", "no"),
        ),
        answers(
            "a signature that only the clock makes wrong",
            fast("local", "auth"),
            error(
                "403 Forbidden",
                "",
                "SignatureDoesNotMatch",
                "Signature expired: 20260101T000000Z is now earlier than",
            ),
        ),
    ]
}

fn refusals() -> Vec<Fault> {
    let said = |&(name, class, status, code): &(&str, &'static str, &str, &str)| {
        Fault::instead(DRIVER, name, fast(class, "auth"), Role::First, say(error(status, "", code, "no")))
    };
    LOGINS.iter().map(said).collect()
}

/// Refusals: the class, the status and the code.
const LOGINS: &[(&str, &str, &str, &str)] = &[
    ("a wrong password", "auth", "403 Forbidden", "SignatureDoesNotMatch"),
    ("an unknown user", "auth", "403 Forbidden", "InvalidAccessKeyId"),
    ("a password or token that has expired", "auth", "400 Bad Request", "ExpiredToken"),
    ("a token that is none", "auth", "400 Bad Request", "InvalidToken"),
    ("a database that does not exist", "not_found", "404 Not Found", "NoSuchBucket"),
    ("no right to the database", "denied", "403 Forbidden", "AccessDenied"),
    ("all access is disabled", "denied", "403 Forbidden", "AllAccessDisabled"),
    ("a clock that is wrong", "local", "403 Forbidden", "RequestTimeTooSkewed"),
    ("a bucket in another region", "definition", "301 Moved Permanently", "PermanentRedirect"),
    ("a region that the signature should name", "definition", "400 Bad Request", "AuthorizationHeaderMalformed"),
    ("no connection free", "busy", "503 Slow Down", "SlowDown"),
    ("offline for maintenance", "busy", "503 Service Unavailable", "ServiceUnavailable"),
    ("an internal error", "server", "500 Internal Server Error", "InternalError"),
    ("a code that nobody knows", "server", "400 Bad Request", "StrangeError"),
    ("a throttle", "busy", "503 Service Unavailable", "Throttling"),
    ("a status without a code: 500", "server", "500 Internal Server Error", ""),
];
