//! Faults that only an HTTP server can have.

use serde_json::json;

use super::speech::{self, BASIC, answer, demand};
use crate::matrix::{Expected, Fault, OK, Otherwise, Own, Target, fast};
use crate::peer::{Script, Step, say};
use crate::speech::{Driver, Role};

const DRIVER: Driver = &speech::OWN;

pub const OWN: Own = Own { driver: DRIVER, title: "an HTTP server", faults, refusals, otherwise: OTHERWISE };

const OTHERWISE: &[(&str, Otherwise)] = &[
    // A URL cannot contain a zone or letters outside ASCII.
    ("the host is a link-local address with a zone", Otherwise::As(fast("definition", "-"))),
    ("a name in letters that DNS does not have", Otherwise::Never),
    // An HTTP server is what the definition expects, although its message is not always an answer to a request.
    ("HTTP that gives up waiting greets", Otherwise::As(fast("busy", "auth"))),
    ("HTTP answers", Otherwise::As(fast("server", "auth"))),
    ("a web page answers", Otherwise::As(OK)),
    ("HTTP inside TLS", Otherwise::Never),
    // The peer speaks HTTPS, the other scheme of the same protocol.
    ("a TLS alert greets", Otherwise::As(fast("tls", "auth"))),
    ("a TLS server answers", Otherwise::As(fast("tls", "auth"))),
    ("no TLS is offered", Otherwise::As(fast("protocol", "tls"))),
];

/// The server demands something that connprobe does not support.
const LACKING: Expected = fast("unsupported", "auth");

/// An answer to the first request, which carries no credential.
fn first(name: &str, expected: Expected, words: Vec<u8>) -> Fault {
    Fault::new(name).on(DRIVER, expected, Target::Peer(vec![Step::Hear, say(words), Step::Hold]))
}

/// An answer to the second request, with the credential that the server demanded.
fn second(name: &str, expected: Expected, rest: Vec<Step>) -> Fault {
    let script: Script = [vec![Step::Hear, demand(), Step::Hear], rest].concat();
    Fault::new(name).on(DRIVER, expected, Target::Peer(script))
}

fn faults() -> Vec<Fault> {
    let mut faults = statuses();
    faults.extend(redirects());
    faults.extend(bodies());
    faults.extend(demands());
    faults
}

fn statuses() -> Vec<Fault> {
    let mut faults = Vec::new();
    // The expected class for an answer to a request without the credential, and with the demanded credential.
    for (status, nobody, credential) in [
        ("200 OK", "ok", "ok"),
        ("400 Bad Request", "server", "server"),
        ("401 Unauthorized", "auth", "auth"),
        ("403 Forbidden", "denied", "denied"),
        ("404 Not Found", "ok", "ok"),
        ("405 Method Not Allowed", "ok", "ok"),
        ("407 Proxy Authentication Required", "unsupported", "unsupported"),
        ("408 Request Timeout", "busy", "busy"),
        ("421 Misdirected Request", "protocol", "protocol"),
        ("425 Too Early", "busy", "busy"),
        ("429 Too Many Requests", "busy", "busy"),
        ("500 Internal Server Error", "server", "server"),
        ("501 Not Implemented", "server", "server"),
        ("502 Bad Gateway", "busy", "busy"),
        ("503 Service Unavailable", "busy", "busy"),
        ("504 Gateway Timeout", "busy", "busy"),
        ("520 Web Server Returned an Unknown Error", "server", "server"),
    ] {
        let script = vec![Step::Hear, say(answer(status, "")), Step::Hear, say(answer(status, "")), Step::Hold];
        let fault = Fault::new(format!("{status} to everybody"));
        faults.push(fault.on(DRIVER, fast(nobody, "auth"), Target::Peer(script)));
        // A credential that does not exist is refused.
        let rest = vec![say(answer(status, "")), Step::Hear, say(answer("401 Unauthorized", "")), Step::Hold];
        faults.push(second(&format!("{status} to the credential"), fast(credential, "auth"), rest));
    }
    for status in ["403 Forbidden", "404 Not Found", "405 Method Not Allowed"] {
        let same = || say(answer(status, ""));
        let rest = vec![same(), Step::Hear, same(), Step::Hold];
        let class = if status.starts_with("403") { "denied" } else { "server" };
        faults.push(second(&format!("{status} to every credential"), fast(class, "auth"), rest));
    }
    faults
}

