//! The names of the cells, each with its way to answer.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex};

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;

use super::question::{Naming, Question, Reply};
use super::records::address;
use crate::peer::Watched;

/// A name that a route of Azure's may lead to, and that leads to the metadata service.
pub const AZURE: &str = "gateway.database.windows.net";

struct Zone {
    naming: Naming,
    port: u16,
    watch: Watched,
    asked: HashMap<(String, RecordType), usize>,
}

static ZONES: LazyLock<Mutex<HashMap<String, Zone>>> = LazyLock::new(|| {
    let azure = Zone {
        naming: |question| address(question, "169.254.169.254"),
        port: 0,
        watch: Watched::default(),
        asked: HashMap::new(),
    };
    Mutex::new(HashMap::from([(AZURE.to_owned(), azure)]))
});

/// Where the server listens, over UDP and TCP.
pub fn server() -> SocketAddr {
    static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| super::server::start(reply));
    *SERVER
}

/// A new name, about which questions are answered by `naming`, as is noted in `watch`; its peer is at `port`.
pub fn name(naming: Naming, port: u16, watch: &Watched) -> String {
    let mut zones = ZONES.lock().unwrap();
    let name = format!("h{}.faults.example", zones.len());
    zones.insert(name.clone(), Zone { naming, port, watch: watch.clone(), asked: HashMap::new() });
    name
}

fn reply(name: &str, kind: RecordType, tcp: bool) -> Reply {
    let name = name.trim_end_matches('.').to_lowercase();
    let mut zones = ZONES.lock().unwrap();
    let zone = zones.iter_mut().find(|(zone, _)| {
        name.strip_suffix(zone.as_str()).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'))
    });
    let Some((own, zone)) = zone else { return Reply::Code(ResponseCode::NXDomain) };
    let prefix = name.strip_suffix(own.as_str()).unwrap_or_default().trim_end_matches('.').to_owned();
    let asked = zone.asked.entry((prefix.clone(), kind)).or_default();
    let before = *asked;
    *asked += 1;
    zone.watch.acts();
    (zone.naming)(&Question { prefix, zone: own.clone(), kind, port: zone.port, before, tcp })
}
