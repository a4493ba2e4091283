//! SQL Server: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MssqlNotice {
    /// Authorities in a definition that turns encryption off.
    AuthorityUnused,
    /// `TrustServerCertificate` beside strict encryption.
    TrustIgnored,
    /// The extra `host` in place of the field.
    HostOverridden,
    /// A port in `host`, which pymssql does not read.
    PortInHost,
    /// An instance beside a port, which pymssql does not read.
    InstanceBesidePort,
    /// A `tcp:` before the host, which pymssql takes for a part of the name.
    ProtocolInHost,
    /// Extras of ODBC's clients.
    OdbcExtras {
        /// The extras, as they are usually written.
        keys: Vec<&'static str>,
    },
    /// An `encryption` that FreeTDS or another client accepts, and pymssql does not.
    EncryptionNotTaken {
        /// Its value.
        level: &'static str,
    },
    /// A text for `read_only` that means false, and that pymssql takes for true.
    ReadOnlyText,
    /// The server forces encryption.
    EncryptionForced,
    /// Another instance answers.
    OtherInstance {
        /// The requested one.
        instance: String,
    },
    /// Only the login is encrypted.
    LoginOnly,
}

impl Notice for MssqlNotice {
    fn warning(&self) -> Warning {
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
            Self::ProtocolInHost => pymssql("`tcp:` before the host"),
            Self::OdbcExtras { keys } => Warning::new(
                Code::ClientDiffers,
                format!(
                    "pymssql, to which Airflow's hook hands all extras, does not know {}, and refuses the whole definition: such extras are for ODBC's clients only",
                    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
                ),
            ),
            Self::EncryptionNotTaken { level } => Warning::new(
                Code::ClientDiffers,
                format!(
                    "extra `encryption` is `{level}`, with which pymssql 2.4, and Airflow's hook with it, does not connect: it takes `off`, `request` and `require`"
                ),
            ),
            Self::ReadOnlyText => Warning::new(
                Code::ClientDiffers,
                "extra `read_only` is a text that means no, which pymssql takes for yes, and connprobe with it: write false without quotes",
            ),
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
