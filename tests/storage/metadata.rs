//! Airflow's metadata database on each kind of server, in every generation, and the faults that it may have. Separate
//! from `live`, whose tests count the connections of a server.

mod elsewhere;
mod stopped;

use crate::{airflow, state};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use connprobe::model::failure::Failure;
use connprobe::model::phase::Phase;
use connprobe::model::reason::ReasonCode;
use connprobe::model::reason::unusable::Metadata;
use connprobe::source::SourceError;

use crate::airflow::{CANARY, GENERATIONS, complaint, expect, load, many, script, unusable};
use crate::servers::{pki, port, server};

const LIMIT: Duration = Duration::from_secs(20);

/// A server that can hold a metadata database.
#[derive(Clone, Copy)]
struct Server {
    name: &'static str,
    engine: &'static str,
    scheme: &'static str,
    port: &'static str,
}

const SERVERS: [Server; 3] = [
    Server { name: "postgres", engine: "postgres", scheme: "postgresql+psycopg2", port: "PG_PORT" },
    Server { name: "mariadb", engine: "mysql", scheme: "mysql+pymysql", port: "MARIADB_PORT" },
    Server { name: "mysql", engine: "mysql", scheme: "mysql+mysqldb", port: "MYSQL_PORT" },
];

impl Server {
    /// The command line of the server's own client.
    fn client(self, database: &str) -> Command {
        let mut client;
        if self.engine == "postgres" {
            client = Command::new("psql");
            client.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", &server("PG_SOCKET_DIR")]);
            client.args(["-p", &server("PG_PORT"), "-U", "admin", "-d", database, "-f", "-"]);
            client.env("PGPASSWORD", "admin").env("PGOPTIONS", "-c client_min_messages=warning");
        } else {
            let socket = server(if self.name == "mysql" { "MYSQL_SOCKET" } else { "MARIADB_SOCKET" });
            client = Command::new("mariadb");
            client.args(["--no-defaults", "-N", "-B", "-u", "root", "-S", &socket, database]);
        }
        client
    }

