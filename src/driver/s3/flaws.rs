//! What is wrong with a definition of S3, and the texts for it.

use crate::model::problem::Flaw;
use crate::model::problem::Taken;
use crate::model::problem::field::{bad, missing, named};
use crate::model::problem::option::extra;
use crate::model::reason::unusable::BadServiceUrl;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3Flaw {
    /// No server, with a type that is not AWS's.
    NoHost,
    /// A value that is not the address of a service.
    BadEndpoint {
        /// The field.
        field: Field,
        /// What is wrong with it.
        why: BadServiceUrl,
    },
    /// An option with a value that boto3 does not accept.
    NotTaken {
        /// The extra, or the path to a part of it.
        key: String,
        /// What boto3 accepts.
        what: Taken,
    },
    /// An address that boto3 does not accept.
    EndpointNotTaken {
        /// The field.
        field: Field,
    },
    /// An invalid region.
    BadRegion {
        /// The field.
        field: Field,
        /// The region.
        region: String,
    },
    /// A region that Wasabi does not have.
    NotOfWasabi {
        /// The region.
        region: String,
    },
    /// A region that AWS does not have.
    NotOfAws {
        /// The region.
        region: String,
    },
    /// No address results from the fields together.
    NoAddress,
    /// AWS has no host for a combination of two settings.
    NoSuchHost {
        /// The extra that asks for a kind of host.
        one: &'static str,
        /// The other setting.
        other: Field,
    },
    /// No keys.
    NoKeys,
    /// Half a pair of keys.
    HalfAPair {
        /// The half that is there.
        present: Field,
        /// The other one.
        absent: Field,
    },
    /// An invalid access key id.
    BadKeyId,
    /// A token that cannot be sent.
    BadToken,
    /// A profile of this machine, for boto3's session.
    SessionProfile,
    /// Requests without a signature.
    Unsigned,
    /// A signature other than version 4.
    OtherSignature,
    /// A bucket by its ARN.
    BucketArn {
        /// The field.
        field: Field,
    },
    /// An invalid name of a bucket.
    BadBucket {
        /// The field.
        field: Field,
        /// The name.
        bucket: String,
    },
    /// A bucket's name that is too short or too long.
    BucketLength {
        /// The field.
        field: Field,
        /// The name.
        bucket: String,
    },
    /// A way to assume a role that does not use stored keys.
    RoleMethod {
        /// The method.
        method: String,
    },
    /// A role that is not an ARN.
    BadRole {
        /// The role.
        role: String,
    },
    /// A duration that is not a whole number.
    BadDuration,
    /// A one-time code.
    OneTimeCode,
    /// A `verify` that is neither a flag nor a file.
    BadVerify,
}

const SIGNATURE: Field = Field::named("extra.config_kwargs.signature_version");

