//! The parsers that the fuzz targets `sniff`, `browser` and `certificate` run, on bytes that any network peer may send.
//! Built for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

pub use super::browser::fuzzing::browser;
use super::certificate::describe;
use super::sniff::{Protocol, recognise};

/// Recognises one of the protocols `among` by its first bytes.
#[must_use]
pub fn sniff(first: &[u8], among: &[&'static Protocol]) -> &'static str {
    let Some(protocol) = recognise(first, among) else { return "unknown" };
    assert!(protocol.server().contains(protocol.name()), "{protocol:?}");
    protocol.name()
}

/// Reads the facts of a certificate.
#[must_use]
pub fn certificate(der: &[u8]) -> &'static str {
    let certificate = describe(der);
    assert!(certificate.names.len() <= 10, "names are bounded");
    match (certificate.not_after.is_empty(), certificate.names.is_empty()) {
        (true, true) => "unread",
        (_, false) => "named",
        (false, true) => "dated",
    }
}
