//! What boto3 accepts and refuses, as checked with it.

use serde_json::json;

use super::super::tests::{keyed, plan};
use super::*;
use crate::model::class::Class;
use crate::model::warning::WarningCode;

/// The fields at fault in a definition with these extras; `None` where there is a plan.
fn at_fault(fields: &Value, extra: &Value) -> Option<Vec<String>> {
    let mut definition = fields.clone();
    definition["extra"] = extra.clone();
    let refusal = plan(&keyed(definition)).err()?;
    assert_eq!(refusal.class, Class::Definition, "{extra}");
    Some(refusal.problems.iter().flat_map(|problem| &problem.fields).map(ToString::to_string).collect())
}

#[test]
fn what_botocore_refuses_is_a_problem_of_the_definition_that_names_its_place() {
    // botocore/config.py, botocore/args.py, urllib3/util/timeout.py; each checked with boto3 1.44.8.
    for (place, value) in [
        ("s3", json!("path")),
        ("s3", json!([])),
        ("s3.addressing_style", json!("Path")),
        ("s3.addressing_style", json!("nonsense")),
        ("s3.addressing_style", json!("")),
        ("s3.addressing_style", json!(" path")),
        ("s3.addressing_style", json!(true)),
        ("s3.use_accelerate_endpoint", json!("false")),
        ("s3.use_accelerate_endpoint", json!(true)),
        ("s3.use_arn_region", json!(1)),
        ("s3.us_east_1_regional_endpoint", json!("Legacy")),
        ("s3.us_east_1_regional_endpoint", json!(null)),
        ("retries", json!(3)),
        ("retries", json!("3")),
        ("retries", json!([])),
        ("retries", json!({"attempts": 1})),
        ("retries.max_attempts", json!("3")),
        ("retries.max_attempts", json!(-1)),
        ("retries.max_attempts", json!(null)),
        ("retries.total_max_attempts", json!(0)),
        ("retries.mode", json!("Standard")),
        ("retries.mode", json!(null)),
        ("connect_timeout", json!("5")),
        ("connect_timeout", json!(0)),
        ("connect_timeout", json!(-1)),
        ("connect_timeout", json!(true)),
        ("read_timeout", json!("60")),
        ("max_pool_connections", json!("10")),
        ("max_pool_connections", json!(1.5)),
        ("max_pool_connections", json!(null)),
        ("region_name", json!(" eu-west-1")),
        ("region_name", json!(5)),
        ("signature_version", json!("S3V4")),
        ("signature_version", json!("")),
        ("signature_version", json!(4)),
        ("user_agent", json!(5)),
        ("user_agent_extra", json!("a\nb")),
        ("user_agent_appid", json!(5)),
        ("defaults_mode", json!("fast")),
        ("request_min_compression_size_bytes", json!("x")),
        ("request_min_compression_size_bytes", json!(0)),
        ("client_context_params", json!(5)),
        ("request_checksum_calculation", json!("never")),
        ("response_checksum_validation", json!("")),
        ("account_id_endpoint_mode", json!("x")),
        ("auth_scheme_preference", json!(5)),
    ] {
        let inner = match place.split_once('.') {
            Some((outer, inner)) => json!({outer: {inner: value}}),
            None => json!({place: value}),
        };
        let found = at_fault(&json!({"conn_type": "s3", "host": "minio"}), &json!({"config_kwargs": inner}));
        assert_eq!(found, Some(vec![format!("extra.config_kwargs.{place}")]), "{place} {value}");
    }
    for config in [json!("path"), json!(5), json!(true), json!(["path"])] {
        let found = at_fault(&json!({"conn_type": "aws"}), &json!({"config_kwargs": config}));
        assert_eq!(found, Some(vec!["extra.config_kwargs".to_owned()]), "{config}");
    }
}

#[test]
fn what_botocore_takes_is_no_problem_and_no_warning() {
    for config in [
        json!(null),
        json!(""),
        json!({}),
        json!([]),
        json!({"s3": null, "retries": null, "connect_timeout": null, "region_name": null, "signature_version": null}),
        json!({"s3": {"addressing_style": null, "payload_signing_enabled": "x", "max_concurrency": 5}}),
        json!({"s3": {"use_accelerate_endpoint": false, "use_arn_region": true}}),
        json!({"retries": {"max_attempts": 3.5, "mode": "adaptive"}}),
        json!({"retries": {"max_attempts": true}}),
        json!({"connect_timeout": 5, "read_timeout": 0.5, "max_pool_connections": 0}),
        json!({"signature_version": "v4", "defaults_mode": "Standard", "tcp_keepalive": "x"}),
        json!({"request_min_compression_size_bytes": "5", "request_checksum_calculation": "WHEN_REQUIRED"}),
        json!({"account_id_endpoint_mode": "Preferred", "auth_scheme_preference": "", "user_agent": ""}),
    ] {
        let definition = json!({"conn_type": "s3", "host": "minio", "extra": {"config_kwargs": config}});
        let plan = plan(&keyed(definition)).unwrap_or_else(|refusal| panic!("{config}: {:?}", refusal.problems));
        assert_eq!(plan.warnings, [], "{config}");
    }
}