fn redirects() -> Vec<Fault> {
    const ELSEWHERE: Expected = fast("definition", "auth");
    let mut faults = Vec::new();
    for (name, to) in [
        ("another host", "http://elsewhere.example/"),
        ("another host, without a scheme", "//elsewhere.example/"),
        ("HTTPS", "https://127.0.0.1/"),
        ("the metadata service", "http://169.254.169.254/latest/meta-data/"),
        ("a file", "file:///etc/passwd"),
    ] {
        let words = answer("302 Found", &format!("Location: {to}\r\n"));
        faults.push(first(&format!("to nobody, a redirect to {name}"), ELSEWHERE, words.clone()));
        let rest = vec![say(words), Step::Hold];
        faults.push(second(&format!("to the credential, a redirect to {name}"), ELSEWHERE, rest));
    }
    let home = answer("302 Found", "Location: /home\r\n");
    faults.push(second("to the credential, a redirect to the server itself", ELSEWHERE, vec![say(home), Step::Hold]));
    let page = answer("302 Found", "Location: /login\r\n");
    let rest = vec![say(page), Step::Hold];
    faults.push(second("to the credential, a redirect to where people log in", fast("protocol", "auth"), rest));
    faults
}

fn bodies() -> Vec<Fault> {
    let unread = |name: &str, head: &str, unit: &[u8]| {
        second(name, OK, vec![say(format!("HTTP/1.1 200 OK\r\n{head}\r\n")), Step::Flood(unit.to_vec())])
    };
    vec![
        unread("a page without end", "", b"<p>"),
        unread("a page of 10 GB, announced", "Content-Length: 10000000000\r\n", b"<p>"),
        unread("a page in pieces without end", "Transfer-Encoding: chunked\r\n", b"1\r\nx\r\n"),
        unread("a page in gzip that nobody asked for", "Content-Encoding: gzip\r\n", b"\x1f\x8b"),
        second(
            "a refusal without end",
            fast("auth", "auth"),
            vec![say("HTTP/1.1 401 Unauthorized\r\n\r\n"), Step::Flood(b"no ".to_vec())],
        ),
        first(
            "a complaint that TLS is missing",
            fast("tls", "auth"),
            b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
                .to_vec(),
        ),
        first("a head of 10,000 lines", fast("protocol", "auth"), answer("200 OK", &"X-Line: x\r\n".repeat(10_000))),
        first("a status that is none", fast("protocol", "auth"), answer("9999 What", "")),
        first(
            "an upgrade to something else",
            fast("protocol", "auth"),
            answer("101 Switching Protocols", "Upgrade: h2c\r\n"),
        ),
    ]
}

fn demands() -> Vec<Fault> {
    let demanded = |name: &str, expected, lines: &str| first(name, expected, answer("401 Unauthorized", lines));
    let without = vec![Step::Hear, demand(), Step::Hold];
    vec![
        demanded("Negotiate and nothing else is demanded", LACKING, "WWW-Authenticate: Negotiate\r\n"),
        demanded("NTLM and nothing else is demanded", LACKING, "WWW-Authenticate: NTLM\r\n"),
        demanded(
            "Digest and nothing else is demanded",
            LACKING,
            "WWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n",
        ),
        Fault::new("a key of the header is demanded, and there is one")
            .on(
                DRIVER,
                OK,
                Target::Peer(vec![Step::Hear, demand(), Step::Hear, say(answer("200 OK", BASIC)), Step::Hold]),
            )
            .with(json!({"X-Api-Key": "cAnArY-key"})),
        Fault::new("a header with a line end")
            .on(DRIVER, fast("definition", "-"), Target::Peer(without))
            .with(json!({"X-Api-Key": "a\r\nHost: elsewhere.example"})),
    ]
}

fn refusals() -> Vec<Fault> {
    let says = say(answer("401 Unauthorized", ""));
    vec![Fault::instead(DRIVER, "a wrong password", fast("auth", "auth"), Role::Verdict, says)]
}
