//! The password that is asked for on a terminal: not shown, and the terminal is left as it was.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::home::Home;

/// `connprobe add` on a terminal of its own, as far as its question.
fn asked(home: &Home) -> (Child, File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let end = || Stdio::from(OwnedFd::from(slave.try_clone().unwrap()));
    let mut command = Command::new("setsid");
    command.args(["--ctty", env!("CARGO_BIN_EXE_connprobe"), "add", "a", "--conn-type", "mysql", "--host", "h"]);
    command.args(["--login", "u"]).current_dir(home.path("")).env_clear().env("HOME", home.path(""));
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("CONNPROBE_STATE", home.path("accounts"));
    let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    let mut master = File::from(master);
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("none): ") {
        let mut some = [0; 256];
        let count = master.read(&mut some).unwrap();
        shown.extend_from_slice(&some[..count]);
    }
    (child, master, slave)
}

fn echoes(terminal: &File) -> bool {
    tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
}

#[test]
fn a_signal_ends_the_question_and_leaves_the_terminal_as_it_was() {
    for (signal, status) in [(Signal::INT, 130), (Signal::QUIT, 130), (Signal::TERM, 143)] {
        let home = Home::new();
        let (mut child, _master, slave) = asked(&home);
        assert!(!echoes(&slave));
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{signal:?}");
        assert!(echoes(&slave), "{signal:?}");
        assert!(home.stored().is_empty());
    }
}

#[test]
fn what_is_typed_is_stored_and_not_shown() {
    let home = Home::new();
    let (mut child, mut master, slave) = asked(&home);
    master.write_all(b"CANARY pw\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(echoes(&slave));
    drop(slave);
    let mut shown = Vec::new();
    // The end of a terminal that nobody has open is an error.
    let _end = master.read_to_end(&mut shown);
    assert!(!String::from_utf8_lossy(&shown).contains("CANARY"));
    assert_eq!(home.stored()["a"]["password"], "CANARY pw");
}
