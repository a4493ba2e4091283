//! `Sight`: whether this machine can still see its servers. Where most hosts of several networks begin to fail together,
//! this machine is cut off, not they. Pure.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use crate::model::class::Class;

/// So many of the hosts have to fail together, in percent.
const SHARE: usize = 80;
/// The hosts that fail have to be in so many different networks at least.
const NETWORKS: usize = 3;

/// What the checks have found of the hosts.
#[derive(Debug, Default)]
pub struct Sight {
    hosts: HashMap<String, Host>,
    /// The hosts that began to fail together; empty while this machine sees its servers.
    lost: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Host {
    network: Option<String>,
    /// When it began to fail in a way that a cut cable would explain; `None` while it answers.
    failing_since: Option<Duration>,
    /// Whether it ever answered.
    was_seen: bool,
}

impl Sight {
    /// Whether this machine is cut off.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        !self.lost.is_empty()
    }

    /// Notes that a check of `host` ended at `now` with `class` (`None` for a login that works). `address` is the one that
    /// the check connected to. Failures within `interval` of each other count as together. Returns whether this machine is
    /// cut off.
    pub fn note(
        &mut self,
        host: &str,
        address: Option<IpAddr>,
        class: Option<Class>,
        now: Duration,
        interval: Duration,
    ) -> bool {
        // A host on this machine does not need the network.
        if address.is_some_and(|address| address.to_canonical().is_loopback()) {
            return self.is_blind();
        }
        let known = self.hosts.entry(host.to_owned()).or_default();
        if let Some(address) = address {
            known.network = Some(network(address));
        }
        let mut begins_to_fail = false;
        if let Some(Class::Resolve | Class::Unreachable | Class::Timeout) = class {
            begins_to_fail = known.failing_since.is_none();
            known.failing_since.get_or_insert(now);
        } else {
            // Any answer of the server shows that the network is there.
            known.failing_since = None;
            known.was_seen = true;
            self.lost.remove(host);
        }
        if self.is_blind() {
            self.look_again();
        } else if begins_to_fail {
            // Nothing else makes it more that fail together.
            self.look(now, interval);
        }
        self.is_blind()
    }

    /// Forgets the hosts that are not checked any more.
    pub fn keep(&mut self, is_checked: impl Fn(&str) -> bool) {
        self.hosts.retain(|host, _| is_checked(host));
        self.lost.retain(|host| is_checked(host));
    }

    /// Whether the hosts that were seen before have begun to fail together.
    fn look(&mut self, now: Duration, interval: Duration) {
        let seen: Vec<(&String, &Host)> = self.hosts.iter().filter(|(_, host)| host.was_seen).collect();
        let is_lost = |host: &Host| host.failing_since.is_some_and(|since| now.saturating_sub(since) <= interval);
        let lost: Vec<&(&String, &Host)> = seen.iter().filter(|(_, host)| is_lost(host)).collect();
        if lost.len() * 100 < seen.len() * SHARE {
            return;
        }
        let networks: BTreeSet<&str> = lost.iter().filter_map(|(_, host)| host.network.as_deref()).collect();
        if networks.len() >= NETWORKS {
            self.lost = lost.iter().map(|(name, _)| (*name).clone()).collect();
        }
    }

    /// Whether enough of the hosts that were lost still fail.
    fn look_again(&mut self) {
        let seen = self.hosts.values().filter(|host| host.was_seen).count();
        if self.lost.len() * 100 < seen * SHARE / 2 {
            self.lost.clear();
        }
    }
}

/// The network of `address`: its first 16 bits, or 32 of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            format!("{first}.{second}")
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            format!("{first:x}:{second:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Notes a check of each host at `second`, a second apart; host `n` is in network `n % networks`.
    fn round(sight: &mut Sight, hosts: u8, networks: u8, second: u64, class: impl Fn(u8) -> Option<Class>) -> bool {
        for host in 0..hosts {
            let address = IpAddr::from([10, host % networks, 0, host]);
            let now = Duration::from_secs(second + u64::from(host));
            let address = class(host).is_none_or(|class| class != Class::Resolve).then_some(address);
            sight.note(&format!("h{host}"), address, class(host), now, MINUTE);
        }
        sight.is_blind()
    }

    #[test]
    fn who_loses_most_hosts_of_several_networks_at_once_is_blind() {
        for (hosts, networks, lost, class, blind) in [
            (10, 3, 10, Class::Unreachable, true),
            (10, 3, 8, Class::Timeout, true),
            (10, 3, 10, Class::Resolve, true),
            (10, 3, 7, Class::Timeout, false),
            // One network, or two, may be down.
            (10, 2, 10, Class::Timeout, false),
            (10, 3, 10, Class::Auth, false),
            (2, 2, 2, Class::Timeout, false),
        ] {
            let mut sight = Sight::default();
            assert!(!round(&mut sight, hosts, networks, 0, |_| None));
            let found = round(&mut sight, hosts, networks, 60, |host| (host < lost).then_some(class));
            assert_eq!(found, blind, "{hosts} {networks} {lost} {class:?}");
        }
    }

    #[test]
    fn hosts_that_fail_one_after_the_other_are_down_themselves() {
        let mut sight = Sight::default();
        round(&mut sight, 10, 5, 0, |_| None);
        for lost in 1..=10 {
            let second = 120 * u64::from(lost);
            assert!(!round(&mut sight, 10, 5, second, |host| (host < lost).then_some(Class::Timeout)), "{lost}");
        }
    }

    #[test]
    fn what_never_answered_says_nothing() {
        let mut sight = Sight::default();
        assert!(!round(&mut sight, 10, 5, 0, |_| Some(Class::Timeout)));
    }

    #[test]
    fn sight_returns_with_the_hosts() {
        let mut sight = Sight::default();
        round(&mut sight, 10, 5, 0, |_| None);
        assert!(round(&mut sight, 10, 5, 60, |_| Some(Class::Unreachable)));
        // It lasts, however long it takes.
        assert!(round(&mut sight, 10, 5, 6000, |_| Some(Class::Unreachable)));
        assert!(round(&mut sight, 10, 5, 6060, |host| (host > 3).then_some(Class::Unreachable)));
        assert!(!round(&mut sight, 10, 5, 6120, |host| (host > 6).then_some(Class::Unreachable)));
    }

    #[test]
    fn this_machine_s_own_servers_do_not_need_the_network() {
        let mut sight = Sight::default();
        round(&mut sight, 5, 5, 0, |_| None);
        let loopback = Some(IpAddr::from([127, 0, 0, 1]));
        for _ in 0..50 {
            sight.note("localhost", loopback, None, Duration::from_secs(30), MINUTE);
        }
        assert!(round(&mut sight, 5, 5, 60, |_| Some(Class::Timeout)));
    }
}
