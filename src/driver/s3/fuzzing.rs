//! The fuzz target `answers` of this driver: the documents of S3 and STS, in a valid HTTP response. Built for fuzzing
//! and tests only.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use super::options;
use super::probe::{S3Probe, Session};
use super::spec::SPEC;
use crate::driver::Fields;
use crate::driver::attempt::Protection;
use crate::driver::fuzzing::{Fuzz, LIMIT, PASSWORD, Reader, attempt, choice, now};
use crate::driver::kit::http::{Connector, Origin};
use crate::driver::kit::wire::Channel;
use crate::model::class::Class;
use crate::model::connection::{self, Connection};
use crate::model::extra::Extra;
use crate::model::failure::Failure;
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::guard::{Budget, Guarded};

/// This driver's targets for the fuzzer.
pub(super) const FUZZ: Fuzz = Fuzz {
    answers: Some(Reader { read: answers, deepest: &["ok", "auth"] }),
    definitions: &[
        |port| keyed(port, Some("bucket"), json!({})),
        |port| keyed(port, None, json!({})),
        |port| keyed(port, Some("bucket"), json!({"role_arn": "arn:aws:iam::123456789012:role/reader"})),
    ],
    deepest: &["ok", "auth-auth"],
};

fn keyed(port: u16, schema: Option<&str>, mut extra: Value) -> Value {
    extra["endpoint_url"] = json!(format!("http://127.0.0.1:{port}"));
    json!({"host": null, "login": "AKIAIOSFODNN7EXAMPLE", "password": PASSWORD, "schema": schema, "extra": extra})
}

/// Answers every request with one document. The input gives the request (a digit), the status (three digits), and the
/// document; the head around it is always valid.
fn answers(input: &[u8]) -> &'static str {
    let (chosen, rest) = choice(input, 3);
    let (status, document) = rest.split_first_chunk::<3>().unwrap_or((b"200", rest));
    let status = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
    let status = status.filter(|status| (200..=599).contains(status)).unwrap_or(200);
    let head =
        format!("HTTP/1.1 {status} x\r\nx-amz-bucket-region: eu-west-1\r\ncontent-length: {}\r\n\r\n", document.len());
    let peer = Peer([head.as_bytes(), document].concat());
    let connection = connection(chosen);
    let mut fields = Fields::new(&SPEC, &connection);
    let Some(options) = options::read(&mut fields) else { unreachable!("a good definition") };
    let probe = S3Probe::new(options, "fuzz".to_owned());
    let attempt = attempt();
    let checked = now(Session { probe: &probe, attempt: &attempt, open: &|_| Arc::new(peer.clone()) }.check());
    let Err(failure) = checked else { return "ok" };
    assert!(
        !matches!(failure.class, Class::Internal | Class::Timeout | Class::Local) || skewed(&failure),
        "{failure:?}"
    );
    failure.class.as_str()
}

/// Whether the failure is about this machine's clock, which a server with a wrong clock can cause.
fn skewed(failure: &Failure) -> bool {
    failure.class == Class::Local && failure.code.is_some()
}

fn connection(chosen: usize) -> Connection {
    let origin = connection::Origin { source: "fuzz".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let mut connection = Connection::new(origin);
    connection.conn_type = Some("aws".to_owned());
    connection.login = Some("AKIAIOSFODNN7EXAMPLE".to_owned());
    connection.password = Some(Secret::new(PASSWORD.to_owned()));
    connection.schema = (chosen != 1).then(|| "bucket".to_owned());
    let role = (chosen == 2).then(|| ("role_arn".to_owned(), "arn:aws:iam::123456789012:role/reader".into()));
    connection.extra = Extra::new([("region_name".to_owned(), "us-east-1".into())].into_iter().chain(role).collect());
    connection
}

/// Sends the same answer to every request.
#[derive(Clone)]
struct Peer(Vec<u8>);

#[async_trait]
impl Connector for Peer {
    async fn open(&self, _place: &Origin) -> Result<Channel, Failure> {
        let (near, mut far) = duplex(64 << 10);
        let (stream, tap) = Guarded::new(near, Budget::default(), std::time::Instant::now() + LIMIT);
        let said = self.0.clone();
        tokio::spawn(async move {
            let _asked = far.read(&mut [0; 16 << 10]).await;
            let _heard = far.write_all(&said).await;
        });
        let address = Address::Ip(([127, 0, 0, 1], 443).into());
        Ok(Channel { stream: Box::new(stream), tap, address, protection: Protection::Verified })
    }
}
