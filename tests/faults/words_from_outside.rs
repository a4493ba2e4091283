//! Words of DNS records, of a SQL Server route and of S3's region come to stand in our own messages: never with a piece
//! of a secret, and never with characters that steer a terminal.

use ::mongodb::bson::doc;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData};
use serde_json::{Value, json};

use crate::causes::report;
use crate::dns::{self, Naming, Question, Reply, here, records, service, text};
use crate::matrix::{Driver, Mongodb, Mssql, S3};
use crate::peer::{Listening, Peer, Script, Step, Watched, say};
use crate::speech::{self, mongodb, mssql, s3};

/// Half of the password of all definitions here, and more than one may show.
const PIECE: &str = "canary-hunter2";

fn peer(driver: Driver, script: Script) -> Listening {
    Peer::start(script, speech::framing(driver)).listening
}

/// All that is reported of `definition`, in JSON and as a table.
fn printed(definition: Value, more: &[&str]) -> String {
    let mut arguments = vec![format!("--dns-server={}", dns::server())];
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    let (report, table) = report(vec![definition], &arguments);
    format!("{report}\n{table}")
}

/// Asserts that of two servers that differ in one word the report shows that which is harmless, and neither the piece of
/// the secret nor what surrounds it.
fn assert_hidden(what: &str, harmless: &Value, telling: &Value) {
    let shown = printed(harmless.clone(), &[]);
    assert!(shown.contains("harmless"), "{what}: the word stands nowhere, so nothing is tested: {shown}");
    assert!(!printed(harmless.clone(), &["--no-detail"]).contains("harmless"), "{what}: --no-detail");
    for more in [&[][..], &["--no-detail"]] {
        let shown = printed(telling.clone(), more);
        assert!(!shown.to_lowercase().contains(PIECE), "{what} {more:?}: {shown}");
    }
}

/// The records of a cluster of one host: a node that listens, or what stands in its place.
fn seeds(question: &Question, node: &str, line: &str) -> Reply {
    match question.prefix.as_str() {
        "_mongodb._tcp" => records(question, [service(&format!("{node}.{}", question.zone), question.port)]),
        "" => records(question, [text(line)]),
        "node" => records(question, [here()]),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}

/// The same with a host that nobody may print as it is.
fn steering_seeds(question: &Question) -> Reply {
    if question.prefix != "_mongodb._tcp" {
        return seeds(question, "", "");
    }
    let labels = std::iter::once(&b"x\x1b[31m\xc2\x9bharmless"[..]).chain(question.zone.split('.').map(str::as_bytes));
    let host = Name::from_labels(labels).unwrap();
    records(question, [RData::SRV(SRV::new(0, 0, question.port, host))])
}

/// A cluster whose records are as `naming` says, and whose server refuses the login.
fn cluster(naming: Naming) -> (Value, Listening) {
    let refusal = mongodb::tells(doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no" });
    let server = peer(Mongodb, vec![Step::Hear, mongodb::greets(doc! {}, "4096"), Step::Hear, refusal, Step::Hold]);
    let name = dns::name(naming, server.port, &Watched::default());
    let mut definition = Mongodb.definition(&name, server.port, None);
    definition["port"] = Value::Null;
    definition["extra"] = json!({"srv": true, "tls": false});
    (definition, server)
}

#[test]
fn a_host_of_an_srv_record() {
    let (harmless, _one) = cluster(|question| seeds(question, "harmless", ""));
    let (telling, _other) = cluster(|question| seeds(question, "x-cAnArY-hunter2", ""));
    assert_hidden("a name without address", &harmless, &telling);
    let (steering, _third) = cluster(steering_seeds);
    let shown = printed(steering, &[]);
    assert!(!shown.contains("resolver_silent") && !shown.contains(['\u{1b}', '\u{9b}']), "{shown:?}");
    assert!(!shown.contains(r"\u001b") && !shown.contains(r"\u009b"), "{shown}");
}

#[test]
fn the_database_of_a_txt_record() {
    let (harmless, _one) = cluster(|question| seeds(question, "node", "authSource=harmless"));
    let (telling, _other) = cluster(|question| seeds(question, "node", "authSource=x-cAnArY-hunter2"));
    assert_hidden("authSource", &harmless, &telling);
    let (steering, _third) = cluster(|question| seeds(question, "node", "authSource=%1B%5B31m%C2%9Bharmless%E2%80%AE"));
    let shown = printed(steering, &[]);
    assert!(shown.contains("harmless") && !shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{shown:?}");
    assert!(!shown.contains(r"\u001b") && !shown.contains(r"\u009b"), "{shown}");
}

#[test]
fn the_server_of_a_route() {
    let routed = |name: &str| {
        let host = format!("{name}.database.windows.net");
        let route = mssql::packet(1, &[mssql::login_ack(), mssql::routing(&host, 1433), mssql::done(0)].concat());
        let script = vec![Step::Hear, say(mssql::prelogin(mssql::ENCRYPT_NOT_SUP)), Step::Hear, say(route), Step::Hold];
        let server = peer(Mssql, script);
        (Mssql.definition("127.0.0.1", server.port, None), server)
    };
    let ((harmless, _one), (telling, _other)) = (routed("harmless"), routed("x-cAnArY-hunter2"));
    assert_hidden("a route", &harmless, &telling);
}

#[test]
fn the_region_of_a_bucket() {
    let elsewhere = |region: &str| {
        let lines = format!("x-amz-bucket-region: {region}\r\n");
        let script = vec![Step::Hear, say(s3::error("301 Moved Permanently", &lines, "PermanentRedirect", "no"))];
        let server = peer(S3, script);
        (S3.definition("127.0.0.1", server.port, None), server)
    };
    let ((harmless, _one), (telling, _other)) = (elsewhere("harmless"), elsewhere("x-cAnArY-hunter2"));
    assert_hidden("a region", &harmless, &telling);
}
