//! Services over HTTP: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpNotice {
    /// A schema beside a host that is a URL with another scheme.
    SchemaIgnored,
    /// An IPv6 address without brackets.
    BareAddress,
    /// Only the type asks for HTTPS.
    SchemeOfType,
    /// A password without a login.
    PasswordAlone,
    /// A login beside an `Authorization` header.
    AuthorizationIgnored,
    /// A header that connprobe sets itself, as it controls the connection.
    HeaderNotSent {
        /// The extra.
        key: String,
    },
    /// A flag as a text.
    TextFlag {
        /// The extra.
        key: &'static str,
        /// What it was read as.
        read: bool,
    },
    /// The server answers without a login.
    LoginNotDemanded {
        /// The status.
        status: u16,
        /// The definition has one.
        credential: bool,
    },
}

impl Notice for HttpNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::SchemaIgnored => {
                Warning::new(Code::IgnoredField, "`schema` is ignored: `host` is a URL, and has a scheme of its own")
            }
            Self::BareAddress => Warning::new(
                Code::ClientDiffers,
                "an IPv6 address stands in `host` without brackets, and was read with them; Airflow's hook makes no URL of it",
            ),
            Self::SchemeOfType => Warning::new(
                Code::ClientDiffers,
                "the type `https` was read as the scheme; Airflow's hook does not look at the type, and speaks plain HTTP where `schema` is empty: set it to `https`",
            ),
            Self::PasswordAlone => Warning::new(
                Code::IgnoredField,
                "`password` is ignored: without a `login` Airflow's hook does not send it",
            ),
            Self::AuthorizationIgnored => Warning::new(
                Code::IgnoredField,
                "the header `Authorization` in `extra` is ignored: `login` and `password` take its place, as with Airflow's hook",
            ),
            Self::HeaderNotSent { key } => Warning::new(
                Code::IgnoredField,
                format!(
                    "extra `{key}` was not sent: it is a header of the connection, which connprobe holds otherwise"
                ),
            ),
            Self::TextFlag { key, read } => Warning::new(
                Code::StringlyFlag,
                format!(
                    "extra `{key}` is a text that means {read}: it was read so, where Airflow's hook takes it for the name of a file"
                ),
            ),
            Self::LoginNotDemanded { status, credential: true } => Warning::new(
                Code::LoginNotDemanded,
                format!(
                    "the server answers (HTTP {status}) without the credentials, so that nothing is known of them: a path that demands a login, in `host`, would prove them"
                ),
            ),
            Self::LoginNotDemanded { status, credential: false } => Warning::new(
                Code::LoginNotDemanded,
                format!(
                    "the server answers (HTTP {status}), and the definition has no credentials: there is nothing to log in with"
                ),
            ),
        }
    }
}
