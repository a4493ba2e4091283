//! The settings that are looked for: what they are called, and how each may be given.

use crate::model::reason::unusable::{Instead, SettingPlace};
use crate::model::secret::Secret;

/// A setting: section and name, the one before Airflow 2.3 last.
pub(super) struct Setting {
    pub(super) names: &'static [(&'static str, &'static str)],
    /// How it may be given.
    pub(super) forms: &'static [Form],
    /// What to do where it cannot be had from the configuration.
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

/// Where secrets are that settings name by `_secret`.
pub(super) const BACKEND: Setting =
    Setting { names: &[("secrets", "backend")], forms: &[Form::Value], instead: Instead::Database };

/// How a setting is given; in this order it is looked for.
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
    /// Where.
    pub(in crate::source::airflow) place: SettingPlace,
    /// What the variables in it stood for.
    pub(super) expanded: Vec<Secret>,
}