    /// Runs `script` as the administrator; returns the output.
    fn run(self, database: &str, script: &str) -> String {
        let mut child =
            self.client(database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the client starts");
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}: {script:.200}", self.name);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Creates an empty database, and a user of the same name without any right in it. The names begin with `airflow_`,
    /// unlike those of all other tests.
    fn database(self, name: &str) {
        let (administration, statements) = match self.engine {
            "postgres" => (
                "postgres",
                format!(
                    "DROP DATABASE IF EXISTS {name}; DROP ROLE IF EXISTS {name}; CREATE DATABASE {name}; \
                     CREATE ROLE {name} LOGIN PASSWORD '{CANARY}'"
                )
                .replace("; ", ";\n"),
            ),
            _ => (
                "mysql",
                format!(
                    "DROP DATABASE IF EXISTS {name}; DROP USER IF EXISTS {name}@'127.0.0.1'; \
                     CREATE DATABASE {name} CHARACTER SET utf8mb4; \
                     CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{CANARY}'"
                ),
            ),
        };
        self.run(administration, &statements);
    }

    /// Lets the user of `database` read `table` there, and nothing else.
    fn grant(self, database: &str, table: &str) {
        match self.engine {
            "postgres" => self.run(database, &format!("GRANT SELECT ON {table} TO {database}")),
            _ => self.run(database, &format!("GRANT SELECT ON {database}.{table} TO {database}@'127.0.0.1'")),
        };
    }

    /// Creates a metadata database with `script`, which the user of the same name may read.
    fn airflow(self, database: &str, script: &str) {
        self.database(database);
        self.run(database, script);
        self.grant(database, "connection");
    }

    fn url(self, database: &str) -> String {
        format!("{}://{database}:{CANARY}@127.0.0.1:{}/{database}", self.scheme, port(self.port))
    }

    /// The server's failure that keeps the database from being read.
    fn failure(self, url: &str, limit: Duration) -> Failure {
        match complaint(url, limit) {
            SourceError::Server { failure, .. } => *failure,
            other => panic!("{}: {other:?}", self.name),
        }
    }
}

fn named(generation: &str) -> String {
    format!("airflow_{}", generation.replace('.', "_"))
}

#[test]
fn every_generation_is_read_as_it_was_written_by_who_may_only_read() {
    for server in SERVERS {
        for generation in GENERATIONS {
            let database = named(generation);
            server.airflow(&database, &script(server.engine, generation));
            let connections =
                load(&server.url(&database), LIMIT).unwrap_or_else(|error| panic!("{}: {error}", server.name));
            expect(&connections, generation);
        }
    }
}

#[test]
fn parameters_of_the_url_reach_the_driver() {
    let [postgres, mariadb, mysql] = SERVERS;
    let (ca, other) = (pki("ca.pem"), pki("otherca.pem"));
    for server in SERVERS {
        server.airflow("airflow_parameters", &script(server.engine, "3.2"));
    }
    postgres.run(
        "airflow_parameters",
        "CREATE SCHEMA airflow; ALTER TABLE connection SET SCHEMA airflow; GRANT USAGE ON SCHEMA airflow TO airflow_parameters",
    );
    let path = "options=-csearch_path%3Dairflow";
    let socket = |key| server(key).replace('/', "%2F");
    let by_socket = |server: Server, key| {
        server.url("airflow_parameters").replace("127.0.0.1", "localhost") + "?unix_socket=" + &socket(key)
    };
    for url in [
        format!("{}?{path}&sslmode=verify-full&sslrootcert={ca}", postgres.url("airflow_parameters")),
        format!("{}?{path}&host={}", postgres.url("airflow_parameters"), socket("PG_SOCKET_DIR")),
        format!("{}?{path}&host=127.0.0.1:1&host=127.0.0.1:{}", postgres.url("airflow_parameters"), port("PG_PORT")),
        format!("{}?ssl_ca={ca}", mariadb.url("airflow_parameters")),
        format!("{}?ssl_ca={ca}&ssl_mode=VERIFY_IDENTITY", mysql.url("airflow_parameters")),
    ] {
        expect(&load(&url, LIMIT).unwrap_or_else(|error| panic!("{error}")), "3.2");
    }
    let error = complaint(&postgres.url("airflow_parameters"), LIMIT);
    assert_eq!(unusable(&error), &Metadata::NoTable.into());
    for (server, tls) in [
        (postgres, format!("sslmode=verify-ca&sslrootcert={other}")),
        (mariadb, format!("ssl_ca={other}")),
        (mysql, format!("ssl_ca={other}")),
    ] {
        let failure = server.failure(&format!("{}?{tls}", server.url("airflow_parameters")), LIMIT);
        assert_eq!(failure.class.as_str(), "tls", "{}: {failure:?}", server.name);
    }
    for (server, key) in [(mariadb, "MARIADB_SOCKET"), (mysql, "MYSQL_SOCKET")] {
        let user = format!("CREATE USER IF NOT EXISTS airflow_parameters@localhost IDENTIFIED BY '{CANARY}'");
        server.run(
            "airflow_parameters",
            &format!("{user}; GRANT SELECT ON airflow_parameters.connection TO airflow_parameters@localhost"),
        );
        expect(&load(&by_socket(server, key), LIMIT).unwrap_or_else(|error| panic!("{error}")), "3.2");
    }
}

/// The report of `connprobe check` for the database at `url`, and the exit status.
fn check(url: &str) -> (serde_json::Value, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .env("CONNPROBE_STATE", state::anew())
        .args(["check", "url-env:METADATA", "--format", "json"])
        .env("METADATA", url)
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(CANARY), "{text}");
    (serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}")), output.status.code())
}

