//! What the second look at a definition finds after its login failed, as types, and the sentences about it. They never
//! mention the characters of a secret or their number.

use super::Field;

/// A likely cause of a failed login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Observation {
    /// A placeholder that was not replaced.
    Placeholder(Field),
    /// A text that contains something out of place.
    Odd(Field, Oddity),
    /// A `+` in the password of a URI, where it does not stand for a blank.
    PlusInUri,
    /// A key of `extra` that the driver does not read.
    Ignored {
        /// The key.
        key: String,
        /// The key that has this meaning.
        meant: &'static str,
    },
    /// A name that only resolves within one network.
    NameOfOneNetwork(String),
    /// The usual port of another product.
    PortOfAnother {
        /// The port in the definition.
        port: u16,
        /// The product that usually uses it.
        other: &'static str,
        /// The product of the definition.
        own: &'static str,
        /// The usual port of the definition's product.
        usual: u16,
    },
    /// The name of a schema within a database, where the database belongs.
    SchemaInside(String),
    /// The secret key and its key id are swapped.
    KeysSwapped {
        /// The field of the key id.
        id: Field,
        /// The field of the secret key.
        secret: Field,
    },
}

/// What is out of place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// A line end, at the start or end or within.
    LineEnd,
    /// A blank at the start or end.
    Blank,
    /// An invisible character: of zero width, or a control character.
    Invisible,
    /// Surrounding quotes.
    Quotes,
    /// A whole Fernet token.
    FernetToken,
    /// Percent escapes, as in a URI.
    Escapes,
}

impl Observation {
    /// The fields to look at.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        vec![match self {
            Self::KeysSwapped { id, secret } => return vec![id.clone(), secret.clone()],
            Self::Placeholder(field) | Self::Odd(field, _) => field.clone(),
            Self::PlusInUri => Field::PASSWORD,
            Self::Ignored { key, .. } => Field::extra(key),
            Self::NameOfOneNetwork(_) => Field::HOST,
            Self::PortOfAnother { .. } => Field::PORT,
            Self::SchemaInside(_) => Field::SCHEMA,
        }]
    }

    /// A sentence about it, with which the hint begins.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Placeholder(field) => format!("`{field}` looks like a placeholder that was never filled in"),
            Self::Odd(field, oddity) => odd(field, *oddity),
            Self::PlusInUri => {
                "`password` comes from a URI with a `+` in it, which is no blank there: write a blank as `%20`, and a `+` that is meant as `%2B`"
                    .to_owned()
            }
            Self::Ignored { key, meant } => {
                format!("extra `{key}` is not read, and may be meant as `{meant}`: give it that name")
            }
            Self::KeysSwapped { id, secret } => {
                format!("`{id}` looks like a secret key and `{secret}` like a key id: swap the two")
            }
            Self::NameOfOneNetwork(host) => format!(
                "`{}` is a name that only one network knows: run connprobe inside it",
                host.escape_default()
            ),
            Self::PortOfAnother { port, other, own, usual } => format!(
                "{port} is the usual port of {other}, that of {own} is {usual}: check `port` and `conn_type`"
            ),
            Self::SchemaInside(schema) => format!(
                "`schema` names the database, and `{schema}` looks like a schema inside one: name the database, and put the other into extra `options` as `-c search_path={schema}`"
            ),
        }
    }
}

fn odd(field: &Field, oddity: Oddity) -> String {
    // A password may begin or end with a blank on purpose.
    let unless = if *field == Field::PASSWORD { ", unless it belongs to it" } else { "" };
    match oddity {
        Oddity::LineEnd => format!("`{field}` has a line end in it: store it without{unless}"),
        Oddity::Blank => format!("`{field}` begins or ends with a blank: store it without{unless}"),
        Oddity::Invisible => format!("`{field}` has a character in it that is not seen: type it instead of pasting it"),
        Oddity::Quotes => format!("`{field}` stands in quotes: store it without{unless}"),
        Oddity::FernetToken => {
            format!("`{field}` looks like a Fernet token: store the value itself, not what Airflow made of it")
        }
        Oddity::Escapes => {
            format!("`{field}` looks percent-encoded, as in a URI: a field of its own holds it as it is")
        }
    }
}
