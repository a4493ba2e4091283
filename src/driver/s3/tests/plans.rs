//! The plans of definitions, and their problems.

use super::super::flaws::S3Flaw;
use super::*;
use crate::driver::s3::spec::SPEC;
use crate::model::class::Class;
use crate::model::problem::{OptionFlaw, Problem};
use crate::model::reason::Field;
use crate::model::reason::unusable::BadServiceUrl;
use crate::net::dial::Endpoint;

#[test]
fn a_plan_says_where_and_as_whom() {
    for (definition, target, endpoint) in [
        (json!({"conn_type": "aws"}), "sts.us-east-1.amazonaws.com:443", ("sts.us-east-1.amazonaws.com", 443)),
        (json!({"conn_type": "s3"}), "sts.us-east-1.amazonaws.com:443", ("sts.us-east-1.amazonaws.com", 443)),
        (
            json!({"conn_type": "aws", "host": "ignored", "schema": "lake", "extra": {"region_name": "eu-west-1"}}),
            "s3.eu-west-1.amazonaws.com:443/lake",
            ("lake.s3.eu-west-1.amazonaws.com", 443),
        ),
        (json!({"conn_type": "s3", "host": "gate.example"}), "gate.example:443", ("gate.example", 443)),
        (json!({"conn_type": "minio", "host": "minio", "schema": "lake"}), "minio:9000/lake", ("minio", 9000)),
        (json!({"conn_type": "minio", "host": "::1"}), "[::1]:9000", ("::1", 9000)),
        (json!({"conn_type": "minio", "host": "minio:9001"}), "minio:9001", ("minio", 9001)),
        (
            json!({"conn_type": "s3", "host": "gate.example/s3", "port": 8443}),
            "gate.example:8443",
            ("gate.example", 8443),
        ),
        (
            json!({"conn_type": "s3", "host": "garage", "schema": "lake", "extra": {"region_name": "garage", "service_config": {"sts": {"endpoint_url": null}}}}),
            "garage:443/lake",
            ("garage", 443),
        ),
        (json!({"conn_type": "minio", "host": "http://minio"}), "minio:80", ("minio", 80)),
        (json!({"conn_type": "minio", "host": "http://minio", "port": 9000}), "minio:9000", ("minio", 9000)),
        (
            json!({"conn_type": "wasabi", "extra": {"region_name": "eu-central-1"}}),
            "s3.eu-central-1.wasabisys.com:443",
            ("s3.eu-central-1.wasabisys.com", 443),
        ),
        (
            json!({"conn_type": "aws", "extra": {"endpoint_url": "http://localstack:4566", "bucket_name": "lake"}}),
            "localstack:4566/lake",
            ("localstack", 4566),
        ),
        (
            json!({"conn_type": "aws", "extra": {"endpoint_url": "https://all.example",
                "service_config": {"s3": {"endpoint_url": "https://s3.example", "bucket_name": "lake"}}}}),
            "s3.example:443/lake",
            ("s3.example", 443),
        ),
        (
            json!({"conn_type": "aws", "extra": {"endpoint_url": "https://all.example", "service_config": {"s3": {"endpoint_url": null}}}}),
            "sts.us-east-1.amazonaws.com:443",
            ("sts.us-east-1.amazonaws.com", 443),
        ),
        (
            json!({"conn_type": "aws", "extra": {"host": "https://old.example"}}),
            "old.example:443",
            ("old.example", 443),
        ),
        (
            json!({"conn_type": "s3", "host": "oss.example", "schema": "lake", "extra": {"config_kwargs": {"s3": {"addressing_style": "virtual"}}}}),
            "oss.example:443/lake",
            ("lake.oss.example", 443),
        ),
    ] {
        let plan = plan(&keyed(definition.clone())).unwrap();
        assert_eq!(plan.target.to_string(), target, "{definition}");
        let (host, port) = endpoint;
        assert_eq!(plan.endpoints[0], Endpoint::Tcp { host: host.to_owned(), port }, "{definition}");
        assert_eq!((plan.account.as_str(), plan.login.as_deref()), (KEY, Some("AKIA…MPLE")));
    }
}

