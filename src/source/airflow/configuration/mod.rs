//! The settings of Airflow that matter here: where its database is, in which schema its tables are, and
//! its Fernet keys.
//!
//! Found as Airflow finds them: variables of the environment, then `airflow.cfg`; in each place the
//! value itself, a command that gives it, a secret of its backend; a new name before the old one.
//! The file is read only when the environment does not answer. Messages name settings, files and
//! lines, never what stands there.

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
