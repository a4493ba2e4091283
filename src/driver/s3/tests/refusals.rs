//! The answers of servers other than AWS, verbatim where they are known, and their meaning. All peers here are
//! scripted; the texts of MinIO (7aac2a2) and Garage (2.5.0) were taken from real servers, the others from the public
//! source beside each.

use super::*;
use crate::model::class::Class;
use crate::model::class::Status;
use crate::model::failure::Failure;
use crate::model::reason::{Field, ReasonCode as Reason};

/// The expected outcome of a case.
struct Verdict {
    class: Class,
    code: &'static str,
    reason: Reason,
    proof: &'static str,
}

/// What is known about the credential, in the words of `Told::proof`.
const REFUSED: &str = "not accepted";
const ACCEPTED: &str = "accepted";
const IGNORED: &str = "not looked at";

fn auth(code: &'static str, reason: Reason) -> Verdict {
    Verdict { class: Class::Auth, code, reason, proof: REFUSED }
}

fn definition(code: &'static str, reason: Reason) -> Verdict {
    Verdict { class: Class::Definition, code, reason, proof: IGNORED }
}

fn own(host: &str, bucket: bool) -> Value {
    let mut definition = json!({"conn_type": "s3", "host": host});
    if bucket {
        definition["schema"] = json!("lake");
    }
    definition
}

fn forbidden(headers: &str, code: &str, message: &str) -> String {
    error("403 Forbidden", headers, code, message)
}

