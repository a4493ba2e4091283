//! Hosts that are IP addresses, and hosts that only look like one.

use std::net::IpAddr;

/// Parses `host` as an IP address, optionally in brackets or with a zone. The zone is dropped: it matters only for
/// link-local addresses, which connprobe never connects to.
#[must_use]
pub fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.split_once('%') {
        Some((address, _zone)) => address.parse().ok().filter(IpAddr::is_ipv6),
        None => bare.parse().ok(),
    }
}

/// Whether getaddrinfo would read `host` as an address in one of the old numeric notations (`127.1`, `0x7f000001`,
/// `010.0.0.1`): up to four numbers, decimal or hexadecimal.
pub(super) fn is_half_an_address(host: &str) -> bool {
    let number = |label: &str| match label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")) {
        Some(digits) => digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => (1..=11).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_digit()),
    };
    host.split('.').count() <= 4 && host.split('.').all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_addresses_need_no_lookup() {
        for (host, address) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("::1", Some("::1")),
            ("[::1]", Some("::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%2]", Some("fe80::1")),
            ("::ffff:10.0.0.7", Some("::ffff:10.0.0.7")),
            ("127.0.0.1%eth0", None),
            ("db1.example", None),
            ("[db1]", None),
        ] {
            assert_eq!(literal(host), address.map(|address| address.parse().unwrap()), "{host}");
        }
    }

    #[test]
    fn old_numeric_spellings_are_told_from_names() {
        for host in ["127.1", "0x7f000001", "2130706433", "010.0.0.1", "10.0.0.256", "0X7F.1", "0", "0xdb"] {
            assert!(literal(host).is_none() && is_half_an_address(host), "{host}");
        }
        for host in ["db1", "10.0.0.7.example", "1.2.3.4.5", "db.10", "123456789012", "", "a..b", "1e100.net"] {
            assert!(!is_half_an_address(host), "{host}");
        }
    }
}
