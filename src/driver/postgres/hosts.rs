//! The servers of a definition: one host or a list, each with its port.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use super::flaws::PostgresFlaw;
use super::notices::PostgresNotice;
use super::overrides::overrides;
use crate::driver::{Fields, Target};
use crate::net::dial::Endpoint;
use crate::net::resolve::literal;

/// One server of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// The name in the definition, for which its certificate must be valid; the directory of a unix socket.
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) endpoint: Endpoint,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            return write!(f, "[{}]:{}", self.name, self.port);
        }
        write!(f, "{}:{}", self.name, self.port)
    }
}

/// The hosts of the definition, in order of trial. As in libpq, lists in `host`, `hostaddr` and `port` belong together;
/// in addition, a host of the list may have its own port.
pub(super) fn read(fields: &mut Fields<'_>, default_port: u16) -> Vec<Host> {
    let addresses = fields.text("hostaddr").map(|text| split(&text)).unwrap_or_default();
    let Some(names) = names(fields, &addresses) else { return Vec::new() };
    let Some(ports) = ports(fields, default_port) else { return Vec::new() };
    if ports.len() > 1 && ports.len() != names.len() {
        unequal(fields, ports.len(), false, names.len());
    }
    if !addresses.is_empty() && addresses.len() != names.len() {
        unequal(fields, addresses.len(), true, names.len());
    }
    let mut hosts = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(default_port);
        hosts.extend(host(fields, name, port, addresses.get(index), names.len() == 1));
    }
    hosts
}

fn unequal(fields: &mut Fields<'_>, count: usize, addresses: bool, hosts: usize) {
    fields.problem(PostgresFlaw::Unequal { count, addresses, hosts });
}

/// The hosts as results show them together: `a,b` with one port, or `a:1,b:2`.
pub(super) fn target(hosts: &[Host], database: &str) -> Target {
    let port = hosts.first().map(|host| host.port).filter(|port| hosts.iter().all(|host| host.port == *port));
    let name = |host: &Host| if port.is_some() { host.name.clone() } else { host.to_string() };
    let host = hosts.iter().map(name).collect::<Vec<_>>().join(",");
    Target { host: Some(host), port, database: Some(database.to_owned()) }
}

fn names(fields: &mut Fields<'_>, addresses: &[String]) -> Option<Vec<String>> {
    let stored = fields.connection().host.as_deref();
    let text = match fields.text("host") {
        Some(text) => {
            overrides(fields, "host", "host", stored, &text);
            text
        }
        None if stored.is_none() && !addresses.is_empty() => return Some(addresses.to_vec()),
        None => fields.host()?.to_owned(),
    };
    fields.is_host(&text).then(|| split(&text))
}

fn ports(fields: &mut Fields<'_>, default: u16) -> Option<Vec<u16>> {
    let Some(text) = fields.text("port") else { return Some(vec![fields.port(default)]) };
    let stored = fields.connection().port.map(|port| port.to_string());
    overrides(fields, "port", "port", stored.as_deref(), &text);
    let ports: Option<Vec<u16>> = split(&text).iter().map(|port| number(port)).collect();
    if ports.is_none() {
        fields.problem(PostgresFlaw::BadPorts);
    }
    ports
}

fn host(fields: &mut Fields<'_>, entry: &str, port: u16, address: Option<&String>, alone: bool) -> Option<Host> {
    if entry.is_empty() {
        fields.problem(PostgresFlaw::EmptyHost);
        return None;
    }
    if entry.starts_with('@') {
        fields.unsupported(PostgresFlaw::AbstractSocket { host: entry.to_owned() });
        return None;
    }
    if entry.starts_with('/') {
        let socket = Path::new(entry).join(format!(".s.PGSQL.{port}"));
        return Some(Host { name: entry.to_owned(), port, endpoint: Endpoint::Unix(socket) });
    }
    let Some((name, own_port)) = name_and_port(entry).filter(|(name, _)| !name.contains('/')) else {
        fields.problem(PostgresFlaw::BadHost { host: entry.to_owned() });
        return None;
    };
    if alone && own_port.is_none() && entry.starts_with('[') {
        fields.problem(PostgresFlaw::Brackets { host: entry.to_owned() });
        return None;
    }
    if own_port.is_some() {
        if alone {
            fields.problem(PostgresFlaw::PortInHost { host: entry.to_owned() });
            return None;
        }
        fields.warn(PostgresNotice::PortsInList);
    }
    let port = own_port.unwrap_or(port);
    let dialled = match address.map(|text| (text, text.parse::<IpAddr>())) {
        None => name.to_owned(),
        Some((_, Ok(address))) => address.to_string(),
        Some((text, Err(_))) => {
            fields.problem(PostgresFlaw::BadAddress { written: text.clone() });
            return None;
        }
    };
    Some(Host { name: name.to_owned(), port, endpoint: Endpoint::Tcp { host: dialled, port } })
}

/// Splits `name`, `name:port`, `::1`, `[::1]` and `[::1]:port`.
fn name_and_port(entry: &str) -> Option<(&str, Option<u16>)> {
    if let Some(bracketed) = entry.strip_prefix('[') {
        let (name, rest) = bracketed.split_once(']')?;
        is_ipv6(name).then_some(())?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((name, Some(number(port)?))),
            None => rest.is_empty().then_some((name, None)),
        };
    }
    if is_ipv6(entry) {
        return Some((entry, None));
    }
    match entry.split_once(':') {
        Some((name, port)) => (!name.is_empty()).then_some((name, Some(number(port)?))),
        None => Some((entry, None)),
    }
}

