//! A DNS server on loopback, which answers about each name as the cell that the name belongs to wants it.

mod server;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, SRV, TXT};
use hickory_resolver::proto::rr::{RData, RecordType};

use crate::peer::Watched;

/// A question about a name of a cell.
#[derive(Debug)]
pub struct Question {
    /// What stands before the cell's own name: `node` of `node.h1.faults.example`, or nothing.
    pub prefix: String,
    /// The cell's own name.
    pub zone: String,
    pub kind: RecordType,
    /// The port of the cell's peer.
    pub port: u16,
    /// How often this was asked before.
    pub before: usize,
    /// Over TCP, as after an answer that was cut short.
    pub tcp: bool,
}

/// What is answered.
pub enum Reply {
    /// These records and no error; of another name than was asked for where one is given.
    Records(Vec<(Option<String>, RData)>),
    /// These records of the name that was asked for, [`LATE`].
    Late(Vec<RData>),
    /// No records, for this reason.
    Code(ResponseCode),
    /// Nothing.
    Silence,
    /// That the answer is too long; ask over TCP. There: nothing, and the connection is closed.
    CutShort,
    /// The right answer to somebody else's question.
    WrongId,
    /// Bytes that are no message.
    Garbage,
}

/// So much later a late answer comes.
pub const LATE: Duration = Duration::from_millis(500);

/// How the questions about a cell's name are answered.
pub type Naming = fn(&Question) -> Reply;

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
    static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| server::start(reply));
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

/// Records of the name that was asked for, those that fit the question.
pub fn records(question: &Question, all: impl IntoIterator<Item = RData>) -> Reply {
    let fitting = all.into_iter().filter(|data| data.record_type() == question.kind);
    Reply::Records(fitting.map(|data| (None, data)).collect())
}

/// The one address `text`.
pub fn address(question: &Question, text: &str) -> Reply {
    records(question, [at(text)])
}

/// The address `text`, as a record.
pub fn at(text: &str) -> RData {
    match text.parse().unwrap() {
        std::net::IpAddr::V4(address) => RData::A(A(address)),
        std::net::IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

/// The address of every peer.
pub fn here() -> RData {
    RData::A(A(Ipv4Addr::LOCALHOST))
}

/// Another name for a name.
pub fn alias(name: &str) -> RData {
    RData::CNAME(CNAME(format!("{name}.").parse().unwrap()))
}

/// A host where a service is offered.
pub fn service(host: &str, port: u16) -> RData {
    RData::SRV(SRV::new(0, 0, port, format!("{host}.").parse().unwrap()))
}

/// A text.
pub fn text(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}
