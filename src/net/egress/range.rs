//! `Range`: addresses and optionally one port, as the user writes them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// A network or a single address, at all ports or at one: `10.0.0.0/8`, `10.0.0.7:5432`, `fd00::/8`, `[fd00::/8]:5432`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    net: IpNet,
    port: Option<u16>,
    /// As the user wrote it.
    given: String,
}

impl Range {
    /// Every address; the user wrote the rule as `given`.
    pub(super) fn all(given: &str) -> Vec<Self> {
        let nets = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
        nets.map(|net| Self { net, port: None, given: given.to_owned() }).to_vec()
    }

    /// The rule as the user wrote it.
    pub(super) fn given(&self) -> &str {
        &self.given
    }

    pub(super) fn covers(&self, address: IpAddr, port: u16) -> bool {
        self.net.contains(&address) && self.port.is_none_or(|own| own == port)
    }

    /// The prefix length, and whether the range is limited to one port. A greater value is narrower.
    pub(super) fn narrowness(&self) -> (u8, bool) {
        (self.net.prefix_len(), self.port.is_some())
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "write a network or an address, and perhaps a port, as 10.0.0.0/8, 10.0.0.7:5432 or [fd00::/8]:5432";
        let (net, port) = match text.strip_prefix('[').map(|text| text.split_once(']')) {
            Some(Some((net, ""))) => (net, None),
            Some(Some((net, port))) => (net, Some(port.strip_prefix(':').ok_or_else(wrong)?)),
            Some(None) => return Err(wrong().to_owned()),
            // A single colon precedes a port; several belong to an IPv6 address.
            None => match text.split_once(':') {
                Some((net, port)) if !port.contains(':') => (net, Some(port)),
                _ => (text, None),
            },
        };
        let net = net.parse::<IpNet>().or_else(|_| net.parse::<IpAddr>().map(IpNet::from)).map_err(|_| wrong())?;
        let port = port.map(str::parse).transpose().map_err(|_| wrong())?;
        Ok(Self { net: unmapped(net.trunc()), port, given: text.to_owned() })
    }
}

/// Converts an IPv4 network that is written as IPv6 (`::ffff:10.0.0.0/104`) to IPv4, since addresses are dialled and
/// judged in that form.
fn unmapped(net: IpNet) -> IpNet {
    let IpNet::V6(mapped) = net else { return net };
    let prefix = mapped.prefix_len().checked_sub(96);
    let inner = mapped.addr().to_ipv4_mapped().zip(prefix).and_then(|(addr, prefix)| Ipv4Net::new(addr, prefix).ok());
    inner.map_or(net, IpNet::V4)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let single = self.net.prefix_len() == self.net.max_prefix_len();
        let net = if single { self.net.addr().to_string() } else { self.net.to_string() };
        match self.port {
            Some(port) if self.net.addr().is_ipv6() => write!(f, "[{net}]:{port}"),
            Some(port) => write!(f, "{net}:{port}"),
            None => f.write_str(&net),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_networks_or_addresses_with_or_without_a_port() {
        for (written, shown) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.0.0.7", "10.0.0.7"),
            ("10.0.0.7:5432", "10.0.0.7:5432"),
            ("10.0.0.0/8:5432", "10.0.0.0/8:5432"),
            ("fd00::/8", "fd00::/8"),
            ("[fd00::/8]", "fd00::/8"),
            ("[fd00::1]:5432", "[fd00::1]:5432"),
            ("::1", "::1"),
            ("::ffff:127.0.0.0/104", "127.0.0.0/8"),
            ("[::ffff:10.0.0.7]:5432", "10.0.0.7:5432"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(written.parse::<Range>().unwrap().to_string(), shown);
        }
        for wrong in ["", "db.example", "10.0.0.0/33", "10.0.0.7:", "10.0.0.7:99999", "[fd00::1", "[fd00::1]5432"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
    }
}
