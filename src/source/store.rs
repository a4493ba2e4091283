//! Loads the connections of connprobe's own store, and finds its location: a file, or a server by its URL.

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::error::SourceError;
use super::loading::{Waiter, load_beside};
use super::settings::Settings;
use super::spec::{Input, holds_password};
use super::{entry, read};
use crate::model::connection::{Connection, Origin, Problem};
use crate::model::document::{Text, Value};
use crate::model::extra::Extra;
use crate::model::plain::shown_name;
use crate::model::reason::Source;
use crate::model::reason::unusable::StorePlace;
use crate::model::url_parts;
use crate::model::warning::Warning;
use crate::sql::Kind;
use crate::store::{Access, Location, Opened, Options, StoreError, Stored};

pub(super) fn load(name: &str, settings: &Settings, waiter: &Waiter) -> Result<Vec<Connection>, SourceError> {
    Ok(read_store(name, settings, waiter)?.0.into_iter().map(|stored| stored.connection).collect())
}

/// Returns every definition in the store of `settings` with the results of its checks, and the warnings about the store as
/// a whole. `name` is for messages. The time limit and the rules for the runtime are those of
/// [`load`](super::load()).
///
/// # Errors
///
/// Why the store cannot be read.
///
/// # Panics
///
/// If it is called outside of a tokio runtime, or in one without I/O and time.
pub async fn definitions(name: &str, settings: &Arc<Settings>) -> Result<(Vec<Stored>, Vec<Warning>), SourceError> {
    let own = name.to_owned();
    load_beside(name, settings, move |settings, waiter| read_store(&own, settings, waiter)).await
}

/// Reads the store on this thread.
fn read_store(name: &str, settings: &Settings, waiter: &Waiter) -> Result<(Vec<Stored>, Vec<Warning>), SourceError> {
    let opened = Opened::open(&locate(settings)?, &options(settings), Access::Read, &waiter.runtime);
    let read = opened.and_then(|mut store| Ok((store.definitions()?, store.take_warnings())));
    read.map_err(|error| unusable(error, name))
}

/// Returns the location of the store of `settings`, whether or not the store exists. `url-file:` names a file, which is
/// read on a thread.
///
/// # Errors
///
/// What is wrong with the name; [`Source::PasswordInArgument`](crate::model::reason::Source::PasswordInArgument) for a URL that holds a password.
///
/// # Panics
///
/// If it is called outside of a tokio runtime, or in one without time.
pub async fn location(settings: &Arc<Settings>) -> Result<Location, SourceError> {
    let name = shown_name(settings.store.as_deref().unwrap_or("store"));
    load_beside(&name, settings, |settings, _waiter| locate(settings)).await
}

/// Finds the location of the store on this thread.
fn locate(settings: &Settings) -> Result<Location, SourceError> {
    let location = located(settings)?;
    if let Location::Postgres(connection) = &location {
        settings.sent.add_of(Kind::Postgres.spec(), connection);
    }
    Ok(location)
}

fn located(settings: &Settings) -> Result<Location, SourceError> {
    let Some(word) = settings.store.as_deref().filter(|word| !word.is_empty()) else {
        return Err(SourceError::unusable("store", StorePlace::NoHome));
    };
    let shown = shown_name(word);
    if let Some(name) = word.strip_prefix("url-env:") {
        let missing = || SourceError::unusable(&shown, StorePlace::VariableUnset);
        return server(settings.environment.get(name).ok_or_else(missing)?, &shown);
    }
    if let Some(path) = word.strip_prefix("url-file:") {
        let text = read::read(&Input::File(path.into()), &shown, settings.limit)?;
        return server(text.lines().next().unwrap_or_default(), &shown);
    }
    if holds_password(word) {
        return Err(SourceError::Own(Source::PasswordInArgument));
    }
    if !word.contains("://") {
        return Ok(Location::Sqlite(PathBuf::from(word)));
    }
    server(word, &shown)
}

/// The options for opening the store of `settings`.
#[must_use]
pub fn options(settings: &Settings) -> Options {
    Options {
        key_file: settings.key_file.clone(),
        limit: settings.limit,
        until: settings.until,
        policy: settings.policy.clone(),
        logins: Arc::clone(&settings.logins),
    }
}

