//! TLS that fails, is missing, or is replaced by something else. The definitions demand TLS and verify it.

use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

use super::seam::Seam;
use super::{Expected, Fault, OK, Target, drivers, fast, late};
use crate::peer::{self, Manner, Script, Step, say};
use crate::pki::{self, Server};
use crate::speech::{self, Driver};

/// A TLS failure that is reported during the handshake.
const REFUSED: Expected = fast("tls", "tls");

/// The facts about the certificates that the result has although the certificates were rejected.
const CHAIN: &[&str] = &[
    "/facts/tls/chain/0/subject",
    "/facts/tls/chain/0/issuer",
    "/facts/tls/chain/0/not_before",
    "/facts/tls/chain/0/not_after",
];

/// The handshake with a server of this kind. If the handshake travels in packets of the protocol, it uses TLS 1.2.
fn shake(driver: Driver, kind: Server, version: &'static SupportedProtocolVersion) -> Step {
    if driver.tls.in_packets {
        Step::WrappedTls(pki::server(kind, &TLS12))
    } else {
        Step::Tls(pki::server(kind, version))
    }
}

/// Bytes in place of a handshake record.
fn raw(driver: Driver, record: &[u8]) -> Step {
    if driver.tls.in_packets { say(peer::in_packet(record)) } else { say(record) }
}

/// The turns before the handshake, then `steps`.
fn after_prelude(driver: Driver, steps: &[Step]) -> Target {
    Target::Peer([&(driver.tls.prelude)()[..], steps].concat())
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
        let shown_to = |driver| after_prelude(driver, &[shake(driver, kind, &TLS13), Step::Hold]);
        Fault::at(Seam::Handshake, name, drivers(), |_| REFUSED, shown_to).secure().showing(shown)
    })
    .collect()
}

/// What the server sends in place of its hello.
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
    // A server hello of TLS 1.1 with a cipher of that version.
    let old = [&[0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    // The right version with a cipher that the client did not offer.
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
    // If the driver begins with TLS, the server has not sent a byte yet.
    let ended = |driver: Driver| fast(if driver.begins_with_tls() { "unreachable" } else { "closed" }, "tls");
    faults.push(instead_as("a close instead of a handshake", ended, |_| vec![]));
    faults.push(instead_as("a reset instead of a handshake", ended, |_| vec![Step::Reset]));
    // A driver that begins with TLS recognises the protocol of the first bytes. If the handshake travels in packets,
    // bytes that are not a packet are a protocol error too.
    let clear = |driver: Driver| {
        if driver.begins_with_tls() || driver.tls.in_packets { fast("protocol", "tls") } else { REFUSED }
    };
    faults.push(instead_as("HTTP in clear instead of a handshake", clear, |_| {
        vec![say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Step::Hold]
    }));
    let no_packet = |driver: Driver| if driver.tls.in_packets { fast("protocol", "tls") } else { REFUSED };
    for (name, unit) in [("bytes that mean nothing", [0xa7; 64]), ("zeros", [0; 64])] {
        let name = format!("{name}, without end, instead of a handshake");
        faults.push(instead_as(&name, no_packet, move |_| vec![Step::Flood(unit.to_vec())]));
    }
    faults
}

/// `steps` in place of the server's handshake, after the client has begun it.
fn instead(name: &str, expected: Expected, steps: impl Fn(Driver) -> Script) -> Fault {
    instead_as(name, |_| expected, steps)
}

fn instead_as(name: &str, expected: impl Fn(Driver) -> Expected, steps: impl Fn(Driver) -> Script) -> Fault {
    let played = |driver| after_prelude(driver, &[vec![Step::Listen], steps(driver)].concat());
    Fault::at(Seam::Handshake, name, drivers(), expected, played).secure()
}

/// Faults after the handshake.
fn afterwards() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, version) in pki::VERSIONS {
        faults.push(shaken(&format!("a good login over TLS {name}"), OK, version, |driver| {
            [speech::script(&(driver.tls.inside)()), vec![Step::Hold]].concat()
        }));
        // A server rejects a missing client certificate after the handshake in TLS 1.3, and during it in TLS 1.2.
        let met = |driver: Driver| fast("tls", if name == "1.3" && !driver.tls.in_packets { "auth" } else { "tls" });
        let played =
            |driver| after_prelude(driver, &[shake(driver, Server::WantsClient, version), Step::Hear, Step::Hold]);
        let name = format!("a client certificate is demanded, TLS {name}");
        faults.push(Fault::at(Seam::Handshake, name, drivers(), met, played).secure());
    }
    // If the client sends the first message inside TLS, it reads an answer only after that.
    let first = |driver: Driver| (driver.tls.inside)().remove(0);
    let spoken = move |driver: Driver| if first(driver).hears { vec![Step::Hear] } else { vec![] };
    let said = |name: &str, class, steps: fn() -> Script| {
        shaken(name, fast(class, "auth"), &TLS13, move |driver| [spoken(driver), steps()].concat())
    };
    faults.extend([
        shaken("silence inside TLS", late("auth"), &TLS13, |_| vec![Step::Hold]),
        said("a close inside TLS", "closed", Vec::new),
        said("a reset inside TLS", "closed", || vec![Step::Reset]),
        said("bytes that mean nothing inside TLS", "protocol", || vec![say([0xa7; 512]), Step::Hold]),
        said("zeros without end inside TLS", "protocol", || vec![Step::Flood(vec![0; 64])]),
        said("HTTP inside TLS", "protocol", || {
            vec![say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), Step::Hold]
        }),
        shaken("half of the verdict inside TLS, then a close", fast("closed", "auth"), &TLS13, move |driver| {
            let Step::Say(words, _) = first(driver).says else { unreachable!("a turn says something") };
            [spoken(driver), vec![Step::Say(words, Manner::Half)]].concat()
        }),
    ]);
    faults
}

/// A good handshake, then `steps` inside TLS.
fn shaken(
    name: &str,
    expected: Expected,
    version: &'static SupportedProtocolVersion,
    steps: impl Fn(Driver) -> Script,
) -> Fault {
    let played = |driver| after_prelude(driver, &[vec![shake(driver, Server::Good, version)], steps(driver)].concat());
    Fault::at(Seam::Inside, name, drivers(), |_| expected, played).secure()
}

/// The server does not offer TLS, and states it if the protocol has a message for that.
fn not_offered() -> Fault {
    let played = |driver: Driver| Target::Peer((driver.tls.lacking)());
    Fault::at(Seam::Handshake, "no TLS is offered", drivers(), |_| REFUSED, played).secure()
}
