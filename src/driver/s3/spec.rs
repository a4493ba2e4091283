//! The spec of the S3 driver: its types and its extras.

use super::codes::CODES;
use super::synonyms::SYNONYMS;
use crate::driver::aws::{is_key_id, is_secret_key, shorten};
use crate::driver::extras::{ExtraSpec, StandIn, beside, irrelevant, over, secret, unsupported, used};
use crate::driver::spec::KeyForms;
use crate::driver::{Proof, Spec};
use crate::model::expected::ExpectedKind;
use crate::model::managed::Service;

/// See [`Spec`].
pub(in crate::driver) static SPEC: Spec = Spec::new("s3", "S3", TYPES, PROOF)
    .schema("bucket")
    .extras(EXTRAS)
    .stand_ins(STAND_INS)
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .service_at(Service::aws_s3)
    .key_forms(KeyForms { is_id: is_key_id, is_secret: is_secret_key, shown: shorten })
    .expects(&[ExpectedKind::Object]);

const TYPES: &[(&str, u16)] = &[("s3", 443), ("aws", 443), ("minio", 9000), ("wasabi", 443)];

const PROOF: Proof = Proof::explicit(
    "AWS: any answer that only a valid signature gets; elsewhere: another answer than keys that nobody has get to the same request, \
         asked once a day (warns where the server takes those too)",
);

const EXTRAS: &[ExtraSpec] = &[
    used("aws_access_key_id", "the access key id, where `login` and `password` hold no keys"),
    secret("aws_secret_access_key", "its secret key"),
    secret("aws_session_token", "the token of temporary keys"),
    secret("session_kwargs", "the old place of the three keys above (deprecated)"),
    used("region_name", "the region to sign for; `us-east-1` where there is none"),
    used("region", "the old spelling of `region_name` (deprecated)"),
    used("endpoint_url", "the server, as `https://host:port`; AWS where there is none"),
    used("host", "the old spelling of `endpoint_url` (deprecated)"),
    used(
        "service_config",
        "`s3.endpoint_url`, `s3.bucket_name` and `sts.endpoint_url`, which come before the general ones",
    ),
    used("bucket_name", "the bucket, where `schema` is empty"),
    used("bucket", "the old spelling of `bucket_name` (deprecated)"),
    used("verify", "false to accept any certificate, or a file of certificates to trust"),
    used(
        "config_kwargs",
        "`signature_version`, `s3.addressing_style`, AWS's other hosts (`use_fips_endpoint`, `use_dualstack_endpoint`, `s3.use_accelerate_endpoint`) and `client_cert`; the rest is irrelevant for a login",
    ),
    used("role_arn", "a role to assume with the keys; the check is then made as that role"),
    used("assume_role_kwargs", "`RoleSessionName`, `ExternalId` and `DurationSeconds` of that role"),
    used(
        "assume_role_method",
        "`assume_role`; the other methods need an identity provider that connprobe does not call",
    ),
    used("external_id", "not read: its place is `ExternalId` in `assume_role_kwargs`"),
    irrelevant("assume_role_with_saml", "belongs to a way to assume roles that connprobe lacks"),
    irrelevant("assume_role_with_web_identity_federation", "belongs to a way to assume roles that connprobe lacks"),
    irrelevant("assume_role_with_web_identity_token_file", "belongs to a way to assume roles that connprobe lacks"),
    irrelevant(
        "assume_role_with_web_identity_federation_audience",
        "belongs to a way to assume roles that connprobe lacks",
    ),
    irrelevant("profile", "never read, as in Airflow, where the key is `profile_name`"),
    irrelevant("aws_account_id", "only had a meaning together with `aws_iam_role`"),
    irrelevant("s3_config_format", "only had a meaning together with `s3_config_file`"),
    unsupported("profile_name", "profiles of this machine are never used; store the keys in the definition"),
    unsupported("s3_config_file", "keys in files of this machine are never used; store them in the definition"),
    unsupported("aws_iam_role", "no longer read by Airflow; name the role in `role_arn`"),
];

const STAND_INS: &[StandIn] = &[
    over("host", "endpoint_url"),
    over("host", "host"),
    beside("login", "aws_access_key_id"),
    beside("password", "aws_secret_access_key"),
    beside("schema", "bucket_name"),
    beside("schema", "bucket"),
];
