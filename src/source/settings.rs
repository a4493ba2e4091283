//! `Settings`: what loading needs besides the SOURCE. `Environment`: the variables of the process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::driver::Policy;
use crate::driver::spec::Spec;
use crate::engine::Logins;
use crate::model::connection::Connection;
use crate::model::redact::Gathering;
use crate::model::secret::Secret;

/// What loading needs besides the SOURCE.
#[derive(Debug)]
pub struct Settings {
    /// How long loading a source may take.
    pub limit: Duration,
    /// The moment after which the store is no longer waited for, if there is one.
    pub until: Option<Instant>,
    /// The policy for connections to sources.
    pub policy: Policy,
    /// The variables of the process.
    pub environment: Environment,
    /// A file with the Fernet keys of Airflow, which replaces those of its configuration.
    pub fernet_key_file: Option<PathBuf>,
    /// Whether the commands that Airflow's configuration names (`_cmd`) may run.
    pub allow_commands: bool,
    /// The location of connprobe's own store: a file, or the URL of a server (also as `url-env:` or `url-file:`).
    pub store: Option<String>,
    /// The file of the key of the store.
    pub key_file: Option<PathBuf>,
    /// Whether texts of servers are left out of errors.
    pub no_detail: bool,
    /// The secrets that were sent to servers of sources and of the store.
    pub sent: Sent,
    /// The logins of sources and of the store.
    pub logins: Arc<Logins>,
}

/// Secrets that were sent to servers of sources. Such a server may also be one that is checked.
#[derive(Debug, Default)]
pub struct Sent(Mutex<Gathering>);

impl Sent {
    /// Adds `secrets`; to be called before they are sent. Texts in `shown` are shown anyway and are not searched for.
    pub(super) fn add<'a>(&self, secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(secrets, shown);
    }

    /// Adds the secrets of `connection`, whose type has this `spec`.
    pub(super) fn add_of(&self, spec: &Spec, connection: &Connection) {
        let Connection { host, schema, login, .. } = connection;
        let shown: Vec<&str> = [host, schema, login].into_iter().flatten().map(String::as_str).collect();
        self.add(spec.secrets(connection).iter().map(AsRef::as_ref), &shown);
    }

    /// Takes all secrets that were added so far.
    #[must_use]
    pub fn take(&self) -> Gathering {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for Settings {
    /// Ten seconds, an empty environment, and nothing allowed.
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(10),
            until: None,
            policy: Policy::default(),
            environment: Environment::default(),
            fernet_key_file: None,
            allow_commands: false,
            store: None,
            key_file: None,
            no_detail: false,
            sent: Sent::default(),
            logins: Arc::default(),
        }
    }
}

/// The variables of the process, read once.
#[derive(Debug, Default)]
pub struct Environment(BTreeMap<String, Option<Secret>>);

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(std::env::vars_os())
    }

    /// These variables. A variable whose name is not UTF-8 gets no value, because nothing asks for it by that name.
    #[must_use]
    pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let read = |(name, value): (OsString, OsString)| match name.into_string() {
            Ok(name) => (name, value.into_string().ok().map(Secret::new)),
            Err(name) => (name.to_string_lossy().into_owned(), None),
        };
        Self(variables.into_iter().map(read).collect())
    }

    /// The value of `name`; `None` if it is absent, empty or not UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_ref().map(Secret::expose).filter(|value| !value.is_empty())
    }

    /// Every variable whose name begins with `prefix`, ordered by name. A value that is not UTF-8 is `None`.
    pub fn starting_with(&self, prefix: &str) -> impl Iterator<Item = (&str, Option<&Secret>)> {
        self.0
            .range(prefix.to_owned()..)
            .take_while(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_name_and_by_prefix() {
        let variables = [("A_2", "x"), ("A_1", ""), ("B", "y")];
        let environment = Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
        assert_eq!((environment.get("A_2"), environment.get("A_1"), environment.get("C")), (Some("x"), None, None));
        let names: Vec<&str> = environment.starting_with("A_").map(|(name, _)| name).collect();
        assert_eq!(names, ["A_1", "A_2"]);
        assert!(!format!("{environment:?}").contains('x'));
    }

    #[test]
    fn a_variable_whose_name_is_not_utf_8_is_there_without_a_value() {
        use std::os::unix::ffi::OsStringExt as _;
        let environment = Environment::of([(OsString::from_vec(b"A_\xff".to_vec()), "x".into())]);
        let found: Vec<_> = environment.starting_with("A_").map(|(name, value)| (name, value.is_some())).collect();
        assert_eq!(found, [("A_\u{fffd}", false)]);
    }
}
