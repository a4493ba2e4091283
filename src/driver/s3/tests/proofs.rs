//! What the control request proves where the answer alone proves nothing. All peers are scripted; texts of real servers
//! are marked in `refusals`.

use super::*;
use crate::driver::Attempt;
use crate::driver::Policy;
use crate::driver::attempt::Protection;
use crate::driver::controls::{Control, Controls};
use crate::model::class::Class;
use crate::model::class::Status;
use crate::model::reason::ReasonCode as Reason;

const REFUSED: &str = "not accepted";
const ACCEPTED: &str = "accepted";
const IGNORED: &str = "not looked at";

fn own(bucket: bool) -> Value {
    let mut definition = json!({"conn_type": "minio", "host": "gate.example"});
    if bucket {
        definition["schema"] = json!("lake");
    }
    definition
}

fn with_token() -> Value {
    let mut definition = own(true);
    definition["extra"] = json!({"aws_session_token": "a-token"});
    definition
}

fn denied() -> String {
    error("403 Forbidden", "", "AccessDenied", "Access Denied.")
}

fn unknown_key() -> String {
    error("403 Forbidden", "", "InvalidAccessKeyId", "does not exist in our records")
}

fn wrong_signature() -> String {
    error("403 Forbidden", "", "SignatureDoesNotMatch", "does not match")
}

fn buckets() -> String {
    answer("200 OK", "", "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>")
}

fn missing() -> String {
    error("404 Not Found", "", "NoSuchBucket", "")
}

#[tokio::test]
async fn elsewhere_than_at_aws_a_success_is_proved_by_what_unknown_keys_get() {
    for (control, proof, warnings) in [
        (unknown_key(), ACCEPTED, vec![]),
        (wrong_signature(), ACCEPTED, vec![]),
        (denied(), ACCEPTED, vec![]),
        // LocalStack, S3Mock, and by default SeaweedFS (https://github.com/seaweedfs/seaweedfs/issues/10952) and
        // s3proxy.
        (listing(), IGNORED, vec!["keys_not_checked"]),
        (missing(), IGNORED, vec!["keys_not_checked"]),
        (error("503 Slow Down", "", "SlowDown", ""), REFUSED, vec!["control_unanswered"]),
        (error("500 Internal Server Error", "", "InternalError", ""), REFUSED, vec!["control_unanswered"]),
        (error("400 Bad Request", "", "RequestTimeout", ""), REFUSED, vec!["control_unanswered"]),
        (error("400 Bad Request", "", "ThrottlingException", ""), REFUSED, vec!["control_unanswered"]),
        (error("400 Bad Request", "", "RequestLimitExceeded", ""), REFUSED, vec!["control_unanswered"]),
        (error("409 Conflict", "", "OperationAborted", ""), REFUSED, vec!["control_unanswered"]),
        (error("429 Too Many Requests", "", "TooManyRequests", ""), REFUSED, vec!["control_unanswered"]),
        (error("405 Method Not Allowed", "", "MethodNotAllowed", ""), REFUSED, vec!["control_unanswered"]),
        (String::new(), REFUSED, vec!["control_unanswered"]),
    ] {
        let told = run(own(true), &[listing(), control.clone()]).await;
        assert_eq!(told.result, Ok(()), "{control}");
        assert_eq!((told.proof(), told.warnings()), (proof, warnings), "{control}");
        assert_eq!(told.asked.len(), 2, "{control}");
    }
}

#[tokio::test]
async fn a_control_without_an_answer_leaves_the_login_its_time() {
    for (answered, ok) in [(listing(), true), (denied(), false)] {
        let deadline = Instant::now() + Duration::from_millis(400);
        let attempt = Attempt { deadline, ..attempt(Policy::default()) };
        let peer = Peer::new(&[answered, SILENCE.to_owned()], Protection::Verified);
        let told = run_attempt(peer, own(true), attempt).await;
        assert!(Instant::now() < deadline, "the verdict comes before the deadline");
        assert_eq!((told.result.is_ok(), told.warnings().len()), (ok, usize::from(ok)));
        assert!(ok || told.failure().reason == Reason::KeysUnproved);
    }
}

