//! The driver against a scripted peer: what AWS itself answers, and what nobody should.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::connector::{Connector, Stopped};
use super::options;
use super::probe::{S3Probe, Session};
use super::spec::SPEC;
use crate::driver::attempt::{Channel, Trace};
use crate::driver::http1::{Opener, Outward, Place, Way};
use crate::driver::{Attempt, Driver as _, Fields, Plan, Policy, Refusal};
use crate::model::class::{Class, Status};
use crate::model::connection::{Connection, Origin};
use crate::model::extra::Extra;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::Network;
use crate::net::dial::Endpoint;
use crate::net::fault;
use crate::net::guard::{Budget, Guarded};
use crate::net::tls::{Roots, Verification};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

fn connection(definition: &Value) -> Connection {
    let text = |field: &str| definition[field].as_str().map(str::to_owned);
    let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
    Connection {
        conn_type: text("conn_type"),
        host: text("host"),
        schema: text("schema"),
        login: text("login"),
        password: text("password").map(Secret::new),
        port: definition["port"].as_u64().map(|port| u16::try_from(port).unwrap()),
        extra: Extra::new(definition["extra"].as_object().cloned().unwrap_or_default()),
        ..Connection::new(origin)
    }
}

/// `definition` with good keys.
fn keyed(mut definition: Value) -> Value {
    definition["login"] = json!(KEY);
    definition["password"] = json!("hunter2/hunter2+hunter2");
    definition
}

fn plan(definition: &Value) -> Result<Plan, Refusal> {
    super::S3.plan(&connection(definition))
}

/// Answers one request after the other, whatever the place, and keeps what was asked.
#[derive(Clone)]
struct Peer {
    answers: Arc<Mutex<VecDeque<String>>>,
    asked: Arc<Mutex<Vec<(Place, String)>>>,
    channel: Channel,
}

impl Peer {
    fn new(answers: &[String], channel: Channel) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.iter().cloned().collect())), asked: Arc::default(), channel }
    }
}

#[async_trait]
impl Opener for Peer {
    async fn open(&self, place: &Place) -> Result<Way, Failure> {
        let (ours, mut theirs) = tokio::io::duplex(64 << 10);
        let (stream, tap) = Guarded::new(ours, Budget::default(), Instant::now() + Duration::from_secs(10));
        let answer = self.answers.lock().unwrap().pop_front().expect("no more requests than answers");
        let (asked, place) = (Arc::clone(&self.asked), place.clone());
        tokio::spawn(async move {
            let mut request = vec![0; 64 << 10];
            let length = theirs.read(&mut request).await.unwrap();
            asked.lock().unwrap().push((place, String::from_utf8_lossy(&request[..length]).into_owned()));
            theirs.write_all(answer.as_bytes()).await.ok();
        });
        let address = Address::Ip(([192, 0, 2, 1], 443).into());
        Ok(Way { stream: Box::new(stream), tap, address, channel: self.channel })
    }
}

struct Told {
    result: Result<(), Failure>,
    trace: Trace,
    asked: Vec<(Place, String)>,
}

impl Told {
    fn failure(&self) -> &Failure {
        self.result.as_ref().expect_err("a failure")
    }

    fn hosts(&self) -> Vec<&str> {
        self.asked.iter().map(|(place, _)| place.host.as_str()).collect()
    }

    fn warnings(&self) -> Vec<&str> {
        self.trace.warnings.iter().map(|warning| warning.code).collect()
    }
}

/// Runs the check of `definition`, with good keys, against `answers`.
async fn run(definition: Value, answers: &[String]) -> Told {
    run_through(Peer::new(answers, Channel::Verified), definition, Policy::default()).await
}

fn attempt(policy: Policy) -> Attempt {
    let deadline = Instant::now() + Duration::from_secs(10);
    Attempt { network: Arc::new(Network::new()), policy, deadline, recorder: Arc::default() }
}

