//! The commands that a server receives: only those of a login and one that reads, whatever the mechanism; in a look,
//! which sends no credential, none that contains one.

use std::sync::{Arc, Mutex};

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use super::logins::{certified, obliging};
use super::scripted::{SERVER_FIRST, Verdict, converse, first_answer, greeting, hello, look, message, probe};
use crate::driver::Evidence;
use crate::driver::fuzzing::{PASSWORD, Scram};
use crate::driver::mongodb::reply::binary;

/// All commands that may be sent: any other writes, or asks for more than a login needs.
const HARMLESS: [&str; 7] =
    ["isMaster", "hello", "saslStart", "saslContinue", "authenticate", "buildInfo", "listDatabases"];

/// The commands that one server received.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Document>>>);

impl Heard {
    fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|command| command.keys().next().unwrap().clone()).collect()
    }

    fn payloads(&self) -> String {
        let commands = self.0.lock().unwrap();
        let speculative = commands.iter().filter_map(|command| command.get_document("speculativeAuthenticate").ok());
        let payloads =
            commands.iter().chain(speculative).filter_map(|command| command.get_binary_generic("payload").ok());
        payloads.map(|payload| String::from_utf8_lossy(payload).into_owned()).collect()
    }
}

/// Plays a server that accepts everybody who knows the password. If `coy`, it does not answer a greeting with a
/// challenge.
fn lets_in(heard: &Heard, coy: bool) -> impl Fn(&Document) -> Option<Vec<u8>> + Clone + Send + Sync + use<> {
    let (heard, scram) = (heard.clone(), Arc::<Mutex<Scram>>::default());
    move |command: &Document| {
        heard.0.lock().unwrap().push(command.clone());
        scram.lock().unwrap().hear(&command.to_vec().unwrap());
        let done = |payload: &[u8]| {
            doc! { "conversationId": 1, "done": true, "payload": binary(payload), "ok": 1 }
        };
        let answer = match command.keys().next()?.as_str() {
            "isMaster" | "hello" if coy => hello(),
            "isMaster" | "hello" => greeting(command, doc! {}, SERVER_FIRST),
            "saslStart" if command.get_str("mechanism").is_ok_and(|name| name == "PLAIN") => done(&[]),
            "saslStart" => first_answer(command, SERVER_FIRST),
            "saslContinue" => done(&[&b"v="[..], &[b'\x02'; 44]].concat()),
            "authenticate" => doc! { "dbname": "$external", "user": "CN=etl", "ok": 1 },
            "buildInfo" => doc! { "version": "8.0.4", "ok": 1 },
            "listDatabases" => doc! { "databases": [], "ok": 1 },
            other => doc! { "ok": 0, "code": 59, "errmsg": format!("no such command: {other}") },
        };
        // The final signature depends on the challenge in the greeting.
        Some(scram.lock().unwrap().fit(&message(&answer)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "reads as the definition that it is part of")]
fn definition(extra: Value) -> Value {
    json!({"login": "etl", "password": PASSWORD, "schema": "sales", "extra": extra})
}

async fn ask(looks: bool, definition: Value, coy: bool) -> (Verdict, Heard) {
    let heard = Heard::default();
    let answers = lets_in(&heard, coy);
    let serve = move |stream| converse(stream, answers.clone());
    let verdict = if looks { look(definition, serve).await } else { probe(definition, serve).await };
    (verdict, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_only_reads() {
    let scram = |name: &str| definition(json!({"authMechanism": name}));
    for (definition, coy, expected) in [
        (scram("SCRAM-SHA-256"), false, &["isMaster", "saslContinue", "buildInfo"][..]),
        (scram("SCRAM-SHA-256"), true, &["isMaster", "saslStart", "saslContinue", "buildInfo"]),
        (definition(json!({})), false, &["isMaster", "saslContinue", "buildInfo"]),
        (scram("PLAIN"), false, &["isMaster", "saslStart", "buildInfo"]),
        (json!({"schema": "sales"}), false, &["isMaster", "listDatabases"]),
    ] {
        let (verdict, heard) = ask(false, definition.clone(), coy).await;
        assert_eq!(verdict.outcome, Ok(()), "{definition}");
        let names = heard.names();
        assert_eq!(names, expected, "{definition}");
        assert!(names.iter().all(|name| HARMLESS.contains(&name.as_str())), "{definition}: {names:?}");
        assert_eq!(verdict.connections, 1, "{definition}");
        let commands = heard.0.lock().unwrap();
        // Nothing of the definition's database is accessed, and nothing is left behind.
        for command in commands.iter() {
            assert!(command.get_str("$db").is_ok_and(|database| database != "sales") || definition["login"] == "etl");
            assert!(!command.contains_key("lsid") && !command.contains_key("txnNumber"), "{definition}: {command}");
            assert!(!command.contains_key("writeConcern"), "{definition}: {command}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_ends_before_a_credential_leaves() {
    for (mechanism, coy, expected, shows) in [
        ("SCRAM-SHA-256", false, &["isMaster"][..], true),
        ("SCRAM-SHA-256", true, &["isMaster", "saslStart"], true),
        ("SCRAM-SHA-1", true, &["isMaster", "saslStart"], true),
        // PLAIN begins with the password.
        ("PLAIN", false, &["isMaster"], false),
    ] {
        let definition = definition(json!({"authMechanism": mechanism}));
        let (verdict, heard) = ask(true, definition, coy).await;
        assert!(verdict.outcome.is_err(), "{mechanism}");
        assert_eq!(heard.names(), expected, "{mechanism}");
        let salt = matches!(&verdict.credential.evidence, Some(Evidence::SaltOf(of, salt)) if of == mechanism && !salt.is_empty());
        assert_eq!(salt, shows, "{mechanism}: {:?}", verdict.credential.evidence);
        assert!(!verdict.trace.credential_sent && !verdict.credential.sent, "{mechanism}");
        assert!(!heard.payloads().contains(PASSWORD) && !heard.payloads().contains("p="), "{mechanism}");
    }
}

/// The crate starts the login in its greeting.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_with_a_certificate_asks_for_no_login() {
    for (looks, expected) in [(false, &["isMaster", "buildInfo"][..]), (true, &[])] {
        let (acceptor, definition) = certified();
        let heard = Heard::default();
        let log = heard.clone();
        let serve = move |stream| {
            let (acceptor, log) = (acceptor.clone(), log.clone());
            async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = move |command: &Document| {
                    log.0.lock().unwrap().push(command.clone());
                    obliging(command)
                };
                converse(stream, answer).await;
            }
        };
        let verdict = if looks { look(definition, serve).await } else { probe(definition, serve).await };
        assert_eq!((verdict.outcome.is_ok(), verdict.credential.sent), (!looks, !looks), "{:?}", verdict.outcome);
        assert_eq!(heard.names(), expected);
    }
}