#[tokio::test]
async fn a_denial_is_proved_by_another_answer_to_unknown_keys() {
    let token = || error("400 Bad Request", "", "InvalidToken", "");
    for (source, bucket, answers, expected, proof) in [
        // Without a bucket the check only asks whether the keys are valid, and they are.
        ("MinIO", false, [denied(), unknown_key()], None, ACCEPTED),
        ("MinIO", true, [denied(), unknown_key()], Some(Reason::BucketDenied), ACCEPTED),
        ("versitygw 1.8.0", true, [denied(), unknown_key()], Some(Reason::BucketDenied), ACCEPTED),
        ("Swift", true, [denied(), wrong_signature()], Some(Reason::BucketDenied), ACCEPTED),
        ("another code", true, [denied(), token()], Some(Reason::BucketDenied), ACCEPTED),
        // A text of the table distinguishes the two answers as well.
        (
            "Garage 2.5.0",
            true,
            [
                error("403 Forbidden", "", "AccessDenied", "Forbidden: Operation is not allowed for this key."),
                error("403 Forbidden", "", "AccessDenied", "Forbidden: No such key: GK31c2f218a2e44f485b94239e"),
            ],
            Some(Reason::BucketDenied),
            ACCEPTED,
        ),
        // The same answer proves nothing.
        ("Ceph RGW 16.2 with an unreadable token", true, [denied(), denied()], Some(Reason::KeysUnproved), REFUSED),
        ("the same without a bucket", false, [denied(), denied()], Some(Reason::KeysUnproved), REFUSED),
        // versitygw before https://github.com/versity/versitygw/issues/1498 answered AccessDenied to unknown keys.
        ("versitygw, older", true, [denied(), denied()], Some(Reason::KeysUnproved), REFUSED),
        // Ozone answers AccessDenied to a wrong signature: https://github.com/apache/ozone/pull/3698.
        (
            "Apache Ozone",
            true,
            [
                error(
                    "403 Forbidden",
                    "server: Ozone\r\n",
                    "AccessDenied",
                    "User doesn't have the right to access this resource.",
                ),
                error(
                    "403 Forbidden",
                    "server: Ozone\r\n",
                    "AccessDenied",
                    "User doesn't have the right to access this resource.",
                ),
            ],
            Some(Reason::KeysUnproved),
            REFUSED,
        ),
        // Storj's gateway denies every request without an access grant: https://github.com/sa7mon/S3Scanner/issues/148.
        ("Storj", false, [denied(), denied()], Some(Reason::KeysUnproved), REFUSED),
        // No answer proves nothing either.
        ("no answer", true, [denied(), String::new()], Some(Reason::KeysUnproved), REFUSED),
        ("busy", true, [denied(), error("503 Slow Down", "", "SlowDown", "")], Some(Reason::KeysUnproved), REFUSED),
        (
            "something else",
            true,
            [denied(), answer("403 Forbidden", "", "<html></html>")],
            Some(Reason::KeysUnproved),
            REFUSED,
        ),
    ] {
        let told = run(own(bucket), &answers).await;
        let got = told.result.as_ref().err().map(|failure| failure.reason);
        assert_eq!((got, told.proof()), (expected, proof), "{source}");
        assert_eq!(told.asked.len(), 2, "{source}");
        if expected.is_none() {
            assert_eq!(told.warnings(), ["cannot_list"], "{source}");
        } else {
            let failure = told.failure();
            assert_eq!((failure.class, failure.status), (Class::Denied, Status::Failed), "{source}");
            assert_eq!(failure.code.as_deref(), Some("AccessDenied"), "{source}");
        }
    }
}

