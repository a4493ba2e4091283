//! The settings of Airflow that matter here: where its database is, in which schema its tables are, and
//! its Fernet keys.
//!
//! Found as Airflow finds them: variables of the environment, then `airflow.cfg`; in each place the
//! value itself, a command that gives it, a secret of its backend; a new name before the old one.
//! The file is read only when the environment does not answer. Messages name settings, files and
//! lines, never what stands there.

mod command;
mod expansion;
mod file;
mod interpolation;
mod secrecy;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use self::expansion::expand;
use self::file::File;
use self::secrecy::Expanded;
use crate::model::reason::Source;
use crate::model::redact::escape_control;
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::read::read;
use crate::source::settings::{Environment, Settings};
use crate::source::spec::Input;

/// A setting: section and name, the one before Airflow 2.3 last.
struct Setting {
    names: &'static [(&'static str, &'static str)],
    /// How it may be given.
    forms: &'static [Form],
    /// What to do where it cannot be had from the configuration.
    instead: &'static str,
}

const DATABASE: Setting = Setting {
    names: &[("database", "sql_alchemy_conn"), ("core", "sql_alchemy_conn")],
    forms: &Form::ALL,
    instead: "name the database itself, as `url-env:NAME` or `url-file:FILE`",
};

const SCHEMA: Setting = Setting {
    names: &[("database", "sql_alchemy_schema"), ("core", "sql_alchemy_schema")],
    forms: &[Form::Value],
    instead: "name the database itself, as `url-env:NAME` or `url-file:FILE`",
};

const FERNET_KEYS: Setting =
    Setting { names: &[("core", "fernet_key")], forms: &Form::ALL, instead: "give the keys with --fernet-key-file" };

/// Where secrets are that settings name by `_secret`.
const BACKEND: Setting = Setting {
    names: &[("secrets", "backend")],
    forms: &[Form::Value],
    instead: "name the database itself, as `url-env:NAME` or `url-file:FILE`",
};

/// How a setting is given; in this order it is looked for.
#[derive(Clone, Copy)]
enum Form {
    Value,
    Command,
    BackendSecret,
}

impl Form {
    const ALL: [Self; 3] = [Self::Value, Self::Command, Self::BackendSecret];

    fn suffix(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Command => "_cmd",
            Self::BackendSecret => "_secret",
        }
    }
}

/// A setting that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// May be empty.
    pub(super) value: Secret,
    /// Where, for messages, in backticks.
    pub(super) place: String,
    /// What the variables in it stood for.
    expanded: Vec<Secret>,
}

/// Airflow's configuration.
pub(super) struct Configuration<'a> {
    /// The source's name, for errors.
    source: &'a str,
    settings: &'a Settings,
    /// `$AIRFLOW_HOME`.
    home: Zeroizing<String>,
    /// `airflow.cfg`.
    path: PathBuf,
    /// `None` where there is none.
    file: OnceCell<Option<File>>,
}

impl<'a> Configuration<'a> {
    /// That of the Airflow in the environment, nothing of it read yet.
    pub(super) fn of(source: &'a str, settings: &'a Settings) -> Result<Self, SourceError> {
        let expanded = |name: &str, default: &str| {
            let value = variable(&settings.environment, name).and_then(Result::ok).unwrap_or(default);
            expand(value, &settings.environment).ok_or_else(|| endless(source, &format!("`{name}`")))
        };
        let home = expanded("AIRFLOW_HOME", "~/airflow")?;
        let path = match expanded("AIRFLOW_CONFIG", "")? {
            path if path.is_empty() => Path::new(&*home).join("airflow.cfg"),
            path => PathBuf::from(&*path),
        };
        Ok(Self { source, settings, home, path, file: OnceCell::new() })
    }

    /// Its files: `airflow.cfg`, and the database that is used where nothing is set.
    pub(super) fn files(&self) -> [PathBuf; 2] {
        [self.path.clone(), Path::new(&*self.home).join("airflow.db")]
    }

    /// The URL of the metadata database.
    pub(super) fn database_url(&self) -> Result<Secret, SourceError> {
        let Some(Found { value, place, .. }) = self.find(&DATABASE)? else { return self.default_url() };
        match value.expose().trim() {
            "" => Err(self.unusable(
                format!("{place} is empty"),
                "put the URL of Airflow's database there, or remove the setting",
            )),
            url => Ok(Secret::new(url.to_owned())),
        }
    }

    /// `error` without what the variables in the URL of the metadata database stand for.
    pub(super) fn conceal(&self, error: SourceError) -> SourceError {
        let found = self.find(&DATABASE).ok().flatten();
        found
            .map_or_else(Vec::new, |found| found.expanded)
            .iter()
            .fold(error, |error, value| error.without(value.expose()))
    }

    /// The schema that Airflow's tables are in, or MySQL's database; `None` where it is the URL's own.
    pub(super) fn schema(&self) -> Result<Option<String>, SourceError> {
        let found = self.find(&SCHEMA)?.map(|found| found.value.expose().trim().to_owned());
        Ok(found.filter(|schema| !schema.is_empty()))
    }

