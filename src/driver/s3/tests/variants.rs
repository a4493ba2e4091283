//! AWS's other hosts, and a client's certificate, as in boto3 1.44.8.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::driver::Policy;
use crate::model::class::Class;
use crate::model::reason::{Field, ReasonCode};
use crate::net::dial::Endpoint;

/// The definition of a bucket in `region` with these options.
#[expect(clippy::needless_pass_by_value, reason = "reads as the definition that it is part of")]
fn at_aws(region: &str, bucket: Value, config: Value) -> Value {
    json!({"conn_type": "aws", "schema": bucket, "extra": {"region_name": region, "config_kwargs": config}})
}

/// The host of the request, by the plan.
fn host(definition: &Value) -> Result<String, Vec<String>> {
    match plan(&keyed(definition.clone())) {
        Ok(plan) => match &plan.endpoints[0] {
            Endpoint::Tcp { host, .. } => Ok(host.clone()),
            Endpoint::Unix(_) => unreachable!("S3 has no sockets"),
        },
        Err(refusal) => {
            let fields = refusal.problems.iter().flat_map(|problem| &problem.fields);
            Err(fields.map(ToString::to_string).collect())
        }
    }
}

#[tokio::test]
async fn the_hosts_of_aws_are_those_that_boto3_asks() {
    let (fips, dual) = (json!({"use_fips_endpoint": true}), json!({"use_dualstack_endpoint": true}));
    let both = json!({"use_fips_endpoint": true, "use_dualstack_endpoint": true});
    let of_s3 = |options: Value| json!({"s3": options});
    let lake = || json!("lake");
    for (region, bucket, config, expected) in [
        ("us-east-1", lake(), fips.clone(), "lake.s3-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", lake(), fips.clone(), "lake.s3-fips.us-gov-west-1.amazonaws.com"),
        ("eu-west-1", lake(), dual.clone(), "lake.s3.dualstack.eu-west-1.amazonaws.com"),
        ("cn-north-1", lake(), dual.clone(), "lake.s3.dualstack.cn-north-1.amazonaws.com.cn"),
        ("eu-west-1", lake(), both.clone(), "lake.s3-fips.dualstack.eu-west-1.amazonaws.com"),
        ("eu-west-1", json!("do.t"), fips.clone(), "s3-fips.eu-west-1.amazonaws.com"),
        ("eu-west-1", Value::Null, fips, "sts-fips.eu-west-1.amazonaws.com"),
        ("eu-west-1", Value::Null, dual, "sts.eu-west-1.api.aws"),
        ("eu-west-1", Value::Null, both, "sts-fips.eu-west-1.api.aws"),
        ("eu-west-1", lake(), json!({"use_fips_endpoint": false}), "lake.s3.eu-west-1.amazonaws.com"),
        ("eu-west-1", lake(), json!({"use_fips_endpoint": ""}), "lake.s3.eu-west-1.amazonaws.com"),
        ("eu-west-1", lake(), json!({"use_dualstack_endpoint": 0}), "lake.s3.eu-west-1.amazonaws.com"),
        ("eu-west-1", lake(), json!({"use_dualstack_endpoint": null}), "lake.s3.eu-west-1.amazonaws.com"),
        // S3's own setting takes precedence, is true or false as in Python, and applies to S3 only.
        (
            "eu-west-1",
            lake(),
            of_s3(json!({"use_dualstack_endpoint": "false"})),
            "lake.s3.dualstack.eu-west-1.amazonaws.com",
        ),
        (
            "eu-west-1",
            lake(),
            json!({"use_dualstack_endpoint": true, "s3": {"use_dualstack_endpoint": false}}),
            "lake.s3.eu-west-1.amazonaws.com",
        ),
        ("eu-west-1", Value::Null, of_s3(json!({"use_dualstack_endpoint": true})), "sts.eu-west-1.amazonaws.com"),
        ("eu-west-1", lake(), of_s3(json!({"use_accelerate_endpoint": true})), "lake.s3-accelerate.amazonaws.com"),
        (
            "eu-west-1",
            lake(),
            of_s3(json!({"use_accelerate_endpoint": true, "addressing_style": "path"})),
            "lake.s3-accelerate.amazonaws.com",
        ),
        (
            "eu-west-1",
            lake(),
            of_s3(json!({"use_accelerate_endpoint": true, "use_dualstack_endpoint": true})),
            "lake.s3-accelerate.dualstack.amazonaws.com",
        ),
        ("eu-west-1", Value::Null, of_s3(json!({"use_accelerate_endpoint": true})), "sts.eu-west-1.amazonaws.com"),
    ] {
        let asks = if bucket.is_null() { identity() } else { listing() };
        let definition = at_aws(region, bucket, config);
        assert_eq!(host(&definition).as_deref(), Ok(expected), "{definition}");
        // The SDK's request goes there too.
        let told = run(definition.clone(), &[asks]).await;
        assert_eq!((told.result.is_ok(), told.hosts()), (true, vec![expected]), "{definition}: {:?}", told.result);
    }
}