/// Checked with boto3 1.43 and a real server: `ProfileNotFound` for the profile, and a login that succeeds for the
/// others.
#[test]
fn a_profile_ends_a_session_and_what_is_for_tls_alone_does_nothing_without() {
    let refusal = |endpoint: &str, extra: Value| {
        let mut definition = json!({"conn_type": "aws", "schema": "lake", "extra": extra});
        definition["extra"]["endpoint_url"] = json!(endpoint);
        let problems = plan(&keyed(definition)).err().map(|refusal| refusal.problems);
        problems.map(|problems| {
            let fields = problems.iter().flat_map(|problem| &problem.fields);
            fields.map(ToString::to_string).collect::<Vec<_>>().join(" ")
        })
    };
    let (http, https) = ("http://gate.example:9000", "https://gate.example:9000");
    let profile = Some("extra.session_kwargs.profile_name");
    let proxies = Some("extra.config_kwargs.proxies");
    let role = "arn:aws:iam::123456789012:role/reader";
    let sts = |url: Value| json!({"sts": {"endpoint_url": url}});
    for (endpoint, extra, expected) in [
        (http, json!({"session_kwargs": {"profile_name": "x"}}), profile),
        (http, json!({"session_kwargs": {"profile_name": ""}}), profile),
        (http, json!({"session_kwargs": {"profile_name": null}}), None),
        (http, json!({"config_kwargs": {"proxies": {"https": "http://proxy:3128"}}}), None),
        (http, json!({"config_kwargs": {"proxies": {"http": "http://proxy:3128"}}}), proxies),
        (https, json!({"config_kwargs": {"proxies": {"http": "http://proxy:3128"}}}), None),
        (https, json!({"config_kwargs": {"proxies": {"https": "http://proxy:3128"}}}), proxies),
        (https, json!({"config_kwargs": {"proxies": {"https": "", "ftp": "http://proxy:3128"}}}), None),
        (https, json!({"config_kwargs": {"proxies": null}}), None),
        (https, json!({"config_kwargs": {"proxies": {}}}), None),
        (
            http,
            json!({"role_arn": role, "service_config": sts(json!(https)),
                "config_kwargs": {"proxies": {"https": "http://proxy:3128"}}}),
            proxies,
        ),
        (http, json!({"verify": 5}), None),
        (https, json!({"verify": 5}), Some("extra.verify")),
        (http, json!({"verify": 5, "role_arn": role, "service_config": sts(json!(https))}), Some("extra.verify")),
    ] {
        assert_eq!(refusal(endpoint, extra.clone()).as_deref(), expected, "{endpoint} {extra}");
    }
    let unknown = json!({"conn_type": "aws", "extra": {"session_kwargs": {"profile": "x"}}});
    let codes: Vec<_> = plan(&keyed(unknown)).unwrap().warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [WarningCode::ClientDiffers]);
}

#[test]
fn an_option_that_this_botocore_does_not_know_is_a_warning() {
    // botocore/config.py: "Got unexpected keyword argument"; another version may know it.
    for name in ["nonsense", "Retries", "connectTimeout", "endpoint_url", "verify"] {
        let definition = json!({"conn_type": "s3", "host": "minio", "extra": {"config_kwargs": {name: 1}}});
        let warnings = plan(&keyed(definition)).unwrap().warnings;
        let codes: Vec<_> = warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, [WarningCode::ClientDiffers], "{name}");
    }
}

#[test]
fn a_region_is_taken_as_it_stands_or_refused() {
    // botocore/utils.py, validate_region_name; boto/botocore#2262, aws/aws-cli#5264.
    for region in [" eu-west-1", "eu-west-1 ", "eu-west-1\n", "", "us_east_1", "garage.site", "-x", "x-"] {
        for (key, extra) in [
            ("region_name", json!({"region_name": region})),
            ("config_kwargs.region_name", json!({"config_kwargs": {"region_name": region}})),
        ] {
            let found = at_fault(&json!({"conn_type": "s3", "host": "minio"}), &extra);
            assert_eq!(found, Some(vec![format!("extra.{key}")]), "{region:?}");
        }
    }
    assert_eq!(
        at_fault(&json!({"conn_type": "aws"}), &json!({"region_name": 5})),
        Some(vec!["extra.region_name".to_owned()])
    );
    let both = json!({"region_name": "eu-west-1", "config_kwargs": {"region_name": "us-west-2"}});
    let plan = plan(&keyed(json!({"conn_type": "aws", "extra": both}))).unwrap();
    assert_eq!(plan.target.host.as_deref(), Some("sts.us-west-2.amazonaws.com"));
}

#[test]
fn an_endpoint_is_one_that_botocore_takes() {
    // botocore/utils.py, is_valid_endpoint_url; minio/minio#9443, localstack/localstack#2421, boto/boto3#2274.
    for (url, taken) in [
        ("http://minio:9000", true),
        (" http://minio:9000", true),
        ("HTTP://Minio.Example:9000/a/b", true),
        ("http://[::1]:9000", true),
        ("http://127.0.0.1:9000/", true),
        ("http://minio:9000\n", false),
        ("http://minio:9000 ", false),
        ("http://minio_1:9000", false),
        ("http://my_stack.example", false),
        ("http://-minio:9000", false),
        ("http://minio-:9000", false),
        ("http://a..b:9000", false),
        ("http://minio%31:9000", false),
    ] {
        for (field, definition, extra) in [
            ("extra.endpoint_url", json!({"conn_type": "aws"}), json!({"endpoint_url": url})),
            (
                "extra.service_config.s3.endpoint_url",
                json!({"conn_type": "aws"}),
                json!({"service_config": {"s3": {"endpoint_url": url}}}),
            ),
        ] {
            let expected = (!taken).then(|| vec![field.to_owned()]);
            assert_eq!(at_fault(&definition, &extra), expected, "{url:?}");
        }
    }
    for host in ["minio_1", " minio", "minio\n", "http://minio ", "http://minio_1"] {
        let found = at_fault(&json!({"conn_type": "minio", "host": host}), &json!({}));
        assert_eq!(found, Some(vec!["host".to_owned()]), "{host:?}");
    }
}
