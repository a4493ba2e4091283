//! Tests what future connection types need of `Spec` and `Plan`, with a driver made for that: an address outside
//! `host`, several endpoints of one account, a token endpoint apart from the target, TLS that begins inside the
//! protocol, a crate that takes connprobe's stream, one login at a time per host.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::ledger::{Account, Clock, MemoryLedger};
use super::{Engine, EngineConfig, Job, Settings, login};
use crate::driver::kit::wire::{Stream, TlsHandshake};
use crate::driver::registry::protocols;
use crate::driver::{
    Attempt, Circumstances, Driver, Encryption, ExtraKind, ExtraSpec, Fields, Plan, Policy, Probe, Proof, Refusal,
    Registry, Spec, Target,
};
use crate::model::class::Class;
use crate::model::connection::{Connection, Origin};
use crate::model::event::Event;
use crate::model::extra::Extra;
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::phase::Phase;
use crate::model::reason::Login as Refused;
use crate::model::result::CheckResult;
use crate::model::secret::Secret;
use crate::net::dial::{Endpoint, Wire};
use crate::net::egress::Egress;
use crate::net::fault::classify;
use crate::net::sniff::Protocol;
use crate::net::tls::{Roots, TlsSettings, Verification};

static PROTOCOL: Protocol = Protocol::new("Next", "a Next server", |_| None).among(protocols);

const fn used(name: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Used, doc: "an address, or several" }
}

/// Its extras are closed: an unknown one is a warning.
static SPEC: Spec = Spec::new("next", "Next", &[("next", 9)], Proof::explicit("OK"))
    .extras(&[used("bootstrap.servers"), used("token_endpoint")])
    .protocol(&PROTOCOL)
    .logins_per_host(1);

struct Next;

impl Driver for Next {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let (read, warnings) = Fields::read(&SPEC, connection, |fields| {
            let servers = endpoints(&fields.text("bootstrap.servers")?);
            let token = endpoints(&fields.text("token_endpoint")?);
            Some((servers, token, fields.login()?.to_owned(), fields.password()?.expose().to_owned()))
        })?;
        let (servers, token, user, password) = read;
        Ok(Plan::builder(
            Target { host: Some("cluster".to_owned()), port: None, database: None },
            [servers.clone(), token.clone()].concat(),
            Circumstances::of(Encryption::Irrelevant),
        )
        .account(user.clone())
        .credential(Fingerprint::of(&[&password]))
        .login(user)
        .warnings(warnings)
        .build(Arc::new(Attempted { servers, token, password })))
    }
}

fn endpoints(list: &str) -> Vec<Endpoint> {
    let one = |text: &str| {
        let (host, port) = text.split_once(':')?;
        Some(Endpoint::Tcp { host: host.to_owned(), port: port.parse().ok()? })
    };
    list.split(',').filter_map(one).collect()
}

struct Attempted {
    servers: Vec<Endpoint>,
    token: Vec<Endpoint>,
    password: String,
}

#[async_trait]
impl Probe for Attempted {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        // The token comes from another host, to which the same egress rules apply.
        drop(attempt.dial(&self.token[0]).await?);
        let Wire { mut stream, address, tap } = attempt.dial(&self.servers[0]).await?;
        let broken = |error: std::io::Error| classify(&error, &tap, &PROTOCOL);
        stream.write_all(b"STARTTLS\n").await.map_err(broken)?;
        let mut go = [0; 3];
        stream.read_exact(&mut go).await.map_err(broken)?;
        let settings = TlsSettings::new(Verification::None, Roots::Pem(Vec::new()), "localhost");
        let handshake = TlsHandshake::prepare(attempt, &address, settings)?;
        let stream = handshake.run(stream).await.map_err(broken)?;
        attempt.admit(&address, handshake.protection())?;
        attempt.recorder.enter(Phase::Auth);
        attempt.credential_sent();
        let accepted = a_crate_logs_in(Box::new(stream) as Box<dyn Stream>, &self.password).await.map_err(broken)?;
        if !accepted {
            return Err(Failure::of(Refused::Premature));
        }
        attempt.credential_accepted();
        Ok(())
    }
}

/// A crate that takes any stream.
async fn a_crate_logs_in<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, password: &str) -> std::io::Result<bool> {
    stream.write_all(format!("{password}\n").as_bytes()).await?;
    let mut answer = [0; 3];
    stream.read_exact(&mut answer).await?;
    Ok(&answer == b"OK\n")
}

