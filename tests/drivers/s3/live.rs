//! Results of S3 logins: moto, which has IAM and STS and checks signatures and rights; another moto, which checks
//! nothing; rclone; and versitygw.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use serde_json::{Value, json};

use crate::cases::{Case, check, pki, port, run, server};

/// A definition for moto, with the keys of `user` (`MOTO`, `MOTO_NOPOLICY`) and these extras.
fn moto(user: &str, extra: Value) -> Value {
    let mut definition = json!({
        "conn_type": "aws",
        "login": server(&format!("{user}_ACCESS_KEY")),
        "password": server(&format!("{user}_SECRET_KEY")),
        "extra": {"endpoint_url": format!("http://127.0.0.1:{}", port("MOTO_PORT"))}
    });
    merge(&mut definition["extra"], extra);
    definition
}

/// A definition for rclone.
fn rclone(more: Value) -> Value {
    let mut definition = json!({
        "conn_type": "minio",
        "host": "http://127.0.0.1",
        "port": port("S3_PORT"),
        "login": server("S3_ACCESS_KEY"),
        "password": server("S3_SECRET_KEY"),
        "schema": server("S3_BUCKET"),
    });
    merge(&mut definition, more);
    definition
}

/// A definition for versitygw, with the keys of `user` (empty, or `LIMITED_`), in its region.
fn versitygw(user: &str, extra: Value) -> Value {
    let mut definition = json!({
        "conn_type": "s3",
        "host": format!("http://127.0.0.1:{}", port("VERSITYGW_PORT")),
        "login": server(&format!("VERSITYGW_{user}ACCESS_KEY")),
        "password": server(&format!("VERSITYGW_{user}SECRET_KEY")),
        "schema": "appbucket",
        "extra": {"region_name": server("VERSITYGW_REGION")}
    });
    merge(&mut definition["extra"], extra);
    definition
}

/// A definition for the moto that checks nothing.
fn unchecked(bucket: &str) -> Value {
    json!({
        "conn_type": "minio", "host": "http://127.0.0.1", "port": port("MOTO_OPEN_PORT"), "schema": bucket,
        "login": "AKIANOBODYKNOWSTHIS0", "password": "a-wrong-secret-key"
    })
}

/// A definition for moto over TLS, whose certificate is for `localhost` and `127.0.0.1`.
fn encrypted(extra: Value) -> Value {
    let mut definition = json!({
        "conn_type": "s3",
        "host": "localhost",
        "port": port("MOTO_TLS_PORT"),
        "login": server("MOTO_TLS_ACCESS_KEY"),
        "password": server("MOTO_TLS_SECRET_KEY"),
        "schema": "appbucket",
        "extra": {}
    });
    merge(&mut definition["extra"], extra);
    definition
}

/// A definition for a server that presents the certificate `name` and does nothing after the handshake.
fn presenting(name: &str) -> Value {
    let chain = CertificateDer::pem_file_iter(pki(&format!("{name}.pem"))).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(pki(&format!("{name}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut shaking = ServerConnection::new(Arc::clone(&config)).unwrap();
            shaking.complete_io(&mut stream.unwrap()).ok();
        }
    });
    with(encrypted(json!({"verify": pki("ca.pem")})), "port", json!(port))
}

fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else { panic!("objects") };
    into.extend(from);
}

fn with(mut definition: Value, field: &str, value: Value) -> Value {
    definition[field] = value;
    definition
}