/// Refusals that the server's text makes clear: one request, and no control.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table")]
async fn a_text_refines_what_a_code_means() {
    let console = |code| Verdict { class: Class::Protocol, code, reason: Reason::OtherProtocol, proof: IGNORED };
    for (source, host, answered, verdict) in [
        // Kinds 1 and 3: Garage, real.
        (
            "Garage 2.5.0",
            "garage.example",
            forbidden("", "AccessDenied", "Forbidden: No such key: GK31c2f218a2e44f485b94239e"),
            auth("AccessDenied", Reason::KeysUnknown),
        ),
        (
            "Garage 2.5.0",
            "garage.example",
            forbidden("", "AccessDenied", "Forbidden: Invalid signature"),
            auth("AccessDenied", Reason::SignatureMismatch),
        ),
        (
            "MinIO 7aac2a2 cmd/api-errors.go, ErrAccessKeyDisabled",
            "minio.example",
            forbidden(
                "server: MinIO\r\n",
                "InvalidAccessKeyId",
                "Your account is disabled; please contact your administrator.",
            ),
            auth("InvalidAccessKeyId", Reason::AccountDisabled),
        ),
        (
            "MinIO 7aac2a2 cmd/api-errors.go, ErrInvalidRegion",
            "minio.example",
            error("400 Bad Request", "server: MinIO\r\n", "InvalidRegion", "Region does not match."),
            definition("InvalidRegion", Reason::WrongRegion),
        ),
        (
            "MinIO 7aac2a2, an older console",
            "minio.example",
            forbidden(
                "server: MinIO Console\r\n",
                "AccessDenied",
                "S3 API Request made to Console port. S3 Requests should be sent to API port.",
            ),
            console("AccessDenied"),
        ),
        (
            "MinIO 7aac2a2",
            "minio.example",
            error("400 Bad Request", "", "InvalidArgument", "S3 API Requests must be made to API port."),
            console("InvalidArgument"),
        ),
        (
            "Cloudflare R2, reports.md",
            "acc.r2.cloudflarestorage.com",
            error("400 Bad Request", "", "InvalidArgument", "Credential access key has length 20, should be 32"),
            auth("InvalidArgument", Reason::KeysUnknown),
        ),
        (
            "MinIO 7aac2a2",
            "minio.example",
            forbidden("server: MinIO\r\n", "InvalidTokenId", "The security token included in the request is invalid"),
            auth("InvalidTokenId", Reason::TokenInvalid),
        ),
        // Variations of kind 1: a code that means something else at other servers.
        (
            "https://github.com/AlistGo/alist/issues/8364",
            "s3.us-west-002.backblazeb2.com",
            forbidden("", "InvalidAccessKeyId", "Malformed Access Key Id"),
            auth("InvalidAccessKeyId", Reason::KeysUnknown),
        ),
        (
            "https://github.com/awslabs/mountpoint-s3-csi-driver/issues/409",
            "ns.compat.objectstorage.eu-frankfurt-1.oraclecloud.com",
            forbidden(
                "",
                "SignatureDoesNotMatch",
                "The secret key required to complete authentication could not be found. The region must be specified if this is not the home region for the tenancy.",
            ),
            auth("SignatureDoesNotMatch", Reason::KeysUnknown),
        ),
        (
            "https://github.com/coderhaoxin/aliyun-oss/issues/25",
            "oss-cn-hangzhou.aliyuncs.com",
            forbidden(
                "server: AliyunOSS\r\n",
                "AccessDenied",
                "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
            ),
            definition("AccessDenied", Reason::WrongRegion),
        ),
        (
            "https://docs.rs/s3s, S3ErrorCode::NotSignedUp for unknown keys, seen on s3s-fs 0.14.1",
            "s3s.example",
            forbidden("", "NotSignedUp", "Your account is not signed up"),
            auth("NotSignedUp", Reason::KeysUnknown),
        ),
        (
            "https://cloud.google.com/storage/docs/xml-api/reference-status",
            "storage.googleapis.com",
            forbidden("", "InvalidSecurity", "The provided security credentials are not valid."),
            auth("InvalidSecurity", Reason::LoginRefused),
        ),
        // Variations of kinds 8 and 12: addressing, named like the usual client's own setting.
        (
            "https://help.aliyun.com, SecondLevelDomainForbidden",
            "oss-cn-hangzhou.aliyuncs.com",
            forbidden("", "SecondLevelDomainForbidden", "Please use virtual hosted style to access."),
            definition("SecondLevelDomainForbidden", Reason::BadField),
        ),
        (
            "https://support.huaweicloud.com/api-obs, VirtualHostDomainRequired",
            "obs.eu-west-101.myhuaweicloud.eu",
            forbidden(
                "server: OBS\r\n",
                "VirtualHostDomainRequired",
                "Virtual host domain is required when accessing a specific bucket.",
            ),
            definition("VirtualHostDomainRequired", Reason::BadField),
        ),
        (
            "https://cloud.tencent.com/document/product/436, PathStyleDomainForbidden",
            "cos.ap-beijing.myqcloud.com",
            forbidden(
                "server: tencent-cos\r\n",
                "PathStyleDomainForbidden",
                "The bucket you are attempting to access must be addressed using COS virtual-styled domain.",
            ),
            definition("PathStyleDomainForbidden", Reason::BadField),
        ),
        // Swift also answers this for key ids that it does not know.
        (
            "https://opendev.org/openstack/swift, s3api: InvalidSignature for unknown users",
            "swift.example",
            forbidden(
                "x-trans-id: tx0f7b1c2d3e4f5a6b7c8d9-0065f1c2aa\r\n",
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
            ),
            auth("SignatureDoesNotMatch", Reason::SignatureMismatch),
        ),
        (
            "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, of other servers too",
            "gate.example",
            forbidden("", "SignatureDoesNotMatch", "Credential should be scoped to a valid region, not 'us-east-1'."),
            definition("SignatureDoesNotMatch", Reason::WrongRegion),
        ),
    ] {
        for bucket in [true, false] {
            let told = run(own(host, bucket), std::slice::from_ref(&answered)).await;
            let failure = told.failure();
            assert_eq!((failure.class, failure.reason), (verdict.class, verdict.reason), "{source}: {failure:?}");
            assert_eq!(failure.code.as_deref(), Some(verdict.code), "{source}");
            assert_eq!(failure.status, Status::Failed, "{source}");
            assert_eq!(told.proof(), verdict.proof, "{source}");
            assert_eq!(told.asked.len(), 1, "{source}: no control after a clear answer");
        }
    }
}

