//! Definitions in a text: a file or standard input, in any of the formats.

use super::error::SourceError;
use super::settings::Settings;
use super::spec::{Format, Input};
use super::{dotenv, json, read, shape, yaml};
use crate::model::connection::Connection;

/// Reads the connections in `input`; what takes longer than the limit, as a pipe may, is given up.
pub(super) fn load(
    input: &Input,
    format: Option<Format>,
    name: &str,
    settings: &Settings,
) -> Result<Vec<Connection>, SourceError> {
    let text = read::read(input, name, settings.limit)?;
    let file = || name.to_owned();
    match format {
        Some(Format::Yaml) => {
            let document =
                yaml::parse(&text).map_err(|error| SourceError::Syntax { file: file(), format: "YAML", error })?;
            shape::read(document.ok_or_else(|| SourceError::Empty { file: file() })?, name, input.directory())
        }
        Some(Format::Env) => dotenv::read(&text, name, input.directory()),
        None if !text.trim_start().starts_with(['{', '[']) => Err(SourceError::UnknownFormat { file: file() }),
        None | Some(Format::Json) => {
            let document =
                json::parse(&text).map_err(|error| SourceError::Syntax { file: file(), format: "JSON", error })?;
            shape::read(document, name, input.directory())
        }
    }
}
