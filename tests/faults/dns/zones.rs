//! The names that the DNS server knows: each cell of the matrix has one of its own, and defines how queries for it are
//! answered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::replies::address;
use super::server;
use crate::peer::Watched;

/// A query for a name of a cell.
#[derive(Debug)]
pub struct Question {
    /// The labels before the cell's own name: `node` in `node.h1.faults.example`; may be empty.
    pub prefix: String,
    /// The cell's own name.
    pub zone: String,
    pub kind: RecordType,
    /// The port of the cell's peer.
    pub port: u16,
    /// The number of earlier queries for the same name and type.
    pub before: usize,
    /// The query arrived over TCP, as after a truncated answer.
    pub tcp: bool,
}

/// How the server replies.
pub enum Reply {
    /// These records without an error. A record belongs to the given name, or to the queried name if it is `None`.
    Records(Vec<(Option<String>, RData)>),
    /// These records of the queried name, [`LATE`] later.
    Late(Vec<RData>),
    /// No records, and this response code.
    Code(ResponseCode),
    /// No reply.
    Silence,
    /// Over UDP: a truncated answer. Over TCP: no reply; the connection is closed.
    CutShort,
    /// A correct answer with the id of another query.
    WrongId,
    /// Bytes that are not a DNS message.
    Garbage,
}

/// The delay of a late answer.
pub const LATE: Duration = Duration::from_millis(500);

/// How queries for a cell's name are answered.
pub type Naming = fn(&Question) -> Reply;

/// A name that an Azure route may lead to. It is an alias of the metadata service.
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

/// The address that the DNS server listens on, over UDP and TCP.
pub fn server_address() -> SocketAddr {
    static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| server::start(reply));
    *SERVER
}

/// A new name. The server answers queries for it with `naming` and records them in `watch`; its peer listens on `port`.
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
