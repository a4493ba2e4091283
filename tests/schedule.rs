//! Tests a schedule over the real engine, with a driver that logs in nowhere: when connections are checked, what is joined,
//! and what becomes of changed definitions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connprobe::driver::{
    Attempt, Circumstances, Driver, Encryption, Fields, Plan, Probe, Proof, Refusal, Registry, Spec, Target,
};
use connprobe::engine::{Engine, EngineConfig, Settings};
use connprobe::model::class::{Class, Status};
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::failure::Failure;
use connprobe::model::fingerprint::Fingerprint;
use connprobe::model::phase::Phase;
use connprobe::model::reason::Deployment;
use connprobe::net::dial::Endpoint;
use connprobe::schedule::{Asked, Config, Damping, Happened, Intervals, Schedule, Scheduler};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

static SPEC: Spec = Spec::new("counted", "Counted", &[("counted", 1)], Proof::by_code("the script says so"))
    .schema("what the server does");

/// How often each host was logged in to, and how many logins were under way at once at most.
#[derive(Default)]
struct Seen(Mutex<HashMap<String, (usize, usize, usize)>>);

impl Seen {
    fn change(&self, host: &str, change: impl FnOnce(&mut (usize, usize, usize))) {
        change(self.0.lock().unwrap().entry(host.to_owned()).or_default());
    }

    /// The number of logins at `host`.
    fn at(&self, host: &str) -> usize {
        self.0.lock().unwrap().get(host).map_or(0, |(all, ..)| *all)
    }

    fn most_at_once(&self) -> usize {
        self.0.lock().unwrap().values().map(|(.., most)| *most).max().unwrap_or_default()
    }
}

struct Counted(Arc<Seen>);

impl Driver for Counted {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let host = fields.host().unwrap_or_default().to_owned();
        let behaviour = fields.schema().unwrap_or_default().to_owned();
        let warnings = fields.finish()?;
        Ok(Plan::builder(
            Target { host: Some(host.clone()), port: Some(1), database: None },
            // A server of its own for each.
            vec![Endpoint::Tcp { host: "127.0.0.1".to_owned(), port: port(&host) }],
            Circumstances::of(Encryption::Irrelevant),
        )
        .account(host.clone())
        .warnings(warnings)
        .build(Arc::new(Login { host, behaviour, seen: Arc::clone(&self.0) })))
    }
}

fn port(host: &str) -> u16 {
    let digest = Fingerprint::of(&[host]);
    digest.bytes().first_chunk().copied().map_or(1, u16::from_be_bytes).max(1)
}

struct Login {
    host: String,
    behaviour: String,
    seen: Arc<Seen>,
}

#[async_trait]
impl Probe for Login {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        self.seen.change(&self.host, |(all, now, most)| {
            *all += 1;
            *now += 1;
            *most = (*most).max(*now);
        });
        let _visit = Visit(self);
        attempt.recorder.enter(Phase::Auth);
        match self.behaviour.as_str() {
            "brief" => sleep(Duration::from_millis(50)).await,
            "slow" => sleep(Duration::from_millis(300)).await,
            "silent" => std::future::pending().await,
            "busy" => return Err(Failure::of(Deployment::NotYetMember { host: "db".to_owned() })),
            _ => {}
        }
        Ok(())
    }
}

struct Visit<'a>(&'a Login);

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.seen.change(&self.0.host, |(_, now, _)| *now -= 1);
    }
}

/// A connection to `host`, whose server does what `behaviour` says.
fn connection(host: &str, behaviour: &str) -> Connection {
    let origin = Origin { source: "test".to_owned(), line: None, pointer: format!("/{host}"), occurrence: 0 };
    Connection {
        conn_id: Some(host.to_owned()),
        conn_type: Some("counted".to_owned()),
        host: Some(host.to_owned()),
        schema: Some(behaviour.to_owned()),
        ..Connection::new(origin)
    }
}

fn id(host: &str) -> String {
    connection(host, "").id()
}

/// A schedule with this `interval`, and what it tells.
fn schedule(interval: u64, config: Config) -> (Scheduler, UnboundedReceiver<Happened>, Arc<Seen>) {
    let seen = Arc::<Seen>::default();
    let registry = Registry::builtin().with(Counted(Arc::clone(&seen)));
    let intervals = Intervals { rules: Vec::new(), otherwise: Duration::from_millis(interval) };
    let engine = Engine::new(EngineConfig::default().per_host(1000)).unwrap();
    let (scheduler, happened) = Schedule::start(Config { intervals, ..config }, engine, registry);
    (scheduler, happened, seen)
}

/// The statuses of the next `count` checks, and of the changes.
async fn next(happened: &mut UnboundedReceiver<Happened>, count: usize) -> Vec<(Status, Option<Status>)> {
    let mut checks = Vec::new();
    while checks.len() < count {
        let event = tokio::time::timeout(Duration::from_secs(10), happened.recv()).await.expect("a check in time");
        if let Some(Happened::Checked { result, change }) = event {
            checks.push((result.status, change.map(|change| change.to.status)));
        }
    }
    checks
}

