//! PostgreSQL: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostgresNotice {
    /// A file of authorities that cannot be used.
    RootUnused,
    /// A certificate that cannot be used.
    CertificateUnused,
    /// An `ssl` that contradicts `sslmode`.
    SslContradicted {
        /// The `sslmode`.
        mode: &'static str,
    },
    /// The system's authorities in place of libpq's file.
    SystemRoots {
        /// The `sslmode`.
        mode: &'static str,
    },
    /// A key without a certificate.
    KeyAlone,
    /// An extra in place of a field.
    Overrides {
        /// The extra.
        key: String,
        /// Its value.
        own: String,
        /// The field.
        field: String,
        /// The field's value.
        stored: String,
    },
    /// The extra `password` in place of the field.
    PasswordOverridden,
    /// A login without encryption after a failed handshake.
    TlsGivenUp {
        /// The message of that failure.
        why: String,
    },
    /// The server did not request a password.
    PasswordNotChecked,
    /// The server did not request a login.
    LoginNotDemanded,
    /// Few rounds of key derivation.
    FewRounds {
        /// How many.
        rounds: u32,
        /// How many there should be.
        fewest: u32,
    },
    /// Ports in a list of hosts.
    PortsInList,
}

impl Notice for PostgresNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::RootUnused => Warning::new(
                Code::FileNotUsed,
                "the file that extra `sslrootcert` names cannot be used, so the server's certificate was not verified; libpq goes on like this where there is no such file, and refuses to where it cannot read it",
            ),
            Self::CertificateUnused => Warning::new(
                Code::FileNotUsed,
                "the file that extra `sslcert` names cannot be used, so no client certificate was presented; libpq goes on like this where there is no such file, and refuses to where it cannot read it",
            ),
            Self::SslContradicted { mode } => Warning::new(
                Code::IgnoredField,
                format!("extra `ssl` was ignored: it contradicts `sslmode`, which is `{mode}` and alone is libpq's"),
            ),
            Self::SystemRoots { mode } => Warning::new(
                Code::SystemRoots,
                format!(
                    "`sslmode` is `{mode}` without `sslrootcert`: the system's authorities were trusted, while libpq would look for ~/.postgresql/root.crt"
                ),
            ),
            Self::KeyAlone => {
                Warning::new(Code::IgnoredField, "extra `sslkey` was ignored, because there is no `sslcert`")
            }
            Self::Overrides { key, own, field, stored } => {
                Warning::new(Code::ExtraOverrides, format!("extra `{key}` (`{own}`) overrides `{field}` (`{stored}`)"))
            }
            Self::PasswordOverridden => Warning::new(Code::ExtraOverrides, "extra `password` overrides `password`"),
            Self::TlsGivenUp { why } => Warning::new(
                Code::TlsGivenUp,
                format!(
                    "the TLS handshake failed ({why}), and the login went on without encryption, as libpq does with `sslmode` `prefer`: whoever is on the way can bring that about"
                ),
            ),
            Self::PasswordNotChecked => {
                Warning::new(Code::PasswordNotChecked, "the server did not ask for the password, so it was not tested")
            }
            Self::LoginNotDemanded => Warning::new(
                Code::LoginNotDemanded,
                "the server asked for no proof of the login, so nothing was tested but that it lets this machine in",
            ),
            Self::FewRounds { rounds, fewest } => Warning::new(
                Code::ScramWeak,
                format!(
                    "the server derives the key in {rounds} rounds; fewer than {fewest} make the password easy to guess"
                ),
            ),
            Self::PortsInList => Warning::new(
                Code::PortInHost,
                "hosts of the list bring their own port: libpq takes it for a part of the name, so write the ports into extra `port`, in the same order",
            ),
        }
    }
}