/// A server that begins TLS inside its protocol, and a token endpoint; `most` is the highest number of logins under way
/// at once.
struct Servers {
    port: u16,
    token: u16,
    most: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

impl Servers {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (listener, token) = runtime.block_on(async {
            (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.2:0").await.unwrap())
        });
        let (port, token_port) = (listener.local_addr().unwrap().port(), token.local_addr().unwrap().port());
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        runtime.spawn(async move { while token.accept().await.is_ok() {} });
        let counted = Arc::clone(&most);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, now, most) = (acceptor.clone(), Arc::clone(&now), Arc::clone(&counted));
                tokio::spawn(async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let mut stream = BufReader::new(stream);
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    assert_eq!(line, "STARTTLS\n");
                    stream.get_mut().write_all(b"GO\n").await.unwrap();
                    let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).await.unwrap());
                    let mut password = String::new();
                    stream.read_line(&mut password).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    let answer: &[u8] = if password == "right\n" { b"OK\n" } else { b"NO\n" };
                    stream.get_mut().write_all(answer).await.unwrap();
                });
            }
        });
        Self { port, token: token_port, most, _runtime: runtime }
    }

    fn connection(&self, user: &str) -> Connection {
        let extra = json!({
            "bootstrap.servers": format!("127.0.0.1:{},127.0.0.3:{}", self.port, self.port),
            "token_endpoint": format!("127.0.0.2:{}", self.token),
            "unknown": "x",
        });
        let origin = Origin { source: "test".into(), line: None, pointer: format!("/{user}"), occurrence: 0 };
        Connection {
            conn_type: Some("next".to_owned()),
            login: Some(user.to_owned()),
            password: Some(Secret::new("right".to_owned())),
            extra: Extra::new(extra.as_object().cloned().unwrap()),
            ..Connection::new(origin)
        }
    }
}

fn check(connections: Vec<Connection>, policy: Policy) -> Vec<CheckResult> {
    let settings = Settings { policy, ..Settings::default() };
    let ledger = Arc::new(MemoryLedger::new(Clock::default()));
    let engine = Engine::new(EngineConfig::default().ledger(ledger)).unwrap();
    let run = engine.run(Job { registry: registry().clone(), ..Job::new(connections, settings) }).unwrap();
    run.events
        .into_iter()
        .filter_map(|event| match event {
            Event::Result(result) => Some(Arc::unwrap_or_clone(result)),
            _ => None,
        })
        .collect()
}

fn registry() -> &'static Registry {
    static REGISTRY: std::sync::LazyLock<Registry> = std::sync::LazyLock::new(|| Registry::builtin().with(Next));
    &REGISTRY
}

#[test]
fn an_address_that_is_not_in_host_is_logged_in_to_over_tls_that_begins_inside_the_protocol() {
    let servers = Servers::start();
    let results = check(vec![servers.connection("etl")], Policy::default());
    assert_eq!(results[0].failure, None, "{results:#?}");
    assert!(results[0].facts.tls.is_some());
    assert!(
        results[0].warnings.iter().any(|warning| warning.code.as_str() == "unknown_extra"),
        "the extras are closed"
    );
}

#[test]
fn every_endpoint_of_an_account_is_a_key_of_it_the_token_endpoint_too() {
    let servers = Servers::start();
    let login = login(&servers.connection("etl"), registry()).unwrap();
    let shown: Vec<&str> = login.accounts().iter().map(Account::shown).collect();
    for port in [servers.port, servers.token] {
        let own = format!("next://etl@localhost:{port}");
        assert!(shown.contains(&own.as_str()), "{own} of {shown:?}");
    }
}

#[test]
fn the_token_endpoint_is_judged_by_the_rules_of_egress() {
    let servers = Servers::start();
    let egress = Egress::of(&[], &["127.0.0.2".parse().unwrap()]);
    let results = check(vec![servers.connection("etl")], Policy { egress, ..Policy::default() });
    let failure = results[0].failure.as_ref().unwrap();
    assert_eq!(failure.class, Class::Policy, "{failure:?}");
    assert_eq!(servers.most.load(Ordering::SeqCst), 0, "nothing was sent to the target");
}

#[test]
fn a_type_may_have_one_login_at_a_time_to_a_host() {
    let servers = Servers::start();
    let users = (0..5).map(|n| servers.connection(&format!("user-{n}")));
    let results = check(users.collect(), Policy::default());
    assert!(results.iter().all(|result| result.failure.is_none()), "{results:#?}");
    assert_eq!(servers.most.load(Ordering::SeqCst), 1);
}
