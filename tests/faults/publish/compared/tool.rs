//! The compared tools, and how each is called for one login.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::DEADLINE;
use crate::drivers::mysql::speech;
use crate::peer::{Script, Step, Words, reply};
use crate::run::{self, kernel};
use crate::speech::{CANARY, Driver, LOGIN};

/// A tool that runs longer than this is stopped and counts as hung.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The drivers that the compared clients belong to.
pub const POSTGRES: &str = "postgres";
pub const MYSQL: &str = "mysql";

/// The program itself: Debian's `psql` is a script that starts it.
const PSQL: &str = "/usr/lib/postgresql/15/bin/psql";

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    Connprobe,
    Wait4x,
    /// The database's own client: `psql`, `mariadb`.
    Client,
}

/// The target of a login, and its circumstances.
pub struct Place<'a> {
    pub driver: Driver,
    pub definition: &'a Value,
    pub secure: bool,
    /// The working directory of the tool; contains [`AUTHORITY`].
    pub folder: &'a Path,
}

/// The file with the authority that secure logins trust.
pub const AUTHORITY: &str = "authority.pem";

/// The outcome of one run.
pub struct Run {
    /// `None` if the tool had to be stopped.
    pub status: Option<i32>,
    pub took: Duration,
    /// The peak memory, in bytes.
    pub peak: u64,
    pub printed: String,
}

impl Tool {
    pub const ALL: [Self; 3] = [Self::Connprobe, Self::Wait4x, Self::Client];

    /// How many of these tools run at once: few, because they slow each other down. wait4x mostly waits.
    pub fn at_once(self) -> usize {
        if self == Self::Wait4x { 3 } else { 2 }
    }

