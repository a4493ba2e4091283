//! Reads the variables of the environment that name a backend and its credentials. One error names all missing variables;
//! no error contains a value.

use std::path::Path;

use crate::driver::kit::http::ServiceUrl;
use crate::driver::tls_file::read_regular;
use crate::model::reason::unusable::Backend;
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::settings::Environment;

/// Reads variables, and collects the names of missing ones.
pub(in crate::source) struct Variables<'a> {
    environment: &'a Environment,
    missing: Vec<Vec<&'static str>>,
}

impl<'a> Variables<'a> {
    pub(in crate::source) fn new(environment: &'a Environment) -> Self {
        Self { environment, missing: Vec::new() }
    }

    /// The first variable of `names` that is set, with its value.
    pub(in crate::source) fn any(&self, names: &[&'static str]) -> Option<(&'static str, &'a str)> {
        names.iter().find_map(|name| Some((*name, self.environment.get(name)?)))
    }

    /// The value of `name`.
    pub(in crate::source) fn get(&self, name: &'static str) -> Option<&'a str> {
        self.environment.get(name)
    }

    /// The first variable of `names` that is set. If none is, they count as missing.
    pub(in crate::source) fn needed(&mut self, names: &[&'static str]) -> Option<(&'static str, &'a str)> {
        let found = self.any(names);
        if found.is_none() {
            self.missing.push(names.to_vec());
        }
        found
    }

    /// The error that the source `name` cannot be read without the missing variables.
    pub(in crate::source) fn incomplete(&self, name: &str) -> SourceError {
        SourceError::unusable(name, Backend::Unset { variables: self.missing.clone() })
    }
}

/// The address that the variable `variable` contains.
pub(in crate::source) fn url((variable, value): (&str, &str), name: &str) -> Result<ServiceUrl, SourceError> {
    ServiceUrl::parse(value)
        .map_err(|why| SourceError::unusable(name, Backend::BadUrl { variable: variable.to_owned(), why }))
}

/// The certificates in the file that a variable names, if it is set.
pub(in crate::source) fn roots(named: Option<(&str, &str)>, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
    named.map(|named| self::file(named, name).map(|pem| pem.expose().as_bytes().to_vec())).transpose()
}

/// The text of the file that a variable names.
pub(in crate::source) fn file((variable, path): (&str, &str), name: &str) -> Result<Secret, SourceError> {
    read_regular(Path::new(path))
        .ok_or_else(|| SourceError::unusable(name, Backend::BadFile { variable: variable.to_owned() }))
}

/// Whether a variable is true, in the spellings that Go accepts.
pub(in crate::source) fn switch(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "t" | "T" | "true" | "TRUE" | "True"))
}
