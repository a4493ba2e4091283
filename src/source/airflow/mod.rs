//! Connections in Airflow's metadata database: of the Airflow found in the environment, or of a
//! database named by its URL.

mod configuration;
mod connection;
mod database;
mod fernet;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod keyring;
mod load;
mod row;

pub use self::configuration::end_commands;
pub(super) use self::load::{files, label, load, load_from};
