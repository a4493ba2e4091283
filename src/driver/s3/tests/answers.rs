//! The outcome of each answer.

use async_trait::async_trait;

use super::*;
use crate::driver::Attempt;
use crate::driver::Fields;
use crate::driver::Policy;
use crate::driver::attempt::Protection;
use crate::driver::kit::http::Connector;
use crate::driver::kit::http::NetworkConnector;
use crate::driver::kit::http::Origin;
use crate::driver::kit::wire::Channel;
use crate::driver::s3::options;
use crate::driver::s3::probe::S3Probe;
use crate::driver::s3::probe::Session;
use crate::driver::s3::spec::SPEC;
use crate::driver::s3::wire::SdkConnector;
use crate::driver::s3::wire::Stopped;
use crate::model::class::Class;
use crate::model::class::Status;
use crate::model::codes::CheckedCredential;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, ReasonCode};
use crate::model::redact::{Kind, Redactor};
use crate::net::Network;
use crate::net::fault;
use crate::net::tls::Roots;
use crate::net::tls::Verification;

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
        assert_eq!(told.warnings(), ["region_redirected"]);
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

/// Answers from the script first, then connects to the network.
struct Turning(Peer, NetworkConnector);

#[async_trait]
impl Connector for Turning {
    async fn open(&self, origin: &Origin) -> Result<Channel, Failure> {
        let answers = !self.0.answers.lock().unwrap().is_empty();
        if answers { self.0.open(origin).await } else { self.1.open(origin).await }
    }
}

#[tokio::test]
async fn the_region_that_a_bucket_is_in_is_judged_by_its_address_too() {
    let moved = error("301 Moved", "x-amz-bucket-region: ap-south-1\r\n", "PermanentRedirect", "");
    let peer = Peer::new(&[moved], Protection::Verified);
    let connection = connection(&keyed(lake()));
    let mut fields = Fields::new(&SPEC, &connection);
    let probe = S3Probe::new(options::read(&mut fields).expect("options"), "the target".to_owned());
    let network = Arc::new(Network::knowing_only([169, 254, 169, 254].into()));
    let attempt = Attempt { network, ..attempt(Policy::default()) };
    let (verification, roots) = (Verification::Full, Roots::System);
    let outward = NetworkConnector { attempt: attempt.clone(), verification, roots, certificate: None, plain_hint: "" };
    let opener = Arc::new(Turning(peer.clone(), outward));
    let open = move |_: &Attempt| -> Arc<dyn Connector> { opener.clone() };
    let session = Session { probe: &probe, attempt: &attempt, open: &open };
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
        // A gateway with an error of its own has not checked the keys.
        let troubled = matches!(class, Class::Server | Class::Busy);
        assert_eq!(failure.checked == CheckedCredential::Instead, troubled, "{start}");
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
    assert_eq!((late.failure().reason, late.failure().status), (ReasonCode::ClockSkew, Status::Error));
    // A second or two may pass between the date and its reading.
    let is_off = |told: &Told, seconds: u64, ahead: bool| {
        let by = (seconds - 5..=seconds + 5).map(Duration::from_secs);
        by.map(|by| Failure::of(Machine::ClockOff { by, ahead }).message).any(|off| off == told.failure().message)
    };
    assert!(is_off(&late, 1860, false), "{}", late.failure().message);

    let expired =
        sts_error("403 Forbidden", &dated(-7200), "SignatureDoesNotMatch", "Signature not yet current: 20261122T1");
    let early = run(json!({"conn_type": "aws"}), &[expired]).await;
    assert_eq!(early.failure().class, Class::Local);
    assert_eq!(early.failure().code.as_deref(), Some("SignatureDoesNotMatch"));
    assert!(is_off(&early, 7200, true), "{}", early.failure().message);

    let denied = run(lake(), &[error("403 Forbidden", &dated(1800), "AccessDenied", "")]).await;
    assert!(denied.failure().hint.as_deref().unwrap().contains("clock"), "a refusal that the clock may explain");
    let exact = run(lake(), &[error("403 Forbidden", &dated(10), "AccessDenied", "")]).await;
    assert!(!exact.failure().hint.as_deref().unwrap().contains("clock"));
}

