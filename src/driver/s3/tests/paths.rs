//! An endpoint below a path, and buckets with dots in their names: the URLs that boto3 1.44.8 requests.

use super::*;

/// A refusal by code: no control is needed after it.
fn refused() -> String {
    error("403 Forbidden", "", "InvalidAccessKeyId", "no")
}

#[tokio::test]
async fn an_endpoint_below_a_path_is_asked_for_what_boto3_asks_for() {
    for (endpoint, style, bucket, host, path) in [
        ("http://gate.example/storage/v1/s3", "path", "lake", "gate.example", "/storage/v1/s3/lake/"),
        ("http://gate.example/storage/v1/s3/", "path", "lake", "gate.example", "/storage/v1/s3/lake/"),
        ("https://gate.example/storage/v1/s3", "auto", "lake", "gate.example", "/storage/v1/s3/lake/"),
        ("https://gate.example/storage/v1/s3", "virtual", "lake", "lake.gate.example", "/storage/v1/s3/"),
        ("https://gate.example/storage/v1/s3", "virtual", "My_Lake", "gate.example", "/storage/v1/s3/My_Lake/"),
        ("https://gate.example/storage/v1/s3", "path", "", "gate.example", "/storage/v1/s3/"),
        ("https://gate.example:8443/s3//", "path", "lake", "gate.example", "/s3/lake/"),
        ("https://gate.example//a//b//", "path", "lake", "gate.example", "/a/b/lake/"),
        ("https://gate.example//a//b//", "virtual", "lake", "lake.gate.example", "//a//b/"),
        ("https://gate.example/a/../b", "path", "lake", "gate.example", "/b/lake/"),
        ("https://gate.example/a/../b", "path", "", "gate.example", "/b/"),
        ("https://gate.example/..", "path", "lake", "gate.example", "/lake/"),
        ("https://gate.example/a%20b", "path", "lake", "gate.example", "/a%2520b/lake/"),
        ("https://gate.example/a%20b", "virtual", "lake", "lake.gate.example", "/a%20b/"),
        ("https://gate.example/\u{e9}", "path", "lake", "gate.example", "/%C3%A9/lake/"),
        ("https://gate.example/\u{e9}", "path", "", "gate.example", "/%C3%A9/"),
        ("https://gate.example/lake", "path", "lake", "gate.example", "/lake/lake/"),
        ("https://[::1]:9000/s3", "path", "lake", "::1", "/s3/lake/"),
        ("http://gate.example", "path", "lake", "gate.example", "/lake/"),
        ("http://gate.example", "path", "", "gate.example", "/"),
        // Without TLS no certificate has to be valid for a bucket with dots in its name.
        ("http://gate.example", "virtual", "my.lake", "my.lake.gate.example", "/"),
        ("http://gate.example/s3", "virtual", "my.lake", "my.lake.gate.example", "/s3/"),
        ("http://127.0.0.1:9000", "virtual", "my.lake", "my.lake.127.0.0.1", "/"),
        ("http://127.0.0.1:9000", "virtual", "lake", "127.0.0.1", "/lake/"),
        ("http://gate.example", "path", "my.lake", "gate.example", "/my.lake/"),
        ("http://gate.example", "auto", "my.lake", "gate.example", "/my.lake/"),
        ("https://gate.example", "virtual", "my.lake", "gate.example", "/my.lake/"),
        ("http://gate.example", "virtual", "192.168.1.1", "gate.example", "/192.168.1.1/"),
        ("http://gate.example", "virtual", "a.-b", "gate.example", "/a.-b/"),
    ] {
        let definition = json!({"conn_type": "aws", "schema": bucket, "extra": {"endpoint_url": endpoint,
            "region_name": "eu-west-1", "config_kwargs": {"s3": {"addressing_style": style}}}});
        let told = run(definition.clone(), &[refused()]).await;
        let (origin, request) = &told.asked[0];
        let asked = request.split(' ').nth(1).and_then(|target| target.split('?').next());
        assert_eq!((origin.host.as_str(), asked), (host, Some(path)), "{definition}");
        let planned = plan(&keyed(definition.clone())).unwrap();
        assert_eq!(planned.endpoints[0], origin.endpoint(), "{definition}");
    }
}

/// The control requests the same URL as the login.
#[tokio::test]
async fn a_control_is_asked_for_below_the_path_too() {
    for (bucket, path, answer) in [("lake", "/storage/v1/s3/lake/", listing()), ("", "/storage/v1/s3/", buckets())] {
        let definition = json!({"conn_type": "aws", "schema": bucket, "extra": {"endpoint_url": "https://gate.example/storage/v1/s3"}});
        let told = run(definition, &[answer, refused()]).await;
        assert!(told.result.is_ok(), "{:?}", told.result);
        let paths: Vec<_> =
            told.asked.iter().map(|(_, request)| request.split([' ', '?']).nth(1).unwrap_or_default()).collect();
        assert_eq!((paths, told.proof()), (vec![path, path], "accepted"));
    }
}

fn buckets() -> String {
    answer("200 OK", "", "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>")
}
