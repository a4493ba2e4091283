//! Many failures, one root: it is one cause, and the table says the same as JSON.

use hickory_resolver::proto::op::ResponseCode;
use rustls::version::TLS13;
use serde_json::{Map, Value, json};

use crate::dns::{self, Reply};
use crate::matrix::{Driver, Mysql, Postgres};
use crate::peer::{Listening, Peer, Step, Watched, refused, say};
use crate::pki::{self, Server};
use crate::process;
use crate::speech::{self, postgres};

/// The report in JSON, and the table of the same run.
pub fn report(definitions: Vec<Value>, arguments: &[String]) -> (Value, String) {
    let table = tempfile::NamedTempFile::new().unwrap();
    let named = (0..).map(|n| format!("c{n}")).zip(definitions);
    let input = Value::Object(named.collect::<Map<_, _>>()).to_string();
    let mut command = process::connprobe(&["check", "-", "--timeout", "5s", "--format", "json"]);
    command.arg(format!("--format=table={}", table.path().display())).args(arguments);
    let output = process::over(&mut command, &input);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    (report, std::fs::read_to_string(table.path()).unwrap())
}

/// The causes in JSON, and the table.
fn told(definitions: Vec<Value>, arguments: &[String]) -> (Vec<Value>, String) {
    let (report, table) = report(definitions, arguments);
    (report["causes"].as_array().unwrap().clone(), table)
}

/// Asserts that there is the one cause of so many failures, and that the table says what JSON does.
fn assert_one(definitions: Vec<Value>, arguments: &[String], reason: [&str; 2], target: &str) {
    let [class, reason] = reason;
    let count = definitions.len();
    let (causes, table) = told(definitions, arguments);
    let [cause] = &causes[..] else { panic!("{causes:#?}") };
    let expected = json!([class, reason, target]);
    assert_eq!(json!([cause["class"], cause["reason"], cause["target"]]), expected, "{cause:#}");
    assert_eq!(cause["ids"].as_array().unwrap().len(), count, "{cause:#}");

    // The rows, one block for each cause, the counts.
    let blocks: Vec<String> =
        table.split("\n\n").map(|block| block.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let said: Vec<&String> = blocks.iter().filter(|block| block.contains(&format!("[{class}"))).collect();
    let [said] = &said[..] else { panic!("{table}") };
    for part in ["message", "hint"] {
        assert!(said.contains(cause[part].as_str().unwrap()), "{part}: {table}");
    }
    let (names, _) = said.split_once(": ").unwrap();
    assert_eq!(names.split(", ").filter(|name| name.starts_with('c')).count(), count.min(12), "{table}");
    assert_eq!(said.contains(&format!("and {} more", count.saturating_sub(12))), count > 12, "{table}");
}

fn definition(driver: Driver, host: &str, port: u16) -> Value {
    driver.definition(host, port, None)
}

#[test]
fn a_host_that_is_down() {
    let ports = [refused(), refused(), refused()];
    let down = |driver: Driver, n: usize| definition(driver, "127.0.0.1", ports[n].0);
    let definitions = vec![down(Postgres, 0), down(Mysql, 1), down(Postgres, 2), down(Mysql, 0)];
    assert_one(definitions, &[], ["unreachable", "connection_refused"], "127.0.0.1");
}

#[test]
fn a_dns_zone_that_is_gone() {
    let hosts = ["db1", "db2", "db1"].map(|name| format!("{name}.gone.faults.example"));
    let definitions = hosts.iter().map(|host| definition(Postgres, host, 5432)).collect();
    let server = format!("--dns-server={}", dns::server());
    assert_one(definitions, &[server], ["resolve", "name_not_found"], "gone.faults.example");
}

#[test]
fn dns_servers_that_fail() {
    let names = [0, 1, 2].map(|_| dns::name(|_| Reply::Code(ResponseCode::ServFail), 0, &Watched::default()));
    let definitions = names.iter().map(|name| definition(Postgres, name, 5432)).collect();
    let (causes, _) = told(definitions, &[format!("--dns-server={}", dns::server())]);
    let [cause] = &causes[..] else { panic!("{causes:#?}") };
    let expected = json!(["resolver_failed", null, 3]);
    let count = cause["ids"].as_array().unwrap().len();
    assert_eq!(json!([cause["reason"], cause["target"], count]), expected, "{cause:#}");
}

#[test]
fn an_authority_that_has_expired() {
    let authority = pki::server(Server::ExpiredAuthority, &TLS13);
    let peers: Vec<Listening> = (0..3)
        .map(|_| {
            let script = vec![Step::Hear, say("S"), Step::Tls(authority.clone()), Step::Hold];
            Peer::start(script, speech::framing(Postgres)).listening
        })
        .collect();
    let definitions =
        peers.iter().map(|peer| Postgres.definition("127.0.0.1", peer.port, Some(pki::authority()))).collect();
    let issuer = "CN=Someone Between";
    assert_one(definitions, &[], ["tls", "authority_expired"], issuer);
}

#[test]
fn an_account_that_is_refused_fourteen_times() {
    let refusal = postgres::error("28P01", "no", "auth_failed");
    // It asks for the password first: who refuses before that has looked at none.
    let asks = b"R\0\0\0\x08\0\0\0\x03";
    let script = vec![Step::Hear, say("N"), Step::Hear, say(asks), Step::Hear, say(refusal)];
    let peer = Peer::start(script, speech::framing(Postgres));
    let definitions = (0..14)
        .map(|n| {
            let mut one = definition(Postgres, "127.0.0.1", peer.listening.port);
            one["password"] = json!(format!("{}{}", speech::CANARY, n % 5));
            one["schema"] = json!(format!("db{n}"));
            one
        })
        .collect();
    let target = format!("127.0.0.1:{}", peer.listening.port);
    assert_one(definitions, &[], ["auth", "login_refused"], &target);
    assert_eq!(peer.watch.seen().connections, 2, "logins that were really made");
}
