//! The files that sources and the store use. No output may overwrite them, and other users should not be able to read
//! those that contain secrets.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::airflow;
use super::settings::Settings;
use super::spec::{DatabaseUrl, Input, Kind, SourceSpec};
use crate::model::notice::SourceNotice;
use crate::model::plain::shown_name;
use crate::model::warning::Warning;
use crate::store;

/// The variables that name a file with a token.
const TOKEN_FILES: [&str; 1] = ["VAULT_TOKEN_FILE"];
/// The variables that name a file with the certificates that verify a secrets backend.
const AUTHORITY_FILES: [&str; 2] = ["VAULT_CACERT", "AWS_CA_BUNDLE"];

/// A warning for each file of `spec` that every user of this machine may read: the source itself if it `holds_secrets`,
/// files with keys and tokens always.
#[must_use]
pub fn exposed(spec: &SourceSpec, holds_secrets: bool, settings: &Settings) -> Vec<Warning> {
    let keys = || settings.fernet_key_file.iter().cloned();
    let files: Vec<PathBuf> = match &spec.kind {
        Kind::Text { input: Input::File(path), .. } if holds_secrets => vec![path.clone()],
        Kind::Database(DatabaseUrl::File(path)) => keys().chain([path.clone()]).collect(),
        Kind::Database(_) => keys().collect(),
        // Airflow's configuration may contain the key.
        Kind::Airflow => keys().chain(airflow::files(settings).into_iter().take(1)).collect(),
        Kind::Vault { .. } => named(&TOKEN_FILES, settings).collect(),
        Kind::Store => {
            settings.store.iter().filter_map(|word| word.strip_prefix("url-file:")).map(PathBuf::from).collect()
        }
        _ => Vec::new(),
    };
    files.iter().filter_map(|file| exposed_file(file)).collect()
}

/// The warning about the file `path`, which contains secrets, if every user of this machine may read it.
#[must_use]
pub fn exposed_file(path: &Path) -> Option<Warning> {
    let exposed = path.metadata().is_ok_and(|file| file.is_file() && file.mode() & 0o004 != 0);
    exposed.then(|| SourceNotice::WorldReadable { file: shown_name(&path.to_string_lossy()) }.into())
}

/// The files of `specs`, and those of the store and the keys in `settings`, whether or not they exist.
#[must_use]
pub fn files<'a>(specs: impl IntoIterator<Item = &'a SourceSpec>, settings: &Settings) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = settings.fernet_key_file.iter().cloned().collect();
    match settings.store.as_deref() {
        Some(word) if word.starts_with("url-file:") => files.extend(word.strip_prefix("url-file:").map(PathBuf::from)),
        Some(word) if !word.contains("://") && !word.starts_with("url-env:") => {
            files.extend(store::files_of(Path::new(word)));
        }
        _ => {}
    }
    files.extend(settings.key_file.iter().flat_map(|file| store::files_of_key(file)));
    for spec in specs {
        match &spec.kind {
            Kind::Text { input: Input::File(path), .. } => files.push(path.clone()),
            Kind::Database(url) => files.extend(of_database(url, settings)),
            Kind::Airflow => files.extend(airflow::files(settings)),
            Kind::Vault { .. } => files.extend(named(&TOKEN_FILES, settings).chain(named(&AUTHORITY_FILES, settings))),
            Kind::SecretsManager { .. } | Kind::ParameterStore { .. } => {
                files.extend(named(&AUTHORITY_FILES, settings));
            }
            _ => {}
        }
    }
    files
}

/// The files that these variables name.
fn named(variables: &'static [&str], settings: &Settings) -> impl Iterator<Item = PathBuf> {
    variables.iter().filter_map(|name| settings.environment.get(name)).map(PathBuf::from)
}

fn of_database(url: &DatabaseUrl, settings: &Settings) -> Vec<PathBuf> {
    match url {
        DatabaseUrl::Given(url) => of_url(url),
        DatabaseUrl::Variable(name) => settings.environment.get(name).map(of_url).unwrap_or_default(),
        DatabaseUrl::File(path) => vec![path.clone()],
    }
}

