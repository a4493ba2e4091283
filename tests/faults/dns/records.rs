//! Records, and the answers that they are.

use std::net::Ipv4Addr;

use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, SRV, TXT};

use super::question::{Question, Reply};

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