#[tokio::test]
async fn each_connection_is_checked_once_in_an_interval_and_never_twice_at_once() {
    let (scheduler, _happened, seen) = schedule(400, Config::default());
    let hosts: Vec<String> = (0..100).map(|number| format!("h{number}")).collect();
    scheduler.replace(hosts.iter().map(|host| connection(host, "brief")).collect()).await;
    sleep(Duration::from_secs(2)).await;
    for host in &hosts {
        assert!((3..=6).contains(&seen.at(host)), "{host}: {}", seen.at(host));
    }
    assert_eq!(seen.most_at_once(), 1);
}

#[tokio::test]
async fn servers_that_do_not_answer_make_no_other_check_late() {
    let settings = Settings { timeout: Duration::from_millis(300), ..Settings::default() };
    let (scheduler, _happened, seen) = schedule(600, Config { at_once: 16, settings, ..Config::default() });
    let silent = (0..200).map(|number| connection(&format!("silent{number}"), "silent"));
    let well: Vec<String> = (0..20).map(|number| format!("well{number}")).collect();
    scheduler.replace(silent.chain(well.iter().map(|host| connection(host, "accept"))).collect()).await;
    // Until every silent one has timed out once.
    sleep(Duration::from_secs(8)).await;
    let before: Vec<usize> = well.iter().map(|host| seen.at(host)).collect();
    sleep(Duration::from_secs(3)).await;
    for (host, before) in well.iter().zip(before) {
        assert!(seen.at(host) - before >= 4, "{host}: {}", seen.at(host) - before);
    }
}

#[tokio::test]
async fn whoever_asks_joins_the_check_that_is_under_way_or_gets_the_last_result() {
    let (scheduler, _happened, seen) = schedule(60_000, Config::default());
    scheduler.replace(vec![connection("a", "slow")]).await;
    let asked = async || scheduler.check(&id("a")).await.expect("a result");
    let (one, other) = tokio::join!(asked(), asked());
    assert!(Arc::ptr_eq(&one.result, &other.result));
    assert_eq!((one.age, seen.at("a")), (Duration::ZERO, 1));
    sleep(Duration::from_millis(50)).await;
    let Asked { result, age } = asked().await;
    assert!(Arc::ptr_eq(&result, &one.result) && age >= Duration::from_millis(50), "{age:?}");
    assert_eq!(seen.at("a"), 1);
    assert!(scheduler.check("nobody").await.is_none());
}

#[tokio::test]
async fn a_changed_definition_is_checked_at_once_and_a_removed_one_no_more() {
    let (scheduler, mut happened, seen) = schedule(400, Config::default());
    scheduler.replace(vec![connection("a", "accept"), connection("b", "accept")]).await;
    next(&mut happened, 2).await;
    // Its next regular check would be a minute away.
    let (slowly, mut told, counted) = schedule(60_000, Config::default());
    slowly.replace(vec![connection("a", "accept")]).await;
    slowly.check(&id("a")).await.expect("a result");
    slowly.replace(vec![connection("a", "busy")]).await;
    assert_eq!(next(&mut told, 2).await[1].0, Status::Failed);
    assert_eq!(counted.at("a"), 2);
    // The same again changes nothing.
    slowly.replace(vec![connection("a", "busy")]).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(counted.at("a"), 2);

    scheduler.replace(vec![connection("b", "accept")]).await;
    let before = seen.at("a");
    sleep(Duration::from_millis(1200)).await;
    assert!(seen.at("a") <= before + 1 && seen.at("b") >= 3, "{} {}", seen.at("a"), seen.at("b"));
}

#[tokio::test]
async fn a_definition_that_changes_during_its_check_has_no_result_of_the_former_one() {
    let (scheduler, mut happened, _seen) = schedule(60_000, Config::default());
    scheduler.replace(vec![connection("a", "slow")]).await;
    let handle = scheduler.clone();
    let asked = tokio::spawn(async move { handle.check(&id("a")).await });
    sleep(Duration::from_millis(150)).await;
    scheduler.replace(vec![connection("a", "busy")]).await;
    assert_eq!(next(&mut happened, 1).await, [(Status::Failed, Some(Status::Failed))]);
    assert_eq!(asked.await.unwrap().expect("a result").result.status, Status::Failed);
}

#[tokio::test]
async fn a_state_changes_after_two_failures() {
    let damping = Damping { fail_after: 2, ok_after: 1 };
    let (scheduler, mut happened, _seen) = schedule(200, Config { damping, ..Config::default() });
    scheduler.replace(vec![connection("a", "accept")]).await;
    assert_eq!(next(&mut happened, 2).await, [(Status::Ok, Some(Status::Ok)), (Status::Ok, None)]);
    scheduler.replace(vec![connection("a", "busy")]).await;
    let told = next(&mut happened, 4).await;
    let failed: Vec<_> = told.iter().skip_while(|(status, _)| *status == Status::Ok).take(2).collect();
    assert_eq!(failed, [&(Status::Failed, None), &(Status::Failed, Some(Status::Failed))]);
    let id = id("a");
    let state = scheduler.look(move |schedule| schedule.watched()[&id].state.clone()).await.expect("a state");
    let (stands, _) = state.stands().expect("it was checked");
    assert_eq!((stands.status, stands.class), (Status::Failed, Some(Class::Busy)));
}
