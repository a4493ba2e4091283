//! `--format FORMAT[=FILE]`: the formats of reports and of lists by name, and who may read a report's file.

use std::path::PathBuf;
use std::str::FromStr;

use super::output_file::Readers;

/// A report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Json,
    Ndjson,
    Junit,
    Prometheus,
    OpenMetrics,
    Nagios,
    GitHub,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "ndjson" => Ok(Self::Ndjson),
            "junit" => Ok(Self::Junit),
            "prometheus" => Ok(Self::Prometheus),
            "openmetrics" => Ok(Self::OpenMetrics),
            "nagios" => Ok(Self::Nagios),
            "github" => Ok(Self::GitHub),
            _ => Err("must be table, json, ndjson, junit, prometheus, openmetrics, nagios or github".to_owned()),
        }
    }
}

impl Format {
    /// Who may read a file with this format.
    pub(super) fn readers(self) -> Readers {
        match self {
            // The node exporter runs as a user of its own.
            Self::Prometheus | Self::OpenMetrics => Readers::Everyone,
            _ => Readers::Owner,
        }
    }
}

/// `FORMAT[=FILE]`
#[derive(Clone, Debug)]
pub(super) struct FormatArgument {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

impl FormatArgument {
    /// Whether it is `nagios` on standard output: the command is a plugin then.
    pub(super) fn is_plugin(&self) -> bool {
        self.format == Format::Nagios && self.file.is_none()
    }
}

impl FromStr for FormatArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("the file name after = is missing".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: format.parse()?, file })
    }
}

/// A format of the list.
#[derive(Clone, Copy, Debug)]
pub(super) enum ListFormat {
    Table,
    Json,
    Ndjson,
}

impl FromStr for ListFormat {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "ndjson" => Ok(Self::Ndjson),
            _ => Err("must be table, json or ndjson".to_owned()),
        }
    }
}
