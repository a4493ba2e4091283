//! MongoDB: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MongodbNotice {
    /// `use_srv` in place of `srv`.
    SrvMisnamed,
    /// `authSource` in `schema`.
    SourceInSchema,
    /// A password beside X.509.
    PasswordUnused,
    /// Another `authSource` beside X.509.
    SourceIgnored,
    /// The extra `username` in place of `login`.
    LoginOverridden,
    /// The extra `password` in place of the field.
    PasswordOverridden,
    /// An `allow_insecure` that Airflow does not take for true.
    NotInsecure,
}

impl Notice for MongodbNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::SrvMisnamed => {
                Warning::new(Code::ExtraAlias, "extra `use_srv` was read as `srv`, which is what the client knows")
            }
            Self::SourceInSchema => Warning::new(
                Code::OptionInSchema,
                "`authSource` stands in `schema`, behind a `?`, where Airflow's hook reads it: put it into extra `authSource`",
            ),
            Self::PasswordUnused => {
                Warning::new(Code::IgnoredField, "`password` is not sent: `MONGODB-X509` goes by the certificate alone")
            }
            Self::SourceIgnored => {
                Warning::new(Code::IgnoredField, "extra `authSource` was ignored: X.509 users live in `$external`")
            }
            Self::LoginOverridden => Warning::new(Code::ExtraOverrides, "extra `username` overrides `login`"),
            Self::PasswordOverridden => Warning::new(Code::ExtraOverrides, "extra `password` overrides `password`"),
            Self::NotInsecure => Warning::new(
                Code::ClientDiffers,
                "extra `allow_insecure` is not the word true, which alone Airflow takes for yes: the server's certificate is verified",
            ),
        }
    }
}
