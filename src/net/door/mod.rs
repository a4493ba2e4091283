//! A *door*: a unix socket of this process, for a driver crate that takes an address instead of a stream. The crate
//! connects to the socket; the driver holds the other end, and passes on what the crate may see of the server.

mod doors;
#[cfg(target_os = "linux")]
mod name;
mod near;
#[cfg(any(test, not(target_os = "linux")))]
mod socket_dir;

pub use self::doors::{Door, Doors};
pub use self::near::Near;