fn warns(result: &Value, code: &str) -> bool {
    result["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == code)
}

#[test]
fn the_keys_are_judged() {
    let bucket = json!({"bucket_name": "appbucket"});
    run(vec![
        Case::ok("moto, with a bucket", moto("MOTO", bucket.clone())).and(|result| {
            assert_eq!(result["facts"]["database"], "appbucket");
            let phases: Vec<&str> =
                result["phases"].as_array().unwrap().iter().map(|phase| phase["phase"].as_str().unwrap()).collect();
            assert!(phases.ends_with(&["connect", "auth", "query"]), "{phases:?}");
            let login = result["login"].as_str().unwrap();
            assert!(login.chars().count() == 9 && login.starts_with("AKIA…"), "{login}");
        }),
        Case::ok("moto, without a bucket", moto("MOTO", json!({}))),
        Case::ok("rclone, with a bucket", rclone(json!({})))
            .and(|result| assert_eq!(result["facts"]["server"], "AmazonS3")),
        Case::ok("rclone, without a bucket", rclone(json!({"schema": ""}))),
        Case::not_ok(
            "moto, wrong secret",
            with(moto("MOTO", bucket.clone()), "password", json!("a-wrong-secret-key")),
            "failed",
            "auth",
        )
        .code("SignatureDoesNotMatch")
        .phase("auth"),
        Case::not_ok("rclone, wrong secret", rclone(json!({"password": "a-wrong-secret-key"})), "failed", "auth")
            .code("SignatureDoesNotMatch"),
        Case::not_ok(
            "moto, unknown key",
            with(moto("MOTO", bucket.clone()), "login", json!("AKIANOBODYKNOWSTHIS0")),
            "failed",
            "auth",
        )
        .code("InvalidAccessKeyId"),
        Case::not_ok("rclone, unknown key", rclone(json!({"login": "nobody"})), "failed", "auth")
            .code("InvalidAccessKeyId"),
        Case::not_ok(
            "moto, bogus session token",
            moto("MOTO", json!({"bucket_name": "appbucket", "aws_session_token": "a-bogus-session-token"})),
            "failed",
            "auth",
        )
        .code("InvalidToken"),
    ]);
}

#[test]
fn the_rights_and_the_bucket_are_judged() {
    run(vec![
        Case::not_ok(
            "moto, no right to the bucket",
            moto("MOTO_NOPOLICY", json!({"bucket_name": "appbucket"})),
            "failed",
            "denied",
        )
        .code("AccessDenied"),
        Case::ok("moto, no right to list buckets", moto("MOTO_NOPOLICY", json!({})))
            .and(|result| assert!(warns(result, "cannot_list"))),
        Case::not_ok("moto, no such bucket", moto("MOTO", json!({"bucket_name": "nobucket"})), "failed", "not_found")
            .code("NoSuchBucket"),
        Case::not_ok("rclone, no such bucket", rclone(json!({"schema": "nobucket"})), "failed", "not_found")
            .code("NoSuchBucket"),
    ]);
}

/// The results for versitygw differ by code, by reason, and by what its answers prove about the keys.
#[test]
fn versitygw_is_judged() {
    let wrong = json!("a-wrong-secret-key");
    let elsewhere = || json!({"region_name": "us-east-1"});
    run(vec![
        Case::ok("a bucket", versitygw("", json!({}))).and(|result| {
            assert_eq!(result["facts"]["server"], "Versity S3 Gateway");
            assert_eq!(result["warnings"], json!([]));
        }),
        Case::ok("no bucket", with(versitygw("", json!({})), "schema", json!(""))),
        Case::not_ok("a wrong secret", with(versitygw("", json!({})), "password", wrong.clone()), "failed", "auth")
            .code("SignatureDoesNotMatch")
            .reason("signature_mismatch"),
        Case::not_ok(
            "an unknown key",
            with(versitygw("", json!({})), "login", json!("nobodyknowsthis")),
            "failed",
            "auth",
        )
        .code("InvalidAccessKeyId")
        .reason("keys_unknown"),
        Case::not_ok("a token", versitygw("", json!({"aws_session_token": "a-bogus-token"})), "failed", "auth")
            .code("InvalidToken")
            .reason("token_invalid"),
        Case::not_ok("no right to the bucket", versitygw("LIMITED_", json!({})), "failed", "denied")
            .code("AccessDenied")
            .reason("bucket_denied"),
        Case::not_ok(
            "no such bucket",
            with(versitygw("", json!({})), "schema", json!("nobucket")),
            "failed",
            "not_found",
        )
        .code("NoSuchBucket")
        .reason("bucket_not_found"),
        Case::ok("another region", versitygw("", elsewhere())).and(|result| {
            assert!(warns(result, "region_redirected"), "{result:#}");
            assert_eq!(result["facts"]["region"], server("VERSITYGW_REGION"));
        }),
        Case::not_ok(
            "another region, a wrong secret",
            with(versitygw("", elsewhere()), "password", wrong),
            "failed",
            "auth",
        )
        .code("SignatureDoesNotMatch")
        .reason("signature_mismatch"),
    ]);
}

#[test]
fn a_server_that_checks_no_keys_is_found_out() {
    run(vec![
        Case::ok("no bucket", unchecked("")).and(|result| assert!(warns(result, "keys_not_checked"), "{result:#}")),
        Case::not_ok("no such bucket", unchecked("nobucket"), "failed", "not_found")
            .code("NoSuchBucket")
            .reason("bucket_not_found")
            .and(|result| assert!(warns(result, "keys_not_checked"), "{result:#}")),
    ]);
}

#[test]
fn roles_are_assumed() {
    let role = |user, extra| {
        let mut definition = moto(user, json!({"role_arn": server("MOTO_ROLE_ARN")}));
        merge(&mut definition["extra"], extra);
        definition
    };
    let sts = json!({"sts": {"endpoint_url": format!("http://localhost:{}", port("MOTO_PORT"))}});
    run(vec![
        Case::ok("a role, with a bucket", role("MOTO", json!({"bucket_name": "appbucket"}))).and(|result| {
            let user = result["facts"]["user"].as_str().unwrap();
            assert!(user.ends_with("assumed-role/reader/connprobe"), "{user}");
        }),
        Case::ok(
            "a role, from an STS of its own",
            role("MOTO", json!({"bucket_name": "appbucket", "service_config": sts})),
        ),
        Case::not_ok("a role that the user may not assume", role("MOTO_NOPOLICY", json!({})), "failed", "denied")
            .code("AccessDenied")
            .reason("role_denied"),
        Case::not_ok(
            "a role, unknown key",
            with(role("MOTO", json!({})), "login", json!("AKIANOBODYKNOWSTHIS0")),
            "failed",
            "auth",
        )
        .code("InvalidClientTokenId"),
        Case::not_ok(
            "a role, wrong secret",
            with(role("MOTO", json!({})), "password", json!("a-wrong-secret-key")),
            "failed",
            "auth",
        )
        .code("SignatureDoesNotMatch"),
    ]);
}

#[test]
fn certificates_are_checked() {
    let ca = pki("ca.pem");
    let rclone_tls = json!({
        "conn_type": "minio", "host": "127.0.0.1", "port": port("S3_TLS_PORT"), "schema": server("S3_BUCKET"),
        "login": server("S3_ACCESS_KEY"), "password": server("S3_SECRET_KEY"), "extra": {"verify": ca}
    });
    run(vec![
        Case::ok("its authority named", encrypted(json!({"verify": ca}))).and(|result| {
            assert_eq!(result["facts"]["tls"]["verified"], true);
            assert_eq!(result["facts"]["server_proved"], true);
        }),
        Case::ok("its authority given with the run", encrypted(json!({}))).argument("--tls-ca").argument(ca.clone()),
        Case::ok("its authority as PEM", encrypted(json!({"verify": fs::read_to_string(&ca).unwrap()}))),
        Case::ok("rclone by address", rclone_tls),
        Case::ok("not verified", encrypted(json!({"verify": false})))
            .and(|result| assert_eq!(result["facts"]["tls"]["verified"], false)),
        Case::ok("not verified, as a text", encrypted(json!({"verify": "false"})))
            .and(|result| assert!(warns(result, "stringly_flag"))),
        Case::not_ok("unknown authority", encrypted(json!({})), "failed", "tls").phase("tls"),
        Case::not_ok("another authority", encrypted(json!({"verify": pki("otherca.pem")})), "failed", "tls")
            .phase("tls"),
        Case::not_ok("wrong name", presenting("wronghost"), "failed", "tls").phase("tls"),
        Case::not_ok("expired", presenting("expired"), "failed", "tls").phase("tls"),
        Case::not_ok("a file that is not there", encrypted(json!({"verify": "/nowhere/ca.pem"})), "error", "policy"),
        Case::not_ok("https to a port that speaks http", rclone(json!({"host": "127.0.0.1"})), "failed", "protocol")
            .phase("tls")
            .and(|result| assert!(result["hint"].as_str().unwrap().contains("http://"), "{result}")),
        Case::not_ok(
            "http to a port that speaks https",
            rclone(json!({"port": port("S3_TLS_PORT")})),
            "failed",
            "protocol",
        ),
    ]);
}

/// Credentials in the environment, in a profile and from `credential_process` are available, but never used.
#[test]
fn ambient_credentials_are_never_used() {
    let home = tempfile::tempdir().unwrap();
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let (marker, address) = (home.path().join("marker"), trap.local_addr().unwrap());
    fs::create_dir(home.path().join(".aws")).unwrap();
    let profile = format!("[default]\ncredential_process = touch {}\n", marker.display());
    fs::write(home.path().join(".aws/config"), profile).unwrap();

    let ambient = |connection: Value| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_connprobe"))
            .env("CONNPROBE_STATE", crate::state::anew())
            .args(["check", "-", "--format", "json"])
            .env("HOME", home.path())
            .envs([("AWS_ACCESS_KEY_ID", "AKIAAMBIENTAMBIENT00"), ("AWS_SECRET_ACCESS_KEY", "ambient")])
            .envs(
                [
                    "AWS_ENDPOINT_URL",
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    "HTTP_PROXY",
                ]
                .map(|name| (name, format!("http://{address}"))),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(json!({ "case": connection }).to_string().as_bytes()).unwrap();
        let report: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
        report["results"][0].clone()
    };
    for extra in
        [json!({}), json!({"role_arn": "arn:aws:iam::123456789012:role/reader"}), json!({"profile_name": "default"})]
    {
        let result = ambient(json!({"conn_type": "aws", "schema": "appbucket", "extra": extra}));
        assert_eq!((&result["status"], &result["class"]), (&json!("skipped"), &json!("unsupported")), "{result:#}");
        assert_eq!(result["attempts"], 0);
    }
    // They are not used for a definition with keys and an endpoint of its own either.
    assert_eq!(ambient(moto("MOTO", json!({"bucket_name": "appbucket"})))["status"], "ok");
    assert!(!marker.exists(), "credential_process was run");
    assert!(trap.accept().is_err(), "something was sent to where the environment points");
}

#[test]
fn the_table_of_examples_agrees_with_airflows_own_fields() {
    let (id, secret) = (server("S3_ACCESS_KEY"), server("S3_SECRET_KEY"));
    let endpoint = format!("http://127.0.0.1:{}", port("S3_PORT"));
    for definition in [
        json!({"conn_type": "s3", "extra": {"aws_access_key_id": id, "aws_secret_access_key": secret, "endpoint_url": endpoint}}),
        json!({"conn_type": "s3", "extra": {"aws_access_key_id": id, "aws_secret_access_key": secret, "host": endpoint}}),
        json!({"conn_type": "s3", "extra": {"session_kwargs": {"aws_access_key_id": id, "aws_secret_access_key": secret},
            "service_config": {"s3": {"endpoint_url": endpoint, "bucket_name": "appbucket"}}}}),
    ] {
        let result = check(&definition, &[]);
        assert_eq!(result["status"], "ok", "{result:#}");
        assert!(!result.to_string().contains(&secret), "{result:#}");
    }
}
