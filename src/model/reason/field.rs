//! `Field`: a field of the form in which a connection is entered.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A field of a definition, as a form names it: `host`, or `extra.sslmode` for a key of `extra`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Field(Cow<'static, str>);

impl Field {
    /// The type.
    pub const CONN_TYPE: Self = Self(Cow::Borrowed("conn_type"));
    /// The host.
    pub const HOST: Self = Self(Cow::Borrowed("host"));
    /// The port.
    pub const PORT: Self = Self(Cow::Borrowed("port"));
    /// The user, or key id.
    pub const LOGIN: Self = Self(Cow::Borrowed("login"));
    /// The password, or secret key.
    pub const PASSWORD: Self = Self(Cow::Borrowed("password"));
    /// The database, or bucket.
    pub const SCHEMA: Self = Self(Cow::Borrowed("schema"));
    /// All other settings, as a whole.
    pub const EXTRA: Self = Self(Cow::Borrowed("extra"));

    /// A field by its path.
    #[must_use]
    pub const fn named(path: &'static str) -> Self {
        Self(Cow::Borrowed(path))
    }

    /// A field by its path, as written in a definition.
    #[must_use]
    pub fn at(path: &str) -> Self {
        Self(Cow::Owned(path.to_owned()))
    }

    /// The key `name` of `extra`.
    #[must_use]
    pub fn extra(name: &str) -> Self {
        Self(Cow::Owned(format!("extra.{name}")))
    }

    /// The path of the field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_its_path() {
        assert_eq!(serde_json::to_value(Field::extra("sslmode")).unwrap(), "extra.sslmode");
        assert_eq!(serde_json::from_str::<Field>("\"host\"").unwrap(), Field::HOST);
    }
}
