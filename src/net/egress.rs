//! Addresses that credentials must not be sent to, judged on the address that is connected to.
//!
//! Loopback and private networks are where databases live, so they are allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::class::Class;
use crate::model::failure::Failure;

/// Why nothing may be sent to `address`, or `None` where it may. An IPv4 address carried in an
/// IPv6 one (mapped, compatible, NAT64, 6to4, ISATAP) is judged as itself; Teredo, whose tunnels hide
/// two of them, is denied whole.
#[must_use]
pub fn denied(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => denied_v4(address),
        IpAddr::V6(address) => denied_v6(address).or_else(|| embedded(address).and_then(denied_v4)),
    }
}

/// The failure of a target all of whose `addresses` are denied.
pub(super) fn refusal(address: IpAddr, why: &str) -> Failure {
    Failure::new(Class::Policy, format!("`{address}` is {why}; nothing was sent"))
        .hint("no database is served at such an address, but whoever made the definition or its DNS name could collect the credentials there: correct `host`")
}

fn denied_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [169, 254, 169, 254] | [169, 254, 170, _] | [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => {
            Some("an address of cloud instance metadata")
        }
        [169, 254, ..] => Some("a link-local address"),
        [0, ..] => Some("an unspecified address"),
        [224..=239, ..] => Some("a multicast address"),
        [255, 255, 255, 255] => Some("the broadcast address"),
        [240..=255, ..] => Some("a reserved address"),
        _ => None,
    }
}

fn denied_v6(address: Ipv6Addr) -> Option<&'static str> {
    match address.segments() {
        // EC2's, and Google's.
        [0xfd00, 0x0ec2, ..] | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254] => Some("an address of cloud instance metadata"),
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0x2001, 0, ..] => Some("an address in a Teredo tunnel"),
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("an unspecified address"),
        [0xff00..=0xffff, ..] => Some("a multicast address"),
        _ => None,
    }
}

/// The IPv4 address that `address` carries.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        // Loopback, which is no IPv4-compatible address.
        [0, 0, 0, 0, 0, 0, 0, 1] => None,
        // Mapped, compatible, SIIT.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        // NAT64: the well-known prefix, and the one for local use.
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x0064, 0xff9b, 1, _, _, _, high, low]
        // 6to4.
        | [0x2002, high, low, ..]
        // ISATAP.
        | [_, _, _, _, 0 | 0x0200, 0x5efe, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_never_go_to_metadata_link_local_or_nowhere() {
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.1.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "ff02::1",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2001:0:4136:e378:8000:63bf:5601:5601",
            "2001:0:a9fe:a9fe:8000:63bf:3fff:fdd2",
            "2001:db8::5efe:169.254.169.254",
        ] {
            assert!(denied(address.parse().unwrap()).is_some(), "{address} is allowed");
        }
    }

    #[test]
    fn databases_may_live_on_loopback_private_and_public_networks() {
        for address in [
            "127.0.0.1",
            "10.0.0.7",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.253.255.255",
            "93.184.215.14",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.7",
            "64:ff9b::5db8:d70e",
            "fd12:3456::1",
            "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        ] {
            assert_eq!(denied(address.parse().unwrap()), None, "{address}");
        }
    }
}
