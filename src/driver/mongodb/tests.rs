//! What the driver makes of definitions, and of servers that are not what they should be.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Document, doc};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::framing::{Framer, message};
use super::*;
use crate::driver::attempt::{Policy, Recorder, Trace};
use crate::driver::{Attempt, ExtraKind};
use crate::model::class::{Class, Status};
use crate::model::connection::Origin;
use crate::model::extra::Extra;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::secret::Secret;
use crate::net::Network;

fn connection(fields: &Value) -> Connection {
    let origin = Origin { source: "test".into(), line: None, pointer: String::new(), occurrence: 0 };
    let text = |key: &str| fields[key].as_str().map(str::to_owned);
    let mut connection = Connection::new(origin);
    connection.conn_type = text("type").or_else(|| Some("mongo".to_owned()));
    connection.host = text("host").or_else(|| Some("db1".to_owned()));
    connection.port = fields["port"].as_u64().map(|port| u16::try_from(port).unwrap());
    connection.schema = text("schema");
    connection.login = text("login");
    connection.password = text("password").map(Secret::new);
    connection.extra = Extra::new(fields["extra"].as_object().cloned().unwrap_or_default());
    connection.directory = Some(PathBuf::from("/conf"));
    connection
}

fn plan(fields: &Value) -> Result<Plan, Refusal> {
    Mongodb.plan(&connection(fields))
}

fn read(fields: &Value) -> Options {
    let connection = connection(fields);
    let mut reader = Fields::new(&SPEC, &connection);
    let options = options::read(&mut reader);
    reader.finish().unwrap_or_else(|refusal| panic!("{fields}: {refusal:?}"));
    options.unwrap()
}

mod definitions {
    use super::*;
    use crate::driver::mongodb::options::Mechanism;
    use crate::net::tls::Verification;

    #[test]
    fn the_authentication_database_is_the_first_that_is_known() {
        for (schema, extra, record, database) in [
            (None, json!({}), None, "admin"),
            (Some("sales"), json!({}), None, "sales"),
            (Some("sales"), json!({}), Some("users"), "users"),
            (Some("sales"), json!({"authSource": "own"}), Some("users"), "own"),
            (Some("sales"), json!({"AUTHSOURCE": "own"}), None, "own"),
            (Some("sales"), json!({"authMechanism": "PLAIN"}), None, "$external"),
            (Some("sales"), json!({"authMechanism": "plain", "authSource": "ldap"}), None, "ldap"),
        ] {
            let options = read(&json!({"login": "u", "password": "p", "schema": schema, "extra": extra}));
            assert_eq!(options.login.unwrap().source.database(record), database, "{schema:?} {extra} {record:?}");
        }
        let x509 = json!({"authMechanism": "MONGODB-X509", "tlsCertificateKeyFile": "me.pem"});
        assert_eq!(read(&json!({"schema": "sales", "extra": x509})).login.unwrap().source.database(None), "$external");
    }

    #[test]
    fn a_login_is_whole_or_absent() {
        for (login, password, extra, wrong) in [
            (Some("u"), Some("p"), json!({}), None),
            (None, None, json!({}), None),
            (Some("u"), None, json!({}), Some(Class::Definition)),
            (Some("u"), Some(""), json!({}), Some(Class::Definition)),
            (None, Some("p"), json!({}), Some(Class::Definition)),
            (None, None, json!({"authMechanism": "SCRAM-SHA-256"}), Some(Class::Definition)),
            (None, None, json!({"authMechanism": "PLAIN"}), Some(Class::Definition)),
            (None, None, json!({"username": "u", "password": "p"}), None),
            (None, None, json!({"authMechanism": "MONGODB-X509"}), Some(Class::Definition)),
            (Some("CN=u"), None, json!({"authMechanism": "MONGODB-X509", "tlsCertificateKeyFile": "me.pem"}), None),
            (Some("a,b"), Some("p"), json!({}), Some(Class::Unsupported)),
            (Some("a,b"), Some("p"), json!({"authMechanism": "PLAIN"}), None),
            (Some("u"), Some("p"), json!({"authMechanism": "GSSAPI"}), Some(Class::Unsupported)),
            (None, None, json!({"authMechanism": "MONGODB-AWS"}), Some(Class::Unsupported)),
            (None, None, json!({"authMechanism": "mongodb-oidc"}), Some(Class::Unsupported)),
            (Some("u"), Some("p"), json!({"authMechanism": "MAGIC"}), Some(Class::Definition)),
        ] {
            let planned = plan(&json!({"login": login, "password": password, "extra": extra}));
            assert_eq!(planned.err().map(|refusal| refusal.class), wrong, "{login:?} {password:?} {extra}");
        }
    }

