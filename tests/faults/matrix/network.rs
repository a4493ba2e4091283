//! Faults before the first byte.

use super::{Driver, Fault, Target, fast, late};
use crate::peer::{Script, Step};

fn everywhere(name: &str, expected: super::Expected, script: impl Fn() -> Script) -> Fault {
    Fault::new(name).everywhere(expected, |_| Target::Peer(script()))
}

/// One label of 64 characters: there is room for 63.
const LONG_LABEL: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example";

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = vec![
        Fault::new("connection refused").everywhere(fast("unreachable", "connect"), |_| Target::Refused),
        Fault::new("no answer to the connection request").everywhere(late("connect"), |_| Target::BlackHole),
        // Told without asking anybody, so that the result is the same on every machine.
        Fault::new("a host name that cannot be one")
            .everywhere(fast("resolve", "resolve"), |_| Target::Host("db..example"))
            // boto3 takes no URL with such a name.
            .but(Driver::S3, fast("definition", "-")),
        Fault::new("a host name that DNS has no room for")
            .everywhere(fast("resolve", "resolve"), |_| Target::Host(LONG_LABEL))
            .but(Driver::S3, fast("definition", "-")),
        Fault::new("half an address as the host").everywhere(fast("definition", "resolve"), |_| Target::Host("127.1")),
        Fault::new("an address as one decimal number")
            .everywhere(fast("definition", "resolve"), |_| Target::Host("2130706433")),
        Fault::new("an address as one hexadecimal number")
            .everywhere(fast("definition", "resolve"), |_| Target::Host("0x7f000001")),
        Fault::new("an address with octal numbers")
            .everywhere(fast("definition", "resolve"), |_| Target::Host("0177.0.0.1")),
    ];
    for (name, host) in [
        ("the instance metadata service", "169.254.169.254"),
        ("the instance metadata service, mapped into IPv6", "::ffff:169.254.169.254"),
        ("the instance metadata service, in NAT64", "64:ff9b::a9fe:a9fe"),
        ("the instance metadata service, in 6to4", "2002:a9fe:a9fe::1"),
        ("the instance metadata service, over IPv6", "fd00:ec2::254"),
        ("a link-local address", "169.254.10.10"),
        ("no address at all", "0.0.0.0"),
        ("a multicast address", "224.0.0.1"),
    ] {
        faults.push(
            Fault::new(format!("the host is {name}")).everywhere(fast("policy", "connect"), |_| Target::Host(host)),
        );
    }
    faults.push(
        Fault::new("the host is a link-local address with a zone")
            .everywhere(fast("policy", "connect"), |_| Target::Host("fe80::1%lo"))
            // A URL has no room for a zone.
            .but(Driver::S3, fast("definition", "-"))
            .but(Driver::Http, fast("definition", "-")),
    );
    faults.push(speechless("closed at once", Vec::new));
    faults.push(speechless("closed at once, by half", || vec![Step::HalfClose]));
    faults.push(speechless("reset at once", || vec![Step::Reset]));
    faults.push(speechless("silence after accept", || vec![Step::Hold]));
    faults.push(speechless("nothing is read", || vec![Step::Freeze]));
    faults
}

/// A peer that never says a word: who waits for it does so in the phase of its first words.
fn speechless(name: &str, script: impl Fn() -> Script) -> Fault {
    let silent = matches!(script().first(), Some(Step::Hold | Step::Freeze));
    let expected = |phase| if silent { late(phase) } else { fast("unreachable", phase) };
    everywhere(name, expected("auth"), script)
        .but(Driver::Postgres, expected("tls"))
        .but(Driver::Mssql, expected("tls"))
}