#[tokio::test]
async fn a_missing_bucket_proves_keys_only_where_unknown_ones_are_told_apart() {
    for (control, proof, warnings) in
        [(unknown_key(), ACCEPTED, vec![]), (missing(), IGNORED, vec!["keys_not_checked"])]
    {
        let told = run(own(true), &[missing(), control]).await;
        assert_eq!((told.failure().class, told.failure().reason), (Class::NotFound, Reason::BucketNotFound));
        assert_eq!((told.proof(), told.warnings()), (proof, warnings));
    }
}

#[tokio::test]
async fn aws_is_believed_and_never_asked_with_keys_that_nobody_has() {
    let named =
        json!({"conn_type": "aws", "schema": "lake", "extra": {"endpoint_url": "https://s3.eu-west-1.amazonaws.com"}});
    for (definition, answered, ok) in [
        (lake(), listing(), true),
        (lake(), denied(), false),
        (lake(), missing(), false),
        (named.clone(), listing(), true),
        (named, denied(), false),
        (json!({"conn_type": "aws"}), identity(), true),
    ] {
        let told = run(definition.clone(), &[answered]).await;
        assert_eq!((told.result.is_ok(), told.proof(), told.asked.len()), (ok, ACCEPTED, 1), "{definition}");
        assert_eq!(told.warnings(), Vec::<&str>::new(), "{definition}");
    }
    let machine = json!({"conn_type": "s3", "host": "ec2-203-0-113-25.compute-1.amazonaws.com", "schema": "lake"});
    let told = run(machine, &[denied(), denied()]).await;
    assert_eq!(told.failure().reason, Reason::KeysUnproved, "a customer's machine is not AWS");
}

#[tokio::test]
async fn the_control_is_the_same_request_with_made_up_keys() {
    let told = run(with_token(), &[denied(), unknown_key()]).await;
    let [(origin, login), (control_origin, control)] = &told.asked[..] else { panic!("two requests") };
    assert_eq!(origin, control_origin);
    let line = |request: &str| request.lines().next().map(str::to_owned);
    assert_eq!(line(login), line(control));
    assert!(login.contains(&format!("Credential={KEY}/")) && !control.contains(KEY), "{control}");
    assert!(control.contains("Credential=AKIA"), "of the same form: {control}");
    assert!(control.contains("x-amz-security-token: a-token\r\n"), "with the same token: {control}");
    assert_eq!(told.trace.facts.server, None, "what the control teaches is not the login's");
}

#[tokio::test]
async fn a_bucket_is_asked_for_once_a_day_and_a_token_each_time_it_is_denied() {
    let controls = Arc::new(Controls::default());
    let run = |definition: Value, answers: Vec<String>| {
        let controls = Arc::clone(&controls);
        async move { run_knowing(controls, definition, &answers).await }
    };
    for (definition, answers, asked, proof) in [
        (own(true), vec![listing(), unknown_key()], 2, ACCEPTED),
        (own(true), vec![listing()], 1, ACCEPTED),
        (own(true), vec![denied()], 1, ACCEPTED),
        (own(false), vec![buckets(), unknown_key()], 2, ACCEPTED),
        (own(false), vec![buckets()], 1, ACCEPTED),
        // A token may be refused whatever the keys are, so an answer without one says nothing.
        (with_token(), vec![denied(), denied()], 2, REFUSED),
        (with_token(), vec![denied(), unknown_key()], 2, ACCEPTED),
        (with_token(), vec![listing(), unknown_key()], 2, ACCEPTED),
        (with_token(), vec![listing()], 1, ACCEPTED),
        (own(true), vec![listing()], 1, ACCEPTED),
        // After a clear refusal no control is sent, whatever is remembered.
        (own(true), vec![unknown_key()], 1, REFUSED),
    ] {
        let told = run(definition.clone(), answers.clone()).await;
        assert_eq!((told.asked.len(), told.proof()), (asked, proof), "{definition} {answers:?}");
    }
    let other = json!({"conn_type": "minio", "host": "other.example", "schema": "lake"});
    assert_eq!(run(other, vec![listing(), listing()]).await.warnings(), ["keys_not_checked"], "another endpoint");
    assert_eq!(
        controls.answer("S3 https://other.example:9000 the bucket lake", async { None }).await,
        Some(Control::Taken)
    );
}

