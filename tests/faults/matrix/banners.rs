//! Another service owns the port.

use std::time::Duration;

use super::{Driver, Expected, Fault, OK, Target, fast, late};
use crate::peer::{Manner, Script, Step, Words, say};
use crate::speech;

const HTTP: &str =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 11\r\nConnection: close\r\n\r\nBad Request";
const PAGE: &str = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 28\r\nConnection: close\r\n\r\n<html><body>Hi</body></html>";

/// Services that speak first.
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

/// Services that wait to be spoken to.
const ANSWERS: &[(&str, &[u8])] = &[
    ("HTTP", HTTP.as_bytes()),
    ("a web page", PAGE.as_bytes()),
    ("a bare page", b"<!DOCTYPE html><html><head><title>Login</title></head></html>\n"),
    ("Redis", b"-ERR unknown command\r\n"),
    ("memcached", b"ERROR\r\n"),
    ("RTSP", b"RTSP/1.0 400 Bad Request\r\nCSeq: 0\r\n\r\n"),
    ("a TLS server", b"\x15\x03\x01\x00\x02\x02\x46"),
    ("SOCKS", b"\x05\xff"),
    ("echo of zeros", &[0; 64]),
];

const NOT_OURS: Expected = fast("protocol", "auth");

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, words) in BANNERS {
        let fault = named(name, in_first_phase(format!("{name} greets"), || vec![say(words), Step::Hold]));
        faults.push(match *name {
            "Redis" => own(fault, fast("busy", "auth")),
            "Redis in protected mode" => own(fault, fast("denied", "auth")),
            "HTTP that gives up waiting" => fault.but(Driver::Http, fast("busy", "auth")),
            "a TLS alert" => fault.but(Driver::Http, fast("tls", "auth")),
            _ => fault,
        });
    }
    for (name, words) in ANSWERS {
        let fault = in_first_phase(format!("{name} answers"), || vec![Step::Hear, say(words), Step::Hold]);
        // Both wait for the other to begin.
        let fault = named(name, fault.but(Driver::Mysql, late("auth")));
        faults.push(match *name {
            // The status says that the keys were accepted; the page does not.
            // HTTP is what was asked for, but no answer to a request.
            "a web page" => fault.but(Driver::S3, fast("protocol", "query")).but(Driver::Http, OK),
            "HTTP" => fault.but(Driver::Http, fast("server", "auth")),
            "a TLS server" => fault.but(Driver::Http, fast("tls", "auth")),
            "Redis" => own(fault, fast("server", "auth")),
            // Too short to be told from the beginning of a message.
            "SOCKS" => fault.but(Driver::Mongodb, late("auth")),
            _ => fault,
        });
    }
    for (name, unit) in [
        ("zeros", &[0_u8; 64][..]),
        ("ones", &[0xff; 64]),
        ("a byte that means nothing", &[0xa7; 64]),
        ("lines of text", b"welcome to the machine\r\n"),
        ("an SSH server's chatter before its banner", b"You are being watched.\r\n"),
        ("header lines of HTTP", b"HTTP/1.1 200 OK\r\nX-Line: x\r\n"),
    ] {
        faults.push(in_first_phase(format!("{name}, without end"), || vec![Step::Flood(unit.to_vec())]));
    }
    faults.push(in_first_phase("512 bytes of nothing".to_owned(), || vec![say([0xa7; 512]), Step::Hold]));
    faults.push(in_first_phase("512 bytes of nothing, and closed".to_owned(), || vec![say([0xa7; 512])]));
    faults.push(in_first_phase("an SSH banner, byte by byte".to_owned(), || {
        vec![Step::Say(Words::These(BANNERS[0].1.to_vec()), Manner::Dripping(Duration::from_millis(2))), Step::Hold]
    }));
    for stranger in Driver::ALL.into_iter().filter(|stranger| *stranger != Driver::Http) {
        faults.push(other_database(stranger));
    }
    faults
}

/// Services that are recognised, and what they are called in the message.
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

/// The result names the service, where it is one that is recognised.
fn named(name: &str, fault: Fault) -> Fault {
    match NAMES.iter().find(|(service, _)| name.starts_with(service)) {
        Some((_, words)) => fault.naming(words),
        None => fault,
    }
}

/// `fault` whose peer speaks Redis: the driver for Redis makes `expected` of it.
fn own(mut fault: Fault, expected: Expected) -> Fault {
    for cell in fault.cells.iter_mut().filter(|cell| cell.driver == Driver::Redis) {
        (cell.expected, cell.names) = (expected, None);
    }
    fault
}

fn in_first_phase(name: String, script: impl Fn() -> Script) -> Fault {
    Fault::new(name)
        .everywhere(NOT_OURS, |_| Target::Peer(script()))
        .but(Driver::Postgres, fast("protocol", "tls"))
        .but(Driver::Mssql, fast("protocol", "tls"))
}

/// What `stranger` says to who is none of its clients, or unasked.
fn other_database(stranger: Driver) -> Fault {
    let words = match stranger {
        Driver::Postgres => {
            speech::postgres::error("08P01", "invalid length of startup packet", "ProcessStartupPacket")
        }
        Driver::Mysql => speech::mysql::greeting(speech::mysql::CAPABILITIES),
        Driver::Mssql => speech::mssql::prelogin(speech::mssql::ENCRYPT_ON),
        Driver::Mongodb => speech::mongodb::message(&speech::mongodb::hello(), &[]),
        Driver::Redis => speech::redis::error("ERR Protocol error: invalid multibulk length"),
        Driver::S3 | Driver::Http => HTTP.as_bytes().to_vec(),
    };
    let unasked = stranger == Driver::Mysql;
    let mut fault = Fault::new(format!("the port of another database: {}", stranger.name()));
    for driver in Driver::ALL.into_iter().filter(|driver| !is_of(*driver, stranger)) {
        let script = if unasked { vec![say(&words), Step::Hold] } else { vec![Step::Hear, say(&words), Step::Hold] };
        let expected = match driver {
            Driver::Mysql => late("auth"),
            Driver::Postgres | Driver::Mssql => fast("protocol", "tls"),
            Driver::Mongodb | Driver::Redis | Driver::S3 | Driver::Http => NOT_OURS,
        };
        fault = fault.on(driver, expected, Target::Peer(script));
    }
    fault.naming(match stranger {
        Driver::Postgres => "a PostgreSQL server",
        Driver::Mysql => "a MySQL or MariaDB server",
        Driver::Mssql => "a SQL Server",
        Driver::Mongodb => "a MongoDB server",
        Driver::Redis => "a Redis server",
        Driver::S3 | Driver::Http => "an HTTP server",
    })
}

/// Whether `stranger` speaks `driver`'s own protocol.
fn is_of(driver: Driver, stranger: Driver) -> bool {
    driver == stranger || driver == Driver::Http && stranger == Driver::S3
}
