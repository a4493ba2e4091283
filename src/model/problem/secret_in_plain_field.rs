//! Secrets, or whole connection strings, in a field that is shown: the problems and their messages. Values are never
//! quoted.

use super::Flaw;
use super::field::named;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What a field contains that does not belong there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misplaced {
    /// A whole connection string.
    ConnectionString {
        /// The field.
        field: Field,
        /// The parts of the string.
        parts: Vec<Part>,
    },
    /// A login with a password.
    Login {
        /// The field.
        field: Field,
    },
    /// A password.
    Password {
        /// The field.
        field: Field,
    },
    /// A host whose text behind the colon is not a port, and may be a password.
    BehindColon {
        /// The field.
        field: Field,
    },
    /// A key or password in the parameters of a URL that is used as a whole.
    Query {
        /// The field.
        field: Field,
    },
    /// A text that is too long to be searched for a secret.
    TooLong {
        /// The field.
        field: Field,
    },
    /// A name that may contain a secret and is not shown.
    HiddenName,
    /// A secret that is also in the definition's own secret field.
    OwnSecret {
        /// The field.
        field: Field,
    },
}

/// A part of a connection string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The type before `://`.
    Type,
    /// The user information before `@`.
    Login {
        /// Whether it contains a password.
        password: bool,
    },
    /// Name and port.
    Place,
    /// The path.
    Path,
    /// A setting.
    Setting {
        /// The name of the setting.
        key: String,
        /// The field where it belongs.
        into: Field,
    },
}

impl Flaw for Misplaced {
    fn words(&self) -> Words {
        match self {
            Self::ConnectionString { field, parts } => {
                let parts: Vec<String> = parts.iter().map(Part::words).collect();
                about(Code::ConnectionString, field, format!("{} holds a whole connection string", named(field)))
                    .hint(format!("write each part of it into its own field: {}", parts.join(", ")))
            }
            Self::Login { field } => about(Code::SecretMisplaced, field, format!("{} has a login in it", named(field)))
                .hint("put only the name there, and the rest into `login` and `password`"),
            Self::Password { field } => {
                about(Code::SecretMisplaced, field, format!("{} has a password in it", named(field)))
                    .hint("put the password into `password`")
            }
            Self::BehindColon { field } => about(
                Code::SecretMisplaced,
                field,
                format!("{} has a text behind a colon that is not a port, and may be a password", named(field)),
            )
            .hint("put only the name there, a port into `port` and a password into `password`"),
            Self::Query { field } => {
                about(Code::SecretMisplaced, field, format!("{} has a key or password behind a `?`", named(field)))
                    .hint("the field is stored and shown as it is: if the server takes the key in a header, store it in `extra` under the header's name (`X-Api-Key`, `Authorization`), else as `login` and `password`; connprobe sends none in a URL")
            }
            Self::TooLong { field } => about(
                Code::SecretMisplaced,
                field,
                format!("{} is longer than 1 MiB, and is not shown, since a secret may stand in it", named(field)),
            )
            .hint("write only what belongs there; a certificate may stand in a file that the field names"),
            Self::HiddenName => about(
                Code::SecretMisplaced,
                &Field::named("conn_id"),
                "the name is not shown, since a secret may stand in it".to_owned(),
            )
            .hint("give the entry another name"),
            Self::OwnSecret { field } => {
                about(Code::SecretMisplaced, field, format!("{} has a secret of the definition in it", named(field)))
                    .hint("leave it out there: this field is stored and shown as it is")
            }
        }
    }
}

impl Part {
    fn words(&self) -> String {
        match self {
            Self::Type => "the type before `://` into `conn_type`".to_owned(),
            Self::Login { password: true } => "what stands before `@` into `login` and `password`".to_owned(),
            Self::Login { password: false } => "what stands before `@` into `login`".to_owned(),
            Self::Place => "the name and the port into `host` and `port`".to_owned(),
            Self::Path => "the path into `schema`".to_owned(),
            Self::Setting { key, into } => format!("`{key}` into `{into}`"),
        }
    }
}

fn about(code: Code, field: &Field, message: String) -> Words {
    Words::new(code, message).fields([field.clone()])
}
