//! `Egress`: the built-in denials and the user's rules, and the verdict on one address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::builtin;
use super::range::Range;
use super::rule::Rule;
use crate::model::reason::EgressRule;

/// The addresses that may be connected to: the built-in denials and the user's rules. The narrowest rule that covers an
/// address decides; among equally narrow ones, a denial wins. So allowing `0.0.0.0/0` opens no metadata service, and
/// denying `0.0.0.0/0` while allowing `10.0.0.0/8` leaves only that network.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Ranges that may be connected to even where a wider range is denied.
    pub allowed: Vec<Range>,
    /// Ranges to which nothing is sent.
    pub denied: Vec<Range>,
    /// The rule that denies unix sockets, as the user wrote it.
    pub sockets_denied_by: Option<&'static str>,
    /// The rule that denies name lookups, as the user wrote it. It covers this machine's resolver, and any DNS server
    /// that no rule allows.
    pub lookups_denied_by: Option<&'static str>,
}

impl Egress {
    /// Combines the user's rules. `all` stands for every address, unix sockets and name lookups.
    #[must_use]
    pub fn of(allow: &[Rule], deny: &[Rule]) -> Self {
        let ranges = |rules: &[Rule]| rules.iter().flat_map(Rule::ranges).collect();
        let denies = |rule: &Rule| deny.contains(rule) && !allow.contains(rule) && !allow.contains(&Rule::All);
        let all = denies(&Rule::All);
        let sockets = match (denies(&Rule::Unix), all && !allow.contains(&Rule::Unix)) {
            (true, _) => Some("unix"),
            (false, true) => Some("all"),
            (false, false) => None,
        };
        Self {
            allowed: ranges(allow),
            denied: ranges(deny),
            sockets_denied_by: sockets,
            lookups_denied_by: all.then_some("all"),
        }
    }

    /// The rule that denies unix sockets, if any.
    #[must_use]
    pub fn denies_sockets(&self) -> Option<EgressRule> {
        self.sockets_denied_by.map(|rule| EgressRule::Denied(rule.to_owned()))
    }

    /// The rule that denies name lookups by `server`, or by this machine's resolver if there is none.
    #[must_use]
    pub fn denies_lookups(&self, server: Option<SocketAddr>) -> Option<EgressRule> {
        let rule = self.lookups_denied_by?;
        match server {
            Some(server) => self.denies(server.ip(), server.port()),
            None => Some(EgressRule::Denied(rule.to_owned())),
        }
    }

    /// The rule that denies sending to `address` at `port`, or `None` if it is allowed. An IPv4 address embedded in an
    /// IPv6 one (mapped, compatible, NAT64, 6to4, ISATAP) is judged as an IPv4 address too. Teredo, which embeds two of
    /// them in obfuscated form, is denied as a whole. Metadata addresses are also searched for at each position where a
    /// translator with its own prefix (RFC 6052) would embed them.
    #[must_use]
    pub fn denies(&self, address: IpAddr, port: u16) -> Option<EgressRule> {
        let carried = match address {
            IpAddr::V4(_) => Vec::new(),
            IpAddr::V6(address) => {
                let metadata = translated(address).into_iter().filter(|address| builtin::is_metadata(*address));
                embedded(address).into_iter().chain(metadata).map(IpAddr::V4).collect()
            }
        };
        std::iter::once(address).chain(carried).find_map(|address| self.judge(address, port))
    }

    fn judge(&self, address: IpAddr, port: u16) -> Option<EgressRule> {
        let builtin = builtin::denial(address).map(|(narrowness, kind)| (narrowness, EgressRule::Builtin(kind)));
        let ruled = self
            .denied
            .iter()
            .filter(|range| range.covers(address, port))
            .map(|range| (range.narrowness(), EgressRule::Denied(range.given().to_owned())));
        let (narrowness, why) = builtin.into_iter().chain(ruled).max_by_key(|(narrowness, _)| *narrowness)?;
        let allowed = self.allowed.iter().filter(|range| range.covers(address, port)).map(Range::narrowness).max();
        (allowed <= Some(narrowness)).then_some(why)
    }
}

/// The IPv4 addresses that translators would extract from `address`, one for each prefix length (RFC 6052, 2.2); byte 8
/// is skipped. For most addresses these are meaningless.
fn translated(address: Ipv6Addr) -> [Ipv4Addr; 6] {
    let byte = address.octets();
    [[4, 5, 6, 7], [5, 6, 7, 9], [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15]]
        .map(|places| Ipv4Addr::from(places.map(|place: usize| byte[place])))
}

