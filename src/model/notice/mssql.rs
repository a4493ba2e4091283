//! SQL Server: the words for what is odd about a definition or a login.

use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MssqlNotice {
    /// Authorities where no encryption is asked for.
    AuthorityUnused,
    /// `TrustServerCertificate` beside strict encryption.
    TrustIgnored,
    /// The extra `host` in place of the field.
    HostOverridden,
    /// A port in `host`, which pymssql does not read.
    PortInHost,
    /// An instance beside a port, which pymssql does not read.
    InstanceBesidePort,
    /// The server forces encryption.
    EncryptionForced,
    /// Another instance answers.
    OtherInstance {
        /// The one that is asked for.
        instance: String,
    },
    /// Only the login is encrypted.
    LoginOnly,
}

impl MssqlNotice {
    pub(super) fn warning(&self) -> Warning {
        let pymssql = |what| {
            Warning::new(
                Code::ClientDiffers,
                format!(
                    "ODBC's clients read {what}, and pymssql, which Airflow uses, does not: put the name alone into `host` and the port into `port`"
                ),
            )
        };
        match self {
            Self::AuthorityUnused => Warning::new(
                Code::IgnoredField,
                "the CA file counts only where the server forces encryption: extra `encryption` `off` asks for none",
            ),
            Self::TrustIgnored => Warning::new(
                Code::IgnoredField,
                "extra `TrustServerCertificate` was ignored: strict encryption always verifies",
            ),
            Self::HostOverridden => Warning::new(Code::ExtraOverrides, "extra `host` overrides `host`"),
            Self::PortInHost => pymssql("a port in `host`"),
            Self::InstanceBesidePort => pymssql("an instance in `host` beside a port"),
            Self::EncryptionForced => Warning::new(
                Code::EncryptionForced,
                "the server forces encryption, which the definition turns off: the login was encrypted, as FreeTDS does it",
            ),
            Self::OtherInstance { instance } => Warning::new(
                Code::InstanceMismatch,
                format!(
                    "the server at this port says that it is not the instance `{instance}`; where a definition has a port, its instance is not looked for"
                ),
            ),
            Self::LoginOnly => {
                Warning::new(Code::TlsLoginOnly, "only the login is encrypted, queries and their results are not")
            }
        }
    }
}
