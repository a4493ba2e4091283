//! Asks for a password on the terminal, without echo, and leaves the terminal as it was whatever ends the asking.

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

/// More than any password has.
const LONGEST: usize = 64 << 10;

/// So many bytes of a line a terminal gives at the most that is edited on it; Linux drops what is typed beyond, and says
/// nothing (`N_TTY_BUF_SIZE`), others have POSIX' `MAX_CANON`.
const LONGEST_LINE: usize = if cfg!(target_os = "linux") { 4095 } else { 1023 };

/// Why there is no password.
pub(super) enum Unasked {
    /// There is no terminal, or it gives nothing.
    NoTerminal,
    /// A signal came instead.
    Signal(Exit),
    /// Nobody answered in time.
    Late,
    /// The input ended (Ctrl-D) before the line did.
    Ended,
    /// What was typed is not UTF-8.
    NoText,
    /// It is longer than what a terminal gives of a line, or than any password.
    TooLong,
}

impl From<io::Error> for Unasked {
    fn from(_: io::Error) -> Self {
        Self::NoTerminal
    }
}

/// Asks with `prompt` for one line, no longer than to `until`.
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
    // Whether the terminal has cut it off it does not say.
    if end >= LONGEST_LINE {
        return Err(Unasked::TooLong);
    }
    let text = std::str::from_utf8(&line[..end]).map_err(|_not_text| Unasked::NoText)?;
    Ok(Secret::new(text.to_owned()))
}

/// A terminal that shows nothing of what is typed, until this is dropped.
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
        // A terminal that went away has nothing to be put back.
        let _gone = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}
