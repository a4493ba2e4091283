//! The connections in Airflow's metadata database: that of the Airflow that the environment describes, or a database
//! given by its URL.

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
