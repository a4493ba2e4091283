//! Names whose SRV records lead to one server, and that server's own name, are one account before a credential leaves.

use ::mongodb::bson::doc;
use hickory_resolver::proto::op::ResponseCode;
use serde_json::{Value, json};

use crate::causes::report;
use crate::dns::{self, Question, Reply, here, records, service, text};
use crate::matrix::Mongodb;
use crate::peer::{Peer, Step, Watched};
use crate::speech::{self, mongodb};

fn seeds(question: &Question) -> Reply {
    match question.prefix.as_str() {
        "_mongodb._tcp" => records(question, [service(&format!("node.{}", question.zone), question.port)]),
        "" => records(question, [text("authSource=admin")]),
        "node" => records(question, [here()]),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}

#[test]
fn clusters_of_one_server_see_two_wrong_secrets() {
    let refusal = mongodb::tells(doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no" });
    // How many different wrong secrets there are in six definitions, and how many may be refused.
    for (secrets, refused) in [(1, 1), (6, 2)] {
        let script = vec![Step::Hear, mongodb::greets(doc! {}, "4096"), Step::Hear, refusal.clone(), Step::Hold];
        let server = Peer::start(script, speech::framing(Mongodb)).listening;
        let definitions = (0..6).map(|n| {
            let mut definition = Mongodb.definition("127.0.0.1", server.port, None);
            definition["password"] = json!(format!("wrong-{}", n % secrets));
            definition["extra"] = json!({"tls": false, "authSource": "admin"});
            if n != 3 {
                definition["host"] = json!(dns::name(seeds, server.port, &Watched::default()));
                definition["port"] = Value::Null;
                definition["extra"] = json!({"srv": true, "tls": false});
            }
            definition
        });
        let (report, _) = report(definitions.collect(), &[format!("--dns-server={}", dns::server())]);
        let results = report["results"].as_array().unwrap();
        let tried = results.iter().filter(|result| result["attempts"] != 0).count();
        assert_eq!((results.len(), tried), (6, refused), "{report:#}");
        for result in results {
            assert!(result["class"] == "auth" || result["class"] == "withheld", "{result:#}");
        }
    }
}