#[tokio::test]
async fn no_right_to_list_buckets_proves_the_keys_where_unknown_ones_are_told_apart() {
    let own = json!({"conn_type": "minio", "host": "http://minio.example", "port": 9000});
    let denied = error("403 Forbidden", "server: MinIO\r\n", "AccessDenied", "");
    let told = run(own.clone(), &[denied, error("403 Forbidden", "", "InvalidAccessKeyId", "")]).await;
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
    let redactor = Redactor::of_run(told.secrets, None, &[]);
    for lent in ["lent-token", "lent-secret", "ASIALENTLENTLENTLENT", "no lent-secret here"] {
        let shown = redactor.judge(&[(Kind::Text, lent), (Kind::Name, lent), (Kind::Product, lent)]);
        assert_eq!(shown, [None, None, None], "{lent}");
    }
    assert!(redactor.scrub("AKIAIOSFODNN7EXAMPLE").is_some());

    let refused = sts_error("403 Forbidden", "", "AccessDenied", "is not authorized to perform: sts:AssumeRole");
    let told = run(definition.clone(), &[refused]).await;
    assert_eq!(told.failure().class, Class::Denied);
    assert_eq!(told.failure().reason, ReasonCode::RoleDenied);

    let nothing = answer("200 OK", "", "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>");
    let told = run(definition, &[nothing]).await;
    assert_eq!(told.failure().class, Class::Protocol);
    assert_eq!(told.failure().reason, ReasonCode::OtherProtocol);
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
    let told = run_through(Peer::new(&[listing()], Protection::Plain), lake(), Policy::default()).await;
    assert_eq!((told.result.is_ok(), told.warnings()), (true, vec!["tls_absent"]));
    let told = run_through(Peer::new(&[listing()], Protection::Unverified), lake(), strict.clone()).await;
    assert_eq!((told.result.is_ok(), told.warnings()), (true, vec!["tls_unverified"]));
    let told = run_through(Peer::new(&[listing()], Protection::Plain), lake(), strict).await;
    assert_eq!(told.failure().class, Class::Tls);
    assert!(!told.trace.credential_sent && told.asked.iter().all(|(_, request)| request.is_empty()));
}

#[tokio::test]
async fn a_request_to_another_place_does_not_leave() {
    let peer = Peer::new(&[listing()], Protection::Verified);
    let origin = Origin { tls: true, host: "lake.example".to_owned(), port: 443 };
    let connector =
        SdkConnector { attempt: attempt(Policy::default()), opener: Arc::new(peer.clone()), origin, stored: true };
    for elsewhere in ["https://evil.example/", "http://lake.example/", "https://lake.example:8443/"] {
        let stopped = connector.call(HttpRequest::get(elsewhere).unwrap()).await.unwrap_err();
        assert_eq!(fault::find::<Stopped>(&stopped).unwrap().0.class, Class::Internal, "{elsewhere}");
    }
    assert!(peer.asked.lock().unwrap().is_empty());
}

/// The answers of servers to the wrong scheme, `http` or `https`; the source of each text is listed at
/// `answer::wants_tls`.
#[tokio::test]
async fn the_wrong_scheme_is_told_whichever_way_it_is_wrong() {
    const NGINX: &str =
        "<html><h1>400 Bad Request</h1><center>The plain HTTP request was sent to HTTPS port</center></html>";
    const GO: &str = "Client sent an HTTP request to an HTTPS server.\n";
    const TOMCAT: &str = "Bad Request\r\nThis combination of host and port requires TLS.\r\n";
    let refused = |body: &str| answer("400 Bad Request", "", body);
    // The TLS alert `unexpected_message`, with which Ceph's and Java's servers answer plain HTTP before they close the
    // connection.
    let alert = "\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{a}".to_owned();
    for (scheme, answer, reason) in [
        ("http", refused(NGINX), "tls_expected"),
        ("http", refused(GO), "tls_expected"),
        ("http", refused(TOMCAT), "tls_expected"),
        ("http", alert, "tls_expected"),
        // The proxy accepts HTTPS, but connects to the server behind it in clear.
        ("https", refused(NGINX), "other_protocol"),
        ("https", refused("<html>Bad Request</html>"), "other_protocol"),
        ("http", refused("<html>Bad Request</html>"), "other_protocol"),
    ] {
        let definition = json!({"conn_type": "aws", "extra": {"endpoint_url": format!("{scheme}://s3.example")}});
        let told = run(keyed(definition), std::slice::from_ref(&answer)).await;
        let failure = told.failure();
        assert_eq!((failure.class, failure.reason.as_str()), (Class::Protocol, reason), "{scheme} {answer}");
        let named = failure.fields.iter().any(|field| field.as_str() == "extra.endpoint_url");
        assert_eq!(named, reason == "tls_expected", "{scheme} {answer}");
    }
}

/// Forms that are equivalent for every XML parser.
#[tokio::test]
async fn a_code_is_read_however_it_is_written() {
    for code in [
        "InvalidAccessKeyId",
        "<![CDATA[InvalidAccessKeyId]]>",
        "Invalid<!-- x -->AccessKeyId",
        "Invalid<![CDATA[Access]]>KeyId",
    ] {
        let definition = json!({"conn_type": "minio", "host": "gate.example", "schema": "lake"});
        let told = run(definition, &[error("403 Forbidden", "", code, "<![CDATA[a <b> & c]]>")]).await;
        let failure = told.failure();
        assert_eq!((failure.class, failure.code.as_deref()), (Class::Auth, Some("InvalidAccessKeyId")), "{code}");
        assert_eq!(failure.detail.as_deref(), Some("a <b> & c"), "{code}");
    }
}
