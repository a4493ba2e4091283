//! MySQL and MariaDB: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MysqlNotice {
    /// A socket beside the name of another machine.
    SocketIgnored {
        /// The host.
        host: String,
    },
    /// `localhost`, for which the usual client uses a socket.
    Localhost,
    /// A key in `ssl` that has no effect.
    SslKey {
        /// The key.
        key: String,
    },
    /// No `ca`, with a mode that verifies.
    SystemRoots,
    /// A `ca`, with a mode that does not verify.
    AuthorityUnused {
        /// The mode.
        mode: &'static str,
    },
    /// An extra that Airflow ignores.
    Ignored {
        /// The extra.
        key: &'static str,
        /// The setting that Airflow reads.
        instead: &'static str,
    },
    /// The password was encrypted with a key of unproven origin.
    PasswordRecoverable,
}

impl Notice for MysqlNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::SocketIgnored { host } => Warning::new(
                Code::IgnoredField,
                format!("extra `unix_socket` is ignored, as clients do where `host` (`{host}`) is not `localhost`"),
            ),
            Self::Localhost => Warning::new(
                Code::ClientDiffers,
                "mysqlclient, which Airflow uses, takes `localhost` for the unix socket of its machine, not for the port: write `127.0.0.1` where TCP is meant",
            ),
            Self::SslKey { key } => {
                Warning::new(Code::IgnoredField, format!("`{key}` in extra `ssl` has no effect here"))
            }
            Self::SystemRoots => {
                Warning::new(Code::SystemRoots, "extra `ssl` names no `ca`: this machine's own authorities are trusted")
            }
            Self::AuthorityUnused { mode } => Warning::new(
                Code::IgnoredField,
                format!("the `ca` in extra `ssl` is not used: `ssl_mode` `{mode}` verifies nothing"),
            ),
            Self::Ignored { key, instead } => {
                Warning::new(Code::IgnoredField, format!("extra `{key}` is ignored, as by Airflow: write {instead}"))
            }
            Self::PasswordRecoverable => Warning::new(
                Code::PasswordRecoverable,
                "without TLS the password was encrypted with a key that nothing proves to be the server's: whoever sits between could have read it",
            ),
        }
    }
}
