//! `SettingPlace`: the location of an Airflow setting, and how it is displayed.

use std::fmt;

/// The location of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingPlace {
    /// An environment variable.
    Variable(String),
    /// A line of `airflow.cfg`.
    Line {
        /// The section.
        section: &'static str,
        /// The setting.
        name: String,
        /// The file's path.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// A file that contains only the setting.
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