fn server(url: &str, name: &str) -> Result<Location, SourceError> {
    let origin = Origin { source: name.to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    entry::read(&Value::Text(Text::Unescaped(Zeroizing::new(url.to_owned()))), &mut connection);
    if let Some(problem) = connection.problems.pop() {
        let Problem { message, hint, .. } = url_parts::of_problem(problem);
        return Err(SourceError::unusable(name, StorePlace::BadUrl { message, hint }));
    }
    if !matches!(connection.normalized_type().as_deref(), Some("postgres" | "postgresql")) {
        return Err(SourceError::unusable(name, StorePlace::OtherKind));
    }
    verified(&mut connection);
    Ok(Location::Postgres(Arc::new(connection)))
}

/// Adds the verification of the server, unless the URL sets another mode or names a socket. Otherwise an impostor could
/// change the store.
fn verified(connection: &mut Connection) {
    let socket = connection.host.as_deref().is_some_and(|host| host.starts_with(['/', '@']))
        || connection.extra.get("host").is_some();
    if !socket && connection.extra.get("sslmode").is_none() {
        let mut extra = connection.extra.object().clone();
        extra.insert("sslmode".to_owned(), "verify-full".into());
        connection.extra = Extra::new(extra);
    }
}

fn unusable(error: StoreError, name: &str) -> SourceError {
    match error {
        StoreError::Server { place, failure } | StoreError::Unanswered { place, failure } => {
            SourceError::Server { name: place, failure }
        }
        StoreError::Missing { .. } => SourceError::unusable(name, StorePlace::Missing { message: error.to_string() }),
        error => SourceError::unusable(name, StorePlace::Store { message: error.to_string(), hint: error.hint() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Environment;

    fn settings(store: Option<&str>) -> Settings {
        let variables = [("STORE_URL", "postgresql://u:CANARY@db/team?sslmode=require"), ("EMPTY", "")];
        let environment = Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
        Settings { store: store.map(str::to_owned), environment, ..Settings::default() }
    }

    #[test]
    fn a_store_is_a_file_or_a_server() {
        for (word, shown) in [
            ("a/b.db", "a/b.db"),
            ("postgresql://u@db:5433/team", "postgresql://u@db:5433/team"),
            ("postgres://db/team", "postgresql://db/team"),
            ("postgresql+psycopg2://db/team", "postgresql://db/team"),
            ("url-env:STORE_URL", "postgresql://u@db/team"),
        ] {
            assert_eq!(locate(&settings(Some(word))).unwrap().to_string(), shown, "{word}");
        }
        let Ok(Location::Postgres(connection)) = locate(&settings(Some("url-env:STORE_URL"))) else { panic!() };
        assert_eq!(connection.password().unwrap().expose(), "CANARY");
        assert_eq!(connection.extra.get("sslmode").unwrap(), "require");
    }

    #[test]
    fn a_server_is_verified_unless_the_url_says_otherwise() {
        for (url, sslmode) in [
            ("postgresql://u@db/team", Some("verify-full")),
            ("postgresql://u@127.0.0.1/team", Some("verify-full")),
            ("postgresql://u@db/team?sslmode=prefer", Some("prefer")),
            ("postgresql://u@%2Fvar%2Frun%2Fpostgresql/team", None),
        ] {
            let Ok(Location::Postgres(connection)) = locate(&settings(Some(url))) else { panic!("{url}") };
            let given = connection.extra.get("sslmode").map(|value| value.as_str().unwrap().to_owned());
            assert_eq!(given.as_deref(), sslmode, "{url}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_without_a_word_of_its_secret() {
        for word in [
            None,
            Some(""),
            Some("mysql://u@db/team"),
            Some("postgresql://u:CANARY@db/team"),
            Some("url-env:EMPTY"),
            Some("url-env:ABSENT"),
            Some("url-file:/nonexistent"),
            Some("postgresql://db:x/team"),
        ] {
            let error = locate(&settings(word)).unwrap_err();
            assert!(error.hint().is_some(), "{word:?}");
            assert!(!format!("{error} {error:?} {:?}", error.hint()).contains("CANARY"), "{error}");
        }
    }
}
