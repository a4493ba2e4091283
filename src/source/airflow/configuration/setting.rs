//! The settings that are looked up: their names, and the forms in which each may be given.

use crate::model::reason::unusable::{Instead, SettingPlace};
use crate::model::secret::Secret;

/// A setting. Each name is a section and a key; the name from before Airflow 2.3 is last.
pub(super) struct Setting {
    pub(super) names: &'static [(&'static str, &'static str)],
    /// The forms in which it may be given.
    pub(super) forms: &'static [Form],
    /// What the hint recommends if the value cannot be taken from the configuration.
    pub(super) instead: Instead,
}

pub(super) const DATABASE: Setting = Setting {
    names: &[("database", "sql_alchemy_conn"), ("core", "sql_alchemy_conn")],
    forms: &Form::ALL,
    instead: Instead::Database,
};

pub(super) const SCHEMA: Setting = Setting {
    names: &[("database", "sql_alchemy_schema"), ("core", "sql_alchemy_schema")],
    forms: &[Form::Value],
    instead: Instead::Database,
};

pub(super) const FERNET_KEYS: Setting =
    Setting { names: &[("core", "fernet_key")], forms: &Form::ALL, instead: Instead::Keys };

/// The secrets backend that `_secret` settings refer to.
pub(super) const BACKEND: Setting =
    Setting { names: &[("secrets", "backend")], forms: &[Form::Value], instead: Instead::Database };

/// The form of a setting, in the order of the search.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Value,
    Command,
    BackendSecret,
}

impl Form {
    const ALL: [Self; 3] = [Self::Value, Self::Command, Self::BackendSecret];

    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Command => "_cmd",
            Self::BackendSecret => "_secret",
        }
    }
}

/// A setting that was found.
#[derive(Debug)]
pub(in crate::source::airflow) struct Found {
    /// May be empty.
    pub(in crate::source::airflow) value: Secret,
    /// Where the setting was found.
    pub(in crate::source::airflow) place: SettingPlace,
    /// The values of the variables in it.
    pub(super) expanded: Vec<Secret>,
}
