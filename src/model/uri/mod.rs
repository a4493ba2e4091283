//! Airflow's URI grammar → the parts of a connection.
//!
//! Reads what Airflow reads. Where Airflow loses or mixes up a part, reads what was meant and warns;
//! where two readings are possible, refuses: half a password taken for a host would be shown, and
//! dialled. No message quotes any part of a URI but its type.

mod authority;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use self::read::Uri;
pub use self::write::write;
