//! Runs a command that prints the value of a setting (`_cmd`). As in Airflow, the command is split into words and
//! runs without a shell. Its time and its output are limited, and the output is never shown. The command is a process
//! group. None of its processes outlives the end of the command, the time limit or the end of connprobe.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;
use std::{io, str};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use zeroize::Zeroizing;

use crate::model::os_error::in_words;
use crate::model::reason::unusable::CommandFault;
use crate::model::secret::Secret;
use crate::threads;

/// The maximum size of the output, in bytes.
const LIMIT: usize = 64 << 10;

/// The process groups of the running commands. `None` once no further command may start.
static RUNNING: Mutex<Option<Vec<Pid>>> = Mutex::new(Some(Vec::new()));

fn running() -> MutexGuard<'static, Option<Vec<Pid>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends every running command of Airflow's configuration and prevents further ones from starting. For the end of the
/// process, which does not wait for abandoned sources.
pub fn end_all() {
    for group in running().take().into_iter().flatten() {
        kill(group);
    }
}

/// Kills a process group. Its first process must not have been waited for yet, so that no other process has its number.
fn kill(group: Pid) {
    // The call fails if no process of the group is left.
    kill_process_group(group, Signal::KILL).ok();
}

/// The output of `command`, without surrounding blanks.
pub(super) fn run(command: &str, limit: Duration) -> Result<Secret, CommandFault> {
    let words = split(command).ok_or(CommandFault::Quote)?;
    let (program, arguments) = words.split_first().ok_or(CommandFault::Empty)?;
    let mut command = Command::new(&**program);
    command.args(arguments.iter().map(|word| &**word)).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = start(&mut command, limit)?;
    let group = Pid::from_child(&child);
    let (sender, ended) = mpsc::channel();
    // After the time limit nothing receives the result any more.
    threads::spawn("command", move || drop(sender.send(finish(child)))).map_err(|error| not_started(&error))?;
    let (output, status) = match ended.recv_timeout(limit) {
        Ok(ended) => ended.map_err(|error| CommandFault::Unread { why: in_words(&error) })?,
        Err(_late) => {
            // The command may have ended in the meantime.
            let running = running();
            if running.as_ref().is_some_and(|groups| groups.contains(&group)) {
                kill(group);
            }
            return Err(CommandFault::Late { limit });
        }
    };
    if output.len() > LIMIT {
        return Err(CommandFault::TooMuch);
    }
    if !status.success() {
        return Err(CommandFault::Failed { status: status.to_string() });
    }
    let text = str::from_utf8(&output).map_err(|_binary| CommandFault::NotUtf8)?.trim();
    if text.is_empty() { Err(CommandFault::Nothing) } else { Ok(Secret::new(text.to_owned())) }
}

fn start(command: &mut Command, limit: Duration) -> Result<Child, CommandFault> {
    let mut running = running();
    let groups = running.as_mut().ok_or(CommandFault::Late { limit })?;
    let child = command.spawn().map_err(|error| not_started(&error))?;
    groups.push(Pid::from_child(&child));
    Ok(child)
}

fn not_started(error: &io::Error) -> CommandFault {
    CommandFault::Start { why: in_words(error) }
}

/// Reads the output of the child up to the limit, waits for its end, and kills the processes that it left behind.
fn finish(mut child: Child) -> io::Result<(Zeroizing<Vec<u8>>, ExitStatus)> {
    // Has its full capacity from the start: moving it would leave a copy behind.
    let mut output = Zeroizing::new(Vec::with_capacity(2 * LIMIT));
    if let Some(stdout) = child.stdout.take() {
        stdout.take(LIMIT as u64 + 1).read_to_end(&mut output)?;
    }
    let group = Pid::from_child(&child);
    // Waits for the end of the process without releasing its number.
    let ended = waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    {
        let mut running = running();
        if ended.is_ok() {
            kill(group);
        }
        if let Some(groups) = running.as_mut() {
            groups.retain(|other| *other != group);
        }
    }
    Ok((output, child.wait()?))
}

