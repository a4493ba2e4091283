//! Which servers: the host list of a definition, or the SRV and TXT records that it names.
//!
//! A stored secret goes to the stored hosts only, so what records say is held to the parent-domain
//! rule of the `mongodb+srv` specification. Pure.

use crate::model::failure::Failure;
use crate::model::problem::BadHosts;
use crate::model::reason::Policy;
use crate::net::dial::Endpoint;
use crate::net::resolve::literal;

/// The most hosts of one definition.
const MOST: usize = 50;

/// The hosts of `text`, as `h1`, `h1:27017,h2`, `[::1]:27017` or `/run/mongodb-27017.sock`; `port`
/// goes to those without one.
///
/// # Errors
///
/// What is wrong with it, without the text, which may hold a password.
pub(super) fn parse(text: &str, port: u16) -> Result<Vec<Endpoint>, BadHosts> {
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

/// `h1:27017`, as in messages and targets.
pub(super) fn shown(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp { host, port } if host.contains(':') => format!("[{host}]:{port}"),
        Endpoint::Tcp { host, port } => format!("{host}:{port}"),
        Endpoint::Unix(path) => path.display().to_string(),
    }
}

/// The hosts that the SRV record of `name` may name, at most `most` of them.
///
/// # Errors
///
/// `policy` for a host outside the domain of `name`.
pub(super) fn of_srv(name: &str, targets: Vec<(String, u16)>, most: Option<usize>) -> Result<Vec<Endpoint>, Failure> {
    let domain = match name.split_once('.') {
        Some((_, parent)) if parent.contains('.') => parent,
        _ => name,
    };
    if targets.iter().any(|(host, _)| !is_below(host, domain)) {
        return Err(Failure::of(Policy::SrvOutside { name: name.to_owned(), domain: domain.to_owned() }));
    }
    let most = most.unwrap_or(MOST).min(MOST);
    Ok(targets.into_iter().take(most).map(|(host, port)| Endpoint::Tcp { host, port }).collect())
}

/// Whether `host` is `something.domain`.
fn is_below(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.trim_end_matches('.').to_ascii_lowercase());
    host.trim_end_matches('.').strip_suffix(&domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// What the TXT record beside an SRV record may say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TxtOptions {
    /// The authentication database.
    pub(super) auth_source: Option<String>,
    /// The replica set.
    pub(super) replica_set: Option<String>,
    /// Whether there is a load balancer.
    pub(super) load_balanced: Option<bool>,
}

impl TxtOptions {
    /// Reads the TXT records of `name`.
    ///
    /// # Errors
    ///
    /// `policy` for more than one record, or an option that a record may not set.
    pub(super) fn parse(name: &str, records: &[String]) -> Result<Self, Failure> {
        let refused = |why: &str| Failure::of(Policy::TxtRefused { name: name.to_owned(), why: why.to_owned() });
        let text = match records {
            [] => return Ok(Self::default()),
            [text] => text,
            _ => return Err(refused("is not the only one")),
        };
        let mut options = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or_else(|| refused("is not a list of options"))?;
            let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
            match key.to_ascii_lowercase().as_str() {
                "authsource" if !value.is_empty() => options.auth_source = Some(value),
                "replicaset" if !value.is_empty() => options.replica_set = Some(value),
                "loadbalanced" if value == "true" || value == "false" => options.load_balanced = Some(value == "true"),
                _ => return Err(refused("sets an option that it may not set, or to a value it cannot have")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;

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

    #[test]
    fn srv_hosts_stay_below_the_parent_domain() {
        for (name, host, allowed) in [
            ("cluster.example.com", "a.example.com", true),
            ("cluster.example.com", "a.b.EXAMPLE.com.", true),
            ("cluster.example.com", "example.com", false),
            ("cluster.example.com", "a.badexample.com", false),
            ("cluster.example.com", "a.example.com.evil.org", false),
            ("cluster.example.com", ".example.com", false),
            ("example.com", "a.example.com", true),
            ("example.com", "example.com", false),
            ("example.com", "a.com", false),
            ("localhost", "a.localhost", true),
            ("localhost", "a.example.com", false),
        ] {
            assert_eq!(of_srv(name, vec![(host.into(), 1)], None).is_ok(), allowed, "{name} → {host}");
        }
    }

    #[test]
    fn srv_hosts_are_capped() {
        let many = |count| (0..count).map(|number| (format!("h{number}.example.com"), 1)).collect::<Vec<_>>();
        assert_eq!(of_srv("c.example.com", many(60), None).unwrap().len(), 50);
        assert_eq!(of_srv("c.example.com", many(60), Some(2)).unwrap().len(), 2);
    }

    #[test]
    fn txt_records_may_set_three_options() {
        let parse = |records: &[&str]| {
            let records: Vec<String> = records.iter().map(|&record| record.to_owned()).collect();
            TxtOptions::parse("c.example.com", &records)
        };
        assert_eq!(parse(&[]).unwrap(), TxtOptions::default());
        assert_eq!(
            parse(&["authSource=users&replicaSet=rs0"]).unwrap(),
            TxtOptions { auth_source: Some("users".into()), replica_set: Some("rs0".into()), load_balanced: None }
        );
        assert_eq!(parse(&["loadBalanced=true"]).unwrap().load_balanced, Some(true));
        for refused in [
            &["ssl=false"][..],
            &["authSource=a", "replicaSet=b"],
            &["authSource="],
            &["loadBalanced=maybe"],
            &["junk"],
        ] {
            assert_eq!(parse(refused).unwrap_err().class, Class::Policy, "{refused:?}");
        }
    }
}
