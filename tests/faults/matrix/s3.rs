//! What only a server of S3 can do wrong.

use super::{Expected, Fault, OK, S3, Target, fast, late};
use crate::peer::{Manner, Script, Step, Words, say};
use crate::speech::s3::*;

const ODD: Expected = fast("protocol", "auth");
/// The status says that the keys were accepted.
const EMPTY: Expected = fast("protocol", "query");

fn one(name: &str, expected: Expected, rest: Vec<Step>) -> Fault {
    let script: Script = [vec![Step::Hear], rest].concat();
    Fault::new(name).on(S3, expected, Target::Peer(script))
}

fn answers(name: &str, expected: Expected, words: Vec<u8>) -> Fault {
    one(name, expected, vec![say(words), Step::Hold])
}

pub(super) fn faults() -> Vec<Fault> {
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
        status("204 No Content", "protocol").into_query(),
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

impl Fault {
    /// The status alone says that the keys were accepted.
    fn into_query(mut self) -> Self {
        self.cells[0].expected = EMPTY;
        self
    }
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