async fn run_through(peer: Peer, definition: Value, policy: Policy) -> Told {
    let connection = connection(&keyed(definition));
    let mut fields = Fields::new(&SPEC, &connection);
    let options = options::read(&mut fields).expect("options");
    fields.finish().expect("no problems");
    let probe = S3Probe::new(options, "the target".to_owned());
    let attempt = attempt(policy);
    let session = Session { probe: &probe, attempt: &attempt, opener: Arc::new(peer.clone()) };
    let result = tokio::time::timeout(Duration::from_secs(10), session.check()).await.expect("an end");
    let asked = std::mem::take(&mut *peer.asked.lock().unwrap());
    Told { result, trace: attempt.recorder.snapshot(), asked }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn error(status: &str, headers: &str, code: &str, message: &str) -> String {
    answer(status, headers, &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

fn sts_error(status: &str, headers: &str, code: &str, message: &str) -> String {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    answer(status, headers, &format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"))
}

fn listing() -> String {
    answer(
        "200 OK",
        "server: AmazonS3\r\nx-amz-bucket-region: eu-west-1\r\n",
        "<ListBucketResult><Name>lake</Name></ListBucketResult>",
    )
}

fn identity() -> String {
    let arn = "arn:aws:iam::123456789012:user/etl";
    let result = format!("<GetCallerIdentityResult><Arn>{arn}</Arn></GetCallerIdentityResult>");
    answer("200 OK", "", &format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"))
}

fn lent() -> String {
    let keys = "<AccessKeyId>ASIALENTLENTLENTLENT</AccessKeyId><SecretAccessKey>lent-secret</SecretAccessKey>\
                <SessionToken>lent-token</SessionToken><Expiration>2031-01-01T00:00:00Z</Expiration>";
    let user =
        "<Arn>arn:aws:sts::123456789012:assumed-role/reader/connprobe</Arn><AssumedRoleId>A:connprobe</AssumedRoleId>";
    let result = format!("<Credentials>{keys}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>");
    answer(
        "200 OK",
        "",
        &format!("<AssumeRoleResponse><AssumeRoleResult>{result}</AssumeRoleResult></AssumeRoleResponse>"),
    )
}

fn lake() -> Value {
    json!({"conn_type": "aws", "schema": "lake", "extra": {"region_name": "eu-west-1"}})
}

#[tokio::test]
async fn a_bucket_is_listed_with_one_signed_request() {
    let told = run(lake(), &[listing()]).await;
    assert_eq!(told.result, Ok(()));
    assert_eq!(told.hosts(), ["lake.s3.eu-west-1.amazonaws.com"]);
    let request = &told.asked[0].1;
    assert!(request.starts_with("GET /?list-type=2&max-keys=1 HTTP/1.1\r\n"), "{request}");
    for line in [
        "host: lake.s3.eu-west-1.amazonaws.com\r\n",
        concat!("user-agent: connprobe/", env!("CARGO_PKG_VERSION"), "\r\n"),
        "connection: close\r\n",
        &format!("authorization: AWS4-HMAC-SHA256 Credential={KEY}/"),
        "/eu-west-1/s3/aws4_request,",
    ] {
        assert!(request.contains(line), "{line} in {request}");
    }
    assert!(!request.contains("hunter2"), "{request}");
    let facts = &told.trace.facts;
    assert_eq!((facts.server.as_deref(), facts.region.as_deref()), (Some("AmazonS3"), Some("eu-west-1")));
    assert_eq!((facts.database.as_deref(), facts.server_proved), (Some("lake"), Some(true)));
    assert!(told.trace.credential_sent);
    assert_eq!(told.trace.phase(), Some(Phase::Query));
}

#[tokio::test]
async fn without_a_bucket_aws_is_asked_who_we_are() {
    let told = run(json!({"conn_type": "aws"}), &[identity()]).await;
    assert_eq!(told.result, Ok(()));
    assert_eq!(told.hosts(), ["sts.us-east-1.amazonaws.com"]);
    assert_eq!(told.trace.facts.user.as_deref(), Some("arn:aws:iam::123456789012:user/etl"));
}

#[tokio::test]
async fn a_wrong_region_of_aws_is_corrected_once() {
    let told_in = |region: &str, status, code| error(status, &format!("x-amz-bucket-region: {region}\r\n"), code, "");
    let moved = |status, region: &str| told_in(region, status, "PermanentRedirect");
    for (status, code) in [
        ("301 Moved Permanently", "PermanentRedirect"),
        ("307 Temporary Redirect", "TemporaryRedirect"),
        ("400 Bad Request", "AuthorizationHeaderMalformed"),
        ("400 Bad Request", "IllegalLocationConstraintException"),
    ] {
        let told = run(lake(), &[told_in("ap-south-1", status, code), listing()]).await;
        assert_eq!(told.result, Ok(()), "{code}");
        assert_eq!(told.hosts(), ["lake.s3.eu-west-1.amazonaws.com", "lake.s3.ap-south-1.amazonaws.com"]);
        assert!(told.asked[1].1.contains("/ap-south-1/s3/aws4_request"), "signed anew");
        assert_eq!(told.warnings(), ["wrong_region"]);
    }
    let again = run(lake(), &[moved("301 Moved", "ap-south-1"), moved("301 Moved", "us-west-2")]).await;
    assert_eq!((again.failure().class, again.failure().status), (Class::Definition, Status::Failed));
    let refused = run(lake(), &[told_in("ap-south-1", "400 Bad Request", "ExpiredToken")]).await;
    assert_eq!(refused.failure().class, Class::Auth, "refused keys are not sent again");
    for region in ["eu-west-1", "evil.example", "evil.example/", "us-east-1.evil.example", ""] {
        let told = run(lake(), &[moved("301 Moved", region)]).await;
        assert_eq!(told.failure().class, Class::Definition, "{region}: no second request");
    }
}

/// Answers first, and then lets the network have its way.
struct Turning(Peer, Outward);

#[async_trait]
impl Opener for Turning {
    async fn open(&self, place: &Place) -> Result<Way, Failure> {
        let answers = !self.0.answers.lock().unwrap().is_empty();
        if answers { self.0.open(place).await } else { self.1.open(place).await }
    }
}

#[tokio::test]
async fn the_region_that_a_bucket_is_in_is_judged_by_its_address_too() {
    let moved = error("301 Moved", "x-amz-bucket-region: ap-south-1\r\n", "PermanentRedirect", "");
    let peer = Peer::new(&[moved], Channel::Verified);
    let connection = connection(&keyed(lake()));
    let mut fields = Fields::new(&SPEC, &connection);
    let probe = S3Probe::new(options::read(&mut fields).expect("options"), "the target".to_owned());
    let network = Arc::new(Network::knowing_only([169, 254, 169, 254].into()));
    let attempt = Attempt { network, ..attempt(Policy::default()) };
    let (verification, roots) = (Verification::Full, Roots::System);
    let outward = Outward { attempt: attempt.clone(), verification, roots, plain_hint: "" };
    let session = Session { probe: &probe, attempt: &attempt, opener: Arc::new(Turning(peer.clone(), outward)) };
    let failure = session.check().await.unwrap_err();
    assert_eq!((failure.class, failure.phase), (Class::Policy, Some(Phase::Connect)), "{failure:?}");
    assert_eq!(peer.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn elsewhere_a_wrong_region_is_the_definitions_fault() {
    let own = json!({"conn_type": "minio", "host": "minio.example", "schema": "lake"});
    let wrong = error(
        "400 Bad Request",
        "x-amz-bucket-region: eu-west-1\r\n",
        "AuthorizationHeaderMalformed",
        "expecting 'eu-west-1'",
    );
    let told = run(own, &[wrong]).await;
    let failure = told.failure();
    assert_eq!((failure.class, failure.status), (Class::Definition, Status::Failed));
    assert_eq!(failure.code.as_deref(), Some("AuthorizationHeaderMalformed"));
    assert_eq!(told.trace.facts.region.as_deref(), Some("eu-west-1"));
    assert_eq!(told.hosts(), ["minio.example"]);
}

#[tokio::test]
async fn refusals_are_classed_by_their_code() {
    for (status, code, class, phase) in [
        ("403 Forbidden", "InvalidAccessKeyId", Class::Auth, Phase::Auth),
        ("403 Forbidden", "SignatureDoesNotMatch", Class::Auth, Phase::Auth),
        ("400 Bad Request", "ExpiredToken", Class::Auth, Phase::Auth),
        ("400 Bad Request", "InvalidToken", Class::Auth, Phase::Auth),
        ("403 Forbidden", "AccessDenied", Class::Denied, Phase::Auth),
        ("403 Forbidden", "AllAccessDisabled", Class::Denied, Phase::Auth),
        ("404 Not Found", "NoSuchBucket", Class::NotFound, Phase::Auth),
        ("403 Forbidden", "RequestTimeTooSkewed", Class::Local, Phase::Auth),
        ("503 Slow Down", "SlowDown", Class::Busy, Phase::Auth),
        ("503 Service Unavailable", "XMinioServerNotInitialized", Class::Busy, Phase::Auth),
        ("500 Internal Server Error", "InternalError", Class::Server, Phase::Auth),
        ("401 Unauthorized", "SomethingNew", Class::Auth, Phase::Auth),
        ("403 Forbidden", "SomethingNew", Class::Denied, Phase::Auth),
        ("418 I'm a teapot", "SomethingNew", Class::Server, Phase::Auth),
    ] {
        let told = run(lake(), &[error(status, "", code, "the server's words")]).await;
        let failure = told.failure();
        assert_eq!((failure.class, told.trace.phase()), (class, Some(phase)), "{code}");
        assert_eq!((failure.code.as_deref(), failure.detail.as_deref()), (Some(code), Some("the server's words")));
        assert!(!failure.message.contains(KEY), "{}", failure.message);
        assert_eq!(told.asked.len(), 1, "{code} is not asked twice");
    }
}

#[tokio::test]
async fn only_s3s_own_language_is_taken_for_an_answer() {
    let portal = "<html><body>Welcome to the guest network</body></html>";
    for (answered, class) in [
        (answer("200 OK", "content-type: text/html\r\n", portal), Class::Protocol),
        (answer("200 OK", "", ""), Class::Protocol),
        (answer("200 OK", "", "<Error><Code>AccessDenied</Code></Error>"), Class::Protocol),
        (answer("200 OK", "", "<ListBucketResult><Name>lake</Na"), Class::Protocol),
        (answer("200 OK", "", "<ListAllMyBucketsResult></ListAllMyBucketsResult>"), Class::Protocol),
        (answer("204 No Content", "", ""), Class::Protocol),
        (answer("302 Found", "location: http://169.254.169.254/\r\n", ""), Class::Protocol),
        (answer("404 Not Found", "", ""), Class::Protocol),
        (answer("404 Not Found", "", portal), Class::Protocol),
        (answer("403 Forbidden", "", portal), Class::Protocol),
        (answer("407 Proxy Authentication Required", "", portal), Class::Protocol),
        (answer("502 Bad Gateway", "", portal), Class::Server),
        (answer("503 Service Unavailable", "", portal), Class::Busy),
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), Class::Protocol),
        (String::new(), Class::Unreachable),
        ("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort".to_owned(), Class::Closed),
        (format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100)), Class::Protocol),
        (format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000)), Class::Protocol),
        (answer("200 OK", "", &"x".repeat(2 << 20)), Class::Protocol),
    ] {
        let told = run(lake(), std::slice::from_ref(&answered)).await;
        let start: String = answered.chars().take(80).collect();
        let failure = told.result.expect_err(&start);
        assert_eq!(failure.class, class, "{start}: {failure:?}");
        assert_eq!(told.asked.len(), 1, "{start}");
        assert!(failure.detail.as_deref().is_none_or(|detail| !detail.contains("guest")), "{failure:?}");
    }
}

#[tokio::test]
async fn the_clocks_offset_is_measured() {
    let dated = |offset: i64| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let then = DateTime::from_secs(i64::try_from(now).unwrap() + offset).fmt(Format::HttpDate).unwrap();
        format!("date: {then}\r\n")
    };
    let late = run(lake(), &[error("403 Forbidden", &dated(1860), "RequestTimeTooSkewed", "")]).await;
    let said = &late.failure().message;
    assert!(said.starts_with("this machine's clock is 3") && said.ends_with(" behind the server's"), "{said}");
    assert_eq!((late.failure().class, late.failure().status), (Class::Local, Status::Error));

    let expired =
        sts_error("403 Forbidden", &dated(-7200), "SignatureDoesNotMatch", "Signature not yet current: 20261122T1");
    let early = run(json!({"conn_type": "aws"}), &[expired]).await;
    assert_eq!(early.failure().class, Class::Local);
    assert_eq!(early.failure().code.as_deref(), Some("SignatureDoesNotMatch"));
    assert!(early.failure().message.contains("ahead of"), "{}", early.failure().message);

    let denied = run(lake(), &[error("403 Forbidden", &dated(1800), "AccessDenied", "")]).await;
    assert!(denied.failure().hint.as_deref().unwrap().contains("clock"), "a refusal that the clock may explain");
    let exact = run(lake(), &[error("403 Forbidden", &dated(10), "AccessDenied", "")]).await;
    assert!(!exact.failure().hint.as_deref().unwrap().contains("clock"));
}

