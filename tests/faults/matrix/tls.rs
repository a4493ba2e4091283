//! TLS that fails, is missing, or holds something else; the definitions demand and verify it.

use std::sync::Arc;

use rustls::version::TLS12;
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::{Driver, Expected, Fault, OK, Target, fast, late};
use crate::peer::{Script, Step, say};
use crate::pki::{self, Server};
use crate::speech::{self, Turn, mssql, mysql};

/// Told in the handshake.
const REFUSED: Expected = fast("tls", "tls");

/// What is told of the certificates, although none is accepted.
const CHAIN: &[&str] = &[
    "/facts/tls/chain/0/subject",
    "/facts/tls/chain/0/issuer",
    "/facts/tls/chain/0/not_before",
    "/facts/tls/chain/0/not_after",
];

/// What comes before the handshake.
fn prelude(driver: Driver) -> Script {
    match driver {
        Driver::Postgres => vec![Step::Hear, say("S")],
        Driver::Mysql => vec![say(mysql::greeting(mysql::CAPABILITIES | mysql::SSL)), Step::Hear],
        Driver::Mssql => vec![Step::Hear, say(mssql::prelogin(mssql::ENCRYPT_ON))],
        Driver::Mongodb | Driver::Redis | Driver::S3 | Driver::Http => vec![],
    }
}

/// Whether the server has said something before the handshake.
fn greeted(driver: Driver) -> bool {
    !matches!(driver, Driver::Mongodb | Driver::Redis | Driver::S3 | Driver::Http)
}

/// The handshake.
fn shake(driver: Driver, config: Arc<ServerConfig>) -> Step {
    if driver == Driver::Mssql { Step::WrappedTls(config) } else { Step::Tls(config) }
}

/// A server of this kind; SQL Server's TLS in packets ends with 1.2.
fn server(driver: Driver, kind: Server, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
    pki::server(kind, if driver == Driver::Mssql { &TLS12 } else { version })
}

/// Bytes in the place of a handshake record.
fn raw(driver: Driver, record: &[u8]) -> Step {
    if driver != Driver::Mssql {
        return say(record);
    }
    let [high, low] = u16::try_from(record.len() + 8).unwrap().to_be_bytes();
    say([&[0x12, 1, high, low, 0, 0, 0, 0], record].concat())
}

/// The turns of a good login that come inside TLS.
fn inside(driver: Driver) -> Vec<Turn> {
    let mut turns = speech::login(driver);
    if matches!(driver, Driver::Postgres | Driver::Mysql | Driver::Mssql) {
        turns.remove(0);
    }
    if driver == Driver::Mysql {
        // The request for TLS had a number of its own.
        turns[0].says = say(mysql::packet(3, mysql::OK));
    }
    turns
}

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = certificates();
    faults.extend(handshakes());
    faults.extend(afterwards());
    faults.push(not_offered());
    faults
}

fn certificates() -> Vec<Fault> {
    [
        ("an expired certificate", Server::Expired),
        ("a certificate of an authority that has expired", Server::ExpiredAuthority),
        ("a certificate that is not valid yet", Server::NotYetValid),
        ("a self-signed certificate", Server::SelfSigned),
        ("a certificate of an unknown authority", Server::OtherAuthority),
        ("a certificate for another name", Server::OtherName),
        ("a certificate for another address", Server::OtherAddress),
        ("a certificate with a common name and no others", Server::CommonNameOnly),
        ("a certificate made for clients", Server::ForClients),
        ("an authority's own certificate", Server::AuthorityItself),
        ("a certificate whose intermediate is missing", Server::NoIntermediate),
        ("a certificate issued by who may not issue", Server::IssuedByLeaf),
        ("a chain of a hundred certificates", Server::LongChain),
        ("a certificate with a thousand wrong names", Server::ManyNames),
        ("a damaged certificate", Server::Damaged),
    ]
    .into_iter()
    .map(|(name, kind)| {
        let shown = if kind == Server::Damaged { &[][..] } else { CHAIN };
        Fault::new(name)
            .everywhere(REFUSED, |driver| {
                let mut script = prelude(driver);
                script.extend([shake(driver, server(driver, kind, &rustls::version::TLS13)), Step::Hold]);
                Target::Peer(script)
            })
            .secure()
            .showing(shown)
    })
    .collect()
}

