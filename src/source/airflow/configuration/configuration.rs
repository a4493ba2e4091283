//! `Configuration`: looks up settings in the environment and in `airflow.cfg`.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::command;
use super::expansion::expand;
use super::file::{BadLine, File};
use super::secrecy::{self, Expanded};
use super::setting::{BACKEND, DATABASE, FERNET_KEYS, Form, Found, SCHEMA, Setting};
use super::variable::{NotUtf8, variable};
use crate::model::plain::shown_name;
use crate::model::reason::Source;
use crate::model::reason::unusable::{Configuration as Fault, SettingPlace};
use crate::model::redact::escape_control;
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::read::read;
use crate::source::settings::Settings;
use crate::source::spec::Input;

/// Airflow's configuration. The file is read when a setting needs it.
pub(in crate::source::airflow) struct Configuration<'a> {
    /// The name of the source, for errors.
    source: &'a str,
    settings: &'a Settings,
    /// `$AIRFLOW_HOME`, expanded.
    home: Zeroizing<String>,
    /// The path of `airflow.cfg`.
    path: PathBuf,
    /// The content, once it was read; `None` inside if the file does not exist.
    file: OnceCell<Option<File>>,
}

impl<'a> Configuration<'a> {
    /// The configuration of the Airflow that the environment describes. Does not read `airflow.cfg` yet.
    pub(in crate::source::airflow) fn of(source: &'a str, settings: &'a Settings) -> Result<Self, SourceError> {
        let expanded = |name: &str, default: &str| {
            let value = variable(&settings.environment, name).and_then(Result::ok).unwrap_or(default);
            expand(value, &settings.environment).ok_or_else(|| endless(source, SettingPlace::Variable(name.to_owned())))
        };
        let home = expanded("AIRFLOW_HOME", "~/airflow")?;
        let path = match expanded("AIRFLOW_CONFIG", "")? {
            path if path.is_empty() => Path::new(&*home).join("airflow.cfg"),
            path => PathBuf::from(&*path),
        };
        Ok(Self { source, settings, home, path, file: OnceCell::new() })
    }

    /// Its files: `airflow.cfg`, and the database that Airflow uses if none is configured.
    pub(in crate::source::airflow) fn files(&self) -> [PathBuf; 2] {
        [self.path.clone(), Path::new(&*self.home).join("airflow.db")]
    }

    /// The URL of the metadata database.
    pub(in crate::source::airflow) fn database_url(&self) -> Result<Secret, SourceError> {
        let Some(Found { value, place, .. }) = self.find(&DATABASE)? else { return self.default_url() };
        match value.expose().trim() {
            "" => Err(self.unusable(Fault::Empty { place })),
            url => Ok(Secret::new(url.to_owned())),
        }
    }

    /// Removes from `error` the values of the variables in the URL of the metadata database.
    pub(in crate::source::airflow) fn conceal(&self, error: SourceError) -> SourceError {
        let found = self.find(&DATABASE).ok().flatten();
        found
            .map_or_else(Vec::new, |found| found.expanded)
            .iter()
            .fold(error, |error, value| error.without(value.expose()))
    }

    /// The schema of Airflow's tables, or with MySQL the database of the tables; `None` if it is the one of the URL.
    pub(in crate::source::airflow) fn schema(&self) -> Result<Option<String>, SourceError> {
        let found = self.find(&SCHEMA)?.map(|found| found.value.expose().trim().to_owned());
        Ok(found.filter(|schema| !schema.is_empty()))
    }

    /// The Fernet keys as written; `None` if the setting does not exist.
    pub(in crate::source::airflow) fn fernet_keys(&self) -> Result<Option<Found>, SourceError> {
        self.find(&FERNET_KEYS)
    }

    /// The database that Airflow uses if none is configured. An error if neither it nor `airflow.cfg` exists.
    fn default_url(&self) -> Result<Secret, SourceError> {
        let file = Path::new(&*self.home).join("airflow.db");
        if self.file()?.is_none() && !file.exists() {
            return Err(self.unusable(Fault::NoAirflow { file: self.shown() }));
        }
        Ok(Secret::new(format!("sqlite:///{}/airflow.db", *self.home)))
    }

