//! The lookups of one login: all its names at once, before its turn and its permits, so that the account is known and
//! no login holds a permit while it waits for a dead name.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Resolve;
use crate::model::result::Address;
use crate::net::dial::Endpoint;
use crate::net::{Names, Network};

/// The addresses of a definition's endpoints.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// All addresses that may be dialled, in the order of the endpoints.
    pub(super) addresses: Vec<Address>,
    /// The duration of the longest lookup.
    pub(super) elapsed: Duration,
    /// The result of each lookup.
    pub(super) names: Names,
}

/// Looks up the names of all `endpoints` together, within `limit`. Some names of a list may fail, but not all. As soon
/// as one name is known, half of the limit is reserved for the login: lookups without an answer by then count as
/// silent.
///
/// # Errors
///
/// The failure of the first endpoint, if no endpoint has an address.
pub(super) async fn look_up(endpoints: &[Endpoint], network: &Network, limit: Duration) -> Result<Resolved, Failure> {
    let mut resolved = Resolved::default();
    let mut lookups: FuturesUnordered<_> =
        hosts(endpoints).into_iter().map(|host| async move { (host, network.resolve(host, limit).await) }).collect();
    let mut known = endpoints.iter().any(|endpoint| matches!(endpoint, Endpoint::Unix(_)));
    let half = tokio::time::sleep(limit / 2);
    tokio::pin!(half);
    loop {
        tokio::select! {
            biased;
            answered = lookups.next() => {
                let Some((host, found)) = answered else { break };
                known |= found.is_ok();
                resolved.names.insert(host.to_lowercase(), found.map_err(|failure| failure.at(Phase::Resolve)));
            }
            () = &mut half, if known => break,
        }
    }
    drop(lookups);
    let mut first_failure = None;
    for endpoint in endpoints {
        match endpoint {
            Endpoint::Unix(path) => resolved.addresses.push(Address::Unix(path.clone())),
            Endpoint::Tcp { host, port } => {
                match resolved.names.entry(host.to_lowercase()).or_insert_with(|| Err(silent(host))) {
                    Ok(found) => {
                        resolved.elapsed = resolved.elapsed.max(found.elapsed);
                        let at_port = |ip: &std::net::IpAddr| Address::Ip(SocketAddr::new(*ip, *port));
                        resolved.addresses.extend(found.addresses.iter().map(at_port));
                    }
                    Err(failure) => {
                        first_failure.get_or_insert_with(|| failure.clone());
                    }
                }
            }
        }
    }
    match first_failure {
        Some(failure) if resolved.addresses.is_empty() => Err(failure),
        _ => Ok(resolved),
    }
}

/// The names of `endpoints`, each once.
fn hosts(endpoints: &[Endpoint]) -> Vec<&str> {
    let mut seen = HashSet::new();
    let names = endpoints.iter().filter_map(|endpoint| match endpoint {
        Endpoint::Tcp { host, .. } => Some(host.as_str()),
        Endpoint::Unix(_) => None,
    });
    names.filter(|host| seen.insert(host.to_lowercase())).collect()
}

fn silent(host: &str) -> Failure {
    Failure::of(Resolve::ResolverSilent { name: host.to_owned() }).at(Phase::Resolve)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};
    use std::time::Instant;

    use super::*;
    use crate::model::class::Class;

    fn tcp(host: &str) -> Endpoint {
        Endpoint::Tcp { host: host.to_owned(), port: 1 }
    }

    /// A network whose scripted DNS server never answers, as long as the socket is kept.
    fn silent_network() -> (Network, UdpSocket) {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        (Network::new().asking(server.local_addr().unwrap(), None), server)
    }

    #[tokio::test]
    async fn twelve_silent_names_cost_one_limit() {
        let (network, _server) = silent_network();
        let endpoints: Vec<_> = (0..12).map(|n| tcp(&format!("h{n}.example"))).collect();
        let since = Instant::now();
        let failure = look_up(&endpoints, &network, Duration::from_millis(300)).await.unwrap_err();
        assert_eq!((failure.class, failure.phase), (Class::Timeout, Some(Phase::Resolve)));
        assert!(since.elapsed() < Duration::from_millis(500), "{:?}", since.elapsed());
    }

    #[tokio::test]
    async fn a_silent_name_beside_a_known_one_leaves_time_for_the_login() {
        let (network, _server) = silent_network();
        let since = Instant::now();
        let endpoints = [tcp("silent.example"), tcp("127.0.0.1")];
        let resolved = look_up(&endpoints, &network, Duration::from_millis(400)).await.unwrap();
        assert!(since.elapsed() < Duration::from_millis(300), "{:?}", since.elapsed());
        assert_eq!(resolved.addresses, [Address::Ip(([127, 0, 0, 1], 1).into())]);
        // The login uses these answers and looks no name up again.
        let known = network.knowing(resolved.names);
        let again = known.resolve("SILENT.example", Duration::from_secs(9)).await.unwrap_err();
        assert_eq!(again.class, Class::Timeout);
    }
}
