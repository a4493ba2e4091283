//! Which addresses may be connected to, judged on the address itself, whatever name led to it.
//!
//! Loopback and private networks are where databases live, so they are allowed unless denied.

mod builtin;
mod range;

use crate::model::reason::EgressRule;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use self::range::Range;

/// What may be connected to: the built-in denials and the owner's rules. Of all that cover an
/// address the narrowest decides, of equally narrow ones a denial. So `0.0.0.0/0` allowed opens no
/// metadata service, and `0.0.0.0/0` denied with `10.0.0.0/8` allowed leaves only that network.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Ranges that may be connected to although something wider is denied.
    pub allowed: Vec<Range>,
    /// Ranges that nothing is sent to.
    pub denied: Vec<Range>,
}

impl Egress {
    /// Why nothing may be sent to `address` at `port`, or `None` where it may. An IPv4 address
    /// carried in an IPv6 one (mapped, compatible, NAT64, 6to4, ISATAP) is judged as itself too;
    /// Teredo, whose tunnels hide two of them, is denied whole.
    #[must_use]
    pub fn denies(&self, address: IpAddr, port: u16) -> Option<EgressRule> {
        let carried = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => embedded(address).map(IpAddr::V4),
        };
        [Some(address), carried].into_iter().flatten().find_map(|address| self.judge(address, port))
    }

    fn judge(&self, address: IpAddr, port: u16) -> Option<EgressRule> {
        let builtin = builtin::denial(address).map(|(narrowness, kind)| (narrowness, EgressRule::Builtin(kind)));
        let ruled = self
            .denied
            .iter()
            .filter(|range| range.covers(address, port))
            .map(|range| (range.narrowness(), EgressRule::Denied(range.to_string())));
        let (narrowness, why) = builtin.into_iter().chain(ruled).max_by_key(|(narrowness, _)| *narrowness)?;
        let allowed = self.allowed.iter().filter(|range| range.covers(address, port)).map(Range::narrowness).max();
        (allowed <= Some(narrowness)).then_some(why)
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
            assert!(Egress::default().denies(address.parse().unwrap(), 5432).is_some(), "{address} is allowed");
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
            assert_eq!(Egress::default().denies(address.parse().unwrap(), 5432), None, "{address}");
        }
    }

    #[test]
    fn the_narrowest_rule_decides_and_of_equals_the_denial() {
        for (allow, deny, address, port, verdict) in [
            ("0.0.0.0/0", "", "169.254.169.254", 80, Some("an address of cloud instance metadata")),
            ("169.254.0.0/16", "", "169.254.7.7", 5432, Some("a link-local address")),
            ("169.254.7.0/24", "", "169.254.7.7", 5432, None),
            ("169.254.7.7", "", "::ffff:169.254.7.7", 5432, None),
            ("169.254.7.7:5432", "", "169.254.7.7", 5432, None),
            ("169.254.7.7:5432", "", "169.254.7.7", 5433, Some("a link-local address")),
            ("fe80::7", "", "fe80::7", 5432, None),
            ("", "10.0.0.0/8", "10.1.2.3", 5432, Some("denied by `--egress-deny 10.0.0.0/8`")),
            ("", "10.0.0.0/8", "::ffff:10.1.2.3", 5432, Some("denied by `--egress-deny 10.0.0.0/8`")),
            ("", "10.0.0.0/8:6432", "10.1.2.3", 5432, None),
            ("10.1.0.0/16", "10.0.0.0/8", "10.1.2.3", 5432, None),
            ("10.0.0.0/8", "10.0.0.0/8", "10.1.2.3", 5432, Some("denied by `--egress-deny 10.0.0.0/8`")),
            ("10.0.0.0/8:5432", "10.0.0.0/8", "10.1.2.3", 5432, None),
            ("10.0.0.0/8", "0.0.0.0/0", "127.0.0.1", 5432, Some("denied by `--egress-deny 0.0.0.0/0`")),
            ("", "::/0", "10.1.2.3", 5432, None),
        ] {
            let ranges = |text: &str| text.split_whitespace().map(|word| word.parse().unwrap()).collect();
            let egress = Egress { allowed: ranges(allow), denied: ranges(deny) };
            let told = egress.denies(address.parse().unwrap(), port).map(|rule| rule.to_string());
            assert_eq!(told.as_deref(), verdict, "{address}:{port} with {allow} allowed, {deny} denied");
        }
    }
}
