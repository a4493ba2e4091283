//! The denials that hold without a rule: where no database is, but where whoever wrote a definition
//! could be listening, or a cloud could hand out its own credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const METADATA: &str = "an address of cloud instance metadata";
const LINK_LOCAL: &str = "a link-local address";
const UNSPECIFIED: &str = "an unspecified address";
const MULTICAST: &str = "a multicast address";
const RESERVED: &str = "a reserved address";

const V4: [(Ipv4Net, &str); 10] = [
    (v4([169, 254, 169, 254], 32), METADATA),
    (v4([169, 254, 170, 0], 24), METADATA),
    (v4([100, 100, 100, 200], 32), METADATA),
    (v4([168, 63, 129, 16], 32), METADATA),
    (v4([192, 0, 0, 192], 32), METADATA),
    (v4([255, 255, 255, 255], 32), "the broadcast address"),
    (v4([169, 254, 0, 0], 16), LINK_LOCAL),
    (v4([0, 0, 0, 0], 8), UNSPECIFIED),
    (v4([224, 0, 0, 0], 4), MULTICAST),
    (v4([240, 0, 0, 0], 4), RESERVED),
];

const V6: [(Ipv6Net, &str); 6] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), UNSPECIFIED),
    // Google's.
    (v6([0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128), METADATA),
    // EC2's.
    (v6([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0], 32), METADATA),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "an address in a Teredo tunnel"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), LINK_LOCAL),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), MULTICAST),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), prefix)
}

/// How narrow the denial is that covers `address`, as [`super::Range::narrowness`] has it, and why
/// it is denied.
pub(super) fn denial(address: IpAddr) -> Option<((u8, bool), &'static str)> {
    match address {
        IpAddr::V4(address) => {
            let (net, why) = V4.iter().find(|(net, _)| net.contains(&address))?;
            Some(((net.prefix_len(), false), why))
        }
        IpAddr::V6(address) => {
            let (net, why) = V6.iter().find(|(net, _)| net.contains(&address))?;
            Some(((net.prefix_len(), false), why))
        }
    }
}
