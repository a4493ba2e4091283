//! A driver that panics: one result of class `internal`, no other result changes, and no output contains the panic's
//! payload. The driver belongs to the test, so the test binary is its own program too.

use std::io;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use connprobe::driver::{
    Attempt, Circumstances, Driver, Encryption, Fields, Plan, Probe, Proof, Refusal, Registry, Spec, Target,
};
use connprobe::engine::{Engine, EngineConfig, Job, Settings};
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::failure::Failure;
use connprobe::model::fingerprint::Fingerprint;
use connprobe::model::reason::Login;
use connprobe::model::secret::Secret;
use connprobe::net::dial::Endpoint;
use connprobe::report::Report;
use connprobe::report::json::Json;
use connprobe::report::ndjson::Ndjson;
use connprobe::report::table::{Style, Table};
use serde_json::Value;

/// The payload of the driver's panics.
const PAYLOAD: &str = "pAyLoAd-hunter2";

/// The variable that makes the test run as the program.
const PROGRAM: &str = "CONNPROBE_TEST_PANICS";

/// Panics if the password is the payload.
struct Brittle;

static SPEC: Spec =
    Spec::new("brittle", "Brittle", &[("brittle", 1)], Proof::by_code("the script says so")).schema("nothing");

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::builtin().with(Brittle));

impl Driver for Brittle {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let host = fields.host().unwrap_or_default().to_owned();
        let login = fields.login().unwrap_or_default().to_owned();
        let password = fields.password().map(|secret| secret.expose().to_owned()).unwrap_or_default();
        assert!(login != "plan", "{password}");
        Ok(Plan::builder(
            Target { host: Some(host.clone()), port: Some(1), database: None },
            vec![Endpoint::Tcp { host, port: 1 }],
            Circumstances::of(Encryption::Irrelevant),
        )
        .account(login.clone())
        .credential(Fingerprint::of(&[&password]))
        .login(login.clone())
        .warnings(fields.finish()?)
        .build(Arc::new(Breaking { login, password })))
    }
}

struct Breaking {
    login: String,
    password: String,
}

#[async_trait]
impl Probe for Breaking {
    async fn run(&self, _: &Attempt) -> Result<(), Failure> {
        assert!(self.login != "probe", "{}", self.password);
        if self.login == "index" {
            let nothing = [0; 0];
            return Err(Failure::of(Login::ServerError {
                code: Some(nothing[self.password.len()].to_string()),
                hint: "",
            }));
        }
        Ok(())
    }
}

/// Runs ten definitions, three of which panic, and prints every report.
fn program() {
    // The binary does the same.
    assert_eq!(connprobe::cli::run(["connprobe", "types"].map(Into::into)).status(), 0);
    let logins = ["a", "b", "plan", "c", "probe", "d", "e", "index", "f", "g"];
    let connections = logins.map(|login| {
        let origin = Origin { source: "test".into(), line: None, pointer: format!("/{login}"), occurrence: 0 };
        Connection {
            conn_id: Some(login.to_owned()),
            conn_type: Some("brittle".to_owned()),
            host: Some("127.0.0.1".to_owned()),
            login: Some(login.to_owned()),
            password: Some(Secret::new(PAYLOAD.to_owned())),
            ..Connection::new(origin)
        }
    });
    let job = Job { registry: REGISTRY.clone(), ..Job::new(connections.into(), Settings::default()) };
    let run = Engine::new(EngineConfig::default()).and_then(|engine| engine.run(job)).expect("threads");
    let mut reports: [Box<dyn Report>; 3] = [
        Box::new(Ndjson::new(io::stdout())),
        Box::new(Json::new(io::stderr())),
        Box::new(Table::new(io::stderr(), Style { width: 100, colour: false }, false, None)),
    ];
    for event in run.events {
        for report in &mut reports {
            report.event(&event).expect("an output");
        }
    }
}

#[test]
fn a_panic_costs_its_own_connection_one_result_and_tells_nothing() {
    if std::env::var_os(PROGRAM).is_some() {
        return program();
    }
    let itself = std::env::current_exe().expect("a program");
    let name = "panics::a_panic_costs_its_own_connection_one_result_and_tells_nothing";
    let output =
        Command::new(itself).args([name, "--exact", "--nocapture"]).env(PROGRAM, "1").output().expect("it runs");
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).expect("text"), String::from_utf8(output.stderr).expect("text"));
    assert!(output.status.success(), "{stderr}");
    assert!(!stdout.contains(PAYLOAD) && !stderr.contains(PAYLOAD), "{stdout}{stderr}");
    let results: Vec<Value> = stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let told: Vec<(&str, &str)> = results
        .iter()
        .filter(|result| result["kind"] == "result")
        .map(|result| (result["conn_id"].as_str().unwrap_or_default(), crate::report::class(result)))
        .collect();
    assert_eq!(told.len(), 10, "{told:?}");
    for (name, class) in told {
        let breaks = ["plan", "probe", "index"].contains(&name);
        assert_eq!(class, if breaks { "internal" } else { "ok" }, "{name}");
    }
    let places = stderr.lines().filter(|line| line.starts_with("internal error at tests/endurance/panics.rs:"));
    assert_eq!(places.count(), 3, "{stderr}");
}