/// The words of a command, split as by Python's `shlex.split`; `None` if a quote is not closed or nothing follows a
/// backslash.
fn split(command: &str) -> Option<Vec<Zeroizing<String>>> {
    let mut words = Vec::new();
    let mut word: Option<Zeroizing<String>> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        if matches!(character, ' ' | '\t' | '\r' | '\n') {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Zeroizing::new(String::with_capacity(command.len())));
        match character {
            '\\' => word.push(characters.next()?),
            '\'' => loop {
                match characters.next()? {
                    '\'' => break,
                    other => word.push(other),
                }
            },
            '"' => loop {
                match characters.next()? {
                    '"' => break,
                    '\\' => match characters.next()? {
                        escaped @ ('"' | '\\') => word.push(escaped),
                        other => word.extend(['\\', other]),
                    },
                    other => word.push(other),
                }
            },
            other => word.push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn words_are_those_of_python() {
        for (command, expected) in [
            ("", Some(&[][..])),
            (" a  b\tc\n", Some(&["a", "b", "c"])),
            ("a 'b c' \"d e\"", Some(&["a", "b c", "d e"])),
            ("a'b'\"c\"d", Some(&["abcd"])),
            ("a '' b", Some(&["a", "", "b"])),
            (r"a\ b \\ \'", Some(&["a b", r"\", "'"])),
            (r#""a\"b\\c\d""#, Some(&[r#"a"b\c\d"#])),
            (r"'a\b'", Some(&[r"a\b"])),
            ("cat $KEY | sort # x", Some(&["cat", "$KEY", "|", "sort", "#", "x"])),
            ("'a", None),
            ("\"a", None),
            ("\"a\\", None),
            ("a\\", None),
        ] {
            let words = split(command);
            let words = words.as_ref().map(|words| words.iter().map(|word| word.as_str()).collect::<Vec<_>>());
            assert_eq!(words.as_deref(), expected, "{command}");
        }
    }

    #[test]
    fn what_a_command_writes_is_its_setting() {
        let failed = |status: &str| Err(CommandFault::Failed { status: status.to_owned() });
        let missing = CommandFault::Start { why: in_words(&io::ErrorKind::NotFound.into()) };
        for (command, expected) in [
            ("echo secret", Ok("secret")),
            ("printf ' a b\\n\\n'", Ok("a b")),
            ("sh -c 'echo $((1 + 1)); echo noise >&2'", Ok("2")),
            ("cat", Err(CommandFault::Nothing)),
            ("", Err(CommandFault::Empty)),
            ("echo 'x", Err(CommandFault::Quote)),
            ("/nonexistent/command", Err(missing)),
            ("sh -c 'echo secret; exit 3'", failed("exit status: 3")),
            ("sh -c 'kill -9 $$'", failed("signal: 9 (SIGKILL)")),
            ("cat /dev/zero", Err(CommandFault::TooMuch)),
            ("printf '\\377'", Err(CommandFault::NotUtf8)),
        ] {
            let outcome = run(command, Duration::from_secs(20));
            assert_eq!(outcome.as_ref().map(Secret::expose), expected.as_ref().copied(), "{command}");
        }
    }

    #[test]
    fn what_a_command_leaves_behind_ends_with_it() {
        // The output ends with the shell, because the other process writes elsewhere.
        let output = run("sh -c 'sleep 60 >/dev/null & echo $!'", Duration::from_secs(20)).unwrap();
        let left = || std::fs::read_to_string(format!("/proc/{}/stat", output.expose())).unwrap_or_default();
        let began = Instant::now();
        while !(left().is_empty() || left().contains(") Z ")) {
            assert!(began.elapsed() < Duration::from_secs(5), "{}", left());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_killed_with_its_children() {
        let began = Instant::now();
        let fault = run("sh -c 'sleep 60 & sleep 60'", Duration::from_millis(200)).err().unwrap();
        assert_eq!(fault, CommandFault::Late { limit: Duration::from_millis(200) });
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
