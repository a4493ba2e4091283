//! What is wrong with a definition of SQL Server, and the texts for it.

use crate::model::problem::Flaw;
use crate::model::problem::Taken;
use crate::model::problem::field::{bad, missing};
use crate::model::problem::host::host_is;
use crate::model::problem::option::extra;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MssqlFlaw {
    /// No user.
    NoLogin,
    /// A Windows login.
    WindowsLogin {
        /// The login.
        login: String,
    },
    /// An `Authentication` other than a SQL login.
    OtherAuthentication {
        /// Its value.
        method: String,
    },
    /// A text that is longer than SQL Server allows.
    TooLong {
        /// The field.
        field: Field,
        /// How many characters are allowed.
        most: usize,
    },
    /// Two ports.
    TwoPorts {
        /// In `host`.
        beside: u16,
        /// In `port`.
        stored: u16,
    },
    /// An invalid port in `host`.
    BadPort {
        /// The port as written.
        written: String,
    },
    /// An invalid instance in `host`.
    BadInstance {
        /// The instance as written.
        written: String,
    },
    /// A transport other than TCP.
    Transport {
        /// The transport.
        protocol: String,
    },
    /// A named pipe.
    Pipe,
    /// An instance of `LocalDB`.
    LocalDb,
    /// Any certificate is accepted, and authorities are named.
    TrustBesideAuthorities,
    /// Two extras for encryption that differ.
    TwoEncryptions,
    /// An option with a value that pymssql does not accept.
    NotTaken {
        /// The extra.
        key: String,
        /// What pymssql accepts.
        what: Taken,
    },
}

impl Flaw for MssqlFlaw {
    fn words(&self) -> Words {
        match self {
            Self::NoLogin => missing(Field::LOGIN)
                .hint("connprobe needs a SQL login; it cannot log in as the Windows user of a process"),
            Self::WindowsLogin { login } => Words::new(
                Code::FeatureUnsupported,
                format!("`{login}` is a Windows login, which needs NTLM or Kerberos"),
            )
            .fields([Field::LOGIN])
            .hint("connprobe speaks SQL logins only: let it check a SQL login of the same server"),
            Self::OtherAuthentication { method } => Words::new(
                Code::MethodUnsupported,
                format!("extra `Authentication` asks for `{}`", method.escape_default()),
            )
            .fields([Field::named("extra.Authentication")])
            .hint("connprobe speaks SQL logins only (`SqlPassword`), no Microsoft Entra or Windows login"),
            Self::TooLong { field, most } => {
                bad(field.clone(), format!("`{field}` is longer than the {most} characters that SQL Server allows"))
            }
            Self::TwoPorts { beside, stored } => host_is(format!("`host` names port {beside}, and `port` is {stored}"))
                .fields([Field::HOST, Field::PORT])
                .hint("keep the port in one place"),
            Self::BadPort { written } => {
                host_is(format!("the port `{}` in `host` is not a number from 1 to 65535", written.escape_default()))
                    .hint("write the host as `name`, `name,port` or `name\\INSTANCE`")
            }
            Self::BadInstance { written } => {
                host_is(format!("`{}` in `host` cannot be the name of an instance", written.escape_default()))
                    .hint("write the host as `name\\INSTANCE`, with one backslash")
            }
            Self::Transport { protocol } => {
                lacking(format!("`host` asks for the transport `{protocol}`; connprobe speaks TCP only"))
            }
            Self::Pipe => lacking("`host` names a pipe; connprobe speaks TCP only"),
            Self::LocalDb => lacking("`host` names a LocalDB instance, which exists only on Windows and without TCP"),
            Self::TrustBesideAuthorities => Words::new(
                Code::ContradictingFields,
                "`TrustServerCertificate` accepts any certificate, which makes a CA file meaningless",
            )
            .fields([Field::named("extra.TrustServerCertificate")])
            .hint("remove one of them"),
            Self::NotTaken { key, what } => extra(key, &format!("must be {}", what.words()))
                .hint("pymssql, and Airflow's hook with it, refuses the definition before it connects"),
            Self::TwoEncryptions => {
                Words::new(Code::ContradictingFields, "extras `encryption` and `Encrypt` contradict each other")
                    .fields([Field::named("extra.encryption"), Field::named("extra.Encrypt")])
                    .hint("keep one of them")
            }
        }
    }
}

fn lacking(message: impl Into<String>) -> Words {
    Words::new(Code::FeatureUnsupported, message).fields([Field::HOST])
}
