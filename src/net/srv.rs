//! SRV records and the TXT records that accompany them, as used by `mongodb+srv`.
//!
//! getaddrinfo supports neither, so they are queried directly from the system's DNS servers (`/etc/resolv.conf`), or
//! from the one that the user names. The driver judges the content of the records.

use std::cmp::Reverse;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::RData;

use super::dns;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Resolve;

/// The maximum number of targets that are kept; all share one time limit.
const TARGETS: usize = 64;

/// The records of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Host and port, in the order to try them: by priority, then by weight. Never empty.
    pub targets: Vec<(String, u16)>,
    /// The TXT records of the name itself, each with its parts joined.
    pub texts: Vec<String>,
}

/// How long the system's configuration and its answers are cached.
const KEPT: Duration = Duration::from_secs(30);

/// Queries the system's DNS servers, or one given server.
#[derive(Default)]
pub(super) struct SrvResolver {
    server: Option<SocketAddr>,
    resolver: Mutex<Option<(Instant, TokioResolver)>>,
}

impl SrvResolver {
    /// Queries only the DNS server at `server`.
    pub(super) fn asking(server: SocketAddr) -> Self {
        Self { server: Some(server), resolver: Mutex::default() }
    }

    /// The SRV records of `_service._tcp.name` and the TXT records of `name`.
    ///
    /// # Errors
    ///
    /// `resolve` when there is no SRV record or the servers do not answer, `timeout` after `limit`, `local` when this
    /// machine has no DNS server configured.
    pub(super) async fn resolve(&self, service: &str, name: &str, limit: Duration) -> Result<Records, Failure> {
        let resolver = self
            .resolver()
            .map_err(|error| Failure::of(Resolve::ResolverMissing).at(Phase::Resolve).remark(error.to_string()))?;
        match tokio::time::timeout(limit, look_up(&resolver, service, name)).await {
            Ok(found) => found.map_err(|failure| failure.at(Phase::Resolve)),
            Err(_elapsed) => Err(Failure::of(Resolve::ResolverSilent { name: name.to_owned() }).at(Phase::Resolve)),
        }
    }

    /// A resolver for the DNS servers that the system names, read at most 30 seconds ago.
    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let mut known = self.resolver.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, resolver)) = &*known
            && since.elapsed() < KEPT
        {
            return Ok(resolver.clone());
        }
        let resolver = dns::resolver(self.server)?;
        *known = Some((Instant::now(), resolver.clone()));
        Ok(resolver)
    }
}

async fn look_up(resolver: &TokioResolver, service: &str, name: &str) -> Result<Records, Failure> {
    // The final dot disables the search domains: records of another domain must not be used.
    let record = format!("_{service}._tcp.{name}");
    let (services, texts) =
        tokio::join!(resolver.srv_lookup(format!("{record}.")), resolver.txt_lookup(format!("{name}.")));
    let services = match services {
        Ok(services) => services,
        Err(error) if error.is_no_records_found() => {
            return Err(Failure::of(Resolve::SrvNotFound { record }));
        }
        Err(error) => return Err(unanswered(&record, &error)),
    };
    let texts = match texts {
        Ok(texts) => texts.answers().iter().filter_map(|answer| text(&answer.data)).collect(),
        Err(error) if error.is_no_records_found() => Vec::new(),
        Err(error) => return Err(unanswered(name, &error)),
    };
    let mut targets: Vec<_> = services.answers().iter().filter_map(|answer| target(&answer.data)).collect();
    targets.sort();
    let targets: Vec<_> = targets.into_iter().take(TARGETS).map(|(_, _, host, port)| (host, port)).collect();
    if targets.is_empty() {
        return Err(Failure::of(Resolve::SrvEmpty { record }));
    }
    Ok(Records { targets, texts })
}

/// Priority, weight, host and port. A single dot as the host means that the service is not offered.
fn target(data: &RData) -> Option<(u16, Reverse<u16>, String, u16)> {
    let RData::SRV(srv) = data else { return None };
    let host = srv.target.to_ascii();
    let host = host.trim_end_matches('.');
    // Only a name, never an address: it is resolved and judged like any other host.
    let usable = !host.is_empty() && host.parse::<IpAddr>().is_err() && srv.port != 0;
    usable.then(|| (srv.priority, Reverse(srv.weight), host.to_owned(), srv.port))
}