    /// The Fernet keys, as they are written; `None` where there is no such setting.
    pub(super) fn fernet_keys(&self) -> Result<Option<Found>, SourceError> {
        self.find(&FERNET_KEYS)
    }

    /// What Airflow uses where nothing is set. Without a configuration there must at least be that.
    fn default_url(&self) -> Result<Secret, SourceError> {
        let file = Path::new(&*self.home).join("airflow.db");
        if self.file()?.is_none() && !file.exists() {
            return Err(self.unusable(
                format!(
                    "there is no Airflow in the environment: no `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN`, no {}",
                    shown(&self.path)
                ),
                "set AIRFLOW_HOME or AIRFLOW_CONFIG as Airflow has it, or name its database by a URL",
            ));
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
                let place = format!("`{variable_name}`");
                let value = value.map_err(|NotUtf8| self.unusable(format!("{place} is not UTF-8"), setting.instead))?;
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
                let place = format!("`[{section}] {name}` ({}, line {line})", shown(&self.path));
                let value = value.map_err(|fault| {
                    self.unusable(
                        format!("{place} {}", fault.what()),
                        "in airflow.cfg a `%` is written `%%`; only in variables of the environment it stands for itself",
                    )
                })?;
                return self.resolve(*form, &value, place, setting).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether Airflow passes over a setting of this form: without a backend it names no secret.
    fn is_ignored(&self, form: Form) -> Result<bool, SourceError> {
        if !matches!(form, Form::BackendSecret) {
            return Ok(false);
        }
        Ok(self.find(&BACKEND)?.is_none_or(|backend| backend.value.expose().trim().is_empty()))
    }

    /// What a setting stands for.
    fn resolve(&self, form: Form, value: &str, place: String, setting: &Setting) -> Result<Found, SourceError> {
        let expanded = match form {
            Form::Value => secrecy::expanded(value, &self.settings.environment),
            _ => Expanded::default(),
        };
        if let Some(name) = expanded.secret_in_host {
            return Err(self.unusable(
                format!("{place} makes the host of `${}`, which is named like a secret", escape_control(&name)),
                "whoever answers for that name would learn the secret: write the host itself, or use a variable with another name",
            ));
        }
        let expanded = expanded.values;
        let value = match form {
            Form::Value => expand(value, &self.settings.environment)
                .map(|text| Secret::new(text.as_str().to_owned()))
                .ok_or_else(|| endless(self.source, &place))?,
            Form::Command if !self.settings.allow_commands => {
                return Err(self.unusable(
                    format!("{place} is a command, and commands are run only when that is allowed"),
                    format!("give --allow-commands, or {}", setting.instead),
                ));
            }
            Form::Command => command::run(value, self.settings.limit).map_err(|fault| {
                self.unusable(
                    format!("the command of {place} {fault}"),
                    format!("run it as Airflow's user, or {}", setting.instead),
                )
            })?,
            Form::BackendSecret => {
                return Err(self.unusable(
                    format!("{place} names a secret of Airflow's secrets backend, which is not asked"),
                    setting.instead,
                ));
            }
        };
        Ok(Found { value, place, expanded })
    }

    /// `airflow.cfg`, read once; `None` where there is none.
    fn file(&self) -> Result<Option<&File>, SourceError> {
        if let Some(file) = self.file.get() {
            return Ok(file.as_ref());
        }
        let name = escape_control(&self.path.to_string_lossy());
        let file = match read(&Input::File(self.path.clone()), &name, self.settings.limit) {
            Ok(text) => Some(File::parse(&text).map_err(|fault| {
                self.unusable(
                    format!("{}, line {}, is {}", shown(&self.path), fault.line, fault.what),
                    "correct it: Airflow cannot read the file either",
                )
            })?),
            Err(SourceError::Own(Source::Empty { .. })) => Some(File::default()),
            Err(SourceError::Own(Source::Missing { .. })) => None,
            Err(error) => return Err(error),
        };
        Ok(self.file.get_or_init(|| file).as_ref())
    }

    fn unusable(&self, message: String, hint: impl Into<String>) -> SourceError {
        SourceError::Own(Source::Unusable { name: self.source.to_owned(), message, hint: hint.into() })
    }
}

fn endless(source: &str, place: &str) -> SourceError {
    SourceError::Own(Source::Unusable {
        name: source.to_owned(),
        message: format!("{place} has no end when its variables are expanded"),
        hint: "Airflow replaces `$NAME` in it, again and again: find the variables that name each other".to_owned(),
    })
}

fn shown(path: &Path) -> String {
    format!("`{}`", escape_control(&path.to_string_lossy()))
}

/// A value that is no text.
struct NotUtf8;

/// A variable. One that is set to nothing means something here.
fn variable<'a>(environment: &'a Environment, name: &str) -> Option<Result<&'a str, NotUtf8>> {
    let (found, value) = environment.starting_with(name).next()?;
    (found == name).then(|| value.map(Secret::expose).ok_or(NotUtf8))
}

#[cfg(test)]
mod tests;
