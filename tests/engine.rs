//! Tests the engine's guarantees with a driver that follows the script in its definition: one result for each
//! connection, deadlines that hold, and no locked account. It is a test binary of its own because one of its drivers
//! spins and would take the processor from other tests.

#[path = "support/names.rs"]
mod names;
#[path = "support/state.rs"]
mod state;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use connprobe::driver::{
    Attempt, Circumstances, Driver, Encryption, Evidence, Fields, Located, Plan, Policy, Probe, Proof, Refusal,
    Registry, Shows, Spec, Target,
};
use connprobe::engine::ledger::{Clock, FileLedger, Ledger, Moment};
use connprobe::engine::{Engine, EngineConfig, Job, Run, Settings};
use connprobe::model::class::Class;
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::event::Event;
use connprobe::model::failure::Failure;
use connprobe::model::fingerprint::Fingerprint;
use connprobe::model::phase::Phase;
use connprobe::model::reason::{Deployment, Login};
use connprobe::model::result::{Address, CheckResult, Ended, Summary};
use connprobe::model::secret::Secret;
use connprobe::net::dial::Endpoint;

/// Logs in by a script: `schema` names the server's behaviour, and the password decides whether it is accepted.
struct Scripted;

static SPEC: Spec = Spec::new("scripted", "Scripted", &[("scripted", 1)], Proof::by_code("the script says so"))
    .schema("what the server does")
    .blocks_after_interruptions();

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::builtin().with(Scripted));

/// How many logins each account has seen, at once and in total.
static SEEN: LazyLock<Mutex<HashMap<String, Seen>>> = LazyLock::new(Mutex::default);

/// Held for writing by tests that leave no processor to the others, which would miss their time limits.
static PROCESSORS: RwLock<()> = RwLock::new(());

#[derive(Clone, Copy, Default)]
struct Seen {
    now: usize,
    most: usize,
    all: usize,
}

impl Driver for Scripted {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let host = fields.host().unwrap_or_default().to_owned();
        let port = fields.port(1);
        let login = fields.login().unwrap_or_default().to_owned();
        let password = fields.password().map(|secret| secret.expose().to_owned()).unwrap_or_default();
        let script = fields.schema().unwrap_or("accept").to_owned();
        let warnings = fields.finish()?;
        if script == "slow plan" {
            std::thread::sleep(Duration::from_millis(3));
        }
        Ok(Plan::builder(
            Target { host: Some(host.clone()), port: Some(port), database: None },
            if script == "located" { Vec::new() } else { vec![Endpoint::Tcp { host, port }] },
            Circumstances::of(Encryption::Irrelevant),
        )
        .account(login.to_lowercase())
        .credential(Fingerprint::of(&[&password]))
        .login(login.clone())
        .warnings(warnings)
        .build(Arc::new(Script { login: login.to_lowercase(), password, behaviour: script })))
    }
}

struct Script {
    login: String,
    password: String,
    behaviour: String,
}

#[async_trait]
impl Probe for Script {
    /// Servers that the definition does not name are located at this address.
    async fn locate(&self, _attempt: &Attempt) -> Result<Option<Located>, Failure> {
        let endpoints = vec![Endpoint::Tcp { host: "127.0.0.1".to_owned(), port: 7 }];
        let probe = Self { login: self.login.clone(), password: self.password.clone(), behaviour: "found".to_owned() };
        Ok((self.behaviour == "located").then(|| Located { endpoints, probe: Arc::new(probe) }))
    }

