//! The servers of the gate: one process for each driver, which the scripts in `tests/servers` prepare, start and stop. The
//! tests take turns with them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::drivers::ALL;
use crate::served::Served;

/// How long anything may take that is certain to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The prepared servers.
pub struct Servers {
    directory: PathBuf,
    values: HashMap<String, String>,
    /// Stops the servers when this process ends, however it ends.
    _guard: Child,
}

/// The servers for one test, all of them stopped.
pub fn stopped() -> MutexGuard<'static, Servers> {
    static SERVERS: LazyLock<Mutex<Servers>> = LazyLock::new(|| Mutex::new(Servers::prepare()));
    let servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    servers.stop_all();
    servers
}

/// Waits until `holds`.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

impl Servers {
    fn prepare() -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gate-{}", std::process::id()));
        let guard = Command::new("bash")
            .args(["-c", "cat; tests/servers/down \"$1\"; rm -rf \"$1\"", "guard"])
            .arg(&directory)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let servers: Vec<&str> = ALL.iter().map(|(_, served)| served.server).collect();
        let up = Command::new("tests/servers/up")
            .arg(&directory)
            .arg("--plain")
            .env("UP_ONLY", servers.join(" "))
            .env("TDS_SERVER", env!("CARGO_BIN_EXE_tds-server"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&up.stderr);
        assert!(up.status.success(), "the servers do not start; `tests/servers/install` installs them:\n{said}");
        let values = fs::read_to_string(directory.join("servers.env")).unwrap();
        let values = values.lines().filter_map(|line| line.split_once('='));
        let values = values.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Self { directory, values, _guard: guard }
    }

    /// What the start of the servers wrote, such as a port.
    pub fn value(&self, key: &str) -> &str {
        &self.values[key]
    }

    pub fn port(&self, served: &Served) -> u16 {
        self.value(served.port).parse().unwrap()
    }

    fn process(&self, action: &str, served: &Served, more: &[&str]) {
        let mut command = Command::new("tests/servers/process");
        let done = command.arg(&self.directory).args([action, served.process]).args(more).output().unwrap();
        assert!(done.status.success(), "{action} {}: {}", served.process, String::from_utf8_lossy(&done.stderr));
    }

    /// Starts a server with `options`, and returns at once.
    pub fn start_with(&self, served: &Served, options: &[&str]) {
        self.process("start", served, &[served.options, options].concat());
    }

    pub fn start(&self, served: &Served) {
        self.start_with(served, &[]);
    }

    /// Shuts a server down. Returns once it is gone.
    pub fn stop(&self, served: &Served) {
        self.process("stop", served, &[served.signals.0]);
    }

    /// Ends a server at once, whatever it does.
    pub fn kill(&self, served: &Served) {
        self.process("stop", served, &[served.signals.1]);
    }

    /// From now on the system accepts the server's connections, and nothing answers.
    pub fn pause(&self, served: &Served) {
        self.process("pause", served, &[]);
    }

    pub fn start_all(&self) {
        for (_, served) in ALL {
            self.start(served);
        }
    }

    pub fn stop_all(&self) {
        for (_, served) in ALL {
            self.stop(served);
        }
    }

    /// The script that runs `command` with the functions of a server's script, and with what their start wrote as variables.
    pub fn script(&self, served: &Served, command: &str) -> String {
        format!(
            "cd '{}'; DIR='{}'; . tests/servers/lib.sh; SHORT=$(cat \"$DIR/short\"); . \"$DIR/servers.env\"; . \"$(script {})\"; {command}",
            env!("CARGO_MANIFEST_DIR"),
            self.directory.display(),
            served.server,
        )
    }

    /// What `command` prints, run as [`Servers::script`] says.
    pub fn shell(&self, served: &Served, command: &str) -> String {
        let script = format!("set -euo pipefail; {}", self.script(served, command));
        let done = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// How many lines of a server's file, which may not be there yet, are as asked for.
    pub fn lines(&self, file: &str, is_one: impl Fn(&str) -> bool) -> usize {
        let text = fs::read(self.directory.join(file)).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter(|line| is_one(line)).count()
    }

    /// Waits until something listens at a server's port.
    pub fn await_listening(&self, served: &Served) {
        until(served.process, || std::net::TcpStream::connect(("127.0.0.1", self.port(served))).is_ok());
    }

    /// Whether a client of this machine has a connection to a server.
    pub fn is_connected(&self, served: &Served) -> bool {
        const ESTABLISHED: &str = "01";
        let remote = format!("0100007F:{:04X}", self.port(served));
        fs::read_to_string("/proc/net/tcp").unwrap().lines().any(|line| {
            let mut words = line.split_whitespace().skip(2);
            words.next() == Some(&remote) && words.next() == Some(ESTABLISHED)
        })
    }
}