#[test]
fn what_boto3_refuses_of_them_is_a_problem() {
    let lake = |region, config| at_aws(region, json!("lake"), config);
    for key in ["use_fips_endpoint", "use_dualstack_endpoint"] {
        for value in [json!("true"), json!("false"), json!(1), json!({"a": 1})] {
            let place = vec![format!("extra.config_kwargs.{key}")];
            for bucket in [json!("lake"), Value::Null] {
                let definition = at_aws("eu-west-1", bucket, json!({key: value}));
                assert_eq!(host(&definition), Err(place.clone()), "{definition}");
            }
            // boto3 ignores the variants if an endpoint is named.
            let mut own = lake("eu-west-1", json!({key: value}));
            own["extra"]["endpoint_url"] = json!("https://gate.example");
            assert_eq!(host(&own).as_deref(), Ok("gate.example"), "{own}");
        }
    }
    let (accelerate, fips) =
        ("extra.config_kwargs.s3.use_accelerate_endpoint", "extra.config_kwargs.use_fips_endpoint");
    for (region, bucket, config, fields) in [
        ("cn-north-1", "lake", json!({"use_fips_endpoint": true}), [fips, "extra.region_name"]),
        (
            "eu-west-1",
            "lake",
            json!({"use_fips_endpoint": true, "s3": {"use_accelerate_endpoint": true}}),
            [accelerate, fips],
        ),
        ("eu-west-1", "do.t", json!({"s3": {"use_accelerate_endpoint": true}}), [accelerate, "schema"]),
        ("cn-north-1", "lake", json!({"s3": {"use_accelerate_endpoint": true}}), [accelerate, "extra.region_name"]),
    ] {
        let definition = at_aws(region, json!(bucket), config);
        assert_eq!(host(&definition), Err(fields.map(str::to_owned).to_vec()), "{definition}");
    }
}

/// The host of the request, without the bucket before it.
#[test]
fn a_target_is_the_host_that_is_called() {
    for (bucket, config, target) in [
        ("lake", json!({}), "s3.eu-west-1.amazonaws.com:443/lake"),
        ("lake", json!({"s3": {"use_accelerate_endpoint": true}}), "s3-accelerate.amazonaws.com:443/lake"),
        ("lake--euw1-az1--x-s3", json!({}), "s3express-euw1-az1.eu-west-1.amazonaws.com:443/lake--euw1-az1--x-s3"),
        ("do.t", json!({}), "s3.eu-west-1.amazonaws.com:443/do.t"),
    ] {
        let plan = plan(&keyed(at_aws("eu-west-1", json!(bucket), config))).unwrap();
        assert_eq!(plan.target.to_string(), target);
    }
}