/// What comes in the place of the server's hello.
fn handshakes() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, code) in [
        ("handshake failure", 40),
        ("bad certificate", 42),
        ("access denied", 49),
        ("protocol version", 70),
        ("internal error", 80),
        ("unrecognised name", 112),
        ("certificate required", 116),
        ("no application protocol", 120),
    ] {
        let alert = [0x15, 3, 3, 0, 2, 2, code];
        faults.push(instead(&format!("the TLS alert \"{name}\""), REFUSED, move |driver| {
            vec![raw(driver, &alert), Step::Hold]
        }));
    }
    // A hello of TLS 1.1 with a cipher of its day.
    let old = [&[0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    // The right version, and a cipher that nobody offered.
    let null = [&[0x16, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3][..], &[7; 32], &[0, 0, 0x01, 0]].concat();
    let half = vec![0x16, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3];
    let ticks = [0x14, 3, 3, 0, 1, 1].repeat(2000);
    for (name, record) in [
        ("TLS 1.1 and nothing newer", old.clone()),
        ("a cipher that was not offered", null),
        ("a TLS record that is too long", [&[0x16, 3, 3, 0xff, 0xff][..], &[0; 64]].concat()),
        ("application data instead of a handshake", [&[0x17, 3, 3, 0, 32][..], &[7; 32]].concat()),
        ("a handshake message that does not exist", vec![0x16, 3, 3, 0, 4, 99, 0, 0, 0]),
        ("a TLS record of an unknown type", vec![0x63, 3, 3, 0, 4, 0, 0, 0, 0]),
        ("endless changes of the cipher", ticks),
    ] {
        faults.push(instead(name, REFUSED, move |driver| {
            vec![raw(driver, &record[..record.len().min(4000)]), Step::Hold]
        }));
    }
    let silent = half.clone();
    faults.push(instead("half a server's hello, then silence", late("tls"), move |driver| {
        vec![raw(driver, &silent), Step::Hold]
    }));
    faults.push(instead("half a server's hello, then a close", fast("closed", "tls"), move |driver| {
        vec![raw(driver, &half)]
    }));
    faults.push(instead("silence instead of a handshake", late("tls"), |_| vec![Step::Hold]));
    let ended = |fault: Fault| {
        Driver::ALL
            .into_iter()
            .filter(|driver| !greeted(*driver))
            .fold(fault, |fault, driver| fault.but(driver, fast("unreachable", "tls")))
    };
    faults.push(ended(instead("a close instead of a handshake", fast("closed", "tls"), |_| vec![])));
    faults.push(ended(instead("a reset instead of a handshake", fast("closed", "tls"), |_| vec![Step::Reset])));
    // The one who wants no TLS is named where nothing came before; a SQL Server's handshake comes in packets.
    let clear = |fault: Fault| {
        [Driver::Mongodb, Driver::Mssql, Driver::Redis, Driver::S3, Driver::Http]
            .into_iter()
            .fold(fault, |fault, driver| fault.but(driver, fast("protocol", "tls")))
    };
    faults.push(clear(instead("HTTP in clear instead of a handshake", REFUSED, |_| {
        vec![say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Step::Hold]
    })));
    for (name, unit) in [("bytes that mean nothing", [0xa7; 64]), ("zeros", [0; 64])] {
        let fault = instead(&format!("{name}, without end, instead of a handshake"), REFUSED, move |_| {
            vec![Step::Flood(unit.to_vec())]
        });
        faults.push(fault.but(Driver::Mssql, fast("protocol", "tls")));
    }
    faults
}

/// Something in the place of the handshake, once the client has begun it.
fn instead(name: &str, expected: Expected, steps: impl Fn(Driver) -> Script) -> Fault {
    Fault::new(name)
        .everywhere(expected, |driver| {
            let mut script = prelude(driver);
            script.push(Step::Listen);
            script.extend(steps(driver));
            Target::Peer(script)
        })
        .secure()
}

/// What comes once the handshake is done.
fn afterwards() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, version) in pki::VERSIONS {
        faults.push(shaken(&format!("a good login over TLS {name}"), OK, version, |driver| {
            let mut script = speech::script(&inside(driver));
            script.push(Step::Hold);
            script
        }));
        // What the client lacks is told after the handshake in TLS 1.3, and in it before.
        let mut fault = Fault::new(format!("a client certificate is demanded, TLS {name}"));
        for driver in Driver::ALL {
            let phase = if name == "1.3" && driver != Driver::Mssql { "auth" } else { "tls" };
            let mut script = prelude(driver);
            script.extend([shake(driver, server(driver, Server::WantsClient, version)), Step::Hear, Step::Hold]);
            fault = fault.on(driver, fast("tls", phase), Target::Peer(script));
        }
        faults.push(fault.secure());
    }
    let tls13 = &rustls::version::TLS13;
    let first = |driver: Driver| inside(driver).remove(0);
    // A server that speaks first in TLS does not exist: what comes is read when the client has spoken.
    let spoken = move |driver: Driver| if first(driver).hears { vec![Step::Hear] } else { vec![] };
    faults.push(shaken("silence inside TLS", late("auth"), tls13, |_| vec![Step::Hold]));
    faults.push(shaken("a close inside TLS", fast("closed", "auth"), tls13, spoken));
    faults.push(shaken("a reset inside TLS", fast("closed", "auth"), tls13, move |driver| {
        [spoken(driver), vec![Step::Reset]].concat()
    }));
    faults.push(shaken("bytes that mean nothing inside TLS", fast("protocol", "auth"), tls13, move |driver| {
        [spoken(driver), vec![say([0xa7; 512]), Step::Hold]].concat()
    }));
    faults.push(shaken("zeros without end inside TLS", fast("protocol", "auth"), tls13, move |driver| {
        [spoken(driver), vec![Step::Flood(vec![0; 64])]].concat()
    }));
    let http = shaken("HTTP inside TLS", fast("protocol", "auth"), tls13, move |driver| {
        [spoken(driver), vec![say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), Step::Hold]].concat()
    });
    faults.push(http.without(Driver::Http));
    faults.push(shaken("half of the verdict inside TLS, then a close", fast("closed", "auth"), tls13, move |driver| {
        let turn = first(driver);
        let Step::Say(words, _) = turn.says else { unreachable!("a turn says something") };
        [spoken(driver), vec![Step::Say(words, crate::peer::Manner::Half)]].concat()
    }));
    faults
}

