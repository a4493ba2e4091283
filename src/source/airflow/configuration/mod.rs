//! The settings of Airflow that connprobe uses: the URL of the database, the schema of its tables, and the Fernet keys.
//!
//! The search has Airflow's order: first environment variables, then `airflow.cfg`; in each of them the value itself,
//! then a command that prints it, then a secret of Airflow's secrets backend; a new name before the old one. The file
//! is read only if the environment does not contain the setting. Messages contain the names of settings, files and
//! lines, but never a value.

mod command;
#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod configuration;
mod expansion;
mod file;
mod interpolation;
mod secrecy;
mod setting;
#[cfg(test)]
mod tests;
mod variable;

pub use self::command::end_all as end_commands;
pub(super) use self::configuration::Configuration;
pub(super) use self::setting::Found;
