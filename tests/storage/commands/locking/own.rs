//! A MariaDB server that belongs to one test, which may restart it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub struct OwnMariaDb {
    directory: TempDir,
    pub port: u16,
    running: Option<Child>,
}

impl OwnMariaDb {
    /// A server with empty tables, not started.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let own = Self { directory, port, running: None };
        // A separate directory for temporary tables: another server deletes those in /tmp when it starts.
        std::fs::create_dir(own.path("tmp")).unwrap();
        let made = Command::new("mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", own.path("data").display()))
            .arg(format!("--tmpdir={}", own.path("tmp").display()))
            .args(["--user=root", "--innodb-log-file-size=8M"])
            .output()
            .expect("mariadb-install-db, of the package mariadb-server");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn socket(&self) -> String {
        self.path("socket").display().to_string()
    }

    pub fn start(&mut self) {
        let child = Command::new("mariadbd")
            .args(["--no-defaults", "--user=root", "--skip-name-resolve", "--bind-address=127.0.0.1"])
            .arg(format!("--datadir={}", self.path("data").display()))
            .arg(format!("--tmpdir={}", self.path("tmp").display()))
            .arg(format!("--socket={}", self.socket()))
            .arg(format!("--port={}", self.port))
            .args(["--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--max-password-errors=3"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mariadbd, of the package mariadb-server");
        self.running = Some(child);
        let begun = Instant::now();
        while std::os::unix::net::UnixStream::connect(self.path("socket")).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "mariadbd does not start");
            sleep(Duration::from_millis(20));
        }
    }

    /// Kills the server, like a container that is recreated.
    pub fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().unwrap();
            running.wait().unwrap();
        }
    }
}

impl Drop for OwnMariaDb {
    fn drop(&mut self) {
        self.end();
    }
}
