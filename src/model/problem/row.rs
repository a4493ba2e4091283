//! Problems of a row of connprobe's own store, and their messages.

use super::Flaw;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a row, or with a secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowFlaw {
    /// The row was changed by another program.
    Changed,
    /// The row was never sealed.
    Untagged,
    /// The row is an earlier version, or was removed and put back.
    PutBack,
    /// The row's version cannot be verified.
    Unvouched,
    /// The row was stored with another key.
    OtherKey {
        /// The ID of that key.
        id: String,
    },
    /// The row was stored with a key, and no key is available.
    NoKey,
    /// A secret cannot be decrypted because no key is available.
    SecretNoKey {
        /// The field.
        field: &'static str,
    },
    /// A secret was encrypted with another key.
    SecretOtherKey {
        /// The field.
        field: &'static str,
        /// The ID of that key.
        id: String,
    },
    /// A secret is damaged, so that no key decrypts it.
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
