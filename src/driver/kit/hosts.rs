//! Lists of hosts: their syntax, and how the time of a login is divided among them. Must not depend on a field, nor
//! decide after which failures the next host is tried.

use std::time::Instant;

use crate::driver::Attempt;
use crate::model::failure::Failure;
use crate::model::notice::PlanNotice;
use crate::model::problem::BadHosts;
use crate::net::dial::Endpoint;
use crate::net::resolve::literal;

/// The most hosts of one definition.
pub const MOST: usize = 50;

/// The hosts of `text`, as `h1`, `h1:27017,h2`, `[::1]:27017` or `/run/db.sock`. Those without a port get `port`.
///
/// # Errors
///
/// What is wrong with `text`; never the text itself, which may hold a password.
pub fn parse(text: &str, port: u16) -> Result<Vec<Endpoint>, BadHosts> {
    if text.contains('@') {
        return Err(BadHosts::Login);
    }
    let hosts = text.split(',').map(|item| endpoint(item.trim(), port)).collect::<Result<Vec<_>, _>>()?;
    if hosts.len() > MOST {
        return Err(BadHosts::TooMany { count: hosts.len(), most: MOST });
    }
    Ok(hosts)
}

fn endpoint(item: &str, port: u16) -> Result<Endpoint, BadHosts> {
    if item.is_empty() {
        return Err(BadHosts::EmptyItem);
    }
    if item.starts_with('/') {
        return Ok(Endpoint::Unix(item.into()));
    }
    if item.contains(['/', '?', '#']) {
        return Err(BadHosts::More);
    }
    let (host, written) = match item.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
        // A literal IPv6 address without brackets has no port.
        None if literal(item).is_some() => (item, None),
        None => item.split_once(':').map_or((item, None), |(host, port)| (host, Some(port))),
    };
    let port = match written {
        None => port,
        Some(text) => {
            text.parse().ok().filter(|port| *port != 0).ok_or_else(|| BadHosts::Port { written: text.to_owned() })?
        }
    };
    if host.is_empty() {
        return Err(BadHosts::PortAlone);
    }
    Ok(Endpoint::Tcp { host: host.to_owned(), port })
}

/// The endpoint as messages and targets show it, such as `h1:27017`.
#[must_use]
pub fn shown(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp { host, port } if host.contains(':') => format!("[{host}]:{port}"),
        Endpoint::Tcp { host, port } => format!("{host}:{port}"),
        Endpoint::Unix(path) => path.display().to_string(),
    }
}

/// `hosts` as results show them together, and the port if there is only one host.
#[must_use]
pub fn together(hosts: &[Endpoint]) -> (String, Option<u16>) {
    match hosts {
        [Endpoint::Tcp { host, port }] => (host.clone(), Some(*port)),
        several => (several.iter().map(shown).collect::<Vec<_>>().join(","), None),
    }
}

/// The hosts of one login, in turn. Each gets its share of the time, so that a host that does not answer leaves some to
/// the others. No host is tried once a credential was sent.
pub struct Turns<'a> {
    attempt: &'a Attempt,
    left: &'a [Endpoint],
}

impl<'a> Turns<'a> {
    /// The turns of `hosts` in `attempt`.
    #[must_use]
    pub fn new(attempt: &'a Attempt, hosts: &'a [Endpoint]) -> Self {
        Self { attempt, left: hosts }
    }

    /// Whether the next host is tried after the `failure` of this one, which `may_pass` must allow. If so, adds a
    /// warning.
    pub fn pass_over(&self, host: &Endpoint, failure: &Failure, may_pass: fn(&Failure) -> bool) -> bool {
        let passes = !self.left.is_empty() && may_pass(failure) && !self.attempt.recorder.credential().sent;
        if passes {
            self.attempt.warn(PlanNotice::HostSkipped { host: shown(host), why: failure.message.clone() });
        }
        passes
    }
}

impl<'a> Iterator for Turns<'a> {
    type Item = (&'a Endpoint, Attempt);

    /// The next host, and the attempt with its share of the time.
    fn next(&mut self) -> Option<Self::Item> {
        let (host, left) = self.left.split_first()?;
        let parts = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        self.left = left;
        let share = Instant::now() + self.attempt.remaining() / parts;
        Some((host, Attempt { deadline: share, ..self.attempt.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::driver::Policy;
    use crate::model::reason::Dialogue;
    use crate::net::Network;

    #[test]
    fn the_next_host_is_asked_while_no_credential_has_left_and_some_time_is() {
        let hosts = parse("h1,h2,h3", 1).unwrap();
        let attempt = Attempt {
            network: Arc::new(Network::new()),
            policy: Policy::default(),
            deadline: Instant::now() + Duration::from_secs(30),
            recorder: Arc::default(),
            controls: Arc::default(),
            expected: Arc::default(),
        };
        let failure = Failure::of(Dialogue::ClosedDuringLogin);
        let mut turns = Turns::new(&attempt, &hosts);
        for (host, share) in hosts.iter().zip([10, 15, 30]) {
            let (next, part) = turns.next().unwrap();
            assert_eq!(next, host);
            let left = part.remaining().as_secs_f64();
            assert!((left - f64::from(share)).abs() < 1.0, "{left} of {share}");
            assert!(!turns.pass_over(host, &failure, |_| false));
            assert_eq!(turns.pass_over(host, &failure, |_| true), share < 30);
        }
        assert!(turns.next().is_none());
        // Whatever the server's answer to the credential: it was sent.
        let mut turns = Turns::new(&attempt, &hosts);
        let (first, part) = turns.next().unwrap();
        part.credential_sent();
        part.credential_ignored();
        assert!(!turns.pass_over(first, &failure, |_| true));
    }

    #[test]
    fn host_lists_are_read_in_every_spelling() {
        for (text, hosts) in [
            ("db1", "db1:27017"),
            ("db1:27018", "db1:27018"),
            ("h1:27017, h2:27018,h3", "h1:27017 h2:27018 h3:27017"),
            ("::1", "[::1]:27017"),
            ("[::1]:1", "[::1]:1"),
            ("[::1]", "[::1]:27017"),
            ("fe80::1%eth0", "[fe80::1%eth0]:27017"),
            ("/run/mongodb-27017.sock", "/run/mongodb-27017.sock"),
        ] {
            let parsed: Vec<String> = parse(text, 27017).unwrap().iter().map(shown).collect();
            assert_eq!(parsed.join(" "), hosts, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_list_is_refused_without_echoing_a_password() {
        let port = |written: &str| BadHosts::Port { written: written.to_owned() };
        for (text, why) in [
            ("u:hunter2@h", BadHosts::Login),
            ("h1,,h2", BadHosts::EmptyItem),
            ("", BadHosts::EmptyItem),
            ("h:0", port("0")),
            ("h:70000", port("70000")),
            ("h:x", port("x")),
            (":27017", BadHosts::PortAlone),
            ("h/db", BadHosts::More),
            ("h?tls=true", BadHosts::More),
            ("[::1]x:1", port("x:1")),
        ] {
            assert_eq!(parse(text, 27017).unwrap_err(), why, "{text}");
        }
        assert_eq!(parse(&vec!["h"; 51].join(","), 1).unwrap_err(), BadHosts::TooMany { count: 51, most: 50 });
    }
}
