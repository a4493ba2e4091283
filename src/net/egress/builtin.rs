//! The built-in denials: addresses where no database is, but where the author of a definition could run a listener, or
//! where a cloud serves its own credentials.
//!
//! The metadata addresses are those that cloud-init's data sources query (`doc/rtd/reference/datasources` and
//! `cloudinit/sources` of canonical/cloud-init), each named after its cloud, and those that the clouds' own manuals
//! add. 169.254.169.254 alone serves Ec2, GCE, Azure, OpenStack, Oracle, Akamai, DigitalOcean, Hetzner, Exoscale,
//! Vultr, UpCloud, NWCS, RbxCloud and CloudCIX.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const METADATA: &str = "an address of cloud instance metadata";
const LINK_LOCAL: &str = "a link-local address";
const UNSPECIFIED: &str = "an unspecified address";
const SITE_LOCAL: &str = "a site-local address";
const MULTICAST: &str = "a multicast address";
const RESERVED: &str = "a reserved address";

const V4: &[(Ipv4Net, &str)] = &[
    (v4([169, 254, 169, 254], 32), METADATA),
    // Container credentials: Amazon ECS and EKS.
    (v4([169, 254, 170, 0], 24), METADATA),
    // Scaleway.
    (v4([169, 254, 42, 42], 32), METADATA),
    // Tencent Cloud (`metadata.tencentyun.com`).
    (v4([169, 254, 0, 23], 32), METADATA),
    // Alibaba Cloud.
    (v4([100, 100, 100, 200], 32), METADATA),
    // Azure's wire server.
    (v4([168, 63, 129, 16], 32), METADATA),
    // Oracle Cloud, classic.
    (v4([192, 0, 0, 192], 32), METADATA),
    (v4([255, 255, 255, 255], 32), "the broadcast address"),
    (v4([169, 254, 0, 0], 16), LINK_LOCAL),
    (v4([0, 0, 0, 0], 8), UNSPECIFIED),
    (v4([224, 0, 0, 0], 4), MULTICAST),
    (v4([240, 0, 0, 0], 4), RESERVED),
];

const V6: &[(Ipv6Net, &str)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), UNSPECIFIED),
    // GCE.
    (v6([0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128), METADATA),
    // Ec2, and the credentials of EKS.
    (v6([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0], 32), METADATA),
    // Oracle.
    (v6([0xfd00, 0x00c1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), METADATA),
    // Scaleway.
    (v6([0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x0042], 128), METADATA),
    // Akamai (Linode).
    (v6([0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1], 128), METADATA),
    // Alibaba Cloud.
    (v6([0xfd00, 0x0100, 0, 0, 0, 0, 0x0100, 0x0200], 128), METADATA),
    // OpenStack.
    (v6([0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), METADATA),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "an address in a Teredo tunnel"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), LINK_LOCAL),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), SITE_LOCAL),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), MULTICAST),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), prefix)
}

/// Whether `address` is that of a cloud's metadata service.
pub(super) fn is_metadata(address: Ipv4Addr) -> bool {
    V4.iter().any(|(net, why)| *why == METADATA && net.contains(&address))
}

/// The built-in denial that covers `address`: its narrowness, in the terms of [`super::Range::narrowness`], and its
/// reason.
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
