//! A scripted S3 server, its answers, and the run of a definition against it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::S3;
use super::super::options;
use super::super::probe::{S3Probe, Session};
use super::super::spec::SPEC;
use crate::driver::attempt::{Protection, Trace};
use crate::driver::controls::Controls;
use crate::driver::kit::http::{Connector, Origin};
use crate::driver::kit::wire::Channel;
use crate::driver::tests::definition;
use crate::driver::{Attempt, Driver as _, Fields, Plan, Policy, Refusal};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::redact::Secrets;
use crate::model::result::Address;
use crate::net::Network;
use crate::net::guard::{Budget, Guarded};

/// An answer that never comes.
pub(super) const SILENCE: &str = "silence";

pub(super) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

pub(super) fn connection(fields: &Value) -> Connection {
    definition::connection("aws", fields)
}

/// `definition` with valid keys.
pub(in crate::driver::s3) fn keyed(mut definition: Value) -> Value {
    if definition["login"].is_null() {
        definition["login"] = json!(KEY);
    }
    definition["password"] = json!("hunter2/hunter2+hunter2");
    definition
}

pub(in crate::driver::s3) fn plan(definition: &Value) -> Result<Plan, Refusal> {
    S3.plan(&connection(definition))
}

/// Answers one request after the other, for any origin, and keeps the requests.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) answers: Arc<Mutex<VecDeque<String>>>,
    pub(super) asked: Arc<Mutex<Vec<(Origin, String)>>>,
    pub(super) protection: Protection,
}

impl Peer {
    pub(super) fn new(answers: &[String], protection: Protection) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.iter().cloned().collect())), asked: Arc::default(), protection }
    }
}

#[async_trait]
impl Connector for Peer {
    async fn open(&self, origin: &Origin) -> Result<Channel, Failure> {
        let (ours, mut theirs) = tokio::io::duplex(64 << 10);
        let (stream, tap) = Guarded::new(ours, Budget::default(), Instant::now() + Duration::from_secs(10));
        let answer = self.answers.lock().unwrap().pop_front().expect("no more requests than answers");
        let (asked, origin) = (Arc::clone(&self.asked), origin.clone());
        tokio::spawn(async move {
            let mut request = vec![0; 64 << 10];
            let length = theirs.read(&mut request).await.unwrap();
            asked.lock().unwrap().push((origin, String::from_utf8_lossy(&request[..length]).into_owned()));
            if answer == SILENCE {
                std::future::pending::<()>().await;
            }
            theirs.write_all(answer.as_bytes()).await.ok();
        });
        let address = Address::Ip(([192, 0, 2, 1], 443).into());
        Ok(Channel { stream: Box::new(stream), tap, address, protection: self.protection })
    }
}

pub(super) struct Told {
    pub(super) result: Result<(), Failure>,
    pub(super) trace: Trace,
    pub(super) asked: Vec<(Origin, String)>,
    /// Secrets that the run must not show from then on.
    pub(super) secrets: Arc<Secrets>,
}

impl Told {
    pub(super) fn failure(&self) -> &Failure {
        self.result.as_ref().expect_err("a failure")
    }

    /// What the driver reports to the engine about the credential.
    pub(super) fn proof(&self) -> &'static str {
        match (self.trace.credential_sent, self.trace.credential_accepted) {
            (_, true) => "accepted",
            (true, false) => "not accepted",
            (false, false) => "not looked at",
        }
    }

    pub(super) fn hosts(&self) -> Vec<&str> {
        self.asked.iter().map(|(origin, _)| origin.host.as_str()).collect()
    }

    pub(super) fn warnings(&self) -> Vec<&str> {
        self.trace.warnings.iter().map(|warning| warning.code.as_str()).collect()
    }
}

/// Runs the check of `definition`, with valid keys, against `answers`.
pub(super) async fn run(definition: Value, answers: &[String]) -> Told {
    run_through(Peer::new(answers, Protection::Verified), definition, Policy::default()).await
}

pub(super) fn attempt(policy: Policy) -> Attempt {
    let deadline = Instant::now() + Duration::from_secs(10);
    let (recorder, controls, expected) = Default::default();
    Attempt { network: Arc::new(Network::new()), policy, deadline, recorder, controls, expected }
}

/// Like [`run`], with remembered controls.
pub(super) async fn run_knowing(controls: Arc<Controls>, definition: Value, answers: &[String]) -> Told {
    let attempt = Attempt { controls, ..attempt(Policy::default()) };
    run_attempt(Peer::new(answers, Protection::Verified), definition, attempt).await
}

pub(super) async fn run_through(peer: Peer, definition: Value, policy: Policy) -> Told {
    run_attempt(peer, definition, attempt(policy)).await
}

pub(super) async fn run_attempt(peer: Peer, definition: Value, attempt: Attempt) -> Told {
    let secrets = Arc::new(Secrets::default());
    attempt.recorder.lends_to(Arc::clone(&secrets));
    let connection = connection(&keyed(definition));
    let mut fields = Fields::new(&SPEC, &connection);
    let options = options::read(&mut fields).expect("options");
    fields.finish().expect("no problems");
    let probe = S3Probe::new(options, "the target".to_owned());
    let session = Session { probe: &probe, attempt: &attempt, open: &|_| Arc::new(peer.clone()) };
    let result = tokio::time::timeout(Duration::from_secs(10), session.check()).await.expect("an end");
    let asked = std::mem::take(&mut *peer.asked.lock().unwrap());
    Told { result, trace: attempt.recorder.snapshot(), asked, secrets }
}

pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

pub(super) fn error(status: &str, headers: &str, code: &str, message: &str) -> String {
    answer(status, headers, &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

pub(super) fn sts_error(status: &str, headers: &str, code: &str, message: &str) -> String {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    answer(status, headers, &format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"))
}

pub(super) fn listing() -> String {
    answer(
        "200 OK",
        "server: AmazonS3\r\nx-amz-bucket-region: eu-west-1\r\n",
        "<ListBucketResult><Name>lake</Name></ListBucketResult>",
    )
}

pub(super) fn identity() -> String {
    let arn = "arn:aws:iam::123456789012:user/etl";
    let result = format!("<GetCallerIdentityResult><Arn>{arn}</Arn></GetCallerIdentityResult>");
    answer("200 OK", "", &format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"))
}

pub(super) fn lent() -> String {
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

pub(super) fn lake() -> Value {
    json!({"conn_type": "aws", "schema": "lake", "extra": {"region_name": "eu-west-1"}})
}
