//! DNS servers that are asked directly: the system's for what getaddrinfo does not know (SRV and TXT
//! records), and one that the owner names for everything. Names are taken as they are written: no
//! hosts file, no search domains.

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::Name;

use super::resolve::{Found, LookupError};

/// The port where DNS servers listen.
pub const PORT: u16 = 53;

/// Asks `server`, or the servers that the system names.
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
    // Callers keep answers themselves, and ask again for a retry.
    builder.options_mut().cache_size = 0;
    builder.build()
}

/// One DNS server. Each lookup has a resolver of its own: lookups that share a resolver share its TCP connection, and a
/// server that closes it after one answer, as many do, would leave the other lookups without one.
pub(super) struct Client {
    server: SocketAddr,
}

impl Client {
    /// Asks the server at `server`.
    pub(super) fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    /// The addresses that the server has for `host`; none where there is no such name.
    pub(super) async fn addresses(&self, host: &str) -> Result<Found, LookupError> {
        let none = Found { addresses: Vec::new(), until: None };
        // An ASCII name is sent as it is: names of containers have underscores, which the conversion refuses.
        let name = if host.is_ascii() { Name::from_ascii(host) } else { Name::from_utf8(host) };
        let Ok(mut name) = name else { return Ok(none) };
        // Keeps the search domains out.
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
