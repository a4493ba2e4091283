//! Sources and stores are loaded side by side in one thread of an asynchronous program, and given up at any time.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connprobe::driver::Policy;
use connprobe::model::class::Class;
use connprobe::model::connection::Connection;
use connprobe::source::{self, Environment, Loaded, Settings, SourceError};
use connprobe::store::{Access, Change, Location, Options, Store};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::airflow::script;

/// How long the silent servers are waited for.
const LIMIT: Duration = Duration::from_secs(3);

/// The variable that is set in the process whose threads are counted.
const PROGRAM: &str = "CONNPROBE_TEST_BESIDE";

/// The sources whose server accepts connections and says nothing.
const SILENT: [&str; 4] = ["vault:secret/connections", "aws-sm:", "aws-ssm:", "url-env:DATABASE"];

/// A silent server, and the files of a source, a metadata database and a store.
struct Bench {
    _listener: TcpListener,
    port: u16,
    home: TempDir,
}

impl Bench {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { _listener: listener, port, home: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn settings(&self) -> Arc<Settings> {
        let (port, database) = (self.port, self.path("airflow.db"));
        let variables = [
            ("VAULT_ADDR", format!("http://127.0.0.1:{port}")),
            ("VAULT_TOKEN", "hvs.CANARY".to_owned()),
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "CANARY".to_owned()),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("DATABASE", format!("postgresql://etl:CANARY@127.0.0.1:{port}/airflow?sslmode=disable")),
            ("FILE", format!("sqlite:///{}", database.display())),
        ];
        let environment = Environment::of(variables.map(|(name, value)| (name.into(), value.into())));
        let store = Some(self.path("connections.db").display().to_string());
        Settings { limit: LIMIT, environment, store, key_file: Some(self.path("key")), ..Settings::default() }.into()
    }

    fn options(&self) -> Options {
        let key_file = Some(self.path("key"));
        Options { key_file, limit: LIMIT, until: None, policy: Policy::default(), logins: Arc::default() }
    }

    /// A store on the silent server.
    fn silent_store(&self) -> Location {
        let url = format!("postgresql://etl:CANARY@127.0.0.1:{}/team?sslmode=disable", self.port);
        Location::Postgres(Arc::new(Connection::from_uri(&url)))
    }
}

async fn load(word: &str, settings: &Arc<Settings>) -> Result<Loaded, SourceError> {
    source::load(&word.parse()?, settings).await
}

async fn load_the_silent(settings: &Arc<Settings>) -> [Result<Loaded, SourceError>; 4] {
    let [vault, secrets, parameters, database] = SILENT.map(|word| load(word, settings));
    tokio::join!(vault, secrets, parameters, database).into()
}

#[tokio::test(flavor = "current_thread")]
async fn any_source_is_loaded_while_others_are_read() {
    let bench = Bench::new();
    fs::write(bench.path("c.json"), r#"{"a": "postgres://etl:CANARY@db/x"}"#).unwrap();
    let database = rusqlite::Connection::open(bench.path("airflow.db")).unwrap();
    database.execute_batch(&script("sqlite", "3.2")).unwrap();
    drop(database);
    let settings = bench.settings();
    let began = Instant::now();
    let hanging = async { (load_the_silent(&settings).await, began.elapsed()) };
    let store_on_a_server = async {
        let (location, options) = (bench.silent_store(), bench.options());
        (Store::open(&location, &options, Access::Read).await.err(), began.elapsed())
    };
    let others = async {
        let location = Location::Sqlite(bench.path("connections.db"));
        let mut store = Store::create(&location, &bench.options()).await.unwrap();
        let connection = Arc::new(Connection::from_uri("postgres://etl:CANARY@db/x"));
        let named = Connection { conn_id: Some("a".to_owned()), ..Connection::clone(&connection) };
        let change = Change::Add { connection: named.into(), failing: false, unique: true };
        assert_eq!(store.apply(vec![change]).await.unwrap().len(), 1);
        let file = bench.path("c.json").display().to_string();
        for (word, count) in [(file.as_str(), Some(1)), ("url-env:FILE", None), ("store:", Some(1))] {
            let loaded = load(word, &settings).await.unwrap();
            assert!(!loaded.connections.is_empty(), "{word}");
            assert!(count.is_none_or(|count| loaded.connections.len() == count), "{word}: {loaded:?}");
        }
        assert_eq!(store.check().await.unwrap().faults, Vec::<String>::new());
        store.close().await;
        began.elapsed()
    };
    let ((silent, ended), (store, store_ended), done) = tokio::join!(hanging, store_on_a_server, others);
    for (word, loaded) in SILENT.iter().zip(silent) {
        let failure = loaded.unwrap_err().failure();
        assert!(failure.class == Class::Timeout && failure.phase.is_some(), "{word}: {failure:?}");
    }
    assert!(store.is_some(), "nobody holds a store there");
    assert!(done < ended && done < store_ended, "{done:?}, {ended:?}, {store_ended:?}");
    assert!(ended < LIMIT + Duration::from_secs(2), "{ended:?}");
}

/// The test runs itself in a process of its own, whose threads it can count.
#[test]
fn what_is_given_up_leaves_no_thread_and_panics_nowhere() {
    if std::env::var_os(PROGRAM).is_some() {
        return given_up();
    }
    let name = "sources::beside::what_is_given_up_leaves_no_thread_and_panics_nowhere";
    let mut program = std::process::Command::new(std::env::current_exe().unwrap());
    let output = program.args([name, "--exact", "--nocapture"]).env(PROGRAM, "1").output().unwrap();
    let told = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    assert!(output.status.success() && !told.contains("panicked") && told.contains("1 passed"), "{told}");
}

fn given_up() {
    let bench = Bench::new();
    let threads = || fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    // Each is given up at another moment: while its connection is made, its login waits, or nothing has begun.
    for number in 0..60 {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (settings, options) = (bench.settings(), bench.options());
        runtime.block_on(async {
            let (silent, location) = (load_the_silent(&settings), bench.silent_store());
            let store = Store::open(&location, &options, Access::Write);
            let both = async { tokio::join!(silent, store) };
            assert!(timeout(Duration::from_micros(500 * number), both).await.is_err());
        });
    }
    // Otherwise they would end at the limit.
    let until = Instant::now() + LIMIT * 3 / 4;
    while threads() > before {
        assert!(Instant::now() < until, "{} threads are left of {before}", threads());
        std::thread::sleep(Duration::from_millis(5));
    }
}