#[test]
fn a_role_is_asked_for_where_sts_is() {
    let role = |extra: Value| {
        let mut definition = keyed(json!({"conn_type": "aws", "schema": "lake", "extra": extra}));
        definition["extra"]["role_arn"] = json!("arn:aws:iam::123456789012:role/reader");
        let plan = plan(&definition).unwrap();
        plan.endpoints
            .iter()
            .map(|endpoint| match endpoint {
                Endpoint::Tcp { host, port } => format!("{host}:{port}"),
                Endpoint::Unix(_) => unreachable!("S3 has no sockets"),
            })
            .collect::<Vec<_>>()
    };
    // The last one is not contacted: it ties the account to the service, wherever the bucket is.
    assert_eq!(
        role(json!({})),
        ["sts.us-east-1.amazonaws.com:443", "lake.s3.us-east-1.amazonaws.com:443", "s3.us-east-1.amazonaws.com:443"]
    );
    assert_eq!(role(json!({"endpoint_url": "http://all:1"})), ["all:1"]);
    assert_eq!(
        role(json!({"endpoint_url": "http://all:1", "service_config": {"sts": {"endpoint_url": "http://sts:2"}}})),
        ["sts:2", "all:1"]
    );
}

#[test]
fn keys_are_stored_ones_in_the_order_of_airflow() {
    let credential = |definition: Value| plan(&definition).unwrap().credential;
    let of = |id: &str, secret: &str| credential(json!({"conn_type": "aws", "login": id, "password": secret}));
    let extras = json!({"aws_access_key_id": "extra", "aws_secret_access_key": "in extra"});
    let session = json!({"session_kwargs": {"aws_access_key_id": "old", "aws_secret_access_key": "in session"}});
    assert_eq!(credential(json!({"conn_type": "aws", "extra": extras})), of("extra", "in extra"));
    assert_eq!(credential(json!({"conn_type": "aws", "extra": session})), of("old", "in session"));
    assert_eq!(
        credential(json!({"conn_type": "aws", "login": "login", "password": "in password", "extra": extras})),
        of("login", "in password")
    );
    assert_eq!(credential(json!({"conn_type": "aws", "login": "a note", "extra": extras})), of("extra", "in extra"));
    let warned = plan(&json!({"conn_type": "aws", "extra": session})).unwrap().warnings;
    assert_eq!(warned[0].code.as_str(), "deprecated_extra");
}

