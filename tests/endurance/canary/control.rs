//! Checks the search itself: it finds a secret that was planted in an output in any form, and one that a server echoes
//! where nothing is scrubbed because a driver does not declare its secret.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use connprobe::driver::{
    Attempt, Circumstances, Driver, Encryption, Fields, Plan, Probe, Proof, Refusal, Registry, Spec, Target,
};
use connprobe::engine::{Engine, EngineConfig, Job, Settings};
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::extra::Extra;
use connprobe::model::failure::Failure;
use connprobe::model::reason::Login;
use connprobe::net::dial::Endpoint;
use connprobe::report::Report;
use connprobe::report::json::Json;
use connprobe::report::ndjson::Ndjson;
use connprobe::report::table::{Style, Table};
use serde_json::{Map, json};

use super::echo::WAYS;
use super::encodings::searched;
use super::random::Random;
use super::search::Search;

/// Takes its secret from an undeclared extra, and reports the server's text.
struct Careless;

/// The text of its server. It is in no field of the definition, where connprobe would recognise a password.
static SAID: Mutex<String> = Mutex::new(String::new());

static SPEC: Spec =
    Spec::new("careless", "Careless", &[("careless", 1)], Proof::by_code("the script says so")).schema("nothing");

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::builtin().with(Careless));

impl Driver for Careless {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let host = fields.host().unwrap_or_default().to_owned();
        let said = SAID.lock().expect("nobody panics").clone();
        Ok(Plan::builder(
            Target { host: Some(host.clone()), port: Some(1), database: None },
            vec![Endpoint::Tcp { host, port: 1 }],
            Circumstances::of(Encryption::Irrelevant),
        )
        .account(said.clone())
        .build(Arc::new(Telling { said })))
    }
}

/// A probe that reports the server's text.
struct Telling {
    said: String,
}

#[async_trait]
impl Probe for Telling {
    async fn run(&self, _: &Attempt) -> Result<(), Failure> {
        Err(Failure::of(Login::ServerError { code: None, hint: "" }).detail(self.said.clone()))
    }
}

/// The output of every report about a server that sent `said`.
fn unscrubbed(said: &str) -> [String; 3] {
    said.clone_into(&mut SAID.lock().expect("nobody panics"));
    let origin = Origin { source: "test".into(), line: None, pointer: String::new(), occurrence: 0 };
    let connection = Connection {
        conn_type: Some("careless".to_owned()),
        host: Some("127.0.0.1".to_owned()),
        extra: Extra::new(Map::from_iter([("token".to_owned(), json!("nobody knows"))])),
        ..Connection::new(origin)
    };
    let job = Job { registry: REGISTRY.clone(), ..Job::new(vec![connection], Settings::default()) };
    let run = Engine::new(EngineConfig::default()).and_then(|engine| engine.run(job)).expect("threads");
    let (mut json, mut ndjson, mut table) = (Vec::new(), Vec::new(), Vec::new());
    {
        let style = Style { width: 80, colour: false };
        let (mut json, mut ndjson) = (Json::new(&mut json), Ndjson::new(&mut ndjson));
        let mut table = Table::new(&mut table, style, false, None);
        for event in run.events {
            let reports: [&mut dyn Report; 3] = [&mut json, &mut ndjson, &mut table];
            for report in reports {
                report.event(&event).expect("a buffer");
            }
        }
    }
    [json, ndjson, table].map(|text| String::from_utf8(text).expect("text"))
}

#[test]
fn what_is_planted_is_found() {
    let mut random = Random::new();
    for length in [4, 5, 8, 24, 100, 1024] {
        let secret = random.secret(length);
        let mut search = Search::of([secret.as_str()]);
        search.nothing_in("an innocent output", "password authentication failed for user \"etl\"");
        for form in searched(&secret) {
            assert!(!search.hits(&format!("an output with {form} in it")).is_empty(), "{form:?} of {secret:?}");
        }
        for (number, way) in WAYS.iter().enumerate() {
            let (first, second) = way(&secret);
            // For short secrets the search skips halves, and forms that could be ordinary words.
            assert!(length < 24 || !search.hits(&format!("{first}\n{second}")).is_empty(), "{number} of {secret:?}");
        }
    }
}

#[test]
fn what_is_not_scrubbed_is_found_in_every_report() {
    // The search skips pieces that contain a JSON escape.
    let secret = Random::new().secret(40).replace(['"', '\\'], "'");
    let mut search = Search::of([secret.as_str()]);
    for (number, way) in WAYS.iter().enumerate() {
        let (first, second) = way(&secret);
        for said in [first, second].iter().filter(|said| !said.is_empty()) {
            for report in unscrubbed(said) {
                assert!(!search.hits(&report).is_empty(), "{number}: {secret:?} said as {said:?} is in {report}");
            }
        }
    }
}