    #[test]
    fn a_login_says_how_it_is_proved() {
        for (extra, mechanism) in [
            (json!({}), Mechanism::Negotiated),
            (json!({"authMechanism": "DEFAULT"}), Mechanism::Negotiated),
            (json!({"authmechanism": "scram-sha-1"}), Mechanism::ScramSha1),
            (json!({"authMechanism": "SCRAM-SHA-256"}), Mechanism::ScramSha256),
            (json!({"authMechanism": "PLAIN"}), Mechanism::Plain),
        ] {
            let options = read(&json!({"login": "u", "password": "p", "extra": extra}));
            assert_eq!(options.login.unwrap().mechanism, mechanism, "{extra}");
        }
    }

    #[test]
    fn tls_is_on_where_anything_asks_for_it() {
        use Verification::{Chain, Full};
        for (kind, extra, expected) in [
            ("mongo", json!({}), None),
            ("mongo", json!({"tls": true}), Some(Full)),
            ("mongo", json!({"ssl": "true"}), Some(Full)),
            ("mongo", json!({"ssl": "false"}), None),
            ("mongo", json!({"allow_insecure": "true"}), None),
            ("mongo", json!({"tls": true, "allow_insecure": "true"}), Some(Verification::None)),
            ("mongo", json!({"tls": true, "allow_insecure": "false"}), Some(Full)),
            ("mongo", json!({"tls": true, "tlsInsecure": true}), Some(Verification::None)),
            ("mongo", json!({"tls": true, "tlsAllowInvalidCertificates": true}), Some(Verification::None)),
            ("mongo", json!({"tls": true, "tlsAllowInvalidHostnames": "true"}), Some(Chain)),
            ("mongo", json!({"tlsCAFile": "ca.pem"}), Some(Full)),
            ("mongo", json!({"tlsCertificateKeyFile": "me.pem"}), Some(Full)),
            ("mongodb+srv", json!({}), Some(Full)),
            ("mongodb+srv", json!({"tls": false}), None),
            ("mongo", json!({"srv": true}), Some(Full)),
            ("mongo", json!({"srv": "false"}), None),
        ] {
            let options = read(&json!({"type": kind, "host": "a.example.com", "extra": extra}));
            assert_eq!(options.tls.map(|tls| tls.verification), expected, "{kind} {extra}");
        }
    }

    #[test]
    fn srv_is_asked_for_by_type_or_extra() {
        for (kind, extra, srv) in [
            ("mongo", json!({}), false),
            ("mongodb+srv", json!({}), true),
            ("mongodb", json!({"srv": true}), true),
            ("mongo", json!({"srv": "false"}), false),
            ("mongo", json!({"use_srv": "true"}), true),
        ] {
            let options = read(&json!({"type": kind, "host": "a.example.com", "extra": extra}));
            assert_eq!(matches!(options.seeds, Seeds::Srv { .. }), srv, "{kind} {extra}");
        }
        let planned = plan(&json!({"host": "a.example.com", "extra": {"use_srv": true}})).unwrap();
        assert!(planned.warnings.iter().any(|warning| warning.code == "use_srv"));
        assert!(planned.endpoints.is_empty());
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let refusal = plan(&json!({
            "host": "h1:x", "login": "u", "schema": "a/b",
            "extra": {"tls": true, "ssl": false, "timeoutMS": "soon", "replicaSet": "r", "loadBalanced": true},
        }))
        .unwrap_err();
        let said = refusal.into_failure().message;
        for part in ["`x` as a port", "`password`", "`a/b`", "`ssl`", "`timeoutMS`", "`loadBalanced`"] {
            assert!(said.contains(part), "{part} is missing in: {said}");
        }
    }

