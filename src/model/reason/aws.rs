//! AWS as a source of definitions (Secrets Manager, Parameter Store): its failures, and their messages and hints. AWS's
//! own text is never quoted.

use super::{ReasonCode as Code, Words};

/// Why AWS returned no definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Aws {
    /// AWS refused the request.
    Refused {
        /// The meaning of AWS's code.
        says: AwsSays,
        /// AWS's code, or the HTTP status if the code must not be shown.
        code: String,
        /// The service, such as `Secrets Manager`.
        product: &'static str,
    },
    /// There is nothing below the prefix.
    Nothing {
        /// The prefix.
        prefix: String,
        /// The source, as the user named it.
        source: String,
    },
    /// There are more secrets than connprobe reads.
    TooMany {
        /// The limit.
        most: usize,
    },
}

/// The meaning of a code of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AwsSays {
    /// The access key is unknown.
    KeyUnknown,
    /// The secret key is wrong.
    SecretWrong,
    /// The temporary keys have expired.
    KeysExpired,
    /// The session token is rejected.
    TokenRefused,
    /// The clocks differ too much.
    ClockSkew,
    /// The keys lack a permission.
    NotPermitted,
    /// KMS cannot decrypt the secret.
    NotDecrypted,
    /// The secret has no current value.
    NoValue,
    /// The request was throttled.
    Throttled,
    /// The service is temporarily unavailable.
    Unavailable,
    /// The name is malformed.
    BadName,
    /// The operation is unknown, so another service answered.
    OtherService,
    /// Any other code.
    Unknown,
}

const KEYS: &str = "check `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary keys, `AWS_SESSION_TOKEN`";

impl Aws {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Refused { says, code, product } => {
                let words = says.words(product);
                // If the body contains no code, `code` is the HTTP status.
                let is_status = code.bytes().all(|byte| byte.is_ascii_digit());
                let code = if is_status { format!("HTTP {code}") } else { code.clone() };
                Words { message: format!("{} ({code})", words.message), ..words.fields([]) }
            }
            Self::Nothing { prefix, source } => {
                Words::new(Code::PathNotFound, format!("there is nothing below `{prefix}/`"))
                    .hint(format!("check region and prefix, which is given as in `{source}{prefix}`"))
            }
            Self::TooMany { most } => Words::new(Code::TooManyEntries, format!("there are more than {most} secrets"))
                .hint("name a narrower prefix"),
        }
    }
}

impl AwsSays {
    fn words(self, product: &str) -> Words {
        match self {
            Self::KeyUnknown => {
                Words::new(Code::KeysUnknown, "AWS does not know the access key, or its token is wrong").hint(KEYS)
            }
            Self::SecretWrong => {
                Words::new(Code::SignatureMismatch, "the secret key does not belong to the access key").hint(KEYS)
            }
            Self::KeysExpired => Words::new(Code::TokenExpired, "the temporary keys have expired")
                .hint("get new ones, and set `AWS_SESSION_TOKEN` with them"),
            Self::TokenRefused => {
                Words::new(Code::TokenInvalid, "AWS does not accept the session token").hint(KEYS)
            }
            Self::ClockSkew => Words::new(Code::ClockSkew, "this machine's clock is too far from that of AWS")
                .hint("set the clock of this machine (NTP), then try again; the keys were not judged"),
            Self::NotPermitted => Words::new(Code::PrivilegeMissing, format!("the keys may not do that in {product}"))
                .hint("grant them `secretsmanager:ListSecrets` and `secretsmanager:GetSecretValue`, or `ssm:GetParametersByPath`, and `kms:Decrypt` for keys of your own"),
            Self::NotDecrypted => {
                Words::new(Code::PrivilegeMissing, format!("{product} cannot decrypt it with its key in KMS"))
                    .hint("check that the key is enabled, and that the access key may use it (`kms:Decrypt`)")
            }
            Self::NoValue => Words::new(Code::PathNotFound, "it has no current value, or is marked for deletion")
                .hint("give it a value, or wait until it is gone"),
            Self::Throttled => Words::new(Code::SlowDown, format!("{product} asks for fewer requests, or takes none"))
                .hint("try again later; others may use up the quota of the account"),
            Self::Unavailable => {
                Words::new(Code::Unavailable, format!("{product} takes no requests at the moment"))
                    .hint("try again later")
            }
            Self::BadName => Words::new(Code::SourceUnusable, format!("{product} has no names of that form"))
                .hint("check the prefix: letters, digits and `/_+=.@-`, for the Parameter Store fewer"),
            Self::OtherService => {
                Words::new(Code::NotUnderstood, format!("what answers there does not speak the protocol of {product}"))
                    .hint("check the endpoint in the environment")
            }
            Self::Unknown => Words::new(Code::ServerError, format!("{product} refused the request"))
                .hint("its documentation explains the code"),
        }
    }
}
