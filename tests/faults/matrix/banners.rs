//! Another service listens on the port.

use std::time::Duration;

use super::seam::Seam;
use super::{Expected, Fault, Target, drivers, fast, late};
use crate::peer::{Manner, Script, Step, Words, say};
use crate::speech::{BAD_REQUEST, Driver};

const PAGE: &str = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 28\r\nConnection: close\r\n\r\n<html><body>Hi</body></html>";

/// Services that send the first message.
const BANNERS: &[(&str, &[u8])] = &[
    ("SSH", b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
    ("SMTP", b"220 mail.example.com ESMTP Postfix (Debian/GNU)\r\n"),
    ("FTP", b"220-Welcome to the files\r\n220 ProFTPD ready\r\n"),
    ("FTP that is full", b"421 Too many users, sorry\r\n"),
    ("POP3", b"+OK Dovecot (Debian) ready.\r\n"),
    ("IMAP", b"* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n"),
    ("NNTP", b"200 news.example.com InterNetNews ready (posting ok)\r\n"),
    ("IRC", b":irc.example.com NOTICE * :*** Looking up your hostname...\r\n"),
    ("Telnet", b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27"),
    ("VNC", b"RFB 003.008\n"),
    ("rsync", b"@RSYNCD: 31.0 sha512 sha256\n"),
    ("NATS", b"INFO {\"server_id\":\"NCXU\",\"version\":\"2.10.4\",\"max_payload\":1048576}\r\n"),
    ("Redis", b"-ERR max number of clients reached\r\n"),
    ("Redis in protected mode", b"-DENIED Redis is running in protected mode because protected mode is enabled\r\n"),
    ("AMQP", b"AMQP\x00\x00\x09\x01"),
    ("Subversion", b"( success ( 2 2 ( ) ( edit-pipeline svndiff1 ) ) ) "),
    ("HTTP that gives up waiting", b"HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    ("MySQL's X protocol", b"\x05\0\0\0\x0b\x08\x05\x1a\0"),
    ("a TLS alert", b"\x15\x03\x03\x00\x02\x02\x28"),
];

/// Services that wait for the client's first message.
const ANSWERS: &[(&str, &[u8])] = &[
    ("HTTP", BAD_REQUEST.as_bytes()),
    ("a web page", PAGE.as_bytes()),
    ("a bare page", b"<!DOCTYPE html><html><head><title>Login</title></head></html>\n"),
    ("Redis", b"-ERR unknown command\r\n"),
    ("memcached", b"ERROR\r\n"),
    ("RTSP", b"RTSP/1.0 400 Bad Request\r\nCSeq: 0\r\n\r\n"),
    ("a TLS server", b"\x15\x03\x01\x00\x02\x02\x46"),
    ("SOCKS", b"\x05\xff"),
    ("echo of zeros", &[0; 64]),
];

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, words) in BANNERS {
        let fault = at_first(format!("{name} greets"), not_ours, || vec![say(words), Step::Hold]);
        faults.push(named(name, fault));
    }
    for (name, words) in ANSWERS {
        let fault = at_first(format!("{name} answers"), unspoken, || vec![Step::Hear, say(words), Step::Hold]);
        faults.push(named(name, fault));
    }
    for (name, unit) in [
        ("zeros", &[0_u8; 64][..]),
        ("ones", &[0xff; 64]),
        ("a byte that means nothing", &[0xa7; 64]),
        ("lines of text", b"welcome to the machine\r\n"),
        ("an SSH server's chatter before its banner", b"You are being watched.\r\n"),
        ("header lines of HTTP", b"HTTP/1.1 200 OK\r\nX-Line: x\r\n"),
    ] {
        faults.push(at_first(format!("{name}, without end"), not_ours, || vec![Step::Flood(unit.to_vec())]));
    }
    faults.push(at_first("512 bytes of nothing".to_owned(), not_ours, || vec![say([0xa7; 512]), Step::Hold]));
    faults.push(at_first("512 bytes of nothing, and closed".to_owned(), not_ours, || vec![say([0xa7; 512])]));
    faults.push(at_first("an SSH banner, byte by byte".to_owned(), not_ours, || {
        vec![Step::Say(Words::These(BANNERS[0].1.to_vec()), Manner::Dripping(Duration::from_millis(2))), Step::Hold]
    }));
    let mut called = Vec::new();
    for stranger in drivers() {
        if !called.contains(&stranger.called) {
            called.push(stranger.called);
            faults.push(other_database(stranger));
        }
    }
    faults
}

/// Services that are recognised, and their names in the message.
const NAMES: &[(&str, &str)] = &[
    ("SSH", "an SSH server"),
    ("SMTP", "an SMTP or FTP server"),
    ("FTP", "an SMTP or FTP server"),
    ("POP3", "an IMAP or POP3 server"),
    ("IMAP", "an IMAP or POP3 server"),
    ("Telnet", "a Telnet server"),
    ("VNC", "a VNC server"),
    ("Redis", "a Redis server"),
    ("AMQP", "an AMQP server"),
    ("HTTP", "HTTP"),
    ("a bare page", "HTTP"),
    ("a TLS", "TLS"),
];

/// `fault`, with the name of the service in the expected message if the service is one that is recognised.
fn named(name: &str, fault: Fault) -> Fault {
    match NAMES.iter().find(|(service, _)| name.starts_with(service)) {
        Some((_, words)) => fault.naming(words),
        None => fault,
    }
}

/// The expected result for a message of another protocol.
fn not_ours(driver: Driver) -> Expected {
    fast("protocol", driver.first_phase())
}

/// The expected result for a peer that waits for the client. A driver whose own server sends the greeting waits too,
/// until the deadline.
fn unspoken(driver: Driver) -> Expected {
    if driver.is_greeted() { late(driver.first_phase()) } else { not_ours(driver) }
}

fn at_first(name: String, expected: fn(Driver) -> Expected, script: impl Fn() -> Script) -> Fault {
    Fault::at(Seam::Greeting, name, drivers(), expected, |_| Target::Peer(script()))
}

/// The server of `stranger` listens on the port. It sends what it sends to clients of another protocol, or its
/// greeting. Drivers of the same protocol are left out.
fn other_database(stranger: Driver) -> Fault {
    let name = format!("the port of another database: {}", stranger.name);
    let others = drivers().filter(|driver| driver.called != stranger.called);
    let heard = (!stranger.is_greeted()).then_some(Step::Hear);
    let script: Script = heard.into_iter().chain([say((stranger.to_strangers)()), Step::Hold]).collect();
    let expected = if stranger.is_greeted() { not_ours } else { unspoken };
    Fault::at(Seam::Strangers, name, others, expected, |_| Target::Peer(script.clone())).naming(stranger.called)
}