    fn shows(&self) -> Shows {
        if self.behaviour == "started anew" { Shows::Age } else { Shows::Nothing }
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        if attempt.only_looks() {
            drop(Visit::new(&format!("look-{}", self.login)));
            attempt.evidence(Evidence::ConnectionId(5));
            return Err(Attempt::looked());
        }
        let _visit = Visit::new(&self.login);
        match self.behaviour.as_str() {
            "panic" => panic!("hunter2 must not be shown"),
            "spin" => {
                attempt.recorder.enter(Phase::Auth);
                let until = Instant::now() + Duration::from_secs(1);
                while Instant::now() < until {
                    std::hint::spin_loop();
                }
            }
            "silent" => attempt.phase(Phase::Auth, std::future::pending::<()>()).await,
            "located" => panic!("what was found was to be dialled"),
            "found" => attempt.recorder.connected(Address::Ip(([127, 0, 0, 1], 7).into())),
            "connected, then silent" => {
                attempt.recorder.connected(Address::Ip(([127, 0, 0, 1], 1).into()));
                attempt.phase(Phase::Auth, std::future::pending::<()>()).await;
            }
            "silent after the secret" => {
                attempt.credential_sent();
                attempt.phase(Phase::Auth, std::future::pending::<()>()).await;
            }
            "refuses late" => {
                attempt.credential_sent();
                attempt.phase(Phase::Auth, tokio::time::sleep(Duration::from_millis(400))).await;
            }
            "slow" => attempt.phase(Phase::Auth, tokio::time::sleep(Duration::from_millis(50))).await,
            "started anew" => attempt.evidence(Evidence::ConnectionId(50)),
            "first" => attempt.recorder.connected(Address::Ip(([10, 0, 0, 1], 1).into())),
            "fifth" => attempt.recorder.connected(Address::Ip(([10, 0, 0, 5], 1).into())),
            "busy after the secret" => {
                attempt.credential_sent();
                return Err(Failure::of(Deployment::NotYetMember { host: "db".to_owned() }));
            }
            "busy" => return Err(Failure::of(Deployment::NotYetMember { host: "db".to_owned() })),
            "echo" => {
                return Err(Failure::of(Login::ServerError { code: None, hint: "" })
                    .detail(format!("{} is no password\x1b[31m", self.password)));
            }
            _ => {}
        }
        attempt.credential_sent();
        tokio::time::sleep(Duration::from_millis(5)).await;
        attempt.credential_sent();
        if self.password.starts_with("wrong") {
            return Err(Failure::of(Login::RefusedUnknown { login: "etl".to_owned(), code: None }).code("1"));
        }
        Ok(())
    }
}

/// One login under way.
struct Visit(String);

impl Visit {
    fn new(login: &str) -> Self {
        let mut seen = SEEN.lock().unwrap();
        let seen = seen.entry(login.to_owned()).or_default();
        seen.now += 1;
        seen.all += 1;
        seen.most = seen.most.max(seen.now);
        Self(login.to_owned())
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&self.0).unwrap().now -= 1;
    }
}

fn seen(login: &str) -> Seen {
    SEEN.lock().unwrap().get(login).copied().unwrap_or_default()
}

fn connection(name: &str, login: &str, password: &str, script: &str) -> Connection {
    static COUNT: Mutex<usize> = Mutex::new(0);
    let mut count = COUNT.lock().unwrap();
    *count += 1;
    let origin = Origin { source: "test".into(), line: None, pointer: format!("/{count}"), occurrence: 0 };
    Connection {
        conn_id: Some(name.to_owned()),
        conn_type: Some("scripted".to_owned()),
        host: Some("127.0.0.1".to_owned()),
        login: Some(login.to_owned()),
        password: Some(Secret::new(password.to_owned())),
        schema: Some(script.to_owned()),
        ..Connection::new(origin)
    }
}

fn start(connections: Vec<Connection>, settings: Settings) -> Run {
    start_with(ledger(), connections, settings)
}

/// An empty ledger.
fn ledger() -> Arc<dyn Ledger> {
    Arc::new(FileLedger::open(&state::anew(), Clock::default()).unwrap())
}

fn start_with(ledger: Arc<dyn Ledger>, connections: Vec<Connection>, settings: Settings) -> Run {
    start_on(EngineConfig::default().ledger(ledger), connections, settings)
}

/// A run on its own engine.
fn start_on(config: EngineConfig, connections: Vec<Connection>, settings: Settings) -> Run {
    // The same number of threads that the command uses for this many connections.
    run_on(&Engine::new(config.serving(connections.len())).unwrap(), connections, settings)
}

fn run_on(engine: &Engine, connections: Vec<Connection>, settings: Settings) -> Run {
    engine.run(Job { registry: REGISTRY.clone(), ..Job::new(connections, settings) }).unwrap()
}

fn finish(run: Run) -> (Vec<CheckResult>, Summary) {
    let mut results = Vec::new();
    let mut end = None;
    for event in run.events {
        match event {
            Event::Started { .. } => {}
            Event::Result(result) => results.push(Arc::unwrap_or_clone(result)),
            Event::Finished(summary) => end = Some(*summary),
            _ => unreachable!("a run has no other events"),
        }
    }
    results.sort_by_key(|result| result.position);
    (results, end.expect("a run ends in a summary"))
}

fn check(connections: Vec<Connection>, settings: Settings) -> (Vec<CheckResult>, Summary) {
    check_on(config(), connections, settings)
}