/// A server may list one bucket for everybody, deny another to everybody, and check the keys for a third.
#[tokio::test]
async fn what_one_request_proves_says_nothing_of_another() {
    let bucket = |name: &str| json!({"conn_type": "minio", "host": "gate.example", "schema": name});
    let role = |name: &str| {
        let arn = format!("arn:aws:iam::123456789012:role/{name}");
        json!({"conn_type": "minio", "host": "gate.example", "extra": {"role_arn": arn}})
    };
    let refused = || sts_error("403 Forbidden", "", "AccessDenied", "Access Denied.");
    let unknown = || sts_error("403 Forbidden", "", "InvalidClientTokenId", "no");
    for (name, first, then) in [
        (
            "a private bucket, a public one",
            (bucket("private"), vec![listing(), unknown_key()], None, ACCEPTED),
            (bucket("public"), vec![listing(), listing()], None, IGNORED),
        ),
        (
            "a public bucket, a private one",
            (bucket("public"), vec![listing(), listing()], None, IGNORED),
            (bucket("private"), vec![listing(), unknown_key()], None, ACCEPTED),
        ),
        (
            "a private bucket, one that refuses everybody",
            (bucket("private"), vec![listing(), unknown_key()], None, ACCEPTED),
            (bucket("closed"), vec![denied(), denied()], Some(Reason::KeysUnproved), REFUSED),
        ),
        (
            "a bucket, the list of buckets",
            (bucket("private"), vec![listing(), unknown_key()], None, ACCEPTED),
            (own(false), vec![buckets(), buckets()], None, IGNORED),
        ),
        (
            "two roles",
            (role("a"), vec![lent(), unknown(), buckets()], None, ACCEPTED),
            (role("b"), vec![refused(), refused()], Some(Reason::KeysUnproved), REFUSED),
        ),
    ] {
        let controls = Arc::new(Controls::default());
        for (definition, answers, reason, proof) in [first, then] {
            let told = run_knowing(Arc::clone(&controls), definition.clone(), &answers).await;
            let got = told.result.as_ref().err().map(|failure| failure.reason);
            assert_eq!((got, told.proof(), told.asked.len()), (reason, proof, answers.len()), "{name}: {definition}");
        }
    }
}

#[tokio::test]
async fn a_role_is_proved_at_its_sts() {
    let definition = json!({"conn_type": "minio", "host": "gate.example", "schema": "lake",
        "extra": {"role_arn": "arn:aws:iam::123456789012:role/reader"}});
    let refused = || sts_error("403 Forbidden", "", "AccessDenied", "Access Denied.");
    let unknown = || sts_error("403 Forbidden", "", "InvalidClientTokenId", "no");
    for (name, answers, reason, proof, warnings) in [
        ("a role, a bucket", vec![lent(), unknown(), listing()], None, ACCEPTED, vec![]),
        ("an STS that checks no keys", vec![lent(), lent(), listing()], None, IGNORED, vec!["keys_not_checked"]),
        ("no right to the role", vec![refused(), unknown()], Some(Reason::RoleDenied), ACCEPTED, vec![]),
        ("nothing is told", vec![refused(), refused()], Some(Reason::KeysUnproved), REFUSED, vec![]),
        // The permissions of issued keys say nothing about the stored ones, and need no control: STS has issued them.
        ("no right to the bucket", vec![lent(), unknown(), denied()], Some(Reason::BucketDenied), ACCEPTED, vec![]),
        (
            "lent keys that S3 refuses",
            vec![lent(), unknown(), unknown_key()],
            Some(Reason::KeysUnknown),
            ACCEPTED,
            vec![],
        ),
        // An STS that issues keys to everybody has not accepted any.
        (
            "no right to the bucket, and an STS that checks no keys",
            vec![lent(), lent(), denied()],
            Some(Reason::KeysUnproved),
            IGNORED,
            vec!["keys_not_checked"],
        ),
        // The control got no answer, so STS has proved nothing; the refusal still concerns the issued keys.
        (
            "lent keys that S3 refuses, at an unproved STS",
            vec![lent(), error("503 Service Unavailable", "", "SlowDown", ""), unknown_key()],
            Some(Reason::KeysUnknown),
            IGNORED,
            vec!["control_unanswered"],
        ),
    ] {
        let told = run(definition.clone(), &answers).await;
        let got = told.result.as_ref().err().map(|failure| failure.reason);
        assert_eq!((got, told.proof(), told.warnings()), (reason, proof, warnings), "{name}");
        assert_eq!(told.asked.len(), answers.len(), "{name}");
    }
}

