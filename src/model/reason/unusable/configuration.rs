//! Problems of Airflow's configuration, and their messages and hints.

use std::borrow::Cow;
use std::time::Duration;

use super::SettingPlace;
use super::unusable::Said;
use crate::model::limit;

/// What is wrong with a setting, or with the file of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Configuration {
    /// Airflow's home could not be determined.
    NoAirflow {
        /// The path where `airflow.cfg` was expected.
        file: String,
    },
    /// A line of `airflow.cfg` that Python rejects.
    Syntax {
        /// The file's path.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The problem.
        what: BadSyntax,
    },
    /// The setting for the database is empty.
    Empty {
        /// The location of the setting.
        place: SettingPlace,
    },
    /// A variable that is not valid UTF-8.
    NotUtf8 {
        /// The location of the setting.
        place: SettingPlace,
        /// The alternative for the hint.
        instead: Instead,
    },
    /// A `%` that is not a valid reference.
    Percent {
        /// The location of the setting.
        place: SettingPlace,
        /// What is wrong with it.
        why: Interpolation,
    },
    /// Variables that refer to each other.
    Endless {
        /// The location of the setting.
        place: SettingPlace,
    },
    /// A secret would become part of a host name, and so be sent to DNS servers.
    SecretInHost {
        /// The location of the setting.
        place: SettingPlace,
        /// The variable with the name of a secret.
        variable: String,
    },
    /// Commands are not allowed.
    CommandNotAllowed {
        /// The location of the setting.
        place: SettingPlace,
        /// The alternative for the hint.
        instead: Instead,
    },
    /// The command returned nothing usable.
    Command {
        /// The location of the setting.
        place: SettingPlace,
        /// The reason.
        why: CommandFault,
        /// The alternative for the hint.
        instead: Instead,
    },
    /// The setting refers to Airflow's secrets backend.
    BackendSecret {
        /// The location of the setting.
        place: SettingPlace,
        /// The alternative for the hint.
        instead: Instead,
    },
}

/// What Python rejects in `airflow.cfg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSyntax {
    /// A section that occurs twice.
    SectionTwice,
    /// A setting that occurs twice in its section.
    SettingTwice,
    /// A setting before the first section.
    BeforeSection,
    /// Neither a setting nor a section.
    Neither,
}

/// Why a value of `airflow.cfg` cannot be interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// A `%` that is neither doubled nor followed by a name in parentheses.
    Percent,
    /// A reference to a setting that does not exist.
    Missing,
    /// References that are nested too deeply, or expand to too much.
    Endless,
}

/// Why a command returned nothing usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFault {
    /// The command is empty.
    Empty,
    /// It contains an unclosed quote.
    Quote,
    /// The operating system could not start it.
    Start {
        /// The operating system's reason, in plain words.
        why: String,
    },
    /// It did not end in time.
    Late {
        /// How long connprobe waited.
        limit: Duration,
    },
    /// It ended with another status than 0.
    Failed {
        /// The exit status, as Rust formats it.
        status: String,
    },
    /// Its output could not be read.
    Unread {
        /// The operating system's reason, in plain words.
        why: String,
    },
    /// Its output exceeds 64 KiB.
    TooMuch,
    /// Its output is not valid UTF-8.
    NotUtf8,
    /// Its output is empty or blank.
    Nothing,
}

/// What the hint suggests when a setting cannot be read from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// To name the database.
    Database,
    /// To give the keys.
    Keys,
}

impl Configuration {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::NoAirflow { file } => Said::new(
                format!(
                    "there is no Airflow in the environment: no `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN`, no `{file}`"
                ),
                "set AIRFLOW_HOME or AIRFLOW_CONFIG as Airflow has it, or name its database by a URL",
            ),
            Self::Syntax { file, line, what } => Said::new(
                format!("`{file}`, line {line}, is {}", what.words()),
                "correct it: Airflow cannot read the file either",
            ),
            Self::Empty { place } => {
                Said::new(format!("{place} is empty"), "put the URL of Airflow's database there, or remove the setting")
            }
            Self::NotUtf8 { place, instead } => Said::new(format!("{place} is not UTF-8"), instead.words()),
            Self::Percent { place, why } => Said::new(
                format!("{place} {}", why.words()),
                "in airflow.cfg a `%` is written `%%`; only in variables of the environment it stands for itself",
            ),
            Self::Endless { place } => Said::new(
                format!("{place} has no end when its variables are expanded"),
                "Airflow replaces `$NAME` in it, again and again: find the variables that name each other",
            ),
            Self::SecretInHost { place, variable } => Said::new(
                format!("{place} makes the host of `${variable}`, which is named like a secret"),
                "whoever answers for that name would learn the secret: write the host itself, or use a variable with another name",
            ),
            Self::CommandNotAllowed { place, instead } => Said::new(
                format!("{place} is a command, and commands are run only when that is allowed"),
                format!("give --allow-commands, or {}", instead.words()),
            ),
            Self::Command { place, why, instead } => Said::new(
                format!("the command of {place} {}", why.words()),
                format!("run it as Airflow's user, or {}", instead.words()),
            ),
            Self::BackendSecret { place, instead } => Said::new(
                format!("{place} names a secret of Airflow's secrets backend, which is not asked"),
                instead.words(),
            ),
        }
    }
}

impl BadSyntax {
    fn words(self) -> &'static str {
        match self {
            Self::SectionTwice => "a section that stands twice",
            Self::SettingTwice => "a setting that stands twice in its section",
            Self::BeforeSection => "a setting before the first section",
            Self::Neither => "neither a setting nor a section",
        }
    }
}

impl Interpolation {
    fn words(self) -> &'static str {
        match self {
            Self::Percent => "holds a single `%`",
            Self::Missing => "refers to a setting that its section lacks",
            Self::Endless => "refers to other settings without end",
        }
    }
}

impl CommandFault {
    fn words(&self) -> Cow<'static, str> {
        match self {
            Self::Empty => "names no command".into(),
            Self::Quote => "has a quote that is not closed".into(),
            Self::Start { why } => format!("cannot be started: {why}").into(),
            Self::Late { limit } => format!("did not end within {}", limit::shown(*limit)).into(),
            Self::Failed { status } => format!("failed: {status}").into(),
            Self::Unread { why } => format!("cannot be read: {why}").into(),
            Self::TooMuch => "writes more than 64 KiB".into(),
            Self::NotUtf8 => "writes what is not UTF-8".into(),
            Self::Nothing => "writes nothing".into(),
        }
    }
}

impl Instead {
    fn words(self) -> &'static str {
        match self {
            Self::Database => "name the database itself, as `url-env:NAME` or `url-file:FILE`",
            Self::Keys => "give the keys with --fernet-key-file",
        }
    }
}