fn check_on(config: EngineConfig, connections: Vec<Connection>, settings: Settings) -> (Vec<CheckResult>, Summary) {
    let _shared = PROCESSORS.read().unwrap_or_else(PoisonError::into_inner);
    finish(start_on(config, connections, settings))
}

/// The configuration of an engine with an empty ledger.
fn config() -> EngineConfig {
    EngineConfig::default().ledger(ledger())
}

fn class(result: &CheckResult) -> Option<Class> {
    result.failure.as_ref().map(|failure| failure.class)
}

fn within(milliseconds: u64) -> Settings {
    Settings { timeout: Duration::from_millis(milliseconds), ..Settings::default() }
}

#[test]
fn every_connection_has_exactly_one_result_whatever_its_driver_does() {
    // A probe's panic is expected here; printing its backtrace takes longer than the test.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some("connprobe-probe") {
            report(panic);
        }
    }));
    let connections = vec![
        connection("fine", "one-a", "right", "accept"),
        connection("broken", "one-b", "right", "panic"),
        connection("mute", "one-c", "right", "silent"),
        Connection { conn_type: Some("nothing".into()), ..connection("typed", "one-d", "right", "accept") },
        Connection { conn_type: None, ..connection("untyped", "one-e", "right", "accept") },
        Connection { host: None, ..connection("homeless", "one-f", "right", "accept") },
    ];
    let (results, summary) = check(connections, within(300));
    let classes: Vec<_> = results.iter().map(class).collect();
    assert_eq!(
        classes,
        [
            None,
            Some(Class::Internal),
            Some(Class::Timeout),
            Some(Class::Unsupported),
            Some(Class::Definition),
            Some(Class::Definition)
        ]
    );
    let counts = summary.counts;
    assert_eq!((counts.total, counts.ok, counts.failed, counts.error, counts.skipped), (6, 1, 1, 3, 1));
    assert!(!format!("{results:?}").contains("hunter2"));
}

#[test]
fn an_account_that_is_held_is_not_tried_and_hides_no_fault_of_its_definition() {
    let ledger = ledger();
    let wrong = ["wrong1", "wrong2"].map(|secret| connection(secret, "held-a", secret, "accept"));
    finish(start_with(Arc::clone(&ledger), wrong.into(), within(300)));
    let connections = vec![
        connection("held", "held-a", "right", "accept"),
        connection("free", "held-b", "right", "accept"),
        Connection { host: None, ..connection("homeless", "held-a", "right", "accept") },
    ];
    let (results, _) = finish(start_with(ledger, connections, within(300)));
    let classes: Vec<_> = results.iter().map(class).collect();
    assert_eq!(classes, [Some(Class::Withheld), None, Some(Class::Definition)]);
    assert_eq!((results[0].attempts, results[1].attempts), (0, 1));
    assert_eq!(results[0].held.map(|held| held.refusals), Some(2));
    assert_eq!(results[0].account.as_deref(), Some("scripted://held-a@localhost:1"));
}

