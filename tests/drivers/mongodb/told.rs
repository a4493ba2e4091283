//! MongoDB: tests of hints, of the server's texts and of its DNS records in results.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData};
use mongodb::bson::doc;
use serde_json::{Value, json};

use super::speech::{OWN, greets, tells};
use crate::causes::report;
use crate::dns::{self, Naming, Question, Reply, here, records, service, text};
use crate::peer::{Listening, Script, Step, Watched};
use crate::second_look::{assert_hint, peer, with};
use crate::words_from_outside::{assert_hidden, printed};

/// A server that refuses every login.
fn refusing() -> Script {
    let refusal = tells(doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no" });
    vec![Step::Hear, greets(doc! {}, "4096"), Step::Hear, refusal, Step::Hold]
}

#[test]
fn what_a_login_lacks() {
    let server = peer(&OWN, refusing());
    let definition = OWN.definition("127.0.0.1", server.port, None);
    let fields = &["login", "password"];
    assert_hint("MongoDB without authSource", definition.clone(), "auth", fields);
    assert_hint("MongoDB with a schema", with(definition, "schema", "sales"), "auth", fields);
}

/// The records of a cluster with one host, `node`, and the TXT record `line`. Only the name `node` has an address.
fn seeds(question: &Question, node: &str, line: &str) -> Reply {
    match question.prefix.as_str() {
        "_mongodb._tcp" => records(question, [service(&format!("{node}.{}", question.zone), question.port)]),
        "" => records(question, [text(line)]),
        "node" => records(question, [here()]),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}

/// The same with a host name that contains control characters.
fn steering_seeds(question: &Question) -> Reply {
    if question.prefix != "_mongodb._tcp" {
        return seeds(question, "", "");
    }
    let labels = std::iter::once(&b"x\x1b[31m\xc2\x9bharmless"[..]).chain(question.zone.split('.').map(str::as_bytes));
    let host = Name::from_labels(labels).unwrap();
    records(question, [RData::SRV(SRV::new(0, 0, question.port, host))])
}

/// A cluster with the records of `naming`, and a server that refuses the login.
fn cluster(naming: Naming) -> (Value, Listening) {
    let server = peer(&OWN, refusing());
    let name = dns::name(naming, server.port, &Watched::default());
    let mut definition = OWN.definition(&name, server.port, None);
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

/// A server's own name and names whose SRV records lead to it are one account, already before a credential is sent.
#[test]
fn clusters_of_one_server_see_two_wrong_secrets() {
    // The number of different wrong secrets in six definitions, and the number of logins that may be refused.
    for (secrets, refused) in [(1, 1), (6, 2)] {
        let server = peer(&OWN, refusing());
        let definitions = (0..6).map(|n| {
            let mut definition = OWN.definition("127.0.0.1", server.port, None);
            definition["password"] = json!(format!("wrong-{}", n % secrets));
            definition["extra"] = json!({"tls": false, "authSource": "admin"});
            if n != 3 {
                definition["host"] = json!(dns::name(one_node, server.port, &Watched::default()));
                definition["port"] = Value::Null;
                definition["extra"] = json!({"srv": true, "tls": false});
            }
            definition
        });
        let (report, _) = report(definitions.collect(), &[format!("--dns-server={}", dns::server_address())]);
        let results = report["results"].as_array().unwrap();
        let tried = results.iter().filter(|result| result["attempts"] != 0).count();
        assert_eq!((results.len(), tried), (6, refused), "{report:#}");
        for result in results {
            assert!(result["class"] == "auth" || result["class"] == "withheld", "{result:#}");
        }
    }
}

/// The records of a cluster with one host.
fn one_node(question: &Question) -> Reply {
    seeds(question, "node", "authSource=admin")
}