fn text(data: &RData) -> Option<String> {
    let RData::TXT(txt) = data else { return None };
    Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned())
}

fn unanswered(name: &str, error: &NetError) -> Failure {
    Failure::of(Resolve::ResolverFailed { name: name.to_owned() }).remark(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
    use hickory_resolver::proto::rr::rdata::{SRV, TXT};
    use hickory_resolver::proto::rr::{Name, Record, RecordType};
    use tokio::net::UdpSocket;

    use super::*;
    use crate::model::class::Class;

    fn srv(priority: u16, weight: u16, host: &str, port: u16) -> RData {
        RData::SRV(SRV::new(priority, weight, port, host.parse().unwrap()))
    }

    fn txt(parts: &[&str]) -> RData {
        RData::TXT(TXT::new(parts.iter().map(|&part| part.to_owned()).collect()))
    }

    /// A DNS server with only `records`; it does not answer if there are none.
    async fn server(records: Vec<(&'static str, RData)>) -> SrvResolver {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            loop {
                let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
                if records.is_empty() {
                    continue;
                }
                let request = Message::from_vec(&buffer[..length]).unwrap();
                socket.send_to(&answer(&request, &records).to_vec().unwrap(), peer).await.unwrap();
            }
        });
        SrvResolver::asking((Ipv4Addr::LOCALHOST, port).into())
    }

    fn answer(request: &Message, records: &[(&str, RData)]) -> Message {
        let query = request.queries[0].clone();
        let mut response = Message::new(request.metadata.id, MessageType::Response, request.metadata.op_code);
        let found = records.iter().filter(|(name, data)| {
            name.parse::<Name>().unwrap() == *query.name() && data.record_type() == query.query_type()
        });
        for (name, data) in found {
            response.add_answer(Record::from_rdata(name.parse().unwrap(), 60, data.clone()));
        }
        if response.answers.is_empty() && query.query_type() == RecordType::SRV {
            response.metadata.response_code = ResponseCode::NXDomain;
        }
        response.add_query(query);
        response
    }

    async fn resolved(records: Vec<(&'static str, RData)>) -> Result<Records, Class> {
        let resolver = server(records).await;
        let found = resolver.resolve("mongodb", "c.example.com", Duration::from_secs(2)).await;
        found.map_err(|failure| failure.class)
    }

    const SERVICE: &str = "_mongodb._tcp.c.example.com.";

    #[tokio::test]
    async fn targets_come_in_the_order_in_which_to_try_them() {
        let found = resolved(vec![
            (SERVICE, srv(10, 1, "last.example.com.", 3)),
            (SERVICE, srv(1, 1, "light.example.com.", 2)),
            (SERVICE, srv(1, 9, "heavy.example.com.", 1)),
            (SERVICE, srv(1, 9, ".", 1)),
        ])
        .await
        .unwrap();
        let hosts: Vec<&str> = found.targets.iter().map(|(host, _)| host.as_str()).collect();
        assert_eq!(hosts, ["heavy.example.com", "light.example.com", "last.example.com"]);
        assert_eq!(found.texts, Vec::<String>::new());
    }

    #[tokio::test]
    async fn the_parts_of_a_text_are_joined_and_texts_kept_apart() {
        let found = resolved(vec![
            (SERVICE, srv(0, 0, "a.example.com.", 1)),
            ("c.example.com.", txt(&["authSource=", "users"])),
            ("c.example.com.", txt(&["replicaSet=rs0"])),
        ])
        .await
        .unwrap();
        let mut texts = found.texts;
        texts.sort();
        assert_eq!(texts, ["authSource=users", "replicaSet=rs0"]);
    }

    #[tokio::test]
    async fn a_name_without_service_is_told() {
        assert_eq!(resolved(vec![("c.example.com.", txt(&["x"]))]).await, Err(Class::Resolve));
        assert_eq!(resolved(vec![(SERVICE, srv(0, 0, ".", 1))]).await, Err(Class::Resolve));
    }

    #[tokio::test]
    async fn silence_ends_at_the_limit() {
        let silent = server(Vec::new()).await;
        let failure = silent.resolve("mongodb", "c.example.com", Duration::from_millis(100)).await.unwrap_err();
        assert_eq!((failure.class, failure.phase), (Class::Timeout, Some(Phase::Resolve)));
    }
}