#[test]
fn what_is_stored_is_probed() {
    for server in SERVERS {
        let (login, target) = match server.engine {
            "postgres" => ("scramuser", "appdb"),
            _ if server.name == "mysql" => ("sha2user", "appdb"),
            _ => ("native", "appdb"),
        };
        let quote = if server.engine == "mysql" { '`' } else { '"' };
        let rows: Vec<String> = [("works", "right"), ("fails", CANARY)]
            .map(|(id, password)| {
                let port = port(server.port);
                format!(
                    "('{id}', '{}', '127.0.0.1', '{target}', '{login}', '{password}', {port}, FALSE, FALSE)",
                    server.engine
                )
            })
            .to_vec();
        let columns = format!(
            "conn_id, conn_type, host, {quote}schema{quote}, login, password, port, is_encrypted, is_extra_encrypted"
        );
        let table = airflow::schema(server.engine, "3.2");
        server.airflow(
            "airflow_probed",
            &format!("{table}INSERT INTO connection ({columns}) VALUES {}", rows.join(", ")),
        );
        let (report, status) = check(&server.url("airflow_probed"));
        let results: Vec<_> = report["results"].as_array().unwrap().iter().collect();
        let said: Vec<_> =
            results.iter().map(|result| (result["conn_id"].as_str(), result["status"].as_str())).collect();
        assert_eq!(said, [(Some("works"), Some("ok")), (Some("fails"), Some("failed"))], "{}: {report:#}", server.name);
        assert_eq!((report["results"][1]["class"].as_str(), status), (Some("auth"), Some(1)), "{}", server.name);

        let (report, status) = check(&server.url("airflow_probed").replace(CANARY, "CANARY2"));
        assert_eq!(status, Some(3), "{report:#}");
        let problem = &report["sources"][0]["problem"];
        assert_eq!((&problem["class"], &problem["reason"]), (&"auth".into(), &"login_refused".into()), "{problem}");
        assert!(problem["code"].is_string(), "{problem}");
        assert!(problem["detail"].is_string(), "{problem}");
    }
}

/// If a server refuses the reader, stderr has the server's text below the error, as in a result. With `--no-detail` it
/// is nowhere.
#[test]
fn the_text_of_a_server_that_refuses_stands_on_stderr() {
    for server in SERVERS {
        server.database("airflow_told");
        let url = server.url("airflow_told").replace(CANARY, "CANARY2");
        for (no_detail, shown) in [(false, true), (true, false)] {
            let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
                .env("CONNPROBE_STATE", state::anew())
                .args(["check", "url-env:METADATA", "--format", "json"])
                .args(no_detail.then_some("--no-detail"))
                .env("METADATA", &url)
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(stderr.contains("the server says: "), shown, "{}: {stderr}", server.name);
            let detail = &report["sources"][0]["problem"]["detail"];
            assert_eq!(detail.is_string(), shown, "{}: {report:#}", server.name);
            assert!(!stderr.contains(CANARY), "{stderr}");
        }
    }
}

