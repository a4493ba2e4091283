//! What is wrong with a definition of MySQL or MariaDB, and the texts for it.

use crate::model::problem::Flaw;
use crate::model::problem::field::{bad, missing, named};
use crate::model::problem::option::extra;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MysqlFlaw {
    /// Neither a host nor a socket.
    NoHost,
    /// No user.
    NoLogin,
    /// A NUL character in the user's name.
    NulInLogin,
    /// A NUL character in the password.
    NulInPassword,
    /// A NUL character in the database's name.
    NulInSchema,
    /// A socket that is not an absolute path.
    SocketNotAbsolute {
        /// Whether `host` has it.
        in_host: bool,
    },
    /// A `charset` that is not a word.
    BadCharset,
    /// A directory of authorities.
    AuthorityDirectory,
    /// An `ssl_mode` in lower case.
    ModeNotInCapitals {
        /// The mode in upper case.
        word: &'static str,
    },
    /// An `ssl_mode` with a blank before or after it.
    ModeWithBlank {
        /// The mode without blanks.
        word: &'static str,
    },
    /// An `ssl` that is not an object.
    SslNotObject,
}

impl Flaw for MysqlFlaw {
    fn words(&self) -> Words {
        match self {
            Self::NoHost => missing(Field::HOST)
                .hint("name the server in `host`, or its socket in extra `unix_socket`; there is no default"),
            Self::NoLogin => missing(Field::LOGIN).hint("name the user in `login`"),
            Self::NulInLogin => bad(Field::LOGIN, "`login` contains a NUL character"),
            Self::NulInPassword => {
                bad(Field::PASSWORD, "`password` contains a NUL character").hint("check how the secret was stored")
            }
            Self::NulInSchema => bad(Field::SCHEMA, "`schema` contains a NUL character"),
            Self::SocketNotAbsolute { in_host } => {
                let field = if *in_host { Field::HOST } else { Field::named("extra.unix_socket") };
                bad(field.clone(), format!("{} must be the absolute path of a socket", named(&field)))
            }
            Self::BadCharset => extra("charset", "must be the name of a character set, as `utf8mb4`"),
            Self::AuthorityDirectory => Words::new(
                Code::FeatureUnsupported,
                "`capath` in extra `ssl` names a directory of authorities, which connprobe does not read",
            )
            .fields([Field::named("extra.ssl")])
            .hint("put the authorities into one file, as `ca`"),
            Self::ModeNotInCapitals { word } => extra("ssl_mode", &format!("must be written in capitals: `{word}`"))
                .hint("mysqlclient, which Airflow uses, refuses any other spelling"),
            Self::ModeWithBlank { word } => {
                extra("ssl_mode", &format!("has a blank or line end beside its word: write it as `{word}`"))
                    .hint("mysqlclient, which Airflow uses, refuses any other spelling")
            }
            Self::SslNotObject => extra("ssl", "must be an object, or a text that holds one in JSON")
                .hint(r#"write it as {"ca": "ca.pem", "cert": "client.pem", "key": "client.key"}"#),
        }
    }
}
