//! S3: a sample of each flaw and notice of the driver.

use connprobe::driver::s3::{S3Flaw, S3Notice};
use connprobe::model::problem::{Flaw, Taken};
use connprobe::model::reason::unusable::BadServiceUrl;
use connprobe::model::reason::{Field, Words};
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    let region = || text("eu-nowhere");
    let field = || Field::SCHEMA;
    [
        S3Flaw::NoHost,
        S3Flaw::BadEndpoint { field: Field::HOST, why: BadServiceUrl::HoldsLogin },
        S3Flaw::BadEndpoint { field: Field::extra("endpoint_url"), why: BadServiceUrl::NoScheme },
        S3Flaw::NotTaken { key: text("config_kwargs.retries"), what: Taken::Object },
        S3Flaw::NotTaken { key: text("config_kwargs.retries"), what: Taken::ObjectOf(&["max_attempts", "mode"]) },
        S3Flaw::NotTaken { key: text("config_kwargs.max_pool_connections"), what: Taken::Number },
        S3Flaw::NotTaken {
            key: text("config_kwargs.request_min_compression_size_bytes"),
            what: Taken::NumberBetween(1, 9),
        },
        S3Flaw::NotTaken { key: text("config_kwargs.connect_timeout"), what: Taken::SecondsAboveZero },
        S3Flaw::NotTaken { key: text("config_kwargs.defaults_mode"), what: Taken::AnyCase(&["legacy", "auto"]) },
        S3Flaw::NotTaken { key: text("config_kwargs.s3.use_arn_region"), what: Taken::Flag },
        S3Flaw::NotTaken { key: text("config_kwargs.s3.use_accelerate_endpoint"), what: Taken::AbsentAtEndpoint },
        S3Flaw::NotTaken { key: text("config_kwargs.user_agent"), what: Taken::OneLine },
        S3Flaw::EndpointNotTaken { field: Field::extra("endpoint_url") },
        S3Flaw::BadRegion { field: Field::extra("region_name"), region: region() },
        S3Flaw::NotOfWasabi { region: region() },
        S3Flaw::NotOfAws { region: region() },
        S3Flaw::NoAddress,
        S3Flaw::NoSuchHost { one: "config_kwargs.s3.use_accelerate_endpoint", other: Field::SCHEMA },
        S3Flaw::NoSuchHost { one: "config_kwargs.use_fips_endpoint", other: Field::extra("region_name") },
        S3Flaw::NoKeys,
        S3Flaw::SessionProfile,
        S3Flaw::HalfAPair { present: Field::LOGIN, absent: Field::PASSWORD },
        S3Flaw::BadKeyId,
        S3Flaw::BadToken,
        S3Flaw::Unsigned,
        S3Flaw::OtherSignature,
        S3Flaw::BucketArn { field: field() },
        S3Flaw::BadBucket { field: field(), bucket: text("s3://sales") },
        S3Flaw::BucketLength { field: field(), bucket: text("ab") },
        S3Flaw::RoleMethod { method: text("assume_role_with_saml") },
        S3Flaw::BadRole { role: text("etl") },
        S3Flaw::BadDuration,
        S3Flaw::OneTimeCode,
        S3Flaw::BadVerify,
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn notices() -> Vec<Warning> {
    [
        S3Notice::HostIgnored,
        S3Notice::HostNotRead,
        S3Notice::CertificateNotRead,
        S3Notice::Renamed { old: text("region"), current: text("region_name") },
        S3Notice::SessionKeys,
        S3Notice::SecretBlank,
        S3Notice::TokenMissing,
        S3Notice::ExternalId,
        S3Notice::RoleArgument { name: text("Tags") },
        S3Notice::TextFlag { read: false },
        S3Notice::UnknownArgument { of: "config_kwargs", name: text("retry") },
        S3Notice::OtherRegion { wanted: text("eu-west-1"), given: text("us-east-1") },
        S3Notice::CannotList,
        S3Notice::KeysNotChecked,
        S3Notice::ControlUnanswered,
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
