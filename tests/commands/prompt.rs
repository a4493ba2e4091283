//! The password prompt on a terminal: the password is not shown, and the terminal's mode is restored.

use std::fs::File;
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

use crate::home::Home;
use crate::terminal::{Person, Terminal};

/// Starts `connprobe add` with `options` on its own terminal, and waits for its prompt.
fn asked(home: &Home, options: &[&str]) -> (Child, Person, File) {
    let terminal = Terminal::new();
    let mut command = Command::new("setsid");
    command.args(["--ctty", env!("CARGO_BIN_EXE_connprobe"), "add", "a", "--conn-type", "mysql", "--host", "h"]);
    command.args(["--login", "u"]).args(options).current_dir(home.path("")).env_clear().env("HOME", home.path(""));
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("CONNPROBE_STATE", home.path("accounts"));
    let child = command.stdin(terminal.end()).stdout(terminal.end()).stderr(terminal.end()).spawn().unwrap();
    let slave = terminal.slave.try_clone().unwrap();
    let mut person = terminal.person();
    person.sees("none): ");
    (child, person, slave)
}

fn echoes(terminal: &File) -> bool {
    tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
}

#[test]
fn a_signal_ends_the_question_and_leaves_the_terminal_as_it_was() {
    for (signal, status) in [(Signal::INT, 130), (Signal::QUIT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let home = Home::new();
        let (mut child, _person, slave) = asked(&home, &[]);
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
    let (mut child, mut person, slave) = asked(&home, &[]);
    person.types("CANARY pw\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(echoes(&slave));
    drop(slave);
    assert!(!person.sees_all().contains("CANARY"));
    assert_eq!(home.stored()["a"]["password"], "CANARY pw");
}

#[test]
fn a_question_that_nobody_answers_ends_by_the_deadline() {
    let home = Home::new();
    let (mut child, _person, slave) = asked(&home, &["--deadline", "1s"]);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(echoes(&slave));
    assert!(home.stored().is_empty());
}

/// A terminal that edits lines truncates long ones silently.
#[test]
fn a_password_that_the_terminal_may_have_cut_off_is_not_stored() {
    for (length, stored) in [(4094, true), (4095, false), (5000, false)] {
        let home = Home::new();
        let (mut child, mut person, slave) = asked(&home, &[]);
        person.types(&format!("{}\n", "x".repeat(length)));
        assert_eq!(child.wait().unwrap().code(), Some(i32::from(!stored)), "{length}");
        drop(slave);
        assert_eq!(person.sees_all().contains("--password-file"), !stored, "{length}");
        assert_eq!(home.stored().len(), usize::from(stored), "{length}");
    }
}

/// An empty line is an answer.
#[test]
fn an_input_that_ends_or_is_no_text_is_no_answer() {
    for (typed, status) in
        [(&b"\x04"[..], 1), (b"CANARY\x04\x04", 1), (b"CANARY\xff\xfe\n", 1), (b"\n", 0), (b"CANARY\n", 0)]
    {
        let home = Home::new();
        let (mut child, mut person, slave) = asked(&home, &[]);
        person.types_bytes(typed);
        assert_eq!(child.wait().unwrap().code(), Some(status), "{typed:?}");
        assert!(echoes(&slave), "{typed:?}");
        drop(slave);
        let said = person.sees_all();
        assert!(!said.contains("CANARY") && said.contains("hint: ") == (status == 1), "{typed:?}: {said}");
        assert_eq!(home.stored().len(), usize::from(status == 0), "{typed:?}");
    }
}