#[test]
fn nothing_is_written_and_the_session_ends_in_peace() {
    let [postgres, ..] = SERVERS;
    postgres.airflow("airflow_peaceful", &script("postgres", "3.2"));
    // Also for a user who may do everything.
    postgres.run("postgres", "GRANT admin TO airflow_peaceful");
    let written = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables";
    let ended = "SELECT sessions, sessions_abandoned, sessions_fatal, sessions_killed, xact_rollback \
                 FROM pg_stat_database WHERE datname = 'airflow_peaceful'";
    let before = postgres.run("airflow_peaceful", written);
    load(&postgres.url("airflow_peaceful"), LIMIT).unwrap();
    let since = Instant::now();
    while !postgres.run("postgres", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'airflow_peaceful'").eq("0")
    {
        assert!(since.elapsed() < Duration::from_secs(5), "the session is still there");
    }
    assert_eq!(postgres.run("airflow_peaceful", written), before);
    let ended = postgres.run("postgres", ended);
    assert!(ended.ends_with("|0|0|0|0"), "{ended}");
}

#[test]
fn ten_thousand_rows_come_whole_and_soon() {
    for server in SERVERS {
        server.airflow("airflow_many", &many(server.engine, 10_000));
        let since = Instant::now();
        let connections = load(&server.url("airflow_many"), LIMIT).unwrap();
        let elapsed = since.elapsed();
        println!("{}: {} rows in {elapsed:?}", server.name, connections.len());
        assert_eq!(connections.len(), 10_000);
        assert!(elapsed < Duration::from_secs(10), "{}: {elapsed:?}", server.name);
    }
}

#[test]
fn what_is_no_metadata_database_is_told_what_it_lacks() {
    for server in SERVERS {
        server.database("airflow_tableless");
        server.run("airflow_tableless", "CREATE TABLE other (id INTEGER)");
        server.grant("airflow_tableless", "other");
        // MySQL only reports a missing table to users who could read any table.
        if server.engine == "mysql" {
            server.grant("airflow_tableless", "*");
        }
        let error = complaint(&server.url("airflow_tableless"), LIMIT);
        assert_eq!(unusable(&error), &Metadata::NoTable.into(), "{}", server.name);

        server.airflow("airflow_foreign_table", "CREATE TABLE connection (id INTEGER, host TEXT, port INTEGER)");
        let error = complaint(&server.url("airflow_foreign_table"), LIMIT);
        let missing = vec!["conn_id", "conn_type", "schema", "login", "password", "extra"];
        assert_eq!(unusable(&error), &Metadata::OtherTable { missing }.into(), "{}", server.name);
    }
}

#[test]
fn a_server_that_cannot_be_asked_fails_as_a_probe_of_it_would() {
    for server in SERVERS {
        server.database("airflow_refused");
        server.run("airflow_refused", &script(server.engine, "3.2"));
        let url = server.url("airflow_refused");
        let postgres = server.engine == "postgres";
        let case = |url: &str, class: &str, phase: &str, code: [&str; 2]| {
            let failure = server.failure(url, LIMIT);
            assert_eq!(failure.class.as_str(), class, "{}: {failure:?}", server.name);
            assert_eq!(failure.phase.map(Phase::as_str), Some(phase), "{}: {failure:?}", server.name);
            assert_eq!(failure.code.as_deref().unwrap_or(""), code[usize::from(!postgres)], "{failure:?}");
            failure.reason
        };
        let password = case(&url.replace(CANARY, "CANARY2"), "auth", "auth", ["28P01", "1045"]);
        assert_eq!(password, ReasonCode::LoginRefused);
        let database = if postgres { "not_found" } else { "denied" };
        case(
            &format!("{}elsewhere", url.strip_suffix("airflow_refused").unwrap()),
            database,
            "auth",
            ["3D000", "1044"],
        );

        if !postgres {
            server.run("airflow_refused", "GRANT SELECT ON airflow_refused.team TO airflow_refused@'127.0.0.1'");
        }
        let denied = case(&url, "denied", "query", ["42501", "1142"]);
        assert_eq!(denied, ReasonCode::PrivilegeMissing);

        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let nobody = url.replace(&format!(":{}/", port(server.port)), &format!(":{free}/"));
        case(&nobody, "unreachable", "connect", ["", ""]);
    }
}

#[test]
fn a_server_that_says_nothing_is_waited_for_no_longer_than_the_limit() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for server in SERVERS {
        let since = Instant::now();
        let failure =
            server.failure(&format!("{}://u:{CANARY}@127.0.0.1:{port}/db", server.scheme), Duration::from_millis(300));
        assert!(since.elapsed() < Duration::from_millis(400), "{:?}", since.elapsed());
        assert_eq!(failure.class.as_str(), "timeout", "{failure:?}");
    }
}

#[test]
fn a_table_that_is_being_changed_is_waited_for_no_longer_than_the_limit() {
    let lock = [
        "BEGIN; LOCK TABLE connection; SELECT pg_sleep(3); COMMIT",
        "LOCK TABLES `connection` WRITE; DO SLEEP(3)",
        "LOCK TABLES `connection` WRITE; DO SLEEP(3)",
    ];
    for (server, lock) in SERVERS.into_iter().zip(lock) {
        server.airflow("airflow_locked", &script(server.engine, "3.2"));
        let mut holder = server.client("airflow_locked").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        holder.stdin.take().unwrap().write_all(lock.as_bytes()).unwrap();
        let since = Instant::now();
        let mut failure = None;
        while failure.is_none() && since.elapsed() < Duration::from_secs(3) {
            failure = load(&server.url("airflow_locked"), Duration::from_millis(500)).err();
        }
        holder.kill().unwrap();
        holder.wait().unwrap();
        let error = failure.unwrap_or_else(|| panic!("{}: the lock was not noticed", server.name));
        let expected = (ReasonCode::QueryTimeout, Some(Phase::Query));
        assert_eq!((error.reason(), error.failure().phase), expected, "{error}");
    }
}
