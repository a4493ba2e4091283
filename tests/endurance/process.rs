//! One run of the binary: what it prints, how it ends, how long it takes and its peak memory, all measured from
//! outside.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::starvation::{INTERVAL, Starvation, Watch};

/// The variable that names a release build, which is run instead of the build under test.
const RELEASE: &str = "CONNPROBE_RELEASE";

/// Whether a release build is run.
pub fn is_release() -> bool {
    std::env::var_os(RELEASE).is_some()
}

/// The binary with `arguments`, its three streams piped, and an empty environment.
pub fn connprobe(arguments: &[&str]) -> Command {
    let binary = std::env::var_os(RELEASE).unwrap_or_else(|| env!("CARGO_BIN_EXE_connprobe").into());
    let mut command = Command::new(binary);
    command.args(arguments).env_clear().env("CONNPROBE_STATE", crate::state::anew());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How a run ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// When it ended, and after how long.
    pub at: Instant,
    pub took: Duration,
    /// The peak memory of the process in bytes, as the kernel counts it.
    pub peak: u64,
    /// How long the machine was busy with other processes while the test waited for the end.
    pub starved: Starvation,
}

/// A run under way.
pub struct Process {
    child: Child,
    began: Instant,
    feeding: JoinHandle<()>,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Process {
    /// Starts `command` and gives it `input`.
    pub fn start(command: &mut Command, input: String) -> Self {
        let began = Instant::now();
        let mut child = command.spawn().expect("connprobe starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A process that ends early does not read its input.
        let feeding = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let (stdout, stderr) = (reading(child.stdout.take()), reading(child.stderr.take()));
        Self { child, began, feeding, stdout, stderr }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has begun to log in.
    pub fn wait_until_it_logs_in(&self) {
        let is_probing = || {
            let threads = fs::read_dir(format!("/proc/{}/task", self.id())).expect("it runs");
            let name = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
            threads.flatten().any(|thread| name(thread).trim() == "connprobe-probe")
        };
        while !is_probing() {
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let (mut peak, mut watch, mut looked) = (0, Watch::new(self.id()), None::<Instant>);
        let status = loop {
            if looked.is_none_or(|looked| looked.elapsed() >= INTERVAL) {
                looked = Some(Instant::now());
                watch.look();
                peak = peak.max(high_water(self.id()));
            }
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            thread::sleep(Duration::from_millis(1));
        };
        let at = Instant::now();
        watch.look();
        let text = |reading: JoinHandle<String>| reading.join().expect("text");
        self.feeding.join().expect("input");
        let (stdout, stderr) = (text(self.stdout), text(self.stderr));
        Ended { status, stdout, stderr, at, took: at - self.began, peak, starved: watch.into_starvation() }
    }
}

/// Sends `signal` to the process `id`, if it still exists. Returns when.
pub fn send(id: u32, signal: Signal) -> Instant {
    let at = Instant::now();
    let id = i32::try_from(id).ok().and_then(Pid::from_raw).expect("an id");
    let _gone: Result<(), Errno> = kill_process(id, signal);
    at
}

/// Reads everything from `pipe` as it arrives.
fn reading(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_string(&mut text).expect("UTF-8");
        }
        text
    })
}

/// The peak memory of the process `id` so far, in bytes. The figure from `wait` would include the process that it was
/// forked from.
fn high_water(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
}