/// MinIO's STS answers AccessDenied to every error; its texts distinguish them.
#[tokio::test]
async fn the_sts_of_minio_is_judged_by_its_texts() {
    let definition = json!({"conn_type": "minio", "host": "minio.example", "schema": "lake",
        "extra": {"role_arn": "arn:aws:iam::123456789012:role/reader"}});
    for (text, class, reason, proof) in [
        (
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            Class::Auth,
            Reason::SignatureMismatch,
            REFUSED,
        ),
        ("The Access Key Id you provided does not exist in our records.", Class::Auth, Reason::KeysUnknown, REFUSED),
        (
            "The authorization header is malformed; the region is wrong; expecting 'us-east-1'.",
            Class::Definition,
            Reason::WrongRegion,
            IGNORED,
        ),
    ] {
        let told =
            run(definition.clone(), &[sts_error("403 Forbidden", "server: MinIO\r\n", "AccessDenied", text)]).await;
        let failure = told.failure();
        assert_eq!((failure.class, failure.reason, told.proof()), (class, reason, proof), "{text}: {failure:?}");
        assert_eq!((failure.code.as_deref(), told.asked.len()), (Some("AccessDenied"), 1), "{text}");
    }
}

/// An unknown code may be a refusal of the keys, whatever its status.
#[tokio::test]
async fn an_unknown_refusal_is_no_acceptance() {
    for (host, status, answers) in [
        ("gate.example", "403 Forbidden", 2),
        ("gate.example", "401 Unauthorized", 1),
        ("gate.example", "400 Bad Request", 1),
        ("s3.eu-west-1.amazonaws.com", "403 Forbidden", 1),
        ("s3.eu-west-1.amazonaws.com", "400 Bad Request", 1),
    ] {
        let answered = error(status, "", "SomethingNew", "no");
        let told = run(own(host, true), &vec![answered; answers]).await;
        assert_eq!((told.asked.len(), told.proof()), (answers, REFUSED), "{host} {status}");
    }
}

#[tokio::test]
async fn the_fields_of_an_answer_are_shown() {
    let body = "<Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>etl@p.iam.gserviceaccount.com does not have storage.objects.list access to the bucket &amp; its objects.</Details></Error>";
    let denied = answer("403 Forbidden", "x-guploader-uploadid: ABPtcPq\r\n", body);
    let told = run(own("storage.googleapis.com", true), &[denied, forbidden("", "InvalidSecurity", "")]).await;
    let failure = told.failure();
    assert_eq!((failure.class, failure.reason, told.proof()), (Class::Denied, Reason::BucketDenied, ACCEPTED));
    let detail = failure.detail.as_deref().unwrap();
    assert!(detail.starts_with("Access denied. etl@p") && detail.ends_with("bucket & its objects."), "{detail}");
    assert_eq!(told.trace.facts.server.as_deref(), Some("Google Cloud Storage"));
}

/// The name of the endpoint with the bucket before it, which the definition does not contain.
#[test]
fn a_bucket_in_the_host_name_is_named_where_that_name_fails() {
    let style = |style: &str| {
        let style = json!({"config_kwargs": {"s3": {"addressing_style": style}}});
        json!({"conn_type": "s3", "host": "minio.example", "schema": "lake", "extra": style})
    };
    for (definition, reason, expected) in [
        (style("virtual"), Reason::NameNotFound, true),
        (style("virtual"), Reason::WrongName, true),
        (style("virtual"), Reason::ConnectionRefused, false),
        (style("path"), Reason::NameNotFound, false),
        (json!({"conn_type": "aws", "schema": "lake"}), Reason::NameNotFound, false),
    ] {
        let plan = plan(&keyed(definition.clone())).unwrap();
        let failure = Failure::made_up(reason, reason.class(), "no").hint("as usual");
        let hint = plan.probe.second_look(failure).hint.unwrap();
        assert_eq!(hint.contains("`addressing_style`"), expected, "{definition} {reason:?}: {hint}");
    }
}

