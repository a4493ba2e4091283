//! Many failures with the same root are one cause, and the table reports the same cause as the JSON report.

use hickory_resolver::proto::op::ResponseCode;
use rustls::version::TLS13;
use serde_json::{Map, Value, json};

use crate::dns::{self, Reply};
use crate::matrix::{example, other_example};
use crate::peer::{Listening, Peer, Step, Watched, refused};
use crate::pki::{self, Server};
use crate::process;
use crate::speech::Driver;

/// The JSON report, and the table of the same run.
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

/// The causes in the JSON report, and the table.
fn told(definitions: Vec<Value>, arguments: &[String]) -> (Vec<Value>, String) {
    let (report, table) = report(definitions, arguments);
    (report["causes"].as_array().unwrap().clone(), table)
}

/// Asserts that all `definitions` have one cause in common, and that the table shows the same cause as the JSON report.
pub fn assert_one(definitions: Vec<Value>, arguments: &[String], reason: [&str; 2], target: &str) {
    let [class, reason] = reason;
    let count = definitions.len();
    let (causes, table) = told(definitions, arguments);
    let [cause] = &causes[..] else { panic!("{causes:#?}") };
    let expected = json!([class, reason, target]);
    assert_eq!(json!([cause["class"], cause["reason"], cause["target"]]), expected, "{cause:#}");
    assert_eq!(cause["ids"].as_array().unwrap().len(), count, "{cause:#}");

    // Blocks of the table: the rows, one block for each cause, the counts.
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
    let (one, other) = (example(), other_example());
    let ports = [refused(), refused(), refused()];
    let down = |driver: Driver, n: usize| definition(driver, "127.0.0.1", ports[n].0);
    let definitions = vec![down(one, 0), down(other, 1), down(one, 2), down(other, 0)];
    assert_one(definitions, &[], ["unreachable", "connection_refused"], "127.0.0.1");
}

#[test]
fn a_dns_zone_that_is_gone() {
    let hosts = ["db1", "db2", "db1"].map(|name| format!("{name}.gone.faults.example"));
    let definitions = hosts.iter().map(|host| definition(example(), host, 5432)).collect();
    let server = format!("--dns-server={}", dns::server_address());
    assert_one(definitions, &[server], ["resolve", "name_not_found"], "gone.faults.example");
}

#[test]
fn dns_servers_that_fail() {
    let names = [0, 1, 2].map(|_| dns::name(|_| Reply::Code(ResponseCode::ServFail), 0, &Watched::default()));
    let definitions = names.iter().map(|name| definition(example(), name, 5432)).collect();
    let (causes, _) = told(definitions, &[format!("--dns-server={}", dns::server_address())]);
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
            let shown = vec![Step::Tls(authority.clone()), Step::Hold];
            Peer::start([(example().tls.prelude)(), shown].concat(), example().framing).listening
        })
        .collect();
    let definitions =
        peers.iter().map(|peer| example().definition("127.0.0.1", peer.port, Some(pki::authority()))).collect();
    let issuer = "CN=Someone Between";
    assert_one(definitions, &[], ["tls", "authority_expired"], issuer);
}