/// Whether it is an IPv6 address, which may have a zone (`fe80::1%eth0`).
fn is_ipv6(text: &str) -> bool {
    literal(text).is_some_and(|address| address.is_ipv6())
}

fn number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(|entry| entry.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::postgres::options;
    use crate::driver::postgres::spec::SPEC;
    use crate::driver::postgres::tests::{connection, problems};
    use crate::model::problem::{HostFlaw, PlanFlaw, Problem};
    use crate::model::reason::Field;

    fn hosts(definition: &Value) -> Vec<String> {
        let connection = connection(definition);
        let mut fields = Fields::new(&SPEC, &connection);
        let hosts = read(&mut fields, 5432);
        fields.finish().unwrap();
        hosts
            .iter()
            .map(|host| match &host.endpoint {
                Endpoint::Tcp { host: dialled, port } if *dialled == host.name => format!("{dialled} {port}"),
                Endpoint::Tcp { host: dialled, port } => format!("{dialled} {port} as {}", host.name),
                Endpoint::Unix(path) => path.display().to_string(),
            })
            .collect()
    }

    #[test]
    fn hosts_are_read_as_libpq_reads_them() {
        for (definition, expected) in [
            (json!({"host": "db"}), vec!["db 5432"]),
            (json!({"host": "db", "port": 6000}), vec!["db 6000"]),
            (json!({"host": "a,b", "port": 6000}), vec!["a 6000", "b 6000"]),
            (json!({"host": "a:1,b"}), vec!["a 1", "b 5432"]),
            (json!({"host": "a,b", "extra": {"port": "1,2"}}), vec!["a 1", "b 2"]),
            (json!({"host": "::1"}), vec!["::1 5432"]),
            (json!({"host": "[::1]:6000,b"}), vec!["::1 6000", "b 5432"]),
            (json!({"host": "/run/pg", "port": 6000}), vec!["/run/pg/.s.PGSQL.6000"]),
            (json!({"host": "/run/pg,b"}), vec!["/run/pg/.s.PGSQL.5432", "b 5432"]),
            (json!({"host": "a", "extra": {"host": "b", "port": 6000}}), vec!["b 6000"]),
            (json!({"host": "db", "extra": {"hostaddr": "10.0.0.7"}}), vec!["10.0.0.7 5432 as db"]),
            (json!({"extra": {"hostaddr": "10.0.0.7"}}), vec!["10.0.0.7 5432"]),
        ] {
            assert_eq!(hosts(&definition), expected, "{definition}");
        }
    }

    #[test]
    fn what_is_not_a_host_is_a_problem() {
        let text = str::to_owned;
        let port = |host: &str| Problem::from(PostgresFlaw::PortInHost { host: host.to_owned() });
        let unequal = |count, addresses| PostgresFlaw::Unequal { count, addresses, hosts: 2 }.into();
        for (definition, expected) in [
            (json!({}), PlanFlaw::Missing { field: Field::HOST }.into()),
            (json!({"host": "postgres://db"}), HostFlaw::Url { scheme: text("postgres") }.into()),
            (json!({"host": "etl:hunter2@db"}), HostFlaw::Login.into()),
            (json!({"host": "db/sales"}), PostgresFlaw::BadHost { host: text("db/sales") }.into()),
            (json!({"host": "a,,b"}), PostgresFlaw::EmptyHost.into()),
            (json!({"host": "db:0"}), PostgresFlaw::BadHost { host: text("db:0") }.into()),
            (json!({"host": "db:5432"}), port("db:5432")),
            (json!({"host": "db:5432", "port": 5432}), port("db:5432")),
            (json!({"host": "[::1]:5432"}), port("[::1]:5432")),
            (json!({"host": "[::1]"}), PostgresFlaw::Brackets { host: text("[::1]") }.into()),
            (json!({"host": "db\n"}), HostFlaw::StoredPadded.into()),
            (json!({"host": " db"}), HostFlaw::StoredPadded.into()),
            (json!({"host": "@abstract"}), PostgresFlaw::AbstractSocket { host: text("@abstract") }.into()),
            (json!({"host": "a", "extra": {"port": "x"}}), PostgresFlaw::BadPorts.into()),
            (json!({"host": "a,b", "extra": {"port": "1,2,3"}}), unequal(3, false)),
            (json!({"host": "a,b", "extra": {"hostaddr": "::1"}}), unequal(1, true)),
            (json!({"host": "a", "extra": {"hostaddr": "b"}}), PostgresFlaw::BadAddress { written: text("b") }.into()),
        ] {
            let found = problems(&definition);
            let expected: Problem = expected;
            assert!(found.contains(&expected), "{expected:?} is not among {found:?}");
        }
    }

    #[test]
    fn a_target_names_every_host_and_the_port_they_share() {
        for (definition, expected) in [
            (json!({"host": "a,b"}), "a,b:5432/etl"),
            (json!({"host": "a:1,b"}), "a:1,b:5432/etl"),
            (json!({"host": "::1", "port": 6000}), "[::1]:6000/etl"),
            (json!({"host": "[::1]:6000,[::1]:6001"}), "[::1]:6000,[::1]:6001/etl"),
            (json!({"host": "/run/pg", "schema": "sales"}), "/run/pg:5432/sales"),
        ] {
            let mut definition = definition;
            definition["login"] = json!("etl");
            let (options, _) = options::read(&connection(&definition)).unwrap();
            assert_eq!(target(&options.hosts, &options.database).to_string(), expected);
        }
    }
}
