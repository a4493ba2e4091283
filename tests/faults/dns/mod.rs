//! A DNS server on loopback for the cells of the matrix.

mod replies;
mod server;
mod zones;

pub use self::replies::{address, alias, at, here, records, service, text};
pub use self::zones::{AZURE, LATE, Naming, Question, Reply, name, server_address};
