//! S3: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3Notice {
    /// A host beside an endpoint in the extras.
    HostIgnored,
    /// A host beside the type `aws`.
    HostNotRead,
    /// A `client_cert` that boto3 does not read.
    CertificateNotRead,
    /// An extra that Airflow no longer reads.
    Renamed {
        /// The extra.
        old: String,
        /// Its current name.
        current: String,
    },
    /// Keys in `session_kwargs`.
    SessionKeys,
    /// A blank around the secret key.
    SecretBlank,
    /// A temporary key without its token.
    TokenMissing,
    /// `external_id`, which Airflow does not read.
    ExternalId,
    /// An argument of a role that is not read.
    RoleArgument {
        /// The argument.
        name: String,
    },
    /// A flag as a text.
    TextFlag {
        /// What it was read as.
        read: bool,
    },
    /// An unknown argument of boto3.
    UnknownArgument {
        /// The extra that has it.
        of: &'static str,
        /// The argument.
        name: String,
    },
    /// The server requires another region.
    OtherRegion {
        /// The region that it names.
        wanted: String,
        /// The region of the definition.
        given: String,
    },
    /// Valid keys that may not list buckets.
    CannotList,
    /// An endpoint that accepts any keys.
    KeysNotChecked,
    /// An endpoint of which it is unknown whether it checks keys.
    ControlUnanswered,
}

impl Notice for S3Notice {
    fn warning(&self) -> Warning {
        match self {
            Self::HostIgnored => {
                Warning::new(Code::IgnoredField, "`host` and `port` were ignored: the extras name the endpoint")
            }
            Self::HostNotRead => Warning::new(
                Code::IgnoredField,
                "`host` and `port` were ignored, as type `aws` does not read them: use extra `endpoint_url`, or type `s3`",
            ),
            Self::CertificateNotRead => Warning::new(
                Code::IgnoredField,
                "`client_cert` in extra `config_kwargs` is not a text, and boto3 does not look at it, so no certificate is shown: name one PEM file that holds the certificate and its key",
            ),
            Self::Renamed { old, current } => Warning::new(
                Code::DeprecatedExtra,
                format!("extra `{old}` is no longer read by Airflow: call it `{current}`"),
            ),
            Self::SessionKeys => Warning::new(
                Code::DeprecatedExtra,
                "keys in extra `session_kwargs` are deprecated: move them to `login` and `password`",
            ),
            Self::SecretBlank => Warning::new(
                Code::SecretBlank,
                "the secret key begins or ends with a blank or line end, which becomes part of it",
            ),
            Self::TokenMissing => Warning::new(
                Code::TokenMissing,
                "the access key is a temporary one (`ASIA…`), which AWS accepts only together with extra `aws_session_token`",
            ),
            Self::ExternalId => Warning::new(
                Code::IgnoredField,
                "extra `external_id` is not read: put `ExternalId` into extra `assume_role_kwargs`",
            ),
            Self::RoleArgument { name } => Warning::new(
                Code::IgnoredField,
                format!("`{}` in extra `assume_role_kwargs` was ignored", name.escape_default()),
            ),
            Self::TextFlag { read } => Warning::new(
                Code::StringlyFlag,
                format!(
                    "extra `verify` is a text that means {read}: it was read so, where boto3, and Airflow's hook with it, takes it for the name of a file"
                ),
            ),
            Self::UnknownArgument { of, name } => Warning::new(
                Code::ClientDiffers,
                format!(
                    "boto3 1.44 does not know `{name}` in extra `{of}`, and refuses the whole definition, as does Airflow's hook with it: check its spelling"
                ),
            ),
            Self::OtherRegion { wanted, given } => Warning::new(
                Code::RegionRedirected,
                format!("the server expects requests for region `{wanted}`, not `{given}`: set extra `region_name`"),
            ),
            Self::CannotList => Warning::new(
                Code::CannotList,
                "the keys are good, but may not list buckets: name a bucket in `schema` to check their right to it",
            ),
            Self::KeysNotChecked => Warning::new(
                Code::KeysNotChecked,
                "the endpoint takes keys that nobody has as well, so that nothing is known of the stored ones",
            ),
            Self::ControlUnanswered => Warning::new(
                Code::ControlUnanswered,
                "whether the endpoint checks keys at all is not known: a second request, with keys that nobody has, was not answered",
            ),
        }
    }
}
