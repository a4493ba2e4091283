//! Faults before the first byte.

use super::seam::Seam;
use super::{Expected, Fault, Target, drivers, fast, late};
use crate::peer::{Script, Step};

/// A label of 64 characters; DNS allows 63.
const LONG_LABEL: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example";

pub(super) fn faults() -> Vec<Fault> {
    let dialled =
        |name, expected, target: Target| Fault::at(Seam::Dial, name, drivers(), |_| expected, |_| target.clone());
    let mut faults = vec![
        dialled("connection refused", fast("unreachable", "connect"), Target::Refused),
        dialled("no answer to the connection request", late("connect"), Target::BlackHole),
        // These are reported without a DNS query, so that the result is the same on every machine.
        host("a host name that cannot be one", fast("resolve", "resolve"), "db..example"),
        host("a host name that DNS has no room for", fast("resolve", "resolve"), LONG_LABEL),
        host("half an address as the host", fast("definition", "resolve"), "127.1"),
        host("an address as one decimal number", fast("definition", "resolve"), "2130706433"),
        host("an address as one hexadecimal number", fast("definition", "resolve"), "0x7f000001"),
        host("an address with octal numbers", fast("definition", "resolve"), "0177.0.0.1"),
    ];
    for (name, address) in [
        ("the instance metadata service", "169.254.169.254"),
        ("the instance metadata service, mapped into IPv6", "::ffff:169.254.169.254"),
        ("the instance metadata service, in NAT64", "64:ff9b::a9fe:a9fe"),
        ("the instance metadata service, in 6to4", "2002:a9fe:a9fe::1"),
        ("the instance metadata service, over IPv6", "fd00:ec2::254"),
        ("a link-local address", "169.254.10.10"),
        ("no address at all", "0.0.0.0"),
        ("a multicast address", "224.0.0.1"),
        ("a link-local address with a zone", "fe80::1%lo"),
    ] {
        faults.push(host(&format!("the host is {name}"), fast("policy", "connect"), address));
    }
    faults.push(speechless("closed at once", Vec::new));
    faults.push(speechless("closed at once, by half", || vec![Step::HalfClose]));
    faults.push(speechless("reset at once", || vec![Step::Reset]));
    faults.push(speechless("silence after accept", || vec![Step::Hold]));
    faults.push(speechless("nothing is read", || vec![Step::Freeze]));
    faults
}

fn host(name: &str, expected: Expected, host: &'static str) -> Fault {
    Fault::at(Seam::Resolve, name, drivers(), |_| expected, |_| Target::Host(host))
}

/// A peer that sends no byte. A driver reports it in the phase in which it waits for the server's first message.
fn speechless(name: &str, script: fn() -> Script) -> Fault {
    let silent = matches!(script().first(), Some(Step::Hold | Step::Freeze));
    let expected = |phase| if silent { late(phase) } else { fast("unreachable", phase) };
    let met = |driver: crate::speech::Driver| expected(driver.first_phase());
    Fault::at(Seam::Greeting, name, drivers(), met, |_| Target::Peer(script()))
}
