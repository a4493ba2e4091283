//! A socket of this process that a driver crate connects to, because it takes an address instead of a stream. The
//! driver holds the other end, decides what the crate may see of the server, and alone talks to the server:
//!
//! ```text
//! driver crate ──▶ CrateSocket ──▶ DriverEnd, held by the driver ──▶ TLS ──▶ guard ──▶ TCP ──▶ the server
//! └───────────────────────────────── this process ────────────────────────────────────┘
//! ```
//!
//! This module must not depend on any protocol.

#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod crate_socket;
mod driver_end;
#[cfg(target_os = "linux")]
mod name;
#[cfg(any(test, not(target_os = "linux")))]
mod socket_dir;

pub use self::crate_socket::{CrateSocket, CrateSockets};
pub use self::driver_end::DriverEnd;
