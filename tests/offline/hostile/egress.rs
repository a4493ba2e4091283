//! Denied addresses get no packet, whatever leads to them: the host of a definition, a later host of a list, a service
//! that names a port, another endpoint, a source, the store. Addresses from DNS and from servers (SRV records, routes)
//! are covered by the fault matrix.

use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::hostile::peers::silent;

/// An address of this machine that nothing may be sent to, with a counter of what arrives.
struct Victim {
    host: String,
    port: u16,
    seen: Arc<AtomicUsize>,
}

impl Victim {
    /// Listens at `host`, over TCP and on SQL Browser's port.
    fn at(host: &str) -> Self {
        let seen = Arc::<AtomicUsize>::default();
        let listener = TcpListener::bind((host, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::clone(&seen);
        thread::spawn(move || {
            for _stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { host: host.to_owned(), port, seen }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

/// Runs `connprobe check` with only the given environment variables; returns the exit status, and stdout with stderr.
fn check(arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(["check", "--format", "json", "--timeout", "5s"])
        .args(arguments)
        .env_clear()
        .env("CONNPROBE_STATE", crate::state::anew())
        .env("HOME", home.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn result(definition: &Value, arguments: &[&str]) -> Value {
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), json!({"case": definition}).to_string()).unwrap();
    let (_, printed) = check(&[&[file.path().to_str().unwrap()], arguments].concat(), &[]);
    let report: Value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    report["results"][0].clone()
}

/// Every kind of definition that connects to `host` and `port`, possibly after an allowed address.
fn definitions(victim: &Victim) -> Vec<(&'static str, Value)> {
    let (host, port, place) = (&victim.host, victim.port, victim.place());
    // The allowed address does not answer, so the driver goes on to the next.
    let own = |conn_type: &str| json!({"conn_type": conn_type, "host": host, "port": port, "login": "u", "password": "hunter2"});
    let dead = "127.0.0.1:1";
    let list = |conn_type: &str| {
        let mut definition = own(conn_type);
        definition["host"] = json!(format!("{dead},{place}"));
        definition["port"] = Value::Null;
        definition
    };
    let mut address = own("postgres");
    address["host"] = json!("localhost");
    address["extra"] = json!({"hostaddr": host});
    let mut cluster = own("redis");
    (cluster["host"], cluster["port"]) = (json!("127.0.0.1"), json!(1));
    cluster["extra"] = json!({"cluster": true, "startup_nodes": place});
    let keys = |extra: Value| json!({"conn_type": "aws", "schema": "lake", "login": "AKIA", "password": "hunter2", "extra": extra});
    let at = format!("http://{place}");
    vec![
        ("postgres", own("postgres")),
        ("mysql", own("mysql")),
        ("mssql", own("mssql")),
        ("mongodb", own("mongo")),
        ("redis", own("redis")),
        ("the next of a Redis cluster's nodes", cluster),
        ("s3", keys(json!({"endpoint_url": at}))),
        ("the next of PostgreSQL's hosts", list("postgres")),
        ("the next of MongoDB's hosts", list("mongo")),
        ("an address besides the host", address),
        (
            "the service that lends a role",
            keys(json!({
                "endpoint_url": format!("http://127.0.0.1:{}", silent()),
                "role_arn": "arn:aws:iam::123456789012:role/reader",
                "service_config": {"sts": {"endpoint_url": at}},
            })),
        ),
    ]
}

#[test]
fn no_definition_leads_to_a_denied_address() {
    let victim = Victim::at("127.0.9.1");
    for (name, definition) in definitions(&victim) {
        let result = result(&definition, &["--egress-deny", "127.0.9.0/24"]);
        assert_eq!(result["class"], "policy", "{name}: {result:#}");
        assert_eq!(result["reason"], "egress_denied", "{name}: {result:#}");
        assert_eq!(victim.seen(), 0, "{name}");
    }
    // An address that is not denied is connected to, so the victim's counter works.
    let (_, definition) = definitions(&victim).remove(0);
    assert_ne!(result(&definition, &[])["class"], "policy");
    assert_eq!(victim.seen(), 1);
}

#[test]
fn the_metadata_service_is_denied_unasked() {
    let victim = Victim { host: "169.254.169.254".to_owned(), port: 80, seen: Arc::default() };
    for (name, definition) in definitions(&victim) {
        let result = result(&definition, &[]);
        assert_eq!(result["class"], "policy", "{name}: {result:#}");
        assert_eq!(result["reason"], "egress_denied", "{name}: {result:#}");
    }
}

#[test]
fn neither_sql_browser_nor_the_port_that_it_names_is_asked_where_it_is_denied() {
    let victim = Victim::at("127.0.9.2");
    let browser = UdpSocket::bind(("127.0.9.2", 1434)).unwrap();
    let asked = Arc::<AtomicUsize>::default();
    let (count, port) = (Arc::clone(&asked), victim.port);
    thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((_, peer)) = browser.recv_from(&mut buffer) {
            count.fetch_add(1, Ordering::SeqCst);
            let text = format!("ServerName;DB1;InstanceName;INST;IsClustered;No;Version;16.0.1000.6;tcp;{port};;");
            let length = u16::try_from(text.len()).unwrap().to_le_bytes();
            drop(browser.send_to(&[&[5][..], &length, text.as_bytes()].concat(), peer));
        }
    });
    let definition = json!({"conn_type": "mssql", "host": r"127.0.9.2\INST", "login": "u", "password": "hunter2"});
    let whole = result(&definition, &["--egress-deny", "127.0.9.2"]);
    assert_eq!((&whole["class"], asked.load(Ordering::SeqCst)), (&json!("policy"), 0), "{whole:#}");
    let port = result(&definition, &["--egress-deny", &victim.place()]);
    assert_eq!((&port["class"], asked.load(Ordering::SeqCst)), (&json!("policy"), 1), "{port:#}");
    assert_eq!(victim.seen(), 0);
}

#[test]
fn no_source_and_no_store_leads_to_a_denied_address() {
    let victim = Victim::at("127.0.9.3");
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), format!("{}\n", "A".repeat(43) + "=")).unwrap();
    for (host, why, deny) in [
        (victim.place(), "denied by `--egress-deny", &["--egress-deny", "127.0.9.0/24"][..]),
        ("169.254.169.254:80".to_owned(), "cloud instance metadata", &[]),
    ] {
        let http = format!("http://{host}");
        let database = format!("postgresql://u@{host}/airflow");
        let other = format!("mysql://u@{host}/airflow");
        let aws: &[(&str, &str)] = &[
            ("AWS_ENDPOINT_URL", &http),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_REGION", "eu-west-1"),
        ];
        let sources: [(&str, &[(&str, &str)]); 6] = [
            ("vault:secret/connections", &[("VAULT_ADDR", &http), ("VAULT_TOKEN", "hunter2")]),
            ("aws-sm:", aws),
            ("aws-ssm:", aws),
            (&database, &[]),
            (&other, &[]),
            ("airflow:", &[("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", &database)]),
        ];
        let sources = sources.map(|(source, variables)| (vec![source], variables));
        let store = (vec!["store:", "--store", &database, "--key-file", key.path().to_str().unwrap()], &[][..]);
        for (source, variables) in sources.into_iter().chain([store]) {
            let (status, printed) = check(&[&source, deny].concat(), variables);
            let source = source.join(" ");
            assert_eq!(status, 3, "{source}: {printed}");
            assert!(printed.contains(why), "{source}: {printed}");
            assert!(!printed.contains("hunter2"), "{source}: {printed}");
            assert_eq!(victim.seen(), 0, "{source}");
        }
    }
}
