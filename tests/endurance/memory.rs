//! The memory of a release build, where passwords are, comes into no core file. That of a debug build is to be looked at.

use std::fs;
use std::process::Command;

use rustix::process::Signal;

use crate::crowd::{definitions, input, silent};
use crate::process::{Process, connprobe, is_release, send};

#[test]
fn a_release_build_leaves_no_core_file() {
    let servers = silent();
    let definitions = definitions(2, &servers);
    let ready = connprobe(&[]);
    // As large as may be.
    let shell = "ulimit -S -c \"$(ulimit -H -c)\" && exec \"$0\" check - --timeout 30s";
    let mut command = Command::new("/bin/bash");
    command.args(["-c", shell]).arg(ready.get_program()).env_clear();
    command.envs(ready.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let process = Process::start(&mut command, input(&definitions));
    process.wait_until_it_logs_in();
    let limits = fs::read_to_string(format!("/proc/{}/limits", process.id())).expect("it runs");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit");
    let [soft, hard] = core.split_whitespace().take(2).collect::<Vec<_>>()[..] else { panic!("{core}") };
    let protected = is_release() || !cfg!(debug_assertions);
    assert_eq!(soft, if protected { "0" } else { hard });
    send(process.id(), Signal::TERM);
    process.end();
}