    fn find(&self, setting: &Setting) -> Result<Option<Found>, SourceError> {
        for (section, name) in setting.names {
            for form in setting.forms {
                let variable_name = format!("AIRFLOW__{section}__{name}{}", form.suffix()).to_uppercase();
                let Some(value) = variable(&self.settings.environment, &variable_name) else { continue };
                if self.is_ignored(*form)? {
                    continue;
                }
                let place = SettingPlace::Variable(variable_name);
                let value = value.map_err(|NotUtf8| {
                    self.unusable(Fault::NotUtf8 { place: place.clone(), instead: setting.instead })
                })?;
                return self.resolve(*form, value, place, setting).map(Some);
            }
        }
        let Some(file) = self.file()? else { return Ok(None) };
        for form in setting.forms {
            for (section, name) in setting.names {
                let name = format!("{name}{}", form.suffix());
                let Some((line, value)) = file.get(section, &name) else { continue };
                if self.is_ignored(*form)? {
                    continue;
                }
                let place = SettingPlace::Line { section, name, file: self.shown(), line };
                let value = value.map_err(|why| self.unusable(Fault::Percent { place: place.clone(), why }))?;
                return self.resolve(*form, &value, place, setting).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether Airflow ignores a setting of this form. It ignores `_secret` settings if no secrets backend is
    /// configured.
    fn is_ignored(&self, form: Form) -> Result<bool, SourceError> {
        if !matches!(form, Form::BackendSecret) {
            return Ok(false);
        }
        Ok(self.find(&BACKEND)?.is_none_or(|backend| backend.value.expose().trim().is_empty()))
    }

    /// The value that a setting of this form yields.
    fn resolve(&self, form: Form, value: &str, place: SettingPlace, setting: &Setting) -> Result<Found, SourceError> {
        let expanded = match form {
            Form::Value => secrecy::expanded(value, &self.settings.environment),
            _ => Expanded::default(),
        };
        if let Some(name) = expanded.secret_in_host {
            return Err(self.unusable(Fault::SecretInHost { place, variable: escape_control(&name) }));
        }
        let expanded = expanded.values;
        let instead = setting.instead;
        let value = match form {
            Form::Value => expand(value, &self.settings.environment)
                .map(|text| Secret::new(text.as_str().to_owned()))
                .ok_or_else(|| endless(self.source, place.clone()))?,
            Form::Command if !self.settings.allow_commands => {
                return Err(self.unusable(Fault::CommandNotAllowed { place, instead }));
            }
            Form::Command => command::run(value, self.settings.limit)
                .map_err(|why| self.unusable(Fault::Command { place: place.clone(), why, instead }))?,
            Form::BackendSecret => {
                return Err(self.unusable(Fault::BackendSecret { place, instead }));
            }
        };
        Ok(Found { value, place, expanded })
    }

    /// The content of `airflow.cfg`, read once; `None` if the file does not exist.
    fn file(&self) -> Result<Option<&File>, SourceError> {
        if let Some(file) = self.file.get() {
            return Ok(file.as_ref());
        }
        let file =
            match read(&Input::File(self.path.clone()), &self.shown(), self.settings.limit) {
                Ok(text) => Some(File::parse(&text).map_err(|BadLine { line, what }| {
                    self.unusable(Fault::Syntax { file: self.shown(), line, what })
                })?),
                Err(SourceError::Own(Source::Empty { .. })) => Some(File::default()),
                Err(SourceError::Own(Source::Missing { .. })) => None,
                Err(error) => return Err(error),
            };
        Ok(self.file.get_or_init(|| file).as_ref())
    }

    fn unusable(&self, why: Fault) -> SourceError {
        SourceError::unusable(self.source, why)
    }

    /// The path of `airflow.cfg`, as messages show it.
    fn shown(&self) -> String {
        shown_name(&self.path.to_string_lossy())
    }
}

fn endless(source: &str, place: SettingPlace) -> SourceError {
    SourceError::unusable(source, Fault::Endless { place })
}
