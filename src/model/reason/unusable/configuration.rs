//! Airflow's configuration: what makes a setting unusable, and the words for it.

use std::borrow::Cow;
use std::time::Duration;

use super::SettingPlace;
use super::unusable::Said;
use crate::model::limit;

/// What is wrong with a setting, or with the file of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Configuration {
    /// Nothing says where Airflow is.
    NoAirflow {
        /// Where `airflow.cfg` was looked for.
        file: String,
    },
    /// A line of `airflow.cfg` that Python refuses.
    Syntax {
        /// The file's path.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What stands there.
        what: BadSyntax,
    },
    /// The setting of the database is empty.
    Empty {
        /// Where it stands.
        place: SettingPlace,
    },
    /// A variable that is no text.
    NotUtf8 {
        /// Where it stands.
        place: SettingPlace,
        /// What else would do.
        instead: Instead,
    },
    /// A `%` that means nothing.
    Percent {
        /// Where it stands.
        place: SettingPlace,
        /// What is wrong with it.
        why: Interpolation,
    },
    /// Variables that name each other.
    Endless {
        /// Where it stands.
        place: SettingPlace,
    },
    /// A secret would become a host that DNS is asked for.
    SecretInHost {
        /// Where it stands.
        place: SettingPlace,
        /// The variable that is named like a secret.
        variable: String,
    },
    /// Commands are run only when that is allowed.
    CommandNotAllowed {
        /// Where it stands.
        place: SettingPlace,
        /// What else would do.
        instead: Instead,
    },
    /// The command gives nothing.
    Command {
        /// Where it stands.
        place: SettingPlace,
        /// What came of it.
        why: CommandFault,
        /// What else would do.
        instead: Instead,
    },
    /// A secret of Airflow's secrets backend.
    BackendSecret {
        /// Where it stands.
        place: SettingPlace,
        /// What else would do.
        instead: Instead,
    },
}

/// What Python refuses in `airflow.cfg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSyntax {
    /// A section that was there before.
    SectionTwice,
    /// A setting that was there before in its section.
    SettingTwice,
    /// A setting before the first section.
    BeforeSection,
    /// Neither a setting nor a section.
    Neither,
}

/// Why a value of `airflow.cfg` means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// A `%` that is neither doubled nor followed by a name in parentheses.
    Percent,
    /// A reference to a setting that does not exist.
    Missing,
    /// References that lead too deep, or to too much.
    Endless,
}

/// Why a command gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFault {
    /// No words.
    Empty,
    /// A quote that is not closed.
    Quote,
    /// The operating system does not start it.
    Start {
        /// The operating system's reason, in plain words.
        why: String,
    },
    /// It did not end in time.
    Late {
        /// How long it was waited for.
        limit: Duration,
    },
    /// It ended with another status than 0.
    Failed {
        /// That status, as Rust spells it.
        status: String,
    },
    /// Its output could not be read.
    Unread {
        /// The operating system's reason, in plain words.
        why: String,
    },
    /// More than 64 KiB.
    TooMuch,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// Nothing but blanks.
    Nothing,
}

/// What does where a setting cannot be had from the configuration.
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