#[test]
fn a_deadline_holds_against_a_driver_that_never_yields() {
    let _alone = PROCESSORS.write().unwrap_or_else(PoisonError::into_inner);
    // As long as one thread is free, the timeout is the target's fault.
    for (spinning, class_told) in [(2, Class::Timeout), (5, Class::Local)] {
        let connections = (0..spinning).map(|n| connection("spin", &format!("spin-{n}"), "right", "spin"));
        let started = Instant::now();
        let (results, _) = finish(start_on(config().per_host(64), connections.collect(), within(200)));
        let took = started.elapsed();
        assert!(results.iter().all(|result| class(result) == Some(class_told)), "{results:?}");
        assert!(took < Duration::from_millis(300 + 100), "took {took:?}");
        // Checks that would need more threads may not have begun.
        let open =
            |result: &&CheckResult| result.phases.iter().any(|timing| timing.open && timing.phase == Phase::Auth);
        assert!(results.iter().filter(open).count() >= spinning.min(3), "{results:?}");
        while (0..spinning).any(|n| seen(&format!("spin-{n}")).now > 0) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The rows of a table without a key have such ids.
#[test]
fn rows_that_share_one_id_cost_no_more_than_others() {
    let connections: Vec<_> = (0..20_000)
        .map(|_| Connection {
            origin: Origin { source: "test".into(), line: None, pointer: "1".into(), occurrence: 0 },
            ..connection("same", "one-id", "right", "accept")
        })
        .collect();
    let started = Instant::now();
    let (results, _) = check(connections, within(5_000));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!((results.len(), seen("one-id").all), (20_000, 1));
    assert!(results.iter().all(|result| result.shared_with.len() == 20));
}

#[test]
fn the_end_of_the_run_ends_its_planning_too() {
    let slow = || (0..300).map(|n| connection(&format!("p{n}"), "slow-plan", "right", "slow plan"));
    let began = Instant::now();
    let deadline = Settings { deadline: Some(Duration::from_millis(100)), ..within(60_000) };
    let (results, summary) = check(slow().collect(), deadline);
    assert_eq!((results.len(), summary.ended), (300, Ended::Deadline));
    assert!(results.iter().all(|result| class(result) == Some(Class::Cancelled)));
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());

    let run = start(slow().collect(), within(60_000));
    let signalled = Instant::now();
    run.stop.stop(Ended::Interrupted);
    let (results, summary) = finish(run);
    assert_eq!((results.len(), summary.ended), (300, Ended::Interrupted));
    assert!(signalled.elapsed() < Duration::from_millis(400), "{:?}", signalled.elapsed());
}

#[test]
fn limits_of_any_size_hold() {
    let settings = Settings { timeout: Duration::MAX, deadline: Some(Duration::MAX), ..Settings::default() };
    let config = config().concurrency(usize::MAX).per_host(usize::MAX);
    let (results, _) = check_on(config, vec![connection("long", "endless", "right", "accept")], settings);
    assert_eq!(class(&results[0]), None);
}

#[test]
fn a_result_is_told_while_others_are_under_way() {
    let quick = connection("quick", "told-quick", "right", "accept");
    let bad = Connection { conn_type: None, ..connection("bad", "told-bad", "right", "accept") };
    let mut run = start(vec![connection("slow", "told-slow", "right", "silent"), quick, bad], within(60_000));
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = run.events.recv_timeout(Duration::from_secs(5)).expect("a result while the slow one is under way");
        if let Event::Result(result) = event {
            told.push(result.conn_id.clone().unwrap());
        }
    }
    told.sort_unstable();
    assert_eq!(told, ["bad", "quick"]);
    run.stop.stop(Ended::Interrupted);
}

#[test]
fn definitions_that_agree_in_everything_share_one_login() {
    let twins = (0..3).map(|n| connection(&format!("twin{n}"), "shared", "right", "accept")).collect();
    let (results, _) = check(twins, Settings::default());
    assert_eq!(seen("shared").all, 1);
    for result in &results {
        assert_eq!((class(result), result.shared_with.len()), (None, 2));
        assert!(!result.shared_with.contains(&result.id));
    }
}

#[test]
fn of_many_that_share_a_login_each_names_a_few() {
    let connections = (0..500).map(|n| connection(&format!("m{n}"), "crowd", "right", "accept")).collect();
    let (results, _) = check(connections, Settings::default());
    assert_eq!(seen("crowd").all, 1);
    for result in &results {
        assert_eq!(result.shared_with.len(), 20);
        assert!(!result.shared_with.contains(&result.id));
    }
}

#[test]
fn a_refused_secret_is_never_sent_again_whatever_the_database() {
    let mut connections: Vec<_> = (0..4).map(|n| connection(&format!("r{n}"), "refused", "wrong", "accept")).collect();
    connections[1].schema = Some("slow".into());
    connections[2].schema = Some("another".into());
    let (results, _) = check(connections, Settings { retries: 3, ..Settings::default() });
    assert_eq!(seen("refused").all, 1);
    assert!(results.iter().all(|result| class(result) == Some(Class::Auth)));
    let tried: Vec<_> = results.iter().filter(|result| result.attempts > 0 && !result.shared_with.is_empty()).collect();
    for result in results.iter().filter(|result| result.attempts == 0) {
        assert!(!result.shared_with.is_empty(), "{result:?}");
    }
    assert!(tried.len() <= 2, "only the twins of the one login that was made share it: {tried:?}");
}

#[test]
fn all_spellings_of_a_login_that_the_server_folds_are_one_account_within_one_run() {
    // The account, how many different wrong secrets it gets, and how many of them may be refused.
    for (account, secrets, refused) in [("folded", 1, 1), ("folder", 6, 2)] {
        let spelled = |n: usize| -> String {
            let letters = account.chars().enumerate();
            letters.map(|(at, letter)| if n >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter }).collect()
        };
        let one = |n| connection(&format!("f{n}"), &spelled(n), &format!("wrong{}", n % secrets), "accept");
        let (results, _) = check((0..32).map(one).collect(), Settings::default());
        assert_eq!(seen(account).all, refused);
        assert_eq!(results.iter().filter(|result| result.attempts > 0).count(), refused);
        let expected = |result: &CheckResult| matches!(class(result), Some(Class::Auth | Class::Withheld));
        assert!(results.iter().all(expected));
    }
}

