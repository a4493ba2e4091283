//! Failures of a login that no code of the server explains, and their messages and hints.

use std::borrow::Cow;

use super::{Field, ReasonCode as Code, Words};

/// Why the login failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Login {
    /// The server asks for a password, and the definition has none.
    PasswordMissing,
    /// The server asks for a login method that connprobe lacks.
    MethodUnsupported {
        /// A noun phrase, such as `a Kerberos (GSSAPI) login`.
        what: Cow<'static, str>,
        /// The hint.
        hint: &'static str,
    },
    /// The server asks for the password itself, over a channel that is not verified.
    PasswordExposed {
        /// The path of the field that enables verification.
        field: &'static str,
        /// The hint.
        hint: &'static str,
    },
    /// The password is longer than the login method allows.
    PasswordTooLong {
        /// The path of the field that enables encryption.
        field: &'static str,
        /// The hint.
        hint: &'static str,
    },
    /// The password contains characters that SASLprep prohibits.
    PasswordUnprepared,
    /// The server refused the login with an unknown code, or without one.
    RefusedUnknown {
        /// The user.
        login: String,
        /// The code, as the server sent it.
        code: Option<String>,
    },
    /// The server refused the login before it was sent.
    Premature,
    /// The server rejected a setting that the definition does not contain.
    ForeignSetting,
    /// The server reported an error with an unknown code, or without one.
    ServerError {
        /// The code, as the server sent it.
        code: Option<String>,
        /// The hint: where to look the code up.
        hint: &'static str,
    },
}

impl Login {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Premature => Words::new(
                Code::ServerError,
                "the server refused the client before the login began; no credential was sent",
            )
            .hint("nothing proves who said so, and it is no answer to login or password: see the detail, and the log of the server or of a proxy before it"),
            Self::PasswordMissing => Words::new(
                Code::PasswordMissing,
                "the definition has no password, and the server asks for one",
            )
            .hint(
                "add the `password` to the definition, or check that it was not lost when the definition was exported",
            ),
            Self::MethodUnsupported { what, hint } => {
                Words::new(Code::MethodUnsupported, format!("the server demands {what}, which connprobe lacks"))
                    .hint(*hint)
            }
            Self::PasswordExposed { field, hint } => Words::new(
                Code::SecretExposed,
                "the server wants the password itself, and the connection is not verified; it was not sent",
            )
            .fields([Field::named(field)])
            .hint(*hint),
            Self::PasswordTooLong { field, hint } => Words::new(
                Code::MethodUnsupported,
                "the password is too long for the login over an unencrypted connection",
            )
            .fields([Field::PASSWORD, Field::named(field)])
            .hint(*hint),
            Self::PasswordUnprepared => {
                Words::new(Code::BadPassword, "`password` has characters that SCRAM-SHA-256 does not allow").hint(
                    "remove control and unassigned characters, or set extra `authMechanism` to SCRAM-SHA-1 if the user has it",
                )
            }
            Self::RefusedUnknown { login, code } => Words::new(
                Code::LoginRefused,
                format!("login refused for user `{login}` with {}", error(code.as_deref())),
            )
            .hint("see the server's own words and its log"),
            Self::ForeignSetting => Words::new(
                Code::ServerError,
                "the server does not take a setting of the session, and the definition names none",
            )
            .hint("see the server's text: the setting is one of the role, of the database, or of a pooler or proxy in between"),
            Self::ServerError { code, hint } => {
                Words::new(Code::ServerError, format!("the server answered with {}", error(code.as_deref())))
                    .hint(*hint)
            }
        }
    }
}

fn error(code: Option<&str>) -> String {
    code.map_or_else(|| "an error without a code".to_owned(), |code| format!("the error `{code}`"))
}
