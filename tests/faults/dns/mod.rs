//! A DNS server on loopback, which answers about each name as the cell that the name belongs to wants it.

mod question;
mod records;
mod server;
mod zones;

pub use self::question::{Naming, Question, Reply};
pub use self::records::{address, alias, at, here, records, service, text};
pub use self::zones::{AZURE, name, server};