    #[test]
    fn what_cannot_be_is_told_before_anything_is_sent() {
        for (fields, class) in [
            (json!({"host": "mongodb://db1"}), Class::Definition),
            (json!({"host": ""}), Class::Definition),
            (json!({"type": "mongodb+srv", "port": 27017}), Class::Definition),
            (json!({"type": "mongodb+srv", "host": "127.0.0.1"}), Class::Definition),
            (json!({"type": "mongodb+srv", "host": "a.example.com,b.example.com"}), Class::Definition),
            (json!({"extra": {"srv": true, "srvServiceName": "a.b"}}), Class::Definition),
            (json!({"extra": {"srv": true, "srvMaxHosts": "some"}}), Class::Definition),
            (json!({"extra": {"tls": false, "tlsCAFile": "ca.pem"}}), Class::Definition),
            (json!({"extra": {"tlsCertificateKeyFilePassword": "x"}}), Class::Unsupported),
            (json!({"extra": {"proxyHost": "p"}}), Class::Unsupported),
        ] {
            assert_eq!(plan(&fields).map(|_| ()).map_err(|refusal| refusal.class), Err(class), "{fields}");
        }
    }

    #[test]
    fn a_plan_says_whom_it_asks_and_for_what() {
        let planned = plan(&json!({"host": "h1:27018,h2", "port": 27019, "login": "u", "password": "p", "schema": "sales"})).unwrap();
        assert_eq!(planned.target.to_string(), "h1:27018,h2:27019/sales");
        assert_eq!((planned.account.as_str(), planned.login.as_deref()), ("u@sales", Some("u")));
        assert_eq!(planned.endpoints.len(), 2);
        assert_eq!(planned.credential, Some(Fingerprint::of(&["p"])));
        assert_eq!(plan(&json!({"host": "h1:27018", "port": 1})).unwrap().target.to_string(), "h1:27018");
        assert_eq!(plan(&json!({})).unwrap().target.to_string(), "db1:27017");
        assert_eq!(plan(&json!({})).unwrap().credential, None);
    }

    #[test]
    fn the_shortest_of_its_limits_counts() {
        let limit = |extra: Value| plan(&json!({ "extra": extra })).unwrap().timeout;
        assert_eq!(limit(json!({"connectTimeoutMS": 2000, "serverSelectionTimeoutMS": "500"})), Some(Duration::from_millis(500)));
        assert_eq!(limit(json!({"socketTimeoutMS": 0})), None);
    }

    #[test]
    fn the_options_of_the_python_client_raise_no_question() {
        let known = json!({"readPreference": "secondary", "w": "majority", "APPNAME": "x", "retryWrites": true, "maxPoolSize": 5});
        assert_eq!(plan(&json!({ "extra": known })).unwrap().warnings, []);
        let unknown = plan(&json!({"extra": {"authsuorce": "admin"}})).unwrap().warnings;
        assert!(unknown[0].message.contains("did you mean `authSource`"), "{unknown:?}");
    }

    #[test]
    fn no_extra_stands_twice_however_it_is_written() {
        let mut names: Vec<String> = extras::EXTRAS.iter().map(|extra| extra.name.to_lowercase()).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        let secret = |name: &str| SPEC.extra(name).unwrap().kind == ExtraKind::Secret;
        assert!(secret("password") && secret("tlscertificatekeyfile"));
    }
}

/// What a scripted server does with one connection.
mod servers {
    use super::*;

    /// The verdict about whatever `serve` does, with the traces, the time it took and how many
    /// connections the server saw.
    struct Verdict {
        outcome: Result<(), Failure>,
        trace: Trace,
        elapsed: Duration,
        connections: usize,
    }