#[test]
fn what_cannot_work_is_refused_without_a_packet() {
    let extra = |extra: Value| keyed(json!({"conn_type": "aws", "extra": extra}));
    let text = str::to_owned;
    let half = |present, absent| Problem::from(S3Flaw::HalfAPair { present, absent });
    let lacking =
        |key: &str| Problem::from(OptionFlaw::Lacking { key: key.to_owned(), what: SPEC.extra(key).unwrap().doc });
    let endpoint = |why| Problem::from(S3Flaw::BadEndpoint { field: Field::extra("endpoint_url"), why });
    let (id, secret) = (Field::extra("aws_access_key_id"), Field::extra("aws_secret_access_key"));
    let arn = "arn:aws:s3:us-east-1:1:accesspoint/a";
    for (definition, class, flaw) in [
        (json!({"conn_type": "aws"}), Class::Unsupported, S3Flaw::NoKeys.into()),
        (
            json!({"conn_type": "aws", "extra": {"role_arn": "arn:aws:iam::1:role/r"}}),
            Class::Unsupported,
            S3Flaw::NoKeys.into(),
        ),
        (json!({"conn_type": "aws", "login": KEY}), Class::Definition, half(Field::LOGIN, Field::PASSWORD)),
        (json!({"conn_type": "aws", "password": "x"}), Class::Definition, half(Field::PASSWORD, Field::LOGIN)),
        (json!({"conn_type": "aws", "extra": {"aws_access_key_id": KEY}}), Class::Definition, half(id, secret)),
        (
            json!({"conn_type": "aws", "login": "two words", "password": "x"}),
            Class::Definition,
            S3Flaw::BadKeyId.into(),
        ),
        (extra(json!({"aws_session_token": "line\nend"})), Class::Definition, S3Flaw::BadToken.into()),
        (extra(json!({"profile_name": "prod"})), Class::Unsupported, lacking("profile_name")),
        (extra(json!({"s3_config_file": "/etc/s3"})), Class::Unsupported, lacking("s3_config_file")),
        (
            extra(json!({"assume_role_method": "assume_role_with_saml"})),
            Class::Unsupported,
            S3Flaw::RoleMethod { method: text("assume_role_with_saml") }.into(),
        ),
        (
            extra(json!({"config_kwargs": {"signature_version": "unsigned"}})),
            Class::Unsupported,
            S3Flaw::Unsigned.into(),
        ),
        (
            extra(json!({"config_kwargs": {"signature_version": "s3"}})),
            Class::Unsupported,
            S3Flaw::OtherSignature.into(),
        ),
        (extra(json!({"role_arn": "reader"})), Class::Definition, S3Flaw::BadRole { role: text("reader") }.into()),
        (
            extra(json!({"role_arn": "arn:x", "assume_role_kwargs": {"DurationSeconds": "long"}})),
            Class::Definition,
            S3Flaw::BadDuration.into(),
        ),
        (
            extra(json!({"role_arn": "arn:x", "assume_role_kwargs": {"TokenCode": "123456"}})),
            Class::Unsupported,
            S3Flaw::OneTimeCode.into(),
        ),
        (
            extra(json!({"region_name": "us-east"})),
            Class::Definition,
            S3Flaw::NotOfAws { region: text("us-east") }.into(),
        ),
        (
            extra(json!({"region_name": "us_east_1"})),
            Class::Definition,
            S3Flaw::BadRegion { field: Field::extra("region_name"), region: text("us_east_1") }.into(),
        ),
        (
            extra(json!({"bucket_name": "lake/raw"})),
            Class::Definition,
            S3Flaw::BadBucket { field: Field::extra("bucket_name"), bucket: text("lake/raw") }.into(),
        ),
        (
            extra(json!({"bucket_name": arn})),
            Class::Unsupported,
            S3Flaw::BucketArn { field: Field::extra("bucket_name") }.into(),
        ),
        (extra(json!({"endpoint_url": "minio:9000"})), Class::Definition, endpoint(BadServiceUrl::NoScheme)),
        (
            extra(json!({"endpoint_url": "https://k:hunter2@minio"})),
            Class::Definition,
            endpoint(BadServiceUrl::HoldsLogin),
        ),
        (
            extra(json!({"service_config": {"sts": {"endpoint_url": 1}}})),
            Class::Definition,
            OptionFlaw::NotText { key: text("service_config.sts.endpoint_url") }.into(),
        ),
        (extra(json!({"verify": ["x"]})), Class::Definition, S3Flaw::BadVerify.into()),
        (extra(json!({"verify": ""})), Class::Definition, S3Flaw::BadVerify.into()),
        (keyed(json!({"conn_type": "minio"})), Class::Definition, S3Flaw::NoHost.into()),
        (
            keyed(json!({"conn_type": "wasabi", "extra": {"region_name": "auto"}})),
            Class::Definition,
            S3Flaw::NotOfWasabi { region: text("auto") }.into(),
        ),
    ] {
        let refusal = plan(&definition).map(|plan| plan.target).expect_err(&definition.to_string());
        assert!(refusal.problems.contains(&flaw), "{definition}: {:?}", refusal.problems);
        assert!(!format!("{:?}", refusal.problems).contains("hunter2"), "{:?}", refusal.problems);
        assert_eq!(refusal.class, class, "{definition}");
    }
}

#[test]
fn all_problems_are_found_at_once() {
    let refusal = plan(&json!({"conn_type": "minio", "login": KEY, "schema": "a/b"})).unwrap_err();
    assert_eq!(refusal.problems.len(), 3, "{:?}", refusal.problems);
}

