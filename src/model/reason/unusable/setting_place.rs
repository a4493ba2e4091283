//! `SettingPlace`: where a setting of Airflow's stands, and how that is called.

use std::fmt;

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingPlace {
    /// A variable of the environment.
    Variable(String),
    /// A line of `airflow.cfg`.
    Line {
        /// The section.
        section: &'static str,
        /// The setting.
        name: String,
        /// The file's path.
        file: String,
        /// Counted from 1.
        line: usize,
    },
    /// A file that holds nothing else.
    File(String),
}

impl fmt::Display for SettingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "`{name}`"),
            Self::Line { section, name, file, line } => write!(f, "`[{section}] {name}` (`{file}`, line {line})"),
            Self::File(file) => write!(f, "`{file}`"),
        }
    }
}
