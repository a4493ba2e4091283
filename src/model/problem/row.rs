//! A row of connprobe's own store that cannot be used: the words for it.

use super::Flaw;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a row, or with a secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowFlaw {
    /// Not as it was stored.
    Changed,
    /// Never sealed.
    Untagged,
    /// An earlier version, or a row that was removed.
    PutBack,
    /// Nothing tells whether it is the last version.
    Unvouched,
    /// Stored under another key.
    OtherKey {
        /// That key's id.
        id: String,
    },
    /// Stored under a key, and there is none.
    NoKey,
    /// A secret, and no key.
    SecretNoKey {
        /// The field.
        field: &'static str,
    },
    /// A secret under another key.
    SecretOtherKey {
        /// The field.
        field: &'static str,
        /// That key's id.
        id: String,
    },
    /// A secret that no key opens.
    SecretDamaged {
        /// The field.
        field: &'static str,
    },
}

const ANEW: &str = "bring back a copy of the store, or enter the definition anew (`connprobe import --replace`)";
const NAME_KEY: &str = "name the key file of the store with --key-file or CONNPROBE_KEY_FILE";
const OTHER_KEY: &str = "name the file of that key with --key-file or CONNPROBE_KEY_FILE";

impl Flaw for RowFlaw {
    fn words(&self) -> Words {
        match self {
            Self::Changed => Words::new(
                Code::RowChanged,
                "the row is not as it was stored: it is damaged, or was changed by something else than connprobe",
            )
            .hint(ANEW),
            Self::Untagged => {
                Words::new(Code::RowChanged, "the row is not sealed: something else than connprobe wrote it")
                    .hint(ANEW)
            }
            Self::PutBack => Words::new(
                Code::RowPutBack,
                "the row is not the last version of its definition in this store: an earlier one, a removed one, or one of a copy, put there by something else than connprobe",
            )
            .hint(ANEW),
            Self::Unvouched => Words::new(
                Code::RowPutBack,
                "nothing tells whether the row is the last version of its definition: the seal over all rows is missing, damaged, or of other rows",
            )
            .hint("see `connprobe store check`; bring back a copy of the store, or enter all its definitions anew at once (`connprobe import --replace`)"),
            Self::OtherKey { id } => Words::new(
                Code::KeyWrong,
                format!("the row was stored under the key `{id}`, which is not the one at hand"),
            )
            .hint(OTHER_KEY),
            Self::NoKey => {
                Words::new(Code::KeyMissing, "nothing tells whether the row is as it was stored: there is no key to verify it")
                    .hint(NAME_KEY)
            }
            Self::SecretNoKey { field } => about(
                Code::KeyMissing,
                field,
                format!("`{field}` is encrypted, and there is no key to read it"),
            )
            .hint(NAME_KEY),
            Self::SecretOtherKey { field, id } => about(
                Code::KeyWrong,
                field,
                format!("`{field}` is encrypted under the key `{id}`, which is not the one at hand"),
            )
            .hint(OTHER_KEY),
            Self::SecretDamaged { field } => about(
                Code::SecretDamaged,
                field,
                format!("`{field}` cannot be decrypted: it is damaged, or its row was changed by something else than connprobe"),
            )
            .hint("bring back a copy of the store, or enter the definition anew"),
        }
    }
}

fn about(code: Code, field: &'static str, message: String) -> Words {
    Words::new(code, message).fields([Field::named(field)])
}
