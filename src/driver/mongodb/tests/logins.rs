//! Logins that the local test server does not support: LDAP's PLAIN, certificates, load balancers, lists of hosts.

use std::sync::{Arc, Mutex};

use mongodb::bson::{Document, doc, oid::ObjectId};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::scripted::{SERVER_FIRST, ask, converse, greeting, hello, message, probe, probe_over};
use crate::driver::Policy;
use crate::driver::mongodb::reply::binary;
use crate::model::class::Class;
use crate::model::phase::Phase;
use crate::model::reason::ReasonCode;
use crate::net::Network;

/// Accepts every login by PLAIN and by certificate, and reports a version.
pub(super) fn obliging(command: &Document) -> Option<Vec<u8>> {
    let done = doc! { "conversationId": 1, "done": true, "payload": binary(&[]), "ok": 1 };
    let user = doc! { "dbname": "$external", "user": "CN=etl", "ok": 1 };
    let answer = match command.keys().next()?.as_str() {
        "isMaster" | "hello" if command.contains_key("speculativeAuthenticate") => {
            greeting_with(doc! { "speculativeAuthenticate": user })
        }
        "isMaster" | "hello" => hello(),
        "saslStart" => done,
        "authenticate" => user,
        "buildInfo" => doc! { "version": "7.0.1", "ok": 1 },
        other => doc! { "ok": 0, "code": 59, "errmsg": format!("no such command: {other}") },
    };
    Some(message(&answer))
}

