//! Layer 1: the only outward sockets. Names are resolved here once and off the probe threads; what
//! was resolved is judged, then dialled; every stream is guarded by budgets and a deadline, and the
//! first bytes of a peer are kept, so that whatever really answers can be named.
//!
//! Knows nothing of drivers beyond the names of their protocols.

pub mod browser;
pub mod certificate;
pub mod crate_socket;
pub mod dial;
pub mod dns;
pub mod egress;
pub mod fault;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod guard;
mod network;
pub mod resolve;
pub mod sniff;
pub mod srv;
pub mod tls;

pub use self::network::{Names, Network};