#[tokio::test]
async fn no_right_to_list_buckets_still_proves_the_keys() {
    let own = json!({"conn_type": "minio", "host": "http://minio.example", "port": 9000});
    let told = run(own.clone(), &[error("403 Forbidden", "server: MinIO\r\n", "AccessDenied", "")]).await;
    assert_eq!(told.result, Ok(()));
    assert_eq!(told.warnings(), ["cannot_list"]);
    assert_eq!(told.trace.facts.server.as_deref(), Some("MinIO"));
    assert!(told.asked[0].1.contains("host: minio.example:9000\r\n"));
    let refused = run(own.clone(), &[error("403 Forbidden", "", "InvalidAccessKeyId", "")]).await;
    assert_eq!(refused.failure().class, Class::Auth);
    let clock = "The difference between the request time and the server&#39;s time exceeds the maximum allowed.";
    let skewed = run(own, &[error("400 Bad Request", "", "AccessDenied", clock)]).await;
    assert_eq!(skewed.failure().class, Class::Local, "rclone's word for a wrong clock proves nothing");
}

#[tokio::test]
async fn a_role_is_assumed_first_and_its_keys_are_never_shown() {
    let definition = json!({"conn_type": "aws", "schema": "lake", "extra": {
        "role_arn": "arn:aws:iam::123456789012:role/reader",
        "assume_role_kwargs": {"ExternalId": "outside", "DurationSeconds": 900, "RoleSessionName": "nightly"}}});
    let told = run(definition.clone(), &[lent(), listing()]).await;
    assert_eq!(told.result, Ok(()));
    assert_eq!(told.hosts(), ["sts.us-east-1.amazonaws.com", "lake.s3.us-east-1.amazonaws.com"]);
    for part in
        ["Action=AssumeRole", "ExternalId=outside", "DurationSeconds=900", "RoleSessionName=nightly", "role%2Freader"]
    {
        assert!(told.asked[0].1.contains(part), "{part}");
    }
    assert!(
        told.asked[1].1.contains("Credential=ASIALENT") && told.asked[1].1.contains("x-amz-security-token: lent-token")
    );
    assert_eq!(told.trace.facts.user.as_deref(), Some("arn:aws:sts::123456789012:assumed-role/reader/connprobe"));

    let echo = error("403 Forbidden", "", "AccessDenied", "not lent-token, not lent-secret");
    let told = run(definition.clone(), &[lent(), echo]).await;
    assert!(!told.failure().detail.as_deref().unwrap().contains("lent"), "{:?}", told.failure());

    let refused = sts_error("403 Forbidden", "", "AccessDenied", "is not authorized to perform: sts:AssumeRole");
    let told = run(definition.clone(), &[refused]).await;
    assert_eq!(told.failure().class, Class::Denied);
    assert!(told.failure().message.contains("role"), "{}", told.failure().message);

    let nothing = answer("200 OK", "", "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>");
    let told = run(definition, &[nothing]).await;
    assert_eq!(told.failure().class, Class::Protocol);
    assert!(told.failure().message.contains("STS"), "{}", told.failure().message);
}

