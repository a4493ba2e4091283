//! Layer 1: owns the only outward sockets. Names are resolved here once, off the probe threads; their addresses are
//! judged, then dialled. Every stream is guarded by budgets and a deadline, and the first bytes of a peer are kept, so
//! that the protocol it really speaks can be named.
//!
//! This layer must not depend on drivers, except for the names of their protocols.

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
