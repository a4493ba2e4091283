//! A door on this machine for a driver crate that takes no stream: the crate connects to it, and
//! its driver gets the other end, to show the crate what it wants it to see.

mod doors;
#[cfg(target_os = "linux")]
mod name;
mod near;
#[cfg(any(test, not(target_os = "linux")))]
mod socket_dir;

pub use self::doors::{Door, Doors};
pub use self::near::Near;
