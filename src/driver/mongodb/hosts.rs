//! The servers of a definition that names SRV and TXT records instead of a list of hosts.
//!
//! A stored secret may only be sent to the stored hosts, so the records must follow the parent-domain rule of the
//! `mongodb+srv` specification. Pure.

use crate::driver::kit::hosts::MOST;
use crate::model::failure::Failure;
use crate::model::reason::Policy;
use crate::net::dial::Endpoint;

/// The hosts in the SRV record of `name`, at most `most` of them.
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

/// The options that the TXT record beside an SRV record may set.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TxtOptions {
    /// The authentication database.
    pub(super) auth_source: Option<String>,
    /// The replica set.
    pub(super) replica_set: Option<String>,
    /// Whether the servers are behind a load balancer.
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