/// boto3 accepts a text or a tuple; JSON has no tuples.
#[test]
fn a_certificate_that_boto3_does_not_look_at_is_a_warning() {
    for (value, warned) in [
        (json!("me.pem"), false),
        (json!(null), false),
        (json!(["me.pem", "me.key"]), true),
        (json!({"cert": "me.pem"}), true),
        (json!(true), true),
    ] {
        let plan = plan(&keyed(at_aws("eu-west-1", json!("lake"), json!({"client_cert": value})))).unwrap();
        let codes: Vec<_> = plan.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, if warned { vec!["ignored_field"] } else { vec![] }, "{value}");
    }
}

/// The STS of a role has the same variants.
#[tokio::test]
async fn a_role_is_asked_for_at_the_same_variant() {
    let mut definition = at_aws("eu-west-1", json!("lake"), json!({"use_fips_endpoint": true}));
    definition["extra"]["role_arn"] = json!("arn:aws:iam::123456789012:role/reader");
    let told = run(definition, &[lent(), listing()]).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
    assert_eq!(told.hosts(), ["sts-fips.eu-west-1.amazonaws.com", "lake.s3-fips.eu-west-1.amazonaws.com"]);
}

/// A server that accepts clients with a certificate of its authority, and answers one request.
async fn demanding(authority: &CertifiedIssuer<'static, KeyPair>) -> u16 {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, authority).unwrap().der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = vec![0; 64 << 10];
                if stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                    stream.write_all(listing().as_bytes()).await.ok();
                }
            }
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_shown_where_the_server_wants_one() {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["etl".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let port = demanding(&authority).await;
    let pem = format!("{}{}", own.pem(), key.serialize_pem());
    let (directory, own_ca) = (tempfile::tempdir().unwrap(), authority.pem());
    let (file, ca) = (directory.path().join("own.pem"), directory.path().join("ca.pem"));
    std::fs::write(&file, &pem).unwrap();
    std::fs::write(&ca, own_ca).unwrap();
    let (file, ca) = (file.to_str().unwrap(), ca.to_str().unwrap());
    for (config, expected) in [
        (json!({"client_cert": file}), None),
        (json!({}), Some(Class::Tls)),
        (json!({"client_cert": null}), Some(Class::Tls)),
        // boto3 accepts a text or a tuple, and no JSON value is a tuple.
        (json!({"client_cert": [file, file]}), Some(Class::Tls)),
        (json!({"client_cert": "/nowhere.pem"}), Some(Class::Policy)),
    ] {
        let definition = json!({"conn_type": "aws", "schema": "lake", "extra": {
            "endpoint_url": format!("https://localhost:{port}"), "verify": ca, "config_kwargs": config,
        }});
        let plan = plan(&keyed(definition)).unwrap();
        let outcome = plan.probe.run(&attempt(Policy::default())).await;
        assert_eq!(outcome.as_ref().err().map(|failure| failure.class), expected, "{config}: {outcome:?}");
        if let Err(failure) = outcome.map_err(|failure| plan.probe.second_look(failure))
            && failure.class == Class::Tls
        {
            let fields: Vec<&str> = failure.fields.iter().map(Field::as_str).collect();
            assert_eq!(failure.reason, ReasonCode::ClientCertificateRequired, "{config}");
            assert_eq!(fields, ["extra.config_kwargs.client_cert"], "{config}");
        }
    }
    // Without TLS the certificate is neither read nor sent; with another certificate the server may answer differently.
    let circumstances = |endpoint: &str, config: Value| {
        let extra = json!({"endpoint_url": endpoint, "config_kwargs": config});
        let definition = json!({"conn_type": "aws", "schema": "lake", "extra": extra});
        format!("{:?}", plan(&keyed(definition)).unwrap().circumstances)
    };
    let shown = || json!({"client_cert": "/nowhere.pem"});
    assert_eq!(circumstances("http://gate.example", shown()), circumstances("http://gate.example", json!({})));
    assert_ne!(circumstances("https://gate.example", shown()), circumstances("https://gate.example", json!({})));
}
