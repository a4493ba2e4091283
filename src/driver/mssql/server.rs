//! The content of `host`: a name or address, with the instance and the port that SQL Server's clients accept beside it.

use super::flaws::MssqlFlaw;
use crate::net::resolve::literal;

/// The address of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// A name or address to resolve.
    pub(super) host: String,
    /// The named instance.
    pub(super) instance: Option<String>,
    /// The port after the host.
    pub(super) port: Option<u16>,
}

/// Why a host field does not give a [`Server`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoServer {
    /// It is malformed.
    Malformed(MssqlFlaw),
    /// It asks for a transport that connprobe does not support.
    Unsupported(MssqlFlaw),
}

impl Server {
    /// Reads `srv`, `srv\INSTANCE`, `srv,1433`, `srv:1433` and `tcp:srv…`; `.` and `(local)` are
    /// this machine.
    pub(super) fn parse(text: &str) -> Result<Self, NoServer> {
        let text = match text.split_once(':') {
            Some((protocol, rest)) if protocol.eq_ignore_ascii_case("tcp") => rest,
            Some((protocol, _))
                if ["np", "lpc", "via", "admin"].iter().any(|lacked| protocol.eq_ignore_ascii_case(lacked)) =>
            {
                return Err(NoServer::Unsupported(MssqlFlaw::Transport { protocol: protocol.to_owned() }));
            }
            _ => text,
        };
        if text.starts_with(r"\\") {
            return Err(NoServer::Unsupported(MssqlFlaw::Pipe));
        }
        if text.to_lowercase().starts_with("(localdb)") {
            return Err(NoServer::Unsupported(MssqlFlaw::LocalDb));
        }
        let (rest, port) = match text.rsplit_once([',', ':']) {
            Some((rest, port)) if literal(text).is_none() => (rest, Some(parse_port(port)?)),
            _ => (text, None),
        };
        let (host, instance) = match rest.split_once('\\') {
            Some((host, instance)) => (host, Some(parse_instance(instance)?)),
            None => (rest, None),
        };
        let host = match host {
            "" | "." | "(local)" => "localhost".to_owned(),
            host => literal(host).map_or_else(|| host.to_owned(), |address| address.to_string()),
        };
        Ok(Self { host, instance, port })
    }
}

fn parse_port(text: &str) -> Result<u16, NoServer> {
    let port = text.trim().parse().ok().filter(|port| *port != 0);
    port.ok_or_else(|| NoServer::Malformed(MssqlFlaw::BadPort { written: text.to_owned() }))
}

/// SQL Browser's protocol has room for 32 bytes, and separates its fields with `;`.
fn parse_instance(text: &str) -> Result<String, NoServer> {
    if text.is_empty() || text.len() > 32 || text.contains(['\\', ';', '/', '\0']) {
        return Err(NoServer::Malformed(MssqlFlaw::BadInstance { written: text.to_owned() }));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_may_carry_instance_and_port() {
        for (text, host, instance, port) in [
            ("db1.example", "db1.example", None, None),
            (r"db1\SALES", "db1", Some("SALES"), None),
            ("db1,1533", "db1", None, Some(1533)),
            ("db1:1533", "db1", None, Some(1533)),
            (r"db1\SALES,1533", "db1", Some("SALES"), Some(1533)),
            ("tcp:db1.database.windows.net,1433", "db1.database.windows.net", None, Some(1433)),
            ("10.0.0.7", "10.0.0.7", None, None),
            ("::1", "::1", None, None),
            ("[::1]", "::1", None, None),
            ("[::1]:1533", "::1", None, Some(1533)),
            ("::1,1533", "::1", None, Some(1533)),
            ("fe80::1%eth0", "fe80::1", None, None),
            (".", "localhost", None, None),
            ("(local)", "localhost", None, None),
            (r".\SQLEXPRESS", "localhost", Some("SQLEXPRESS"), None),
        ] {
            let expected = Server { host: host.to_owned(), instance: instance.map(str::to_owned), port };
            assert_eq!(Server::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_server_differs_from_what_is_lacking() {
        for text in ["db1,", "db1,0", "db1,65536", "db1,x", r"db1\", r"db1\a\b", r"db1\a;b"] {
            assert!(matches!(Server::parse(text), Err(NoServer::Malformed(_))), "{text}");
        }
        for text in
            [r"np:\\db1\pipe\sql\query", r"\\db1\pipe\sql\query", "lpc:db1", r"(localdb)\MSSQLLocalDB", "ADMIN:db1"]
        {
            assert!(matches!(Server::parse(text), Err(NoServer::Unsupported(_))), "{text}");
        }
    }
}
