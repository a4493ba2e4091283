//! Logins to servers that follow a script: what the server received, and the outcome.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::connection;
use crate::driver::redis::Redis;
use crate::driver::{Answer, Attempt, Credential, Driver, Policy};
use crate::model::class::Class;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Field, ReasonCode as Reason};
use crate::model::warning::WarningCode as Code;

const HELLO: &str = "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";
const NONE: &str = "-ERR unknown command `HELLO`, with args beginning with: \r\n";
const DEMAND: &str = "-NOAUTH Authentication required.\r\n";
const WRONG: &str = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

/// A server that sends `first` at once, then each of `turns` in answer to whatever it receives, and closes. Returns
/// what it received.
async fn server(first: &'static str, turns: Vec<String>) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        stream.write_all(first.as_bytes()).await.unwrap();
        for turn in turns {
            if stream.read_buf(&mut heard).await.unwrap_or(0) == 0 {
                break;
            }
            stream.write_all(turn.as_bytes()).await.unwrap();
        }
        let _ended = stream.shutdown().await;
        let _rest = stream.read_to_end(&mut heard).await;
        String::from_utf8(heard).unwrap()
    });
    (port, playing)
}

/// The outcome of a login.
struct Verdict {
    failure: Option<Failure>,
    phase: Option<Phase>,
    facts: Facts,
    warnings: Vec<Code>,
    credential: Credential,
}

async fn log_in(mut fields: Value, port: u16) -> Verdict {
    fields["host"] = json!("127.0.0.1");
    fields["port"] = json!(port);
    let plan = Redis.plan(&connection(&fields)).unwrap();
    let attempt = Attempt {
        network: std::sync::Arc::new(crate::net::Network::new()),
        policy: Policy::default(),
        deadline: Instant::now() + Duration::from_secs(3),
        recorder: std::sync::Arc::default(),
        controls: std::sync::Arc::default(),
        expected: std::sync::Arc::default(),
    };
    let failure = plan.probe.run(&attempt).await.err();
    let trace = attempt.recorder.snapshot();
    Verdict {
        phase: trace.phase(),
        facts: trace.facts.clone(),
        warnings: trace.warnings.iter().map(|warning| warning.code).collect(),
        credential: attempt.recorder.credential(),
        failure,
    }
}

/// A case: its name, its definition, what the server sends, and what is expected: what the server receives, class and
/// reason of a failure, warnings, and the answer to the credential.
type Row = (&'static str, Value, Vec<String>, &'static str, Option<(Class, Reason)>, Vec<Code>, Option<Answer>);