#[test]
fn names_that_lead_to_one_server_are_one_account_before_a_credential_leaves() {
    let mut connections: Vec<_> = (0..6)
        .map(|n| connection(&format!("l{n}"), "located", "wrong", if n == 5 { "accept" } else { "located" }))
        .collect();
    for (n, connection) in connections.iter_mut().enumerate() {
        connection.host = Some(format!("srv{n}.example"));
    }
    // One definition names the server itself.
    (connections[5].host, connections[5].port) = (Some("127.0.0.1".into()), Some(7));
    let (results, _) = check(connections, Settings::default());
    assert_eq!(seen("located").all, 1);
    assert!(results.iter().all(|result| class(result) == Some(Class::Auth)), "{results:?}");
    assert_eq!(results.iter().filter(|result| result.attempts == 0).count(), 5);
}

#[test]
fn after_two_different_refused_secrets_the_account_is_left_alone() {
    let connections =
        (0..5).map(|n| connection(&format!("w{n}"), "withheld", &format!("wrong{n}"), "accept")).collect();
    let (results, _) = check(connections, Settings::default());
    assert_eq!(seen("withheld").all, 2);
    let withheld: Vec<_> = results.iter().filter(|result| class(result) == Some(Class::Withheld)).collect();
    assert_eq!(withheld.len(), 3);
    assert!(withheld.iter().all(|result| result.attempts == 0 && result.shared_with.len() == 2));
}

#[test]
fn logins_of_one_account_go_one_at_a_time_until_the_first_success() {
    let mut connections: Vec<_> = (0..6).map(|n| connection(&format!("s{n}"), "serial", "wrong", "slow")).collect();
    for (n, connection) in connections.iter_mut().enumerate() {
        connection.password = Some(Secret::new(format!("{}{n}", if n < 2 { "wrong" } else { "right" })));
    }
    let (results, _) = check(connections, Settings::default());
    assert_eq!(seen("serial").most, 1);
    // The turn of another login does not count as a login's own time: the login is queued meanwhile, and begins
    // afterwards.
    let mut tried: Vec<_> = results.iter().filter(|result| result.attempts > 0).collect();
    tried.sort_by_key(|result| result.started_at);
    let [first, second] = tried[..] else { panic!("{tried:?}") };
    assert!(second.queued >= first.queued + Duration::from_millis(50), "{second:?} after {first:?}");
    let later = second.started_at.duration_since(first.started_at);
    assert!(later >= jiff::SignedDuration::from_millis(45), "{second:?} after {first:?}");
}

#[test]
fn silence_after_the_secret_counts_as_a_refusal_and_is_not_retried() {
    let connections = vec![
        connection("a", "mute", "maybe", "silent after the secret"),
        Connection { port: Some(1), ..connection("b", "mute", "maybe", "accept") },
    ];
    let settings = Settings { retries: 3, ..within(200) };
    // In memory, one refusal holds an account, and an unclear end counts as a refusal.
    let run = start_on(EngineConfig::default(), connections, settings);
    let (results, _) = finish(run);
    assert_eq!(seen("mute").all, 1, "{results:?}");
}

#[test]
fn a_refusal_that_comes_after_the_limit_is_one_and_a_right_secret_that_is_slow_is_none() {
    let ledger = ledger();
    let run = |secret: &str| {
        let mut run =
            start_with(Arc::clone(&ledger), vec![connection("c", "late", secret, "refuses late")], within(150));
        let results = (&mut run.events).into_iter().filter_map(|event| match event {
            Event::Result(result) => Some(Arc::unwrap_or_clone(result)),
            _ => None,
        });
        let result = results.last().unwrap();
        run.settle(Duration::from_secs(5));
        (class(&result), result.attempts)
    };
    assert_eq!(run("wrong"), (Some(Class::Timeout), 1));
    assert_eq!(run("wrong"), (Some(Class::Auth), 0));
    assert_eq!(run("right"), (Some(Class::Timeout), 1));
    assert_eq!(run("right"), (Some(Class::Timeout), 1));
    assert_eq!(seen("late").all, 3);
}