/// As in boto3: once, at the same host, with a bucket, and with `<Region>` in a 400.
#[tokio::test]
async fn a_wrong_region_is_corrected_as_boto3_does() {
    let malformed = |header: &str, element: &str| {
        let region = if element.is_empty() { String::new() } else { format!("<Region>{element}</Region>") };
        let body = format!(
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong</Message>{region}</Error>"
        );
        answer("400 Bad Request", header, &body)
    };
    let header = "x-amz-bucket-region: eu-west-3\r\n";
    let moved = error("301 Moved Permanently", header, "PermanentRedirect", "");
    let redirected = vec!["region_redirected"];
    let wrong = Some((Class::Definition, Reason::WrongRegion));
    for (name, bucket, answers, verdict, proof, warnings) in [
        (
            "MinIO",
            true,
            vec![malformed(header, "eu-west-3"), listing(), unknown_key()],
            None,
            ACCEPTED,
            redirected.clone(),
        ),
        ("Swift", true, vec![malformed("", "RegionOne"), listing(), unknown_key()], None, ACCEPTED, redirected.clone()),
        ("a 301", true, vec![moved.clone(), listing(), unknown_key()], None, ACCEPTED, redirected.clone()),
        (
            "a wrong secret",
            true,
            vec![malformed(header, "eu-west-3"), wrong_signature()],
            Some((Class::Auth, Reason::SignatureMismatch)),
            REFUSED,
            redirected.clone(),
        ),
        ("twice", true, vec![malformed("", "a"), malformed("", "b")], wrong, IGNORED, redirected),
        ("the same region", true, vec![malformed("", "us-east-1")], wrong, IGNORED, vec![]),
        ("no region", true, vec![malformed("", "")], wrong, IGNORED, vec![]),
        (
            "only the header, which boto3 does not follow from a 400",
            true,
            vec![malformed(header, "")],
            wrong,
            IGNORED,
            vec![],
        ),
        ("no bucket, which boto3 does not follow", false, vec![malformed(header, "eu-west-3")], wrong, IGNORED, vec![]),
        ("no region at all", true, vec![malformed("", "evil.example/")], wrong, IGNORED, vec![]),
    ] {
        let told = run(own(bucket), &answers).await;
        let got = told.result.as_ref().err().map(|failure| (failure.class, failure.reason));
        assert_eq!((got, told.proof(), told.warnings()), (verdict, proof, warnings), "{name}");
        assert_eq!(told.asked.len(), answers.len(), "{name}");
        assert!(told.hosts().iter().all(|host| *host == "gate.example"), "{name}");
    }
    let told = run(own(true), &[malformed("", "RegionOne"), listing(), unknown_key()]).await;
    assert!(told.asked[1..].iter().all(|(_, request)| request.contains("/RegionOne/s3/aws4_request")), "signed anew");
}
