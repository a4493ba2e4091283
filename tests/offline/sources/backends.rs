//! Answers of secrets backends that no test server can be made to give: a scripted peer on this machine gives them.
//! Answers of real backends are in `tests/live`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use connprobe::model::class::Class;
use connprobe::model::failure::Failure;
use connprobe::model::phase::Phase;
use connprobe::model::problem::GivenFlaw;
use connprobe::model::reason::ReasonCode;
use connprobe::source::{self, Environment, Loaded, Settings, SourceError};

use super::{CANARY, codes};
use crate::waiting::wait;

/// A function from a request to the server's answer: head and body.
type Answers = fn(&str) -> String;

/// Starts a server that lives as long as the tests; returns its address.
fn server(answers: Answers) -> String {
    counting_server(answers).0
}

/// Like [`server`], also returns the number of connections to it.
fn counting_server(answers: Answers) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || serve(stream.unwrap(), answers));
        }
    });
    (address, connections)
}

fn serve(stream: TcpStream, answers: Answers) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            if !matches!(reader.read_line(&mut request), Ok(1..)) {
                return;
            }
        }
        let length = request.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        request += &String::from_utf8(body).unwrap();
        if reader.get_mut().write_all(answers(&request).as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn load(source: &str, address: &str, limit: Duration) -> Result<Loaded, SourceError> {
    let variables = [
        ("VAULT_ADDR", address),
        ("VAULT_TOKEN", CANARY),
        ("VAULT_NAMESPACE", "data/platform"),
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", CANARY),
        ("AWS_SESSION_TOKEN", CANARY),
        ("AWS_REGION", "eu-west-1"),
    ];
    let environment = Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
    let settings = Settings { limit, environment, ..Settings::default() }.into();
    let loaded = wait(source::load(&source.parse()?, &settings));
    assert!(!format!("{loaded:?}").contains(CANARY), "{loaded:?}");
    loaded
}

const LIMIT: Duration = Duration::from_secs(30);

fn failure(source: &str, answers: Answers, limit: Duration) -> Failure {
    match load(source, &server(answers), limit) {
        Err(SourceError::Server { failure, .. }) => {
            assert!(failure.hint.is_some() && failure.detail.is_none(), "{failure:?}");
            *failure
        }
        other => panic!("{other:?}"),
    }
}

/// Vault's answers, with a version 2 engine at `secret/` and `listed` in every folder.
fn vault(request: &str, listed: &str, secret: &str) -> String {
    let document = if request.contains(" /v1/sys/internal/ui/mounts/") {
        r#"{"path": "secret/", "type": "kv", "options": {"version": "2"}}"#.to_owned()
    } else if request.contains("?list=true ") {
        format!(r#"{{"keys": {listed}}}"#)
    } else {
        format!(r#"{{"data": {secret}, "metadata": {{}}}}"#)
    };
    answer("200 OK", &format!(r#"{{"data": {document}}}"#))
}

#[test]
fn a_token_and_its_namespace_go_with_every_request() {
    let address = server(|request| {
        let request = request.to_lowercase();
        let named = ["x-vault-token: canary", "x-vault-namespace: data/platform", "x-vault-request: true"];
        assert!(named.iter().all(|header| request.contains(&format!("\r\n{header}\r\n"))), "{request}");
        vault(&request, r#"["a"]"#, r#"{"conn_uri": "postgres://u:CANARY@db/x"}"#)
    });
    let loaded = load("vault:secret/connections", &address, LIMIT).unwrap();
    assert_eq!(loaded.connections[0].host.as_deref(), Some("db"));
}

#[test]
fn one_request_after_the_other_goes_over_one_connection() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let (address, connections) = counting_server(|_request| {
        let next = if ASKED.fetch_add(1, Ordering::Relaxed) < 1_000 { r#","NextToken": "again""# } else { "" };
        answer("200 OK", &format!(r#"{{"Parameters": []{next}}}"#))
    });
    let found = load("aws-ssm:", &address, LIMIT);
    assert!(
        matches!(&found, Err(SourceError::Server { failure, .. }) if failure.class == Class::NotFound),
        "{found:?}"
    );
    assert_eq!((ASKED.load(Ordering::Relaxed), connections.load(Ordering::Relaxed)), (1_001, 1));
}

#[test]
fn what_takes_no_end_ends_at_the_limit() {
    fn silence(_request: &str) -> String {
        thread::sleep(Duration::from_secs(9));
        String::new()
    }
    let endless: [(&str, Answers, Option<Phase>); 4] = [
        ("vault:secret/connections", silence, Some(Phase::Auth)),
        ("aws-sm:", silence, Some(Phase::Auth)),
        // An endless nesting of folders is refused as too deep before the time limit.
        ("vault:secret", |request| vault(request, r#"["a/"]"#, "{}"), Some(Phase::Query)),
        ("aws-ssm:", |_request| answer("200 OK", r#"{"Parameters": [], "NextToken": "again"}"#), Some(Phase::Query)),
    ];
    for (source, answers, phase) in endless {
        let since = Instant::now();
        let Failure { class, phase: stopped, message, .. } = failure(source, answers, Duration::from_millis(500));
        assert!(since.elapsed() < Duration::from_secs(4), "{source}: {:?}", since.elapsed());
        assert!(matches!(class, Class::Timeout | Class::Unsupported), "{source}: {message}");
        assert_eq!(stopped, phase, "{source}: {message}");
    }
}

#[test]
fn a_server_that_asks_for_patience_is_asked_again() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let loaded = load(
        "aws-sm:",
        &server(|request| match ASKED.fetch_add(1, Ordering::Relaxed) {
            0 => answer("400 Bad Request", r#"{"__type": "ThrottlingException", "message": "Rate exceeded"}"#),
            1 => answer("200 OK", r#"{"SecretList": [{"Name": "airflow/connections/a"}]}"#),
            _ => {
                assert!(request.contains(r#"{"SecretId":"airflow/connections/a"}"#), "{request}");
                answer("200 OK", r#"{"SecretString": "postgres://u:CANARY@db/x"}"#)
            }
        }),
        LIMIT,
    );
    assert_eq!(loaded.unwrap().connections[0].conn_id.as_deref(), Some("a"));
    let busy = failure("vault:secret/a", |_request| answer("429 Too Many Requests", r#"{"errors": ["quota"]}"#), LIMIT);
    assert_eq!((busy.class, busy.code.as_deref()), (Class::Busy, Some("429")));
}

#[test]
fn one_parameter_that_cannot_be_decrypted_hides_no_other() {
    let loaded = load(
        "aws-ssm:/team",
        &server(|request| {
            let denied = r#"{"__type": "AccessDeniedException", "message": "CANARY: kms:Decrypt"}"#;
            let encrypted = r#"{"Name": "/team/shut", "Type": "SecureString", "Value": "AQICAHh"}"#;
            let plain = r#"{"Name": "/team/plain", "Type": "String", "Value": "mysql://u:CANARY@db/plain"}"#;
            let open = r#"{"Name": "/team/open", "Type": "SecureString", "Value": "AQICAHi"}"#;
            let decrypted = r#"{"Parameter": {"Value": "mysql://u:CANARY@db/open"}}"#;
            if request.contains("AmazonSSM.GetParametersByPath") && request.contains(r#""WithDecryption":true"#) {
                answer("400 Bad Request", denied)
            } else if request.contains("AmazonSSM.GetParametersByPath") {
                answer("200 OK", &format!(r#"{{"Parameters": [{encrypted}, {plain}, {open}]}}"#))
            } else if request.contains(r#""Name":"/team/open""#) {
                answer("200 OK", decrypted)
            } else {
                answer("400 Bad Request", denied)
            }
        }),
        LIMIT,
    );
    let loaded = loaded.unwrap();
    let schemas: Vec<_> = loaded.connections.iter().map(|connection| connection.schema.as_deref()).collect();
    assert_eq!(schemas, [None, Some("plain"), Some("open")]);
    let problem = &loaded.connections[0].problems[0];
    assert_eq!((problem.class, problem.reason), (Class::Secret, ReasonCode::SecretUnreadable), "{problem:?}");
}

#[test]
fn what_is_no_backend_or_not_ready_says_so() {
    let table: [(&str, Answers, Class, &str); 6] = [
        ("vault:a/b", |_| answer("503 Unavailable", r#"{"errors": ["Vault is sealed"]}"#), Class::Busy, "unavailable"),
        (
            "vault:a/b",
            |_| answer("307 Temporary Redirect\r\nlocation: http://192.0.2.1/CANARY", ""),
            Class::Protocol,
            "other_protocol",
        ),
        ("vault:a/b", |_| answer("200 OK", "<html>CANARY</html>"), Class::Protocol, "other_protocol"),
        ("aws-sm:", |_| answer("200 OK", "{}"), Class::Protocol, "other_protocol"),
        (
            "aws-ssm:",
            |_| {
                answer(
                    "400 Bad Request",
                    r#"{"__type": "InvalidSignatureException", "message": "Signature expired: CANARY"}"#,
                )
            },
            Class::Local,
            "clock_skew",
        ),
        ("aws-ssm:", |_| "SSH-2.0-CANARY\r\n".to_owned(), Class::Protocol, "other_protocol"),
    ];
    for (source, answers, class, expected) in table {
        let failure = failure(source, answers, LIMIT);
        assert_eq!((failure.class, failure.reason.as_str()), (class, expected), "{source}: {failure:?}");
    }
}

#[test]
fn a_secret_is_judged_as_airflow_would_read_it() {
    let address =
        server(|request| vault(request, r#"["a"]"#, r#"{"conn_type": "postgres", "port": "x", "user": "etl"}"#));
    let loaded = load("vault:secret/connections", &address, LIMIT).unwrap();
    let connection = &loaded.connections[0];
    assert_eq!(connection.problems, [GivenFlaw::PortNotANumber.into()]);
    assert_eq!(codes(connection), ["airflow_ignores"]);
    assert_eq!(connection.origin.to_string(), "vault:secret/connections#/a");
}

/// An AWS error answer with `code`, which no manual lists.
fn aws_error(code: &str) -> String {
    answer("400 Bad Request", &format!(r#"{{"__type":"{code}","message":"no"}}"#))
}

#[test]
fn a_code_that_holds_a_secret_is_shown_nowhere() {
    let reversed: &'static str = Box::leak(CANARY.chars().rev().collect::<String>().into_boxed_str());
    for answers in [(|_| aws_error(CANARY)) as Answers, |_| aws_error(&CANARY.chars().rev().collect::<String>())] {
        for source in ["aws-sm:airflow/connections", "aws-ssm:/airflow/connections"] {
            let failure = failure(source, answers, LIMIT);
            let said = format!("{failure:?}");
            assert!(!said.contains(CANARY) && !said.contains(reversed), "{source}: {said}");
            assert_eq!(failure.code, None, "{source}");
        }
    }
    let failure = failure("aws-sm:airflow/connections", |_| aws_error("StrangeException"), LIMIT);
    assert_eq!(failure.code.as_deref(), Some("StrangeException"));
}

#[test]
fn without_detail_a_code_is_shown_only_where_it_has_a_meaning() {
    for (answers, shown) in [
        ((|_| aws_error("StrangeException")) as Answers, None),
        (|_| aws_error("ThrottledException"), Some("ThrottledException")),
        (|_| answer("403 Forbidden", "{}"), Some("403")),
    ] {
        let Err(error) = load("aws-sm:airflow/connections", &server(answers), LIMIT) else { panic!("read") };
        let failure = error.without_detail().failure();
        assert_eq!(failure.code.as_deref(), shown);
        assert!(shown.is_some() || !failure.message.contains("Strange"), "{failure:?}");
    }
}