#[test]
fn a_run_that_ends_early_does_not_cut_a_login_whose_credential_has_left() {
    let ledger = ledger();
    let run = start_with(Arc::clone(&ledger), vec![connection("c", "left", "right", "refuses late")], within(5_000));
    while seen("left").now == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    run.stop.stop(Ended::Interrupted);
    run.settle(Duration::from_secs(5));
    let account = ledger.lines().into_iter().find(|line| line.account.contains("left")).unwrap();
    assert_eq!((account.refusals, account.until), (0, None), "it was accepted: {account:?}");
}

#[test]
fn what_may_pass_is_retried_and_what_was_refused_is_not() {
    let connections = vec![
        connection("busy", "retry-busy", "right", "busy"),
        connection("refused", "retry-refused", "wrong", "accept"),
    ];
    let (results, _) = check(connections, Settings { retries: 1, ..Settings::default() });
    assert_eq!((results[0].attempts, results[1].attempts), (2, 1));
    assert_eq!((seen("retry-busy").all, seen("retry-refused").all), (2, 1));
}

#[test]
fn what_may_pass_is_not_retried_once_the_secret_has_left() {
    let connections = vec![connection("busy", "sent-busy", "right", "busy after the secret")];
    let (results, _) = check(connections, Settings { retries: 5, ..Settings::default() });
    assert_eq!((class(&results[0]), results[0].attempts, seen("sent-busy").all), (Some(Class::Busy), 1, 1));
}

/// `connection` with the host `host`, a name at the DNS server of `asking_names`.
fn at(host: &str, connection: Connection) -> Connection {
    Connection { host: Some(host.to_owned()), ..connection }
}

fn asking_names() -> Settings {
    const fn ten(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, last)
    }
    const EIGHT: [Ipv4Addr; 8] = [ten(1), ten(2), ten(3), ten(4), ten(5), ten(6), ten(7), ten(8)];
    const FIRST: [Ipv4Addr; 1] = [ten(1)];
    let names: &[(&str, &[Ipv4Addr])] =
        &[("eight.test", &EIGHT), ("first.test", &FIRST), ("here.test", &[Ipv4Addr::LOCALHOST])];
    let server = names::server(names);
    Settings { policy: Policy { dns_server: Some(server), ..Policy::default() }, ..Settings::default() }
}

#[test]
fn a_secret_that_one_address_of_a_name_refused_is_not_sent_to_the_others() {
    let (ledger, settings) = (ledger(), asking_names());
    let attempts = |host: &str, script: &str| {
        let one = at(host, connection("c", "eight", "wrong", script));
        let (results, _) = finish(start_with(Arc::clone(&ledger), vec![one], settings.clone()));
        assert_eq!(class(&results[0]), Some(Class::Auth));
        results[0].attempts
    };
    assert_eq!(attempts("eight.test", "first"), 1);
    assert_eq!(attempts("eight.test", "fifth"), 0);
    // The address that refused it, under another name and without one.
    assert_eq!(attempts("first.test", "first"), 0);
    assert_eq!(attempts("10.0.0.1", "first"), 0);
    assert_eq!(seen("eight").all, 1);
}

/// A look at another machine's server would be an interrupted handshake there.
#[test]
fn who_shows_its_age_is_looked_at_on_this_machine_only() {
    let settings = asking_names();
    for (host, login, looks) in [("here.test", "looked-here", 1), ("first.test", "looked-remote", 0)] {
        let ledger = ledger();
        for _ in 0..2 {
            let one = at(host, connection("c", login, "wrong", "started anew"));
            finish(start_with(Arc::clone(&ledger), vec![one], settings.clone()));
        }
        assert_eq!((seen(&format!("look-{login}")).all, seen(login).all), (looks, 1 + looks), "{host}");
    }
}

#[test]
fn five_interrupted_handshakes_withhold_the_rest_of_a_server_that_counts_them() {
    for per_host in [1, 64] {
        let connections = (0..12)
            .map(|n| connection(&format!("i{n}"), &format!("interrupted-{n}"), "right", "connected, then silent"))
            .collect();
        let (results, _) = check_on(config().per_host(per_host), connections, within(300));
        let count = |wanted| results.iter().filter(|result| class(result) == Some(wanted)).count();
        assert_eq!((count(Class::Timeout), count(Class::Withheld)), (5, 7), "{per_host} at once");
    }
}

