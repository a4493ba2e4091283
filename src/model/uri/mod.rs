//! Parses Airflow's URI grammar into the parts of a connection.
//!
//! It accepts what Airflow accepts. Where Airflow loses or confuses a part, it reads what was meant and warns. Where
//! two readings are possible, it refuses: otherwise, part of a password could be taken for a host, shown and dialled.
//! Messages quote nothing of a URI except its type.

mod authority;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use self::read::Uri;
pub use self::write::write;