impl Flaw for S3Flaw {
    fn words(&self) -> Words {
        match self {
            Self::NoHost => missing(Field::HOST)
                .hint("name the server in `host` and `port`, or as a URL in extra `endpoint_url`"),
            Self::BadEndpoint { field, why } => bad(field.clone(), format!("{} {why}", named(field))).hint(
                "write the endpoint as `https://host:port`, or as `http://host:port` where the server speaks no TLS",
            ),
            Self::NotTaken { key, what } => extra(key, &format!("must be {}", what.words()))
                .hint("boto3, and Airflow's hook with it, refuses the definition before it connects"),
            Self::EndpointNotTaken { field } => {
                bad(field.clone(), format!("{} is not an address that boto3 takes", named(field))).hint(
                    "it takes letters, digits and `-` in each part of the name, no `_`, and no blank or line end behind the address: give the server a name of that form, or write its IP address",
                )
            }
            Self::BadRegion { field, region } => bad(
                field.clone(),
                format!("{} is `{}`, which is not a region", named(field), region.escape_default()),
            )
            .hint("write it as `eu-central-1`, without a blank or line end, or clear it: boto3 takes it as it stands"),
            Self::NotOfWasabi { region } => is_no_region(region, " of Wasabi"),
            Self::NotOfAws { region } => is_no_region(region, " of AWS")
                .hint("write it as `eu-central-1`, or name the endpoint of your own server in extra `endpoint_url`"),
            Self::NoAddress => {
                Words::new(Code::BadField, "region, endpoint and bucket together lead to no address")
                    .hint("write the host of an endpoint as a name or an address (`[::1]`, without a zone)")
            }
            Self::NoSuchHost { one, other } => no_such_host(one, other),
            Self::NoKeys => feature(
                "the definition has no keys, and connprobe never uses ambient ones (environment, profile, instance or container role)",
            )
            .fields([Field::LOGIN, Field::PASSWORD])
            .hint("store an access key id in `login` and its secret key in `password`"),
            Self::HalfAPair { present, absent } => Words::new(
                Code::MissingField,
                format!("{} is set, but {} is not", named(present), named(absent)),
            )
            .fields([absent.clone(), present.clone()])
            .hint("an access key id and its secret key only work together: store both, in `login` and `password`"),
            Self::BadKeyId => {
                bad(Field::LOGIN, "the access key id has a blank, `/`, `,` or non-ASCII character in it")
            }
            Self::BadToken => extra("aws_session_token", "has a line end or non-ASCII character in it"),
            Self::SessionProfile => feature(
                "extra `session_kwargs.profile_name` names a profile of this machine, which boto3 wants beside the keys and connprobe never looks at",
            )
            .fields([Field::named("extra.session_kwargs.profile_name")])
            .hint("remove it: the keys of the definition are enough"),
            Self::Unsigned => {
                feature("extra `config_kwargs.signature_version` is `unsigned`: there is no login to check")
                    .fields([SIGNATURE])
                    .hint("anonymous access is not a connection that connprobe can verify")
            }
            Self::OtherSignature => feature(
                "extra `config_kwargs.signature_version` asks for another signature than version 4 (`s3v4`), which is all that connprobe speaks",
            )
            .fields([SIGNATURE]),
            Self::BadDuration => bad(
                Field::named("extra.assume_role_kwargs.DurationSeconds"),
                "extra `assume_role_kwargs.DurationSeconds` must be a whole number",
            ),
            Self::OneTimeCode => {
                feature("extra `assume_role_kwargs` asks for a one-time code, which nobody is there to type")
                    .fields([Field::named("extra.assume_role_kwargs")])
            }
            Self::BadVerify => extra("verify", "must be true, false, or a file of certificates to trust"),
            Self::RoleMethod { method } => Words::new(
                Code::MethodUnsupported,
                format!(
                    "extra `assume_role_method` is `{}`: connprobe assumes roles with stored keys only",
                    method.escape_default()
                ),
            )
            .fields([Field::named("extra.assume_role_method")]),
            Self::BadRole { role } => {
                extra("role_arn", &format!("is `{}`, which is not an ARN", role.escape_default()))
                    .hint("write it as `arn:aws:iam::123456789012:role/name`")
            }
            Self::BucketArn { field } => feature("the bucket is given as an ARN, and connprobe follows no access points")
                .fields([field.clone()])
                .hint("name the bucket itself, or the access point's alias, in `schema`"),
            Self::BadBucket { field, bucket } => {
                bad(field.clone(), format!("`{}` cannot be the name of a bucket", bucket.escape_default()))
                    .hint("put the name alone into `schema`, without `s3://` and without a path")
            }
            Self::BucketLength { field, bucket } => bad(
                field.clone(),
                match bucket.len() {
                    1 => format!("`{bucket}` cannot be the name of a bucket: it is one character"),
                    length => format!("`{bucket}` cannot be the name of a bucket: it has {length} characters"),
                },
            )
            .hint("names of buckets have 3 to 63 characters: write the whole name into `schema`"),
        }
    }
}

fn is_no_region(region: &str, of: &str) -> Words {
    extra("region_name", &format!("is `{region}`, which is not a region{of}"))
}

fn feature(message: &'static str) -> Words {
    Words::new(Code::FeatureUnsupported, message)
}

fn no_such_host(one: &str, other: &Field) -> Words {
    let words = Words::new(
        Code::ContradictingFields,
        format!("AWS has no host that fits extra `{one}` and {} together", named(other)),
    );
    words.fields([Field::extra(one), other.clone()]).hint(if *other == Field::SCHEMA {
        format!("remove extra `{one}`, or name a bucket without dots, which can be a part of a host's name")
    } else {
        format!("remove extra `{one}`, or change {}", named(other))
    })
}