#[test]
fn a_slow_host_does_not_hold_the_places_of_the_others() {
    let mut connections: Vec<_> =
        (0..20).map(|n| connection(&format!("slow{n}"), &format!("host-a{n}"), "right", "slow")).collect();
    for n in 0..20 {
        let elsewhere = connection(&format!("other{n}"), &format!("host-b{n}"), "right", "accept");
        connections.push(Connection { host: Some(format!("127.0.1.{n}")), ..elsewhere });
    }
    let run = start_on(config().concurrency(4).per_host(1), connections, Settings::default());
    let names: Vec<String> = run
        .events
        .into_iter()
        .filter_map(|event| if let Event::Result(result) = event { result.conn_id.clone() } else { None })
        .collect();
    let last_other = names.iter().rposition(|name| name.starts_with("other")).unwrap();
    assert!(last_other < 30, "the others had to wait: {names:?}");
}

#[test]
fn the_end_of_the_run_gives_every_unfinished_check_its_result() {
    let connections: Vec<_> =
        (0..50).map(|n| connection(&format!("c{n}"), &format!("cancel-{n}"), "right", "silent")).collect();
    let started = Instant::now();
    let deadline = Settings { deadline: Some(Duration::from_millis(150)), ..within(60_000) };
    let (results, summary) = check(connections, deadline);
    assert_eq!((results.len(), summary.ended), (50, Ended::Deadline));
    assert!(results.iter().all(|result| class(result) == Some(Class::Cancelled)));
    assert!(started.elapsed() < Duration::from_millis(400), "{:?}", started.elapsed());

    let run = start(vec![connection("c", "cancel-signal", "right", "silent")], within(60_000));
    run.stop.stop(Ended::Interrupted);
    let (results, summary) = finish(run);
    assert_eq!((class(&results[0]), summary.ended), (Some(Class::Cancelled), Ended::Interrupted));
}

#[test]
fn foreign_text_is_scrubbed_before_it_is_told() {
    let (results, _) = check(vec![connection("e", "echo", "hunter2hunter2", "echo")], Settings::default());
    assert_eq!(results[0].failure.as_ref().unwrap().detail, None);
    // What the result shows in any case is not a secret.
    let (results, _) = check(vec![connection("e", "postgres", "postgres", "echo")], Settings::default());
    assert_eq!(results[0].failure.as_ref().unwrap().detail.as_deref(), Some("postgres is no password[31m"));
}

#[test]
fn a_dry_run_plans_everything_and_logs_in_nowhere() {
    let connections = vec![
        connection("fine", "dry", "right", "accept"),
        Connection { host: None, ..connection("homeless", "dry", "right", "accept") },
    ];
    let (results, summary) = check(connections, Settings { dry_run: true, ..Settings::default() });
    assert_eq!(seen("dry").all, 0);
    assert_eq!(results.iter().map(class).collect::<Vec<_>>(), [None, Some(Class::Definition)]);
    assert!(summary.dry_run);
}

#[test]
fn jobs_of_one_engine_share_accounts_permits_and_what_was_learnt() {
    let _shared = PROCESSORS.read().unwrap_or_else(PoisonError::into_inner);
    let engine = Engine::new(config()).unwrap();
    let job = |secret: &str| run_on(&engine, vec![connection("c", "jobs-a", secret, "slow")], within(5_000));
    let at_once: Vec<Run> = ["wrong1", "wrong2", "wrong3", "wrong4"].map(job).into();
    let classes: Vec<_> = at_once.into_iter().map(|run| class(&finish(run).0[0])).collect();
    assert_eq!((seen("jobs-a").most, seen("jobs-a").all), (1, 2), "{classes:?}");
    let (results, _) = finish(job("wrong1"));
    assert_eq!((class(&results[0]).is_some(), results[0].attempts), (true, 0), "{results:?}");

    let one_place = Engine::new(config().concurrency(1)).unwrap();
    let started = Instant::now();
    let runs: Vec<Run> = (0..4)
        .map(|n| run_on(&one_place, vec![connection("c", &format!("jobs-{n}"), "right", "slow")], within(5_000)))
        .collect();
    assert!(runs.into_iter().all(|run| class(&finish(run).0[0]).is_none()));
    assert!(started.elapsed() >= Duration::from_millis(200), "{:?}", started.elapsed());
}

#[test]
fn who_looks_at_a_server_in_one_run_looks_again_in_the_next() {
    let engine = Engine::new(config()).unwrap();
    let job = || run_on(&engine, vec![connection("c", "anew", "wrong", "started anew")], within(5_000));
    for looks in [0, 1, 2] {
        finish(job());
        assert_eq!(seen("look-anew").all.min(looks), looks);
    }
}

