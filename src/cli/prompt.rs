//! Asks for a password on the terminal, without echo, and restores the terminal however the question ends.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::exit::Exit;
use super::signals;
use crate::model::secret::Secret;

/// Longer than any password, in bytes.
const LONGEST: usize = 64 << 10;

/// The longest line, in bytes, that a terminal delivers in line-editing mode. Linux silently drops what is typed beyond
/// (`N_TTY_BUF_SIZE`); other systems have POSIX's `MAX_CANON`.
const LONGEST_LINE: usize = if cfg!(target_os = "linux") { 4095 } else { 1023 };

/// The reason why there is no password.
pub(super) enum Unasked {
    /// There is no terminal, or it delivers nothing.
    NoTerminal,
    /// A signal came first.
    Signal(Exit),
    /// The time was over before an answer.
    Late,
    /// The input ended (Ctrl-D) before the line did.
    Ended,
    /// What was typed is not UTF-8.
    NoText,
    /// The line is longer than what a terminal delivers, or than any password.
    TooLong,
}

impl From<io::Error> for Unasked {
    fn from(_: io::Error) -> Self {
        Self::NoTerminal
    }
}

/// Shows `prompt` and reads one line, waiting no longer than `until`.
pub(super) fn password(prompt: &str, until: Option<Instant>) -> Result<Secret, Unasked> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let (mut woken, wake) = UnixStream::pair()?;
    let caught = signals::catch_while_asking(&wake)?;
    let echo = Silence::begin(&terminal)?;
    terminal.write_all(prompt.as_bytes())?;
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let answer = loop {
        let mut files = [PollFd::new(&terminal, PollFlags::IN), PollFd::new(&woken, PollFlags::IN)];
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut files, left.as_ref()) {
            Err(rustix::io::Errno::INTR) => continue,
            Ok(0) => break Err(Unasked::Late),
            polled => polled.map_err(io::Error::from)?,
        };
        let [_, signal] = &files;
        if !signal.revents().is_empty() {
            let _one_is_enough = woken.read(&mut [0; 1])?;
            break Err(Unasked::Signal(caught.exit().unwrap_or(Exit::Interrupted)));
        }
        let mut some = Zeroizing::new([0; 4096]);
        let count = terminal.read(some.as_mut_slice())?;
        line.extend_from_slice(&some[..count]);
        if line.contains(&b'\n') {
            break Ok(());
        }
        if count == 0 {
            break Err(Unasked::Ended);
        }
        if line.len() > LONGEST - some.len() {
            break Err(Unasked::TooLong);
        }
    };
    drop(echo);
    terminal.write_all(b"\n")?;
    answer?;
    let end = line.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(line.len());
    // The terminal does not report that it has cut off a line.
    if end >= LONGEST_LINE {
        return Err(Unasked::TooLong);
    }
    let text = std::str::from_utf8(&line[..end]).map_err(|_not_text| Unasked::NoText)?;
    Ok(Secret::new(text.to_owned()))
}

/// A terminal with its echo switched off, until this is dropped.
struct Silence {
    terminal: File,
    before: Termios,
}

impl Silence {
    fn begin(terminal: &File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        silent.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
        let own = File::from(terminal.as_fd().try_clone_to_owned()?);
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal: own, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that went away needs no restoring.
        let _gone = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}