#[tokio::test]
async fn a_login_is_auth_then_ping_then_the_database() {
    let etl = || json!({"login": "etl", "password": "right"});
    let only = || json!({"password": "right"});
    let with = |db: u32| json!({"password": "right", "extra": {"db": db}});
    let all = |words: &[&str]| words.concat();
    let ping = |hello: &str| all(&["+PONG\r\n", hello]);
    let select = |answer: &str| all(&["+PONG\r\n", answer, HELLO]);
    let asked = "*1 $4 PING *1 $5 HELLO *1 $4 QUIT";
    let refused = |class, reason| Some((class, reason));
    let table: Vec<Row> = vec![
        ("a user", etl(), vec!["+OK\r\n".into(), ping(HELLO)], "*3 $4 AUTH $3 etl $5 right *1 $4 PING *1 $5 HELLO *1 $4 QUIT", None, vec![], Some(Answer::Accepted)),
        ("a password", only(), vec!["+OK\r\n".into(), ping(HELLO)], "*2 $4 AUTH $5 right *1 $4 PING *1 $5 HELLO *1 $4 QUIT", None, vec![], Some(Answer::Accepted)),
        ("a server before HELLO", only(), vec!["+OK\r\n".into(), ping(NONE)], "*2 $4 AUTH $5 right *1 $4 PING *1 $5 HELLO *1 $4 QUIT", None, vec![], Some(Answer::Accepted)),
        ("a proxy that closes at HELLO", only(), vec!["+OK\r\n".into(), "+PONG\r\n".into()], "*2 $4 AUTH $5 right *1 $4 PING *1 $5 HELLO *1 $4 QUIT", None, vec![], Some(Answer::Accepted)),
        // The login is proved by then.
        ("half a HELLO", only(), vec!["+OK\r\n".into(), ping("*14\r\n$6\r\nser")], "", None, vec![], Some(Answer::Accepted)),
        ("HELLO that is nonsense", only(), vec!["+OK\r\n".into(), ping("220 ESMTP\r\n")], "", None, vec![], Some(Answer::Accepted)),
        ("a database", with(3), vec!["+OK\r\n".into(), select("+OK\r\n")], "*2 $4 AUTH $5 right *1 $4 PING *2 $6 SELECT $1 3 *1 $5 HELLO *1 $4 QUIT", None, vec![], Some(Answer::Accepted)),
        ("no such database", with(99), vec!["+OK\r\n".into(), select("-ERR DB index is out of range\r\n")], "", refused(Class::NotFound, Reason::DatabaseNotFound), vec![], Some(Answer::Accepted)),
        ("a database that is denied", with(3), vec!["+OK\r\n".into(), select("-NOPERM no permissions to run the 'select' command\r\n")], "", refused(Class::Denied, Reason::DatabaseDenied), vec![], Some(Answer::Accepted)),
        ("no right to PING", etl(), vec!["+OK\r\n".into(), all(&["-NOPERM this user has no permissions to run the 'ping' command\r\n", HELLO])], "", None, vec![Code::FewRights], Some(Answer::Accepted)),
        ("a wrong password", etl(), vec![WRONG.into()], "", refused(Class::Auth, Reason::LoginRefused), vec![], None),
        ("a user, before 6", etl(), vec!["-ERR wrong number of arguments for 'auth' command\r\n".into(), "+OK\r\n".into(), ping(NONE)], "*3 $4 AUTH $3 etl $5 right *2 $4 AUTH $5 right *1 $4 PING *1 $5 HELLO *1 $4 QUIT", None, vec![Code::IgnoredField], Some(Answer::Accepted)),
        ("a user, before 6, with a wrong password", etl(), vec!["-ERR wrong number of arguments for 'auth' command\r\n".into(), "-ERR invalid password\r\n".into()], "", refused(Class::Auth, Reason::LoginRefused), vec![Code::IgnoredField], None),
        ("no users twice", etl(), vec!["-ERR wrong number of arguments for 'auth' command\r\n".into(), "-ERR wrong number of arguments for 'auth' command\r\n".into()], "", refused(Class::Protocol, Reason::NotUnderstood), vec![Code::IgnoredField], Some(Answer::Ignored)),
        ("no users, and none was named", only(), vec!["-ERR wrong number of arguments for 'auth' command\r\n".into()], "", refused(Class::Protocol, Reason::NotUnderstood), vec![], None),
        ("a login demanded all the same", only(), vec!["-NOAUTH Authentication required.\r\n".into()], "", refused(Class::Auth, Reason::LoginRefused), vec![], None),
        ("a login demanded after one", only(), vec!["+OK\r\n".into(), "-NOAUTH Authentication required.\r\n".into()], "", refused(Class::Auth, Reason::LoginRefused), vec![], Some(Answer::Refused)),
        ("no right to AUTH", etl(), vec!["-NOPERM this user has no permissions to run the 'auth' command\r\n".into()], "", refused(Class::Denied, Reason::PrivilegeMissing), vec![], None),
        ("no PING", only(), vec!["+OK\r\n".into(), all(&["-ERR unknown command 'PING', with args beginning with: \r\n", HELLO])], "", None, vec![Code::FewRights], Some(Answer::Accepted)),
        ("no AUTH", only(), vec!["-ERR unknown command 'AUTH', with args beginning with: 'right'\r\n".into()], "", refused(Class::Definition, Reason::WrongDeployment), vec![], Some(Answer::Ignored)),
        ("data that is loaded", only(), vec!["-LOADING Redis is loading the dataset in memory\r\n".into()], "", refused(Class::Busy, Reason::StartingUp), vec![], Some(Answer::Ignored)),
        ("OK in a list", only(), vec!["*1\r\n+OK\r\n".into()], "", refused(Class::Protocol, Reason::NotUnderstood), vec![], None),
        ("a cluster that is none", json!({"password": "right", "extra": {"cluster": true}}), vec!["+OK\r\n".into(), ping(HELLO)], "", refused(Class::Definition, Reason::WrongDeployment), vec![], Some(Answer::Accepted)),
        ("a cluster", json!({"password": "right", "extra": {"cluster": true}}), vec!["+OK\r\n".into(), ping(&HELLO.replace("$10\r\nstandalone", "$7\r\ncluster"))], "", None, vec![], Some(Answer::Accepted)),
        ("no password to send", json!({"login": "etl"}), vec![WRONG.into()], "*3 $4 AUTH $3 etl $0 ", refused(Class::Auth, Reason::PasswordMissing), vec![], None),
        ("nothing demanded", json!({}), vec![ping(HELLO)], asked, None, vec![Code::LoginNotDemanded], None),
        ("a login demanded", json!({}), vec!["-NOAUTH Authentication required.\r\n".repeat(2)], "", refused(Class::Auth, Reason::PasswordMissing), vec![], None),
        ("no password set", only(), vec!["-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n".into(), ping(HELLO)], "", None, vec![Code::LoginNotDemanded], Some(Answer::Ignored)),
        ("no password set, before 6", only(), vec!["-ERR Client sent AUTH, but no password is set\r\n".into(), ping(NONE)], "", None, vec![Code::LoginNotDemanded], Some(Answer::Ignored)),
        ("no OK", only(), vec!["+QUEUED\r\n".into()], "", refused(Class::Protocol, Reason::NotUnderstood), vec![], None),
        ("OK that is a list", only(), vec!["*2\r\n+OK\r\n+OK\r\n".into()], "", refused(Class::Protocol, Reason::NotUnderstood), vec![], None),
        ("no PONG", only(), vec!["+OK\r\n".into(), "+OK\r\n".into()], "", refused(Class::Protocol, Reason::NotUnderstood), vec![], Some(Answer::Accepted)),
        ("POP3", only(), vec!["+OK Dovecot ready.\r\n".into()], "", refused(Class::Protocol, Reason::OtherProtocol), vec![], None),
        ("a Sentinel", only(), vec!["-ERR AUTH <password> called without any password configured for the default user.\r\n".into(), ping(&HELLO.replace("$10\r\nstandalone", "$8\r\nsentinel"))], "", refused(Class::Definition, Reason::WrongDeployment), vec![Code::LoginNotDemanded], Some(Answer::Ignored)),
        ("another node", only(), vec!["+OK\r\n".into(), "-MOVED 3999 169.254.169.254:80\r\n".into()], "", refused(Class::Server, Reason::RequestRefused), vec![], Some(Answer::Accepted)),
    ];
    for (case, fields, turns, heard, expected, warned, answer) in table {
        // Before a login, PING shows who is there.
        let logs_in = !fields["password"].is_null() || !fields["login"].is_null();
        // Another kind of server shows itself at once.
        let demanded = (logs_in && case != "POP3").then(|| DEMAND.to_owned());
        let (port, playing) = server("", demanded.into_iter().chain(turns).collect()).await;
        let verdict = log_in(fields, port).await;
        let found = verdict.failure.as_ref().map(|failure| (failure.class, failure.reason));
        assert_eq!((found, &verdict.warnings), (expected, &warned), "{case}: {:?}", verdict.failure);
        assert_eq!(verdict.credential.answer, answer, "{case}");
        let said = playing.await.unwrap().replace("\r\n", " ");
        let said = if logs_in { said.strip_prefix("*1 $4 PING ").unwrap_or_default() } else { &said };
        assert!(heard.is_empty() || said.trim_end() == heard.trim_end(), "{case}: {said}");
        if found.is_none() && case == "a user" {
            assert_eq!(
                (verdict.facts.server.as_deref(), verdict.facts.version.as_deref()),
                (Some("Redis"), Some("7.0.15"))
            );
        }
    }
}