/// The database file of a URL, and the files that SQLite keeps beside it.
pub(super) fn of_url(url: &str) -> Vec<PathBuf> {
    let path = url.strip_prefix("sqlite:///").map(|rest| rest.split('?').next().unwrap_or_default());
    path.filter(|path| !path.is_empty()).map(|path| store::files_of(Path::new(path))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::model::warning::WarningCode;
    use crate::source::Environment;

    #[test]
    fn every_file_that_a_run_reads_or_owns_is_named() {
        let variables = [
            ("DB", "sqlite:////srv/other.db"),
            ("AIRFLOW_HOME", "/af"),
            ("VAULT_TOKEN_FILE", "/v/token"),
            ("VAULT_CACERT", "/v/ca"),
            ("AWS_CA_BUNDLE", "/a/ca"),
        ];
        let settings = Settings {
            environment: Environment::of(variables.map(|(name, value)| (name.into(), value.into()))),
            fernet_key_file: Some("/k/fernet".into()),
            store: Some("/s/connections.db".to_owned()),
            key_file: Some("/k/store.key".into()),
            ..Settings::default()
        };
        let words = [
            "a.json",
            "env-file:b",
            "sqlite:///rel.db",
            "url-env:DB",
            "url-file:/u/url",
            "airflow:",
            "vault:kv/x",
            "aws-sm:",
            "-",
        ];
        let specs: Vec<SourceSpec> = words.iter().map(|word| word.parse().unwrap()).collect();
        let files = files(&specs, &settings);
        for name in [
            "a.json",
            "b",
            "rel.db",
            "/srv/other.db",
            "/srv/other.db-wal",
            "/u/url",
            "/af/airflow.cfg",
            "/af/airflow.db",
            "/v/token",
            "/v/ca",
            "/a/ca",
            "/k/fernet",
            "/k/store.key",
            "/k/store.key.new",
            "/s/connections.db",
            "/s/connections.db-wal",
            "/s/connections.db-shm",
            "/s/connections.db-journal",
        ] {
            assert!(files.contains(&PathBuf::from(name)), "{name}: {files:?}");
        }
        let server = Settings { store: Some("url-file:/u/store".to_owned()), ..Settings::default() };
        assert_eq!(super::files(&[], &server), [PathBuf::from("/u/store")]);
    }

    #[test]
    fn a_file_with_secrets_that_everybody_may_read_is_named() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).display().to_string();
        for name in ["c.json", "fernet", "token", "url", "airflow.cfg"] {
            fs::write(path(name), "").unwrap();
        }
        let variables = [("VAULT_TOKEN_FILE", path("token")), ("AIRFLOW_HOME", path(""))];
        let settings = Settings {
            environment: Environment::of(variables.map(|(name, value)| (name.into(), value.into()))),
            fernet_key_file: Some(path("fernet").into()),
            store: Some(format!("url-file:{}", path("url"))),
            ..Settings::default()
        };
        for (word, secrets, files) in [
            (path("c.json"), true, &["c.json"][..]),
            (path("c.json"), false, &[]),
            (format!("url-file:{}", path("url")), true, &["fernet", "url"]),
            ("sqlite:///x.db".to_owned(), true, &["fernet"]),
            ("airflow:".to_owned(), false, &["fernet", "airflow.cfg"]),
            ("vault:kv/x".to_owned(), true, &["token"]),
            ("store:".to_owned(), true, &["url"]),
            ("env:".to_owned(), true, &[]),
            ("-".to_owned(), true, &[]),
        ] {
            for (mode, warned) in [(0o644, true), (0o640, false), (0o600, false)] {
                for name in files {
                    fs::set_permissions(path(name), Permissions::from_mode(mode)).unwrap();
                }
                let warnings = exposed(&word.parse().unwrap(), secrets, &settings);
                let expected = if warned { files.len() } else { 0 };
                assert_eq!(warnings.len(), expected, "{word} {mode:o}: {warnings:?}");
                assert!(warnings.iter().all(|warning| warning.code == WarningCode::WorldReadableFile));
            }
        }
    }
}
