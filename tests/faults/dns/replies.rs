//! Replies and records, as cells of the matrix write them.

use std::net::Ipv4Addr;

use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, SRV, TXT};

use super::zones::{Question, Reply};

/// Those of `all` that have the queried type, as records of the queried name.
pub fn records(question: &Question, all: impl IntoIterator<Item = RData>) -> Reply {
    let fitting = all.into_iter().filter(|data| data.record_type() == question.kind);
    Reply::Records(fitting.map(|data| (None, data)).collect())
}

/// A reply with the single address `text`.
pub fn address(question: &Question, text: &str) -> Reply {
    records(question, [at(text)])
}

/// The address `text` as an A or AAAA record.
pub fn at(text: &str) -> RData {
    match text.parse().unwrap() {
        std::net::IpAddr::V4(address) => RData::A(A(address)),
        std::net::IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

/// The address of every peer, as an A record.
pub fn here() -> RData {
    RData::A(A(Ipv4Addr::LOCALHOST))
}

/// A CNAME record that points to `name`.
pub fn alias(name: &str) -> RData {
    RData::CNAME(CNAME(format!("{name}.").parse().unwrap()))
}

/// An SRV record for `host` and `port`.
pub fn service(host: &str, port: u16) -> RData {
    RData::SRV(SRV::new(0, 0, port, format!("{host}.").parse().unwrap()))
}

/// A TXT record.
pub fn text(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}
