//! Problems of a stored secret that cannot be read, and their messages.

use super::Flaw;
use crate::model::reason::unusable::SettingPlace;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// Why a stored secret cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretFlaw {
    /// A backend does not return it.
    Refused {
        /// The message of the backend's refusal.
        message: String,
        /// The hint.
        hint: Option<String>,
    },
    /// There is no Fernet key. The message is the same for every field and row, so that all form one cause.
    NoFernetKey {
        /// The setting that should contain it, if there is one.
        place: Option<SettingPlace>,
        /// The field.
        field: &'static str,
    },
    /// The secret was encrypted with another Fernet key.
    OtherFernetKey {
        /// The location of the available keys.
        place: Option<SettingPlace>,
        /// The number of available keys.
        count: usize,
        /// The field.
        field: &'static str,
    },
    /// The secret is marked as encrypted, but is not a token.
    NotAToken {
        /// The field.
        field: &'static str,
    },
    /// The secret is a truncated or altered token.
    Damaged {
        /// The field.
        field: &'static str,
    },
    /// The secret is a token, but marked as plain text.
    MarkedPlain {
        /// The field.
        field: &'static str,
        /// The column that marks it.
        flag: &'static str,
    },
}

impl Flaw for SecretFlaw {
    fn words(&self) -> Words {
        match self {
            Self::Refused { message, hint } => {
                let words = Words::new(Code::SecretUnreadable, format!("the secret cannot be read: {message}"));
                match hint {
                    Some(hint) => words.hint(hint.clone()),
                    None => words,
                }
            }
            Self::NoFernetKey { place, field } => {
                let message = match place {
                    Some(place) => format!("cannot be decrypted: {place} is empty"),
                    None => "cannot be decrypted: there is no Fernet key".to_owned(),
                };
                about(Code::KeyMissing, field, message).hint(
                    "give Airflow's key: `AIRFLOW__CORE__FERNET_KEY`, `fernet_key` in airflow.cfg, or --fernet-key-file",
                )
            }
            Self::OtherFernetKey { place, count, field } => {
                let place = place.as_ref().map(ToString::to_string).unwrap_or_default();
                let message = match count {
                    1 => format!("cannot be decrypted: another Fernet key was used than that of {place}"),
                    count => format!("cannot be decrypted: none of the {count} Fernet keys of {place} was used"),
                };
                about(Code::KeyWrong, field, message).hint(
                    "add the key that it was written with, or save the connection again in Airflow; a damaged token looks the same",
                )
            }
            Self::NotAToken { field } => about(
                Code::SecretDamaged,
                field,
                format!("`{field}` is marked as encrypted, but is not a Fernet token"),
            )
            .hint("save the connection again in Airflow; if it is plain text, its row is marked wrongly"),
            Self::Damaged { field } => about(
                Code::SecretDamaged,
                field,
                format!("the Fernet token in `{field}` is damaged: cut off, or altered"),
            )
            .hint("save the connection again in Airflow"),
            Self::MarkedPlain { field, flag } => about(
                Code::SecretDamaged,
                field,
                format!("`{field}` is encrypted, but its row says that it is not (`{flag}`)"),
            )
            .hint("Airflow would send the token itself: save the connection again there, or set the column"),
        }
    }
}

fn about(code: Code, field: &'static str, message: String) -> Words {
    Words::new(code, message).fields([Field::named(field)])
}