#[tokio::test]
async fn a_session_token_travels_with_its_keys() {
    let mut definition = lake();
    definition["extra"]["aws_session_token"] = json!("a-token");
    let told = run(definition, &[listing()]).await;
    assert!(told.asked[0].1.contains("x-amz-security-token: a-token\r\n"));
}

#[tokio::test]
async fn a_weak_channel_is_a_warning_or_no_request() {
    let strict = Policy { require_tls: true, ..Policy::default() };
    let told = run_through(Peer::new(&[listing()], Channel::Plain), lake(), Policy::default()).await;
    assert_eq!((told.result.is_ok(), told.warnings()), (true, vec!["tls_absent"]));
    let told = run_through(Peer::new(&[listing()], Channel::Unverified), lake(), strict.clone()).await;
    assert_eq!((told.result.is_ok(), told.warnings()), (true, vec!["tls_unverified"]));
    let told = run_through(Peer::new(&[listing()], Channel::Plain), lake(), strict).await;
    assert_eq!(told.failure().class, Class::Tls);
    assert!(!told.trace.credential_sent && told.asked.iter().all(|(_, request)| request.is_empty()));
}

#[tokio::test]
async fn a_request_to_another_place_does_not_leave() {
    let peer = Peer::new(&[listing()], Channel::Verified);
    let place = Place { tls: true, host: "lake.example".to_owned(), port: 443 };
    let connector = Connector { attempt: attempt(Policy::default()), opener: Arc::new(peer.clone()), place };
    for elsewhere in ["https://evil.example/", "http://lake.example/", "https://lake.example:8443/"] {
        let stopped = connector.call(HttpRequest::get(elsewhere).unwrap()).await.unwrap_err();
        assert_eq!(fault::find::<Stopped>(&stopped).unwrap().0.class, Class::Internal, "{elsewhere}");
    }
    assert!(peer.asked.lock().unwrap().is_empty());
}

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
        assert_eq!(plan.endpoints, [Endpoint::Tcp { host: host.to_owned(), port }], "{definition}");
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
    assert_eq!(role(json!({})), ["sts.us-east-1.amazonaws.com:443", "lake.s3.us-east-1.amazonaws.com:443"]);
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
    assert_eq!(warned[0].code, "deprecated_extra");
}

