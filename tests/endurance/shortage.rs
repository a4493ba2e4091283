//! A machine with a shortage of a resource: no result blames the target for a local shortage.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::crowd::{Expected, definitions, good, input};
use crate::process::{Ended, Process, connprobe, is_release, send};
use crate::report::{Report, class};

/// The number of definitions, whose servers are all healthy.
const DEFINITIONS: usize = 1_000;

/// Counts the results of `ended`, whose servers are all healthy: each is ok, or could not be tried because of a local
/// shortage.
fn counted(ended: &Ended, definitions: &BTreeMap<String, Expected>) -> BTreeMap<String, usize> {
    let report = Report::of(&ended.stdout, "json", definitions);
    let mut counts = BTreeMap::new();
    for (name, result) in &report.results {
        let (status, class) = (&result["status"], class(result));
        assert!(status == "ok" || (status, class) == (&Value::from("error"), "local"), "{name}: {result}");
        *counts.entry(class.to_owned()).or_default() += 1;
    }
    let all_ok = counts.get("ok") == Some(&definitions.len());
    assert_eq!(ended.status.code(), Some(i32::from(!all_ok)), "{}", ended.stderr);
    println!("{counts:?} in {:.1?}", ended.took);
    counts
}

/// The same, or the run could not even start and printed `why`.
fn counted_or_refused(ended: &Ended, definitions: &BTreeMap<String, Expected>, why: &str) {
    if ended.status.code() != Some(4) {
        counted(ended, definitions);
        return;
    }
    let said: Vec<&str> = ended.stderr.lines().filter(|line| !line.starts_with("warning: ")).collect();
    assert!(ended.stdout.is_empty() && said.len() == 2, "{}{}", ended.stdout, ended.stderr);
    assert!(said[0].starts_with(&format!("error: {why}")) && said[1].starts_with("  hint: "), "{said:?}");
}

/// The `binary` with `arguments`, under a `limit` of the shell.
fn limited(limit: &str, binary: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(format!("ulimit {limit} && exec \"$0\" \"$@\"")).arg(binary).args(arguments);
    shell.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

#[test]
fn with_few_descriptors_the_targets_are_not_to_blame() {
    let servers = good();
    let definitions = definitions(DEFINITIONS, &servers);
    for (descriptors, at_once) in [(64, 8), (40, 2)] {
        let arguments = ["check", "-", "--format", "json", "--timeout", "30s"];
        let ended = Process::start(
            &mut limited(&format!("-n {descriptors}"), connprobe(&[]).get_program(), &arguments),
            input(&definitions),
        )
        .end();
        assert!(
            ended.stderr.starts_with(&format!("warning: `--concurrency 64` is lowered to {at_once}: ")),
            "{}",
            ended.stderr
        );
        let counts = counted(&ended, &definitions);
        assert_eq!(counts.get("ok"), Some(&DEFINITIONS), "there are enough for {at_once} at once");
    }
}

#[test]
fn with_too_few_descriptors_for_one_login_the_targets_are_not_to_blame() {
    let servers = good();
    let definitions = definitions(50, &servers);
    for descriptors in 4..27 {
        let arguments = ["check", "-", "--format", "json", "--timeout", "30s"];
        let ended = Process::start(
            &mut limited(&format!("-n {descriptors}"), connprobe(&[]).get_program(), &arguments),
            input(&definitions),
        )
        .end();
        counted_or_refused(&ended, &definitions, &format!("this process may open only {descriptors} files"));
    }
}

#[test]
fn with_a_tenth_of_a_processor_the_targets_are_not_to_blame() {
    let servers = good();
    let definitions = definitions(if is_release() { DEFINITIONS } else { DEFINITIONS / 5 }, &servers);
    let arguments = ["check", "-", "--format", "json", "--timeout", "2s"];
    let process = Process::start(&mut connprobe(&arguments), input(&definitions));
    let over = AtomicBool::new(false);
    let ended = thread::scope(|scope| {
        let (over, id) = (&over, process.id());
        scope.spawn(move || {
            while !over.load(Ordering::Relaxed) {
                send(id, Signal::STOP);
                thread::sleep(Duration::from_millis(450));
                send(id, Signal::CONT);
                thread::sleep(Duration::from_millis(50));
            }
        });
        let ended = process.end();
        over.store(true, Ordering::Relaxed);
        ended
    });
    counted(&ended, &definitions);
}

/// A user without processes on a usual machine, so that the limit on threads counts only those of the test.
const NOBODY: u32 = 65_534;

#[test]
fn with_too_few_threads_the_run_does_not_start_and_says_why() {
    let servers = good();
    let definitions = definitions(50, &servers);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("connections.json");
    fs::write(&file, input(&definitions)).expect("a file");
    let arguments = ["check", file.to_str().expect("UTF-8"), "--format", "json", "--timeout", "30s"];
    let copy = directory.path().join("connprobe");
    fs::copy(connprobe(&[]).get_program(), &copy).expect("a copy that everybody may run");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("one's own");
    for threads in 1..12 {
        let mut command = limited(&format!("-u {threads}"), &copy, &arguments);
        // The limit does not apply to root's threads.
        if rustix::process::getuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let ended = Process::start(&mut command, String::new()).end();
        counted_or_refused(&ended, &definitions, "the run cannot start: the limit on processes or threads is reached");
    }
}