#[test]
fn a_run_that_nobody_listens_to_ends_and_a_login_whose_credential_has_left_does_not() {
    let ledger = ledger();
    let scripts = [("unheard-silent", "silent"), ("unheard-left", "refuses late")];
    let run = start_with(
        Arc::clone(&ledger),
        scripts.map(|(login, script)| connection("c", login, "right", script)).into(),
        within(60_000),
    );
    while scripts.iter().any(|(login, _)| seen(login).now == 0) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    let Run { events, .. } = run;
    drop(events);
    let since = Instant::now();
    while scripts.iter().any(|(login, _)| seen(login).now > 0) {
        assert!(since.elapsed() < Duration::from_secs(5), "it goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!ledger.lines().iter().any(|line| line.until.is_some()), "{:?}", ledger.lines());
}

#[tokio::test]
async fn an_engine_serves_asynchronous_code_and_may_be_dropped_there() {
    let engine = Engine::new(config()).unwrap();
    let job =
        Job { registry: REGISTRY.clone(), ..Job::new(vec![connection("c", "async", "right", "slow")], within(5_000)) };
    let mut run = engine.run(job).unwrap();
    drop(engine);
    let mut told = Vec::new();
    while let Some(event) = run.events.next().await {
        told.push(event);
    }
    assert!(matches!(&told[..], [Event::Started { .. }, Event::Result(_), Event::Finished(_)]), "{told:?}");
}

#[test]
fn results_tell_the_time_of_a_clock_that_is_set() {
    let start: Moment = "2026-11-22T12:00:00Z".parse::<jiff::Timestamp>().unwrap().into();
    let clock = Clock::standing_at(start);
    let engine = Engine::new(config().clock(clock.clone())).unwrap();
    for hours in [0, 1, 24] {
        let now = start.after(Duration::from_hours(hours));
        clock.set(now);
        let broken = Connection { host: None, ..connection("b", "clock-b", "right", "accept") };
        let connections = vec![connection("a", "clock-a", "right", "accept"), broken];
        let (results, summary) = finish(run_on(&engine, connections, within(5_000)));
        for told in [summary.started_at, results[0].started_at, results[1].started_at] {
            // The lookup, which took a moment, is part of the first attempt.
            let earlier = now.timestamp().duration_since(told).as_millis();
            assert!((0..1000).contains(&earlier), "{told} at {hours} h");
        }
    }
}

/// The variable that makes the test below run as the program.
const PROGRAM: &str = "CONNPROBE_TEST_ENGINES";

/// Threads and descriptors are counted per process, so this test runs in its own process.
#[test]
fn fifty_engines_leave_no_thread_and_no_descriptor_behind() {
    let name = "fifty_engines_leave_no_thread_and_no_descriptor_behind";
    if std::env::var_os(PROGRAM).is_some() {
        return fifty_engines();
    }
    let itself = std::env::current_exe().unwrap();
    let mut program = std::process::Command::new(itself);
    let output = program.args([name, "--exact", "--nocapture"]).env(PROGRAM, "1").output().unwrap();
    let told = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success() && !told.contains("panicked"), "{told}");
}

fn fifty_engines() {
    let count = |what: &str| std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count();
    let ledger = ledger();
    let one = |number: usize| {
        let engine = Engine::new(EngineConfig::default().ledger(Arc::clone(&ledger))).unwrap();
        let scripts = ["accept", "silent", "located", "busy"];
        let all = scripts.map(|script| connection("c", &format!("fifty-{script}-{number}"), "right", script));
        let jobs = [
            run_on(&engine, all.into(), within(60)),
            // Its events are dropped.
            run_on(
                &engine,
                vec![connection("c", &format!("fifty-dropped-{number}"), "right", "silent")],
                within(60_000),
            ),
            run_on(&engine, Vec::new(), within(60)),
        ];
        let [first, _dropped, empty] = jobs;
        assert_eq!((finish(first).0.len(), finish(empty).0.len()), (4, 0));
    };
    one(0);
    let settled = || {
        (0..1000).find(|_| {
            std::thread::sleep(Duration::from_millis(5));
            std::fs::read_dir("/proc/self/task").unwrap().count() <= 2
        })
    };
    assert!(settled().is_some(), "threads of the first engine are left");
    let descriptors = count("fd");
    (1..=50).for_each(one);
    assert!(settled().is_some(), "{} threads are left", count("task"));
    assert_eq!(count("fd"), descriptors);
}