/// Second looks of this driver: each names a field that exists.
#[tokio::test]
async fn a_hint_names_what_in_the_definition_is_likely_wrong() {
    let unknown =
        || forbidden("", "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
    let temporary = "ASIAIOSFODNN7EXAMPLE";
    for (name, definition, answered, hint) in [
        (
            "a temporary key without its token",
            json!({"conn_type": "aws", "schema": "lake", "login": temporary, "extra": {"region_name": "eu-west-1"}}),
            unknown(),
            "aws_session_token",
        ),
        (
            "an extra that other tools call the endpoint",
            json!({"conn_type": "aws", "schema": "lake", "extra": {"endpoint": "http://minio:9000"}}),
            unknown(),
            "endpoint_url",
        ),
        (
            "http where https is spoken, as Go's servers say it",
            json!({"conn_type": "s3", "host": "http://gate.example", "schema": "lake"}),
            answer(
                "400 Bad Request",
                "content-type: text/plain\r\n",
                "Client sent an HTTP request to an HTTPS server.\n",
            ),
            "https://",
        ),
        (
            "http where https is spoken, as nginx says it",
            json!({"conn_type": "s3", "host": "http://gate.example", "schema": "lake"}),
            answer(
                "400 Bad Request",
                "server: nginx\r\n",
                "<center>The plain HTTP request was sent to HTTPS port</center>",
            ),
            "https://",
        ),
        (
            "http where https is spoken, and the server hangs up",
            json!({"conn_type": "s3", "host": "http://gate.example", "schema": "lake"}),
            String::new(),
            "https://",
        ),
    ] {
        let told = run(definition, &[answered]).await;
        let given = told.failure().hint.clone().unwrap_or_default();
        assert!(given.contains(hint), "{name}: {given}");
    }
}

/// Garage src/api/common/signature/payload.rs: it reports a request that is more than a day old as unreadable.
#[tokio::test]
async fn a_clock_that_is_a_day_late_is_no_fault_of_the_request() {
    let answered = error("400 Bad Request", "", "InvalidRequest", "Bad request: Date is too old");
    let told = run(own("garage.example", true), &[answered]).await;
    let failure = told.failure();
    assert_eq!((failure.class, failure.reason), (Class::Local, Reason::ClockSkew));
    assert_eq!((failure.code.as_deref(), told.proof()), (Some("InvalidRequest"), IGNORED));
}

/// Observed with moto, versitygw and rclone: all answer this although the bucket exists.
#[tokio::test]
async fn a_bucket_in_the_path_of_the_endpoint_is_at_fault_there() {
    for (endpoint, extra, fields) in [
        ("http://gate.example/lake", json!({}), vec!["extra.endpoint_url", "schema"]),
        ("http://gate.example/s3/lake/", json!({}), vec!["extra.endpoint_url", "schema"]),
        ("http://gate.example/s3", json!({}), vec!["schema"]),
        ("http://gate.example/other", json!({}), vec!["schema"]),
        ("http://gate.example/lake", json!({"config_kwargs": {"s3": {"addressing_style": "virtual"}}}), vec!["schema"]),
    ] {
        let mut definition = json!({"conn_type": "aws", "schema": "lake", "extra": extra});
        definition["extra"]["endpoint_url"] = json!(endpoint);
        let missing = error("404 Not Found", "", "NoSuchBucket", "The specified bucket does not exist");
        let unknown = error("403 Forbidden", "", "InvalidAccessKeyId", "no");
        let told = run(definition, &[missing, unknown]).await;
        let failure = told.failure();
        let found: Vec<&str> = failure.fields.iter().map(Field::as_str).collect();
        assert_eq!((failure.reason, failure.code.as_deref()), (Reason::BucketNotFound, Some("NoSuchBucket")));
        assert_eq!((found, told.proof()), (fields, "accepted"), "{endpoint}");
    }
}