    async fn verdict<F, Fut>(fields: Value, serve: F) -> Verdict
    where
        F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let seen = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        let mut fields = fields;
        fields["port"] = json!(port);
        fields["host"] = fields["host"].as_str().unwrap_or("127.0.0.1").into();
        let (outcome, trace, elapsed) = attempt(&fields).await;
        Verdict { outcome, trace, elapsed, connections: connections.load(std::sync::atomic::Ordering::SeqCst) }
    }

    async fn attempt(fields: &Value) -> (Result<(), Failure>, Trace, Duration) {
        let recorder = Arc::<Recorder>::default();
        let start = Instant::now();
        let lent = Attempt {
            network: Arc::new(Network::new()),
            policy: Policy::default(),
            deadline: start + Duration::from_secs(2),
            recorder: Arc::clone(&recorder),
        };
        let outcome = plan(fields).unwrap().probe.run(&lent).await;
        (outcome, recorder.snapshot(), start.elapsed())
    }

    fn with_login() -> Value {
        json!({"login": "etl", "password": "hunter22"})
    }

    /// A server that answers each command with what `answer` makes of it, and hangs up where that is nothing.
    fn answering(answer: fn(&Document) -> Option<Vec<u8>>) -> impl Fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        move |mut stream| {
            Box::pin(async move {
                let mut framer = Framer::default();
                let mut buffer = [0; 4096];
                loop {
                    let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
                    framer.extend(&buffer[..count]);
                    while let Ok(Some(command)) = framer.next() {
                        let command = Document::from_reader(command.as_slice()).unwrap();
                        let Some(bytes) = answer(&command) else { return };
                        stream.write_all(&bytes).await.ok();
                    }
                }
            })
        }
    }

    fn reply(document: &Document) -> Option<Vec<u8>> {
        Some(message(1, &document.to_vec().unwrap()))
    }

    fn hello() -> Document {
        doc! {
            "ismaster": true, "helloOk": true, "maxWireVersion": 21, "minWireVersion": 0, "maxBsonObjectSize": 1 << 24,
            "maxMessageSizeBytes": i32::MAX, "maxWriteBatchSize": 1000, "logicalSessionTimeoutMinutes": 30, "ok": 1.0,
        }
    }

    /// The greeting with `more` in it, to a login with the server's first SCRAM message after our nonce.
    fn greeting(command: &Document, more: Document, server_first: &str) -> Option<Vec<u8>> {
        let mut hello = hello();
        if let Ok(speculative) = command.get_document("speculativeAuthenticate") {
            let ours = super::scram::client_nonce(speculative.get_binary_generic("payload").unwrap()).unwrap();
            hello.insert("speculativeAuthenticate", sasl(&server_first.replace("NONCE", &ours), false));
        }
        hello.extend(more);
        reply(&hello)
    }

    fn sasl(payload: &str, done: bool) -> Document {
        let payload = Binary { subtype: BinarySubtype::Generic, bytes: payload.as_bytes().to_vec() };
        doc! { "conversationId": 1, "done": done, "payload": payload, "ok": 1 }
    }

    const SERVER_FIRST: &str = "r=NONCExyz,s=QSXCR+Q6sek8bf92,i=4096";

    fn nested(depth: usize) -> Vec<u8> {
        (0..depth).fold(vec![5, 0, 0, 0, 0], |inner, _| {
            [&i32::try_from(inner.len() + 8).unwrap().to_le_bytes()[..], &[3, b'x', 0], &inner, &[0]].concat()
        })
    }

    /// The class and phase of the failure, which must not take long, and one connection.
    async fn quick<F, Fut>(fields: Value, serve: F) -> (Class, Option<Phase>, Failure)
    where
        F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let verdict = verdict(fields, serve).await;
        let failure = verdict.outcome.unwrap_err();
        assert!(verdict.elapsed < Duration::from_millis(900), "{failure:?} took {:?}", verdict.elapsed);
        assert_eq!(verdict.connections, 1, "{failure:?}");
        (failure.class, failure.phase.or(verdict.trace.phase()), failure)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_mongodb_is_told_fast() {
        for (name, first) in [
            ("HTTP", &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]),
            ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
            ("SMTP", b"220 mail ESMTP\r\n"),
            ("garbage", &[0xff; 4096]),
        ] {
            let (class, phase, failure) = quick(with_login(), move |mut stream: TcpStream| async move {
                stream.read(&mut [0; 4096]).await.ok();
                stream.write_all(first).await.ok();
                tokio::time::sleep(Duration::from_secs(5)).await;
            })
            .await;
            assert_eq!((class, phase), (Class::Protocol, Some(Phase::Auth)), "{name}: {failure:?}");
            assert!(name == "garbage" || failure.message.contains(name), "{failure:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_hangs_up_is_told_fast() {
        let (class, phase, _) = quick(with_login(), |stream| async move { drop(stream) }).await;
        assert_eq!((class, phase), (Class::Unreachable, Some(Phase::Auth)));
        let (class, phase, _) = quick(with_login(), answering(|command| match command.get("saslContinue") {
            None => greeting(command, doc! {}, SERVER_FIRST),
            Some(_) => None,
        }))
        .await;
        assert_eq!((class, phase), (Class::Closed, Some(Phase::Auth)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_silent_server_is_given_up_at_the_deadline() {
        let verdict = verdict(with_login(), |stream| async move {
            tokio::time::sleep(Duration::from_secs(9)).await;
            drop(stream);
        })
        .await;
        assert_eq!(verdict.outcome.unwrap_err().class, Class::Timeout);
        assert!(verdict.elapsed < Duration::from_millis(2400), "{:?}", verdict.elapsed);
        assert!(!verdict.trace.credential_sent);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_would_break_the_library_never_reaches_it() {
        for (name, answer) in [
            ("nested 200", (|_: &Document| Some(message(1, &nested(200)))) as fn(&Document) -> Option<Vec<u8>>),
            ("nested 800", |_| Some(message(1, &nested(800)))),
            ("nested 20,000", |_| Some(message(1, &nested(20_000)))),
            ("nested in the login", |command| greeting(command, doc! { "x": Document::from_reader(nested(100).as_slice()).unwrap() }, SERVER_FIRST)),
            ("compressed", |_| {
                let mut bytes = reply(&hello())?;
                bytes[12..16].copy_from_slice(&2012_i32.to_le_bytes());
                Some(bytes)
            }),
            ("48 MB", |_| Some(48_000_000_i32.to_le_bytes().to_vec())),
            ("-5 bytes", |_| Some((-5_i32).to_le_bytes().to_vec())),
            ("endless", |_| {
                let mut bytes = reply(&hello())?;
                bytes[16] = 2;
                Some(bytes)
            }),
            ("a flood of answers", |_| Some(reply(&hello())?.repeat(300))),
            ("2,147,483,647 iterations", |command| greeting(command, doc! {}, "r=NONCExyz,s=QSXCR+Q6sek8bf92,i=2147483647")),
            ("1 iteration", |command| greeting(command, doc! {}, "r=NONCExyz,s=QSXCR+Q6sek8bf92,i=1")),
            ("a short nonce", |command| greeting(command, doc! {}, "r=x,s=QSXCR+Q6sek8bf92,i=4096")),
            ("iterations without speculation", |command| match command.get_binary_generic("payload") {
                Ok(payload) => {
                    let ours = super::scram::client_nonce(payload)?;
                    reply(&sasl(&format!("r={ours}xyz,s=QSXCR+Q6sek8bf92,i=4000000000"), false))
                }
                Err(_) => reply(&hello()),
            }),
            ("a session of ages", |command| greeting(command, doc! { "logicalSessionTimeoutMinutes": i64::MAX }, SERVER_FIRST)),
        ] {
            let (class, phase, failure) = quick(with_login(), answering(answer)).await;
            assert_eq!((class, phase), (Class::Protocol, Some(Phase::Auth)), "{name}: {failure:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_login_that_nobody_asked_for_is_no_success() {
        for (name, more, class) in [
            ("an arbiter", doc! { "setName": "rs0", "ismaster": false, "arbiterOnly": true }, Class::Definition),
            ("a claimed login", doc! { "speculativeAuthenticate": sasl("v=AAAA", true) }, Class::Protocol),
        ] {
            let answer = move |command: &Document| greeting(command, more.clone(), SERVER_FIRST);
            let verdict = verdict(with_login(), answering_with(answer)).await;
            assert_eq!(verdict.outcome.map_err(|failure| failure.class), Err(class), "{name}");
            assert!(!verdict.trace.credential_sent, "{name}");
        }
    }

    fn answering_with(
        answer: impl Fn(&Document) -> Option<Vec<u8>> + Clone + Send + Sync + 'static,
    ) -> impl Fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        move |mut stream| {
            let answer = answer.clone();
            Box::pin(async move {
                let mut framer = Framer::default();
                let mut buffer = [0; 4096];
                loop {
                    let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
                    framer.extend(&buffer[..count]);
                    while let Ok(Some(command)) = framer.next() {
                        let command = Document::from_reader(command.as_slice()).unwrap();
                        let Some(bytes) = answer(&command) else { return };
                        stream.write_all(&bytes).await.ok();
                    }
                }
            })
        }
    }
}