/// A good handshake, and then `steps` inside.
fn shaken(
    name: &str,
    expected: Expected,
    version: &'static SupportedProtocolVersion,
    steps: impl Fn(Driver) -> Script,
) -> Fault {
    Fault::new(name)
        .everywhere(expected, |driver| {
            let mut script = prelude(driver);
            script.push(shake(driver, server(driver, Server::Good, version)));
            script.extend(steps(driver));
            Target::Peer(script)
        })
        .secure()
}

/// The server has no TLS, and says so where the protocol has words for it.
fn not_offered() -> Fault {
    let turns = |driver| {
        let mut script = speech::script(&speech::login(driver));
        script.push(Step::Hold);
        script
    };
    Fault::new("no TLS is offered")
        .everywhere(REFUSED, |driver| match driver {
            Driver::Postgres | Driver::Mysql | Driver::Mssql => Target::Peer(turns(driver)),
            // A server that takes the client's hello for a message of its own hangs up.
            Driver::Mongodb => Target::Peer(vec![Step::Listen]),
            // Or it waits for the end of what it takes for a command.
            Driver::Redis => Target::Peer(vec![
                Step::Listen,
                say(speech::redis::error("ERR Protocol error: unbalanced quotes in request")),
                Step::Hold,
            ]),
            Driver::S3 | Driver::Http => Target::Peer(vec![Step::Listen, say("HTTP/1.1 400 Bad Request\r\n\r\n")]),
        })
        .but(Driver::Mongodb, fast("unreachable", "tls"))
        .but(Driver::S3, fast("protocol", "tls"))
        .but(Driver::Http, fast("protocol", "tls"))
        .secure()
}