#[test]
fn what_cannot_work_is_refused_without_a_packet() {
    let extra = |extra: Value| keyed(json!({"conn_type": "aws", "extra": extra}));
    for (definition, class, said) in [
        (json!({"conn_type": "aws"}), Class::Unsupported, "ambient"),
        (json!({"conn_type": "aws", "extra": {"role_arn": "arn:aws:iam::1:role/r"}}), Class::Unsupported, "ambient"),
        (json!({"conn_type": "aws", "login": KEY}), Class::Definition, "`login` is set, but `password` is not"),
        (json!({"conn_type": "aws", "password": "x"}), Class::Definition, "`password` is set, but `login` is not"),
        (
            json!({"conn_type": "aws", "extra": {"aws_access_key_id": KEY}}),
            Class::Definition,
            "`aws_secret_access_key` is not",
        ),
        (json!({"conn_type": "aws", "login": "two words", "password": "x"}), Class::Definition, "blank"),
        (extra(json!({"aws_session_token": "line\nend"})), Class::Definition, "line end"),
        (extra(json!({"profile_name": "prod"})), Class::Unsupported, "profile_name"),
        (extra(json!({"s3_config_file": "/etc/s3"})), Class::Unsupported, "s3_config_file"),
        (extra(json!({"assume_role_method": "assume_role_with_saml"})), Class::Unsupported, "assume_role_method"),
        (extra(json!({"config_kwargs": {"signature_version": "unsigned"}})), Class::Unsupported, "unsigned"),
        (extra(json!({"config_kwargs": {"signature_version": "s3"}})), Class::Unsupported, "version 4"),
        (extra(json!({"role_arn": "reader"})), Class::Definition, "not an ARN"),
        (
            extra(json!({"role_arn": "arn:x", "assume_role_kwargs": {"DurationSeconds": "long"}})),
            Class::Definition,
            "DurationSeconds",
        ),
        (
            extra(json!({"role_arn": "arn:x", "assume_role_kwargs": {"TokenCode": "123456"}})),
            Class::Unsupported,
            "one-time",
        ),
        (extra(json!({"region_name": "us-east"})), Class::Definition, "not a region of AWS"),
        (extra(json!({"region_name": "us_east_1"})), Class::Definition, "not a region"),
        (extra(json!({"bucket_name": "lake/raw"})), Class::Definition, "name of a bucket"),
        (extra(json!({"bucket_name": "arn:aws:s3:us-east-1:1:accesspoint/a"})), Class::Unsupported, "ARN"),
        (extra(json!({"endpoint_url": "minio:9000"})), Class::Definition, "no scheme"),
        (extra(json!({"endpoint_url": "https://k:hunter2@minio"})), Class::Definition, "user or password"),
        (extra(json!({"service_config": {"sts": {"endpoint_url": 1}}})), Class::Definition, "must be a text"),
        (extra(json!({"verify": ["x"]})), Class::Definition, "verify"),
        (keyed(json!({"conn_type": "minio"})), Class::Definition, "`host` is missing"),
        (keyed(json!({"conn_type": "wasabi", "extra": {"region_name": "auto"}})), Class::Definition, "Wasabi"),
    ] {
        let refusal = plan(&definition).map(|plan| plan.target).expect_err(&definition.to_string());
        let failure = refusal.into_failure();
        assert_eq!(failure.class, class, "{definition}");
        assert!(failure.message.contains(said), "{definition}: {}", failure.message);
        assert!(!failure.message.contains("hunter2"), "{}", failure.message);
    }
}

#[test]
fn all_problems_are_told_at_once() {
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
        (json!({"conn_type": "aws", "extra": {"role_arn": "arn:x", "external_id": "x"}}), "ignored_extra"),
        (json!({"conn_type": "aws", "extra": {"regoin_name": "x"}}), "unknown_extra"),
    ] {
        let warnings = plan(&keyed(definition.clone())).unwrap().warnings;
        assert_eq!(warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), [code], "{definition}");
    }
    let quiet = json!({"conn_type": "aws", "extra": {"config_kwargs": {"retries": 3}, "verify": true, "profile": "x"}});
    assert_eq!(plan(&keyed(quiet)).unwrap().warnings, []);
}
