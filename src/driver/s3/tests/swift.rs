//! `OpenStack` Swift's S3 API (`s3api`), and Swift's answers without it. Scripted; the texts are from its public
//! source, named with each.

use super::*;
use crate::model::class::Class;
use crate::model::reason::ReasonCode as Reason;

/// A header of every answer of Swift (`swift/common/middleware/catch_errors.py`).
const TRANSACTION: &str =
    "x-trans-id: tx0f7b1c2d3e4f5a6b7c8d9-0065f1c2aa\r\nx-openstack-request-id: tx0f7b1c2d3e4f5a6b7c8d9-0065f1c2aa\r\n";

/// `s3response.py`, `ErrorResponse`: code, message, and more elements.
fn s3api(status: &str, code: &str, message: &str, more: &str) -> String {
    let body = format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>tx0f7b1c2d3e4f5a6b7c8d9-0065f1c2aa</RequestId>{more}</Error>"
    );
    answer(status, &format!("content-type: application/xml\r\n{TRANSACTION}"), &body)
}

/// `s3request.py`: the answer if Keystone or tempauth return 401, for a wrong signature and for an unknown key.
fn mismatch() -> String {
    let words = "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.";
    let more = format!("<AWSAccessKeyId>{KEY}</AWSAccessKeyId><SignatureProvided>abc</SignatureProvided>");
    s3api("403 Forbidden", "SignatureDoesNotMatch", words, &more)
}

#[tokio::test]
async fn its_answers_mean_what_its_source_says() {
    let denied = || s3api("403 Forbidden", "AccessDenied", "Access Denied.", "");
    let malformed = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'RegionOne'";
    // `s3token.py`, `_json_request`: Keystone cannot be reached; `s3request.py` puts the whole answer into a message.
    let keystone = "&lt;?xml version=\"1.0\" encoding=\"UTF-8\"?&gt;\r\n&lt;Error&gt;\r\n  &lt;Code&gt;InvalidURI&lt;/Code&gt;\r\n  \
                    &lt;Message&gt;Could not parse the specified URI&lt;/Message&gt;\r\n&lt;/Error&gt;\r\n";
    let too_skewed = "The difference between the request time and the current time is too large.";
    let native = |status, body| answer(status, &format!("content-type: text/html\r\n{TRANSACTION}"), body);
    for (source, answers, class, reason, proof) in [
        ("s3request.py, HTTP_UNAUTHORIZED", vec![mismatch()], Class::Auth, Reason::SignatureMismatch, "not accepted"),
        // A role that may not list: an unknown key gets another answer.
        ("s3request.py, HTTP_FORBIDDEN", vec![denied(), mismatch()], Class::Denied, Reason::BucketDenied, "accepted"),
        (
            "s3request.py, _swift_error_codes",
            vec![
                s3api(
                    "404 Not Found",
                    "NoSuchBucket",
                    "The specified bucket does not exist.",
                    "<BucketName>lake</BucketName>",
                ),
                mismatch(),
            ],
            Class::NotFound,
            Reason::BucketNotFound,
            "accepted",
        ),
        (
            "s3token.py, Keystone does not answer",
            vec![s3api("400 Bad Request", "InvalidRequest", keystone, "")],
            Class::Busy,
            Reason::BackendDown,
            "not accepted",
        ),
        (
            "s3request.py, another region twice",
            vec![
                s3api("400 Bad Request", "AuthorizationHeaderMalformed", malformed, "<Region>RegionOne</Region>"),
                s3api("400 Bad Request", "AuthorizationHeaderMalformed", malformed, "<Region>RegionOne</Region>"),
            ],
            Class::Definition,
            Reason::WrongRegion,
            "not looked at",
        ),
        (
            "s3request.py, the clock",
            vec![s3api("403 Forbidden", "RequestTimeTooSkewed", too_skewed, "")],
            Class::Local,
            Reason::ClockSkew,
            "not looked at",
        ),
        (
            "s3request.py, ratelimit_as_client_error",
            vec![s3api("429 Slow Down", "SlowDown", "Please reduce your request rate.", "")],
            Class::Busy,
            Reason::SlowDown,
            "not accepted",
        ),
        // `proxy/server.py` and `middleware/tempauth.py`: a Swift without s3api in its pipeline has its own API only.
        (
            "proxy/server.py, Bad URL",
            vec![native("412 Precondition Failed", "Bad URL")],
            Class::Protocol,
            Reason::OtherProtocol,
            "not accepted",
        ),
        (
            "tempauth.py, denied_response",
            vec![native(
                "401 Unauthorized",
                "<html><h1>Unauthorized</h1><p>This server could not verify that you are authorized to access the document you requested.</p></html>",
            )],
            Class::Protocol,
            Reason::OtherProtocol,
            "not accepted",
        ),
    ] {
        let count = answers.len();
        let told = run(json!({"conn_type": "s3", "host": "swift.example", "schema": "lake"}), &answers).await;
        let failure = told.failure();
        assert_eq!((failure.class, failure.reason), (class, reason), "{source}: {failure:?}");
        assert_eq!((told.proof(), told.asked.len()), (proof, count), "{source}");
        assert_eq!(told.trace.facts.server.as_deref(), Some("OpenStack Swift"), "{source}");
        assert!(!format!("{failure:?}").contains(KEY), "{source}: {failure:?}");
    }
}