fn greeting_with(more: Document) -> Document {
    let mut hello = hello();
    hello.extend(more);
    hello
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_sends_the_password_once_and_to_external() {
    let seen = Arc::<Mutex<Vec<Document>>>::default();
    let log = Arc::clone(&seen);
    let definition = json!({"login": "etl", "password": "hunter22", "extra": {"authMechanism": "PLAIN"}});
    let verdict = ask(definition, move |command| {
        log.lock().unwrap().push(command.clone());
        obliging(command)
    })
    .await;
    verdict.outcome.unwrap();
    let facts = &verdict.trace.facts;
    assert_eq!((facts.version.as_deref(), facts.user.as_deref()), (Some("7.0.1"), Some("etl")));
    assert_eq!((facts.auth_method.as_deref(), facts.server_proved), (Some("PLAIN"), Some(false)));
    assert!(verdict.trace.credential_sent);
    assert_eq!((verdict.connections, verdict.trace.phase()), (1, Some(Phase::Query)));

    let seen = seen.lock().unwrap();
    let names: Vec<&str> = seen.iter().map(|command| command.keys().next().unwrap().as_str()).collect();
    assert_eq!(names, ["isMaster", "saslStart", "buildInfo"]);
    assert_eq!(seen[1].get_str("$db").unwrap(), "$external");
    assert_eq!(seen[1].get_binary_generic("payload").unwrap(), b"\0etl\0hunter22");
    let client = seen[0].get_document("client").unwrap().get_document("application").unwrap();
    assert_eq!(client.get_str("name").unwrap(), crate::driver::kit::CLIENT_NAME);
    assert!(seen.iter().all(|command| !command.contains_key("lsid")), "the server must not keep a session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_clear_to_another_machine_is_warned_of_or_not_begun() {
    let demands = |require_tls, verify_tls| Policy { require_tls, verify_tls, ..Policy::default() };
    for (mechanism, warnings) in
        [("PLAIN", &["tls_absent", "password_in_clear"][..]), ("SCRAM-SHA-256", &["tls_absent"])]
    {
        for policy in [Policy::default(), demands(true, false), demands(false, true)] {
            let seen = Arc::<Mutex<usize>>::default();
            let log = Arc::clone(&seen);
            let definition = json!({"login": "etl", "password": "hunter22", "extra": {"authMechanism": mechanism}});
            let demanded = policy.require_tls || policy.verify_tls;
            let verdict = probe_over(Network::remote(), policy, definition, move |stream| {
                let log = Arc::clone(&log);
                converse(stream, move |command| {
                    *log.lock().unwrap() += 1;
                    obliging(command)
                })
            })
            .await;
            let codes: Vec<&str> = verdict.trace.warnings.iter().map(|warning| warning.code.as_str()).collect();
            if demanded {
                assert_eq!(verdict.outcome.unwrap_err().class, Class::Tls, "{mechanism}");
                assert_eq!((*seen.lock().unwrap(), codes), (0, vec![]), "{mechanism}: a word was said");
                assert!(!verdict.trace.credential_sent);
            } else {
                assert_eq!(codes, warnings, "{mechanism}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_login_the_server_must_demand_none() {
    let open = |command: &Document| {
        let answer = if command.contains_key("listDatabases") {
            doc! { "databases": [], "ok": 1 }
        } else {
            hello()
        };
        Some(message(&answer))
    };
    ask(json!({}), open).await.outcome.unwrap();
    let guarded = |command: &Document| {
        let refusal = doc! { "ok": 0, "code": 13, "codeName": "Unauthorized", "errmsg": "requires authentication" };
        let answer = if command.contains_key("listDatabases") { refusal } else { hello() };
        Some(message(&answer))
    };
    let verdict = ask(json!({}), guarded).await;
    let failure = verdict.outcome.unwrap_err();
    assert_eq!((failure.class, failure.phase), (Class::Auth, Some(Phase::Auth)));
    assert!(!verdict.trace.credential_sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_is_told_that_it_is_one() {
    let definition = json!({
        "login": "etl", "password": "hunter22", "extra": {"authMechanism": "PLAIN", "loadBalanced": true},
    });
    let balanced = |command: &Document| match command.get_bool("loadBalanced") {
        Ok(true) => Some(message(&greeting_with(doc! { "serviceId": ObjectId::new(), "msg": "isdbgrid" }))),
        _ => obliging(command),
    };
    let verdict = ask(definition.clone(), balanced).await;
    verdict.outcome.unwrap();
    assert_eq!(verdict.connections, 1);
    assert_eq!(verdict.trace.facts.server.as_deref(), Some("MongoDB (mongos)"));
    let verdict = ask(definition, obliging).await;
    assert_eq!(verdict.outcome.unwrap_err().class, Class::Definition);
    assert!(!verdict.trace.credential_sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_host_is_asked_when_nobody_answers_and_never_after_a_refusal() {
    let login =
        |host: &str| json!({"host": host, "login": "etl", "password": "hunter22", "extra": {"authMechanism": "PLAIN"}});
    let verdict = ask(login("127.0.0.1:1,127.0.0.1:PORT"), obliging).await;
    verdict.outcome.unwrap();
    assert_eq!(verdict.trace.warnings[0].code.as_str(), "host_skipped");

    let refusing = |command: &Document| {
        let refusal = doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no" };
        if command.contains_key("saslStart") { Some(message(&refusal)) } else { obliging(command) }
    };
    let verdict = ask(login("127.0.0.1:PORT,127.0.0.1:PORT"), refusing).await;
    assert_eq!((verdict.outcome.unwrap_err().class, verdict.connections), (Class::Auth, 1));

    let vanishing = |command: &Document| if command.contains_key("saslStart") { None } else { obliging(command) };
    let verdict = ask(login("127.0.0.1:PORT,127.0.0.1:PORT"), vanishing).await;
    assert_eq!((verdict.outcome.unwrap_err().class, verdict.connections), (Class::Closed, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_host_leaves_time_for_the_next() {
    let definition = json!({
        "host": "127.0.0.1:PORT,127.0.0.1:PORT", "login": "etl", "password": "hunter22", "extra": {"authMechanism": "PLAIN"},
    });
    let turn = Arc::<Mutex<usize>>::default();
    let verdict = probe(definition, move |stream| {
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        let silent = *turn == 1;
        converse(stream, move |command| if silent { Some(Vec::new()) } else { obliging(command) })
    })
    .await;
    verdict.outcome.unwrap();
    assert_eq!(verdict.connections, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_wanted_replica_set_sees_no_credential() {
    let definition = json!({"login": "etl", "password": "hunter22", "extra": {"replicaSet": "rs0"}});
    let verdict =
        ask(definition, |command| Some(message(&greeting(command, doc! { "setName": "rs1" }, SERVER_FIRST)))).await;
    assert_eq!(verdict.outcome.unwrap_err().class, Class::Definition);
    assert!(!verdict.trace.credential_sent);
}

/// A server that requires a certificate, and a definition that has one.
pub(super) fn certified() -> (TlsAcceptor, Value) {
    let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let issue = |name: &str| {
        let key = KeyPair::generate().unwrap();
        (CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap(), key)
    };
    let (server, server_key) = issue("localhost");
    let (client, client_key) = issue("etl");

    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.der().clone()], PrivateKeyDer::try_from(server_key.serialize_der()).unwrap())
        .unwrap();
    let definition = json!({
        "host": "localhost:PORT",
        "extra": {
            "authMechanism": "MONGODB-X509", "tlsCAFile": authority.pem(),
            "tlsCertificateKeyFile": format!("{}{}", client.pem(), client_key.serialize_pem()),
        },
    });
    (TlsAcceptor::from(Arc::new(config)), definition)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_logs_in_without_a_password() {
    let (acceptor, definition) = certified();
    let verdict = probe(definition, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                converse(stream, obliging).await;
            }
        }
    })
    .await;
    verdict.outcome.unwrap();
    let facts = verdict.trace.facts;
    assert_eq!((facts.auth_method.as_deref(), facts.user.as_deref()), (Some("MONGODB-X509"), Some("CN=etl")));
    assert_eq!((facts.server_proved, facts.tls.map(|tls| tls.verified)), (Some(true), Some(true)));
}

/// What Atlas sends to an address that is not on its list: the alert `internal_error`, and nothing else. Scripted.
#[tokio::test]
async fn an_alert_that_turns_a_client_away_names_the_access_list() {
    let fields = json!({"login": "u", "password": "p", "extra": {"tls": true}});
    let verdict = probe(fields, |mut stream| async move {
        let mut hello = [0; 512];
        let _said = stream.read(&mut hello).await;
        stream.write_all(b"\x15\x03\x03\0\x02\x02\x50").await.ok();
    })
    .await;
    let failure = verdict.outcome.unwrap_err();
    assert_eq!((failure.class, verdict.trace.phase()), (Class::Tls, Some(Phase::Tls)), "{failure:?}");
    assert!(failure.hint.is_some_and(|hint| hint.contains("Atlas")), "the hint of any alert");
}

/// A server that accepts only TLS, as Azure Cosmos DB: it waits for a handshake, or closes. Scripted.
#[tokio::test]
async fn a_server_that_only_speaks_tls_is_suspected_in_clear() {
    let fields = json!({"login": "u", "password": "p"});
    let verdict = probe(fields, |mut stream| async move {
        let mut hello = [0; 512];
        let _said = stream.read(&mut hello).await;
    })
    .await;
    let failure = verdict.outcome.unwrap_err();
    assert_eq!(failure.reason, ReasonCode::ClosedBeforeGreeting, "{failure:?}");
    assert!(failure.hint.unwrap().contains("`tls`"));
    assert!(verdict.trace.if_silent.unwrap().contains("`tls`"));
}

/// The server could have chosen SCRAM-SHA-1, which carries any password.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_the_chosen_mechanism_cannot_carry_is_not_sent() {
    let definition = json!({"login": "etl", "password": "hunter\u{7}22"});
    let verdict = ask(definition, |command| Some(message(&greeting(command, doc! {}, SERVER_FIRST)))).await;
    let failure = verdict.outcome.unwrap_err();
    assert_eq!((failure.class, failure.reason), (Class::Definition, ReasonCode::BadPassword));
    assert!(!verdict.trace.credential_sent);
}