/// The IPv4 address embedded in `address`.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        // Loopback, which is not an IPv4-compatible address.
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
            // Oracle, Scaleway, Akamai, Alibaba, OpenStack, Tencent, EKS.
            "fd00:c1::a9fe:a9fe",
            "fd00:42::42",
            "169.254.42.42",
            "fd00:a9fe:a9fe::1",
            "fd00:100::100:200",
            "fe80::a9fe:a9fe",
            "169.254.0.23",
            "169.254.170.23",
            "fd00:ec2::23",
            "fec0::1",
            "feff::1",
            // RFC 6052 with prefixes of /32, /40, /48, /56, /64 and /96: the well-known, the local-use and custom ones.
            "2001:db8:a9fe:a9fe::",
            "2001:db8:1a9:fea9:fe::",
            "2001:db8:1:a9fe:a9:fe00::",
            "2001:db8:1:1a9:fe:a9fe::",
            "2001:db8:1:1:a9:fea9:fe00:0",
            "2001:db8:1:1::a9fe:a9fe",
            "64:ff9b:1:a9fe:a9:fe00::",
            "64:ff9b:1:1:64:6464:c800:0",
            "2001:db8:122:344::a83f:8110",
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
            "2001:db8::1",
            "fd00:100::1",
            "fd00:42::1",
            "2001:db8:a9fe::1",
        ] {
            assert_eq!(Egress::default().denies(address.parse().unwrap(), 5432), None, "{address}");
        }
    }

    #[test]
    fn the_narrowest_rule_decides_and_of_equals_the_denial() {
        for (allow, deny, address, port, verdict) in [
            ("0.0.0.0/0", "", "169.254.169.254", 80, Some("an address of cloud instance metadata")),
            ("169.254.0.0/16", "", "169.254.7.7", 5432, Some("a link-local address")),
            ("169.254.0.0/16", "", "169.254.42.42", 80, Some("an address of cloud instance metadata")),
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
            let egress = Egress { allowed: ranges(allow), denied: ranges(deny), ..Egress::default() };
            let told = egress.denies(address.parse().unwrap(), port).map(|rule| rule.to_string());
            assert_eq!(told.as_deref(), verdict, "{address}:{port} with {allow} allowed, {deny} denied");
        }
    }

    #[test]
    fn a_denial_names_its_rule_as_it_was_given() {
        for (deny, address) in [
            ("all", "127.0.0.1"),
            ("all", "2001:db8::1"),
            ("10.1.2.3/8", "10.7.7.7"),
            ("::ffff:10.0.0.7", "10.0.0.7"),
            ("[fd12:0::/32]:5432", "fd12::1"),
        ] {
            let rule = Egress::of(&[], &[deny.parse().unwrap()]).denies(address.parse().unwrap(), 5432);
            assert_eq!(rule, Some(EgressRule::Denied(deny.to_owned())), "{address}");
        }
    }

    #[test]
    fn sockets_and_lookups_are_denied_by_their_names() {
        let server = || Some("10.0.0.53:53".parse().unwrap());
        for (allow, deny, sockets, lookups, asked, address) in [
            ("", "", false, false, false, false),
            ("", "0.0.0.0/0 ::/0", false, false, false, true),
            ("", "unix", true, false, false, false),
            ("unix", "unix", false, false, false, false),
            ("", "all", true, true, true, true),
            ("unix", "all", false, true, true, true),
            ("10.0.0.0/8", "all", true, true, false, false),
            ("all", "all", false, false, false, true),
            ("all", "unix", false, false, false, false),
        ] {
            let rules =
                |text: &str| -> Vec<Rule> { text.split_whitespace().map(|word| word.parse().unwrap()).collect() };
            let egress = Egress::of(&rules(allow), &rules(deny));
            let verdict = (
                egress.denies_sockets().is_some(),
                egress.denies_lookups(None).is_some(),
                egress.denies_lookups(server()).is_some(),
                egress.denies("10.1.2.3".parse().unwrap(), 5432).is_some(),
            );
            assert_eq!(verdict, (sockets, lookups, asked, address), "{allow} allowed, {deny} denied");
        }
        assert!("sockets".parse::<Rule>().is_err());
    }
}