    /// The common name.
    pub fn name(self, driver: Driver) -> &'static str {
        match self {
            Self::Connprobe => "connprobe",
            Self::Wait4x => "wait4x",
            Self::Client if driver.name == POSTGRES => "psql",
            Self::Client => "mariadb",
        }
    }

    /// The version that the tool prints.
    pub fn version(self, driver: Driver) -> String {
        let argument = if self == Self::Wait4x { "version" } else { "--version" };
        let output = Command::new(self.program(driver)).arg(argument).output().expect("a tool starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let is_version = |word: &&str| word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        // MariaDB's client first prints the version of its interface; the version after `Distrib` is the server's.
        let text = text.split_once("Distrib ").map_or(text.as_str(), |(_, rest)| rest);
        let version = text.split_whitespace().find(is_version).expect("a version");
        version.trim_start_matches('v').split(['-', ',']).next().unwrap_or_default().to_owned()
    }

    fn program(self, driver: Driver) -> OsString {
        match self {
            Self::Connprobe => run::binary(),
            Self::Wait4x => env::var_os(super::comparison::WAIT4X).expect("WAIT4X names the program"),
            Self::Client if driver.name == POSTGRES => PSQL.into(),
            Self::Client => self.name(driver).into(),
        }
    }

    /// The arguments and environment variables for a login.
    fn arguments(self, place: &Place) -> (Vec<String>, Vec<(&'static str, String)>) {
        let Place { driver, definition, secure, .. } = *place;
        let port = &definition["port"];
        let milliseconds = format!("{}ms", DEADLINE.as_millis());
        let password = utf8_percent_encode(CANARY, NON_ALPHANUMERIC);
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match (self, driver.name) {
            (Self::Connprobe, _) => {
                let state = ("CONNPROBE_STATE", crate::state::anew().display().to_string());
                (list(&["check", "-", "--format", "ndjson", "--timeout", &milliseconds]), vec![state])
            }
            (Self::Wait4x, POSTGRES) => {
                // Its driver does not support `prefer`.
                let tls = if secure { format!("verify-full&sslrootcert={AUTHORITY}") } else { "disable".to_owned() };
                let name = format!("postgres://{LOGIN}:{password}@127.0.0.1:{port}/{LOGIN}?sslmode={tls}");
                (list(&["postgresql", &name, "--no-color", "--timeout", &milliseconds]), Vec::new())
            }
            (Self::Wait4x, MYSQL) => {
                let name = format!("{LOGIN}:{CANARY}@tcp(127.0.0.1:{port})/{}", if secure { "?tls=true" } else { "" });
                let trust = ("SSL_CERT_FILE", AUTHORITY.to_owned());
                (list(&["mysql", &name, "--no-color", "--timeout", &milliseconds]), vec![trust])
            }
            (Self::Client, POSTGRES) => {
                let tls = if secure { format!("verify-full sslrootcert={AUTHORITY}") } else { "prefer".to_owned() };
                let name = format!("host=127.0.0.1 port={port} user={LOGIN} dbname={LOGIN} sslmode={tls}");
                // The shortest timeout that it accepts.
                let environment = vec![("PGCONNECT_TIMEOUT", "2".to_owned()), ("PGPASSWORD", CANARY.to_owned())];
                (list(&["--no-psqlrc", "--no-password", "--command", "select 1", &name]), environment)
            }
            (Self::Client, MYSQL) => {
                let mut arguments =
                    list(&["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--connect-timeout=2"]);
                arguments.extend([format!("--port={port}"), format!("--user={LOGIN}"), format!("--password={CANARY}")]);
                if secure {
                    arguments.extend([format!("--ssl-ca={AUTHORITY}"), "--ssl-verify-server-cert".to_owned()]);
                }
                // No query: the login alone.
                arguments.push("--execute=".to_owned());
                (arguments, Vec::new())
            }
            _ => unreachable!("compared are PostgreSQL and MySQL"),
        }
    }

    /// Runs the tool for one login, without the user's configuration and environment.
    pub fn run(self, place: &Place) -> Run {
        let (arguments, environment) = self.arguments(place);
        let report = kernel::Report::new();
        let mut command = report.command("timeout");
        command.args(["--foreground", "--signal=KILL", &PATIENCE.as_secs().to_string()]);
        command.arg(self.program(place.driver)).args(arguments);
        command
            .current_dir(place.folder)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .envs(environment);
        let mut input: File = tempfile::tempfile().unwrap();
        if self == Self::Connprobe {
            let definitions = json!({ "compared": place.definition }).to_string();
            input.write_all(definitions.as_bytes()).unwrap();
            std::io::Seek::rewind(&mut input).unwrap();
        }
        let began = Instant::now();
        let output = command.stdin(Stdio::from(input)).output().expect("GNU time starts");
        let took = began.elapsed();
        let status = output.status.code().filter(|_| took < PATIENCE);
        let printed = [output.stdout, output.stderr].concat();
        Run { status, took, peak: report.peak(), printed: String::from_utf8_lossy(&printed).into_owned() }
    }

    /// `script`, adapted to what this client sends.
    pub fn fitting(self, script: Script, driver: Driver, secure: bool) -> Script {
        match (self, driver.name) {
            // Without TLS the client sends no request for TLS, so the peer must not answer one.
            (Self::Wait4x, POSTGRES) if !secure => {
                let first = script.iter().position(|step| matches!(step, Step::Say(..)));
                let refuses = |step: &Step| matches!(step, Step::Say(Words::These(bytes), _) if bytes == b"N");
                match first {
                    Some(at) if refuses(&script[at]) => script[at + 1..].to_vec(),
                    _ => script,
                }
            }
            // Its test query is a ping.
            (Self::Wait4x, MYSQL) => {
                let answers =
                    |step: &Step| matches!(step, Step::Say(Words::These(bytes), _) if *bytes == speech::answer());
                let fit = |step| if answers(&step) { reply(|_| speech::packet(1, speech::OK)) } else { step };
                script.into_iter().map(fit).collect()
            }
            _ => script,
        }
    }
}
