//! A single definition, as the user gives it to `connprobe add`: in files or on standard input.

use std::path::Path;

use zeroize::Zeroizing;

use super::error::SourceError;
use super::settings::Settings;
use super::spec::Input;
use super::{entry, read};
use crate::model::connection::{Connection, Origin};
use crate::model::reason::unusable::Entries;
use crate::model::redact::escape_control;
use crate::model::secret::Secret;

/// Reads the definition in `input` (`-` for standard input), a URI or a JSON object. Its faults become problems of the
/// definition.
///
/// # Errors
///
/// The input cannot be read.
pub fn definition(input: &Path, settings: &Settings) -> Result<Connection, SourceError> {
    let (text, input, name) = text(input, settings)?;
    let mut connection = Connection::new(Origin { source: name, line: None, pointer: String::new(), occurrence: 0 });
    connection.directory = input.directory().map(Path::to_owned);
    entry::value(&text, &mut connection);
    Ok(connection)
}

impl Connection {
    /// Reads the definition in `text`, a URI in Airflow's format or a JSON object. Its faults become problems of the
    /// definition, and the result of its check.
    #[must_use]
    pub fn from_uri(text: &str) -> Self {
        let mut connection = Self::of_program();
        entry::value(text, &mut connection);
        connection
    }
}

/// Reads the password in `input`, which is its only line.
///
/// # Errors
///
/// The input cannot be read, or has more than one line.
pub fn password(input: &Path, settings: &Settings) -> Result<Secret, SourceError> {
    let (text, _, name) = text(input, settings)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains('\n') {
        return Err(SourceError::unusable(&name, Entries::PasswordLines));
    }
    Ok(Secret::new(line.to_owned()))
}

/// Reads the `extra` in `input`, a JSON object, into `connection`. Its faults become problems of the definition.
///
/// # Errors
///
/// The input cannot be read.
pub fn extra(input: &Path, connection: &mut Connection, settings: &Settings) -> Result<(), SourceError> {
    let (text, input, _) = text(input, settings)?;
    connection.directory = input.directory().map(Path::to_owned);
    entry::extra(&text, connection);
    Ok(())
}

fn text(input: &Path, settings: &Settings) -> Result<(Zeroizing<String>, Input, String), SourceError> {
    let (input, name) = match input.to_str() {
        Some("-") => (Input::Stdin, "stdin".to_owned()),
        _ => (Input::File(input.to_owned()), escape_control(&input.to_string_lossy())),
    };
    Ok((read::read(&input, &name, settings.limit)?, input, name))
}
