//! The outcome of one lookup: addresses, or why there are none.

use std::io;
use std::net::IpAddr;
use std::time::Instant;

use rustix::io::Errno;

/// The result of a successful lookup.
pub(in crate::net) struct Found {
    pub(in crate::net) addresses: Vec<IpAddr>,
    /// When the answer expires, if known.
    pub(in crate::net) until: Option<Instant>,
}

/// Why a lookup failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum LookupError {
    /// The name does not exist.
    NoSuchName,
    /// The DNS servers returned no definite answer.
    NoAnswer,
    /// The DNS servers did not answer within the limit.
    Silent,
    /// The lookup did not start within the limit, because too many others were running.
    Crowded,
    /// This machine is out of descriptors or memory.
    Short,
    /// No thread could be spawned.
    NoThread,
    /// A bug in connprobe or in the resolver library.
    Broke,
}

impl LookupError {
    /// Classifies the error of a socket to a DNS server.
    pub(in crate::net) fn of_socket(error: &io::Error) -> Self {
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => Self::Short,
            _ => Self::NoAnswer,
        }
    }
}

impl From<io::Error> for LookupError {
    fn from(error: io::Error) -> Self {
        if let Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) = Errno::from_io_error(&error) {
            return Self::Short;
        }
        // Resolver errors in the wording of glibc and musl. They do not mean that the name does not exist.
        let text = error.to_string();
        if text.contains("Temporary failure") || text.contains("Try again") { Self::NoAnswer } else { Self::NoSuchName }
    }
}