#[test]
fn oddities_are_warnings() {
    for (definition, code) in [
        (json!({"conn_type": "aws", "host": "somewhere"}), "ignored_field"),
        (json!({"conn_type": "s3", "host": "a", "extra": {"endpoint_url": "https://b"}}), "ignored_field"),
        (json!({"conn_type": "aws", "extra": {"region": "eu-west-1"}}), "deprecated_extra"),
        (json!({"conn_type": "aws", "extra": {"verify": "false"}}), "stringly_flag"),
        (json!({"conn_type": "aws", "extra": {"verify": "true"}}), "stringly_flag"),
        (json!({"conn_type": "aws", "extra": {"role_arn": "arn:x", "external_id": "x"}}), "ignored_field"),
        (json!({"conn_type": "aws", "extra": {"regoin_name": "x"}}), "unknown_extra"),
    ] {
        let warnings = plan(&keyed(definition.clone())).unwrap().warnings;
        assert_eq!(warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(), [code], "{definition}");
    }
    let quiet = json!({"conn_type": "aws", "extra": {"config_kwargs": {"retries": {"max_attempts": 3}}, "verify": true, "profile": "x"}});
    assert_eq!(plan(&keyed(quiet)).unwrap().warnings, []);
}

#[test]
fn an_endpoint_or_bucket_that_cannot_be_is_known_by_its_field() {
    for (definition, field) in [
        (json!({"conn_type": "minio", "host": "minio:9000"}), None),
        (json!({"conn_type": "minio", "host": "'minio'"}), Some("host")),
        (json!({"conn_type": "s3", "host": "minio?x=1"}), Some("host")),
        (json!({"conn_type": "s3", "host": "mi\u{200b}nio"}), Some("host")),
        (json!({"conn_type": "s3", "host": "ftp://minio"}), Some("host")),
        (json!({"conn_type": "aws", "extra": {"endpoint_url": "minio:9000"}}), Some("extra.endpoint_url")),
        (json!({"conn_type": "aws", "extra": {"endpoint_url": "http:/minio"}}), Some("extra.endpoint_url")),
        (json!({"conn_type": "aws", "extra": {"endpoint_url": "htps://minio"}}), Some("extra.endpoint_url")),
        (
            json!({"conn_type": "aws", "extra": {"service_config": {"s3": {"endpoint_url": "minio"}}}}),
            Some("extra.service_config.s3.endpoint_url"),
        ),
        (json!({"conn_type": "aws", "schema": "ab"}), Some("schema")),
        (json!({"conn_type": "aws", "extra": {"bucket_name": "ab"}}), Some("extra.bucket_name")),
        // rclone, s3proxy and OpenStack Swift allow such names; boto3 sends them (botocore, VALID_BUCKET).
        (json!({"conn_type": "s3", "host": "minio", "schema": "ab"}), None),
        (json!({"conn_type": "aws", "schema": "abc"}), None),
        (json!({"conn_type": "s3", "host": "minio", "schema": "s3://ab"}), Some("schema")),
    ] {
        let made = plan(&keyed(definition.clone()));
        let named = made.err().map(|refusal| {
            let failure = refusal.into_failure();
            assert_eq!(failure.reason, crate::model::reason::ReasonCode::BadField, "{definition}");
            failure.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(named.as_deref(), field, "{definition}");
    }
}

#[test]
fn keys_are_one_account_wherever_the_bucket_stands() {
    let places = |definition: Value| -> Vec<String> {
        let plan = plan(&keyed(definition)).unwrap();
        plan.endpoints.iter().map(|endpoint| format!("{endpoint:?}")).collect()
    };
    let style = |style: &str| json!({"config_kwargs": {"s3": {"addressing_style": style}}});
    let at = |url: &str| json!({"endpoint_url": url});
    for (one, other) in [
        (
            json!({"conn_type": "s3", "host": "oss.example", "schema": "lake", "extra": style("virtual")}),
            json!({"conn_type": "s3", "host": "oss.example", "schema": "lake", "extra": style("path")}),
        ),
        (
            json!({"conn_type": "aws", "schema": "lake"}),
            json!({"conn_type": "aws", "schema": "lake", "extra": style("path")}),
        ),
        (
            json!({"conn_type": "aws", "schema": "abc", "extra": at("https://lake.s3.us-east-1.amazonaws.com")}),
            json!({"conn_type": "aws", "schema": "lake", "extra": at("https://s3.us-east-1.amazonaws.com")}),
        ),
    ] {
        let (one, other) = (places(one), places(other));
        assert!(one.iter().any(|place| other.contains(place)), "{one:?} {other:?}");
    }
}
