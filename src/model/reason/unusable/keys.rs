//! Problems of the keys that decrypt Airflow's rows, and their messages and hints. Keys are counted, never quoted.

use super::SettingPlace;
use super::unusable::Said;

/// What is wrong with the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keys {
    /// A value is not a valid Fernet key.
    NotAKey {
        /// The location of the keys.
        place: SettingPlace,
        /// The position of the invalid one, counted from 1.
        number: usize,
        /// The number of keys there.
        count: usize,
    },
}

impl Keys {
    pub(super) fn said(&self) -> Said {
        let Self::NotAKey { place, number, count } = self;
        Said::new(
            match count {
                1 => format!("{place} is not a Fernet key"),
                count => format!("key {number} of {count} in {place} is not a Fernet key"),
            },
            "a Fernet key is 32 bytes in URL-safe base64, 44 characters with the `=` at the end; several have commas between them",
        )
    }
}