#[tokio::test]
async fn what_a_server_says_before_it_hears_a_word_is_its_answer() {
    for (first, class, reason) in [
        ("-ERR max number of clients reached\r\n", Class::Busy, Reason::TooManyConnections),
        (
            "-DENIED Redis is running in protected mode because protected mode is enabled\r\n",
            Class::Denied,
            Reason::AddressDenied,
        ),
        ("-LOADING Redis is loading the dataset in memory\r\n", Class::Busy, Reason::StartingUp),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", Class::Protocol, Reason::OtherProtocol),
        ("", Class::Unreachable, Reason::ClosedBeforeGreeting),
    ] {
        for fields in [json!({"password": "right"}), json!({})] {
            let (port, _playing) = server(first, vec![]).await;
            let verdict = log_in(fields.clone(), port).await;
            let failure = verdict.failure.unwrap();
            assert_eq!(
                (failure.class, failure.reason, verdict.phase),
                (class, reason, Some(Phase::Auth)),
                "{first} {fields}"
            );
            // The password has not left, so that another attempt may follow.
            assert!(!verdict.credential.sent, "{first}");
            let names_tls = failure.fields.contains(&Field::extra("ssl"));
            assert_eq!(names_tls, first.is_empty(), "{first}");
        }
    }
}

#[tokio::test]
async fn the_next_node_is_asked_where_one_does_not_answer_and_never_after_a_password_has_left() {
    let cluster = |port: u16| json!({"password": "right", "extra": {"cluster": true, "startup_nodes": format!("127.0.0.1:{port}")}});
    // No server listens on the first node.
    let hello = HELLO.replace("$10\r\nstandalone", "$7\r\ncluster");
    let turns = vec![DEMAND.into(), "+OK\r\n".into(), format!("+PONG\r\n{hello}")];
    let (port, _playing) = server("", turns).await;
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    let verdict = log_in(cluster(port), closed).await;
    assert_eq!((verdict.failure, verdict.warnings), (None, vec![Code::HostSkipped]));
    // The first node refuses, or closes the connection once it has the password.
    for turns in [vec![DEMAND.to_owned(), WRONG.to_owned()], vec![DEMAND.to_owned()]] {
        let (second, mut playing) = server("", vec!["+OK\r\n".into()]).await;
        let (first, _) = server("", turns).await;
        let verdict = log_in(cluster(second), first).await;
        assert!(verdict.failure.is_some() && verdict.warnings.is_empty(), "{:?}", verdict.failure);
        assert!(
            tokio::time::timeout(Duration::from_millis(100), &mut playing).await.is_err(),
            "the second node was asked"
        );
    }
}
