//! Reads definitions from a text: a file or standard input, in any of the formats.

use std::path::Path;

use super::error::SourceError;
use super::loaded::Found;
use super::settings::Settings;
use super::spec::{Format, Input};
use super::{dotenv, foreign, read, shape, yaml};
use crate::model::json;
use crate::model::reason::Source;

/// Reads the connections in `input`. Gives up after the time limit, which a pipe may exceed.
pub(super) fn load(
    input: &Input,
    format: Option<Format>,
    name: &str,
    settings: &Settings,
) -> Result<Found, SourceError> {
    let text = read::read(input, name, settings.limit)?;
    read_text(&text, format, name, input.directory()).map_err(|error| match error {
        SourceError::Own(Source::UnknownFormat { .. } | Source::Syntax { .. } | Source::Shape { .. }) => {
            foreign::text(&text).map_or(error, |foreign| SourceError::foreign(name, foreign))
        }
        error => error,
    })
}

fn read_text(text: &str, format: Option<Format>, name: &str, directory: Option<&Path>) -> Result<Found, SourceError> {
    let file = || name.to_owned();
    match format {
        Some(Format::Yaml) => {
            let document = yaml::parse(text)
                .map_err(|error| SourceError::Own(Source::Syntax { file: file(), format: "YAML", error }))?;
            shape::read(document.ok_or_else(|| SourceError::Own(Source::Empty { file: file() }))?, name, directory)
        }
        Some(Format::Env) => dotenv::read(text, name, directory),
        None if !text.trim_start().starts_with(['{', '[']) => {
            Err(SourceError::Own(Source::UnknownFormat { file: file() }))
        }
        None | Some(Format::Json) => {
            let document = json::parse(text)
                .map_err(|error| SourceError::Own(Source::Syntax { file: file(), format: "JSON", error }))?;
            shape::read(document, name, directory)
        }
    }
}
