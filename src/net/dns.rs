//! Direct queries to DNS servers: to the system's for what getaddrinfo does not support (SRV and TXT records), and to
//! the server that the user names for everything. Names are queried as written, without a hosts file or search domains.

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::Name;

use super::resolve::{Found, LookupError};

/// The port that DNS servers listen on.
pub const PORT: u16 = 53;

/// A resolver that queries `server`, or else the system's DNS servers.
pub(super) fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let Some(server) = server else { return TokioResolver::builder_tokio()?.build() };
    let at_port = |mut connection: ConnectionConfig| {
        connection.port = server.port();
        connection
    };
    let ways = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
    let config = ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, ways)]);
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    builder.options_mut().use_hosts_file = ResolveHosts::Never;
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    // The callers cache answers, and a retry must query again.
    builder.options_mut().cache_size = 0;
    builder.build()
}

/// One DNS server. Each lookup has its own resolver: lookups that share a resolver share its TCP connection, and a
/// server that closes it after one answer, as many do, would leave the other lookups without one.
pub(super) struct Client {
    server: SocketAddr,
}

impl Client {
    /// A client of the server at `server`.
    pub(super) fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    /// The addresses of `host`; none if the name does not exist.
    pub(super) async fn addresses(&self, host: &str) -> Result<Found, LookupError> {
        let none = Found { addresses: Vec::new(), until: None };
        // An ASCII name is sent as it is: container names contain underscores, which the conversion rejects.
        let name = if host.is_ascii() { Name::from_ascii(host) } else { Name::from_utf8(host) };
        let Ok(mut name) = name else { return Ok(none) };
        // A fully qualified name keeps the search domains out.
        name.set_fqdn(true);
        let resolver = resolver(Some(self.server)).map_err(|_| LookupError::NoAnswer)?;
        match resolver.lookup_ip(name).await {
            Ok(found) => Ok(Found { addresses: found.iter().collect(), until: Some(found.valid_until()) }),
            Err(error) if error.is_no_records_found() => Ok(none),
            Err(NetError::Io(error)) => Err(LookupError::of_socket(&error)),
            Err(_) => Err(LookupError::NoAnswer),
        }
    }
}
