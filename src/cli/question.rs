//! Asks the person at the terminal a yes-or-no question. Without a terminal nothing is asked.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// The interval between looks whether the question is void.
const BEAT: Duration = Duration::from_millis(50);

/// Whether a person could answer: stdin and stderr are terminals.
pub(super) fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks `question`; whether the answer is yes, given before `until` and before the question `is_void`.
pub(super) fn yes(question: &str, until: Option<Instant>, is_void: impl Fn() -> bool) -> io::Result<bool> {
    let mut stderr = io::stderr();
    write!(stderr, "{question}").and_then(|()| stderr.flush())?;
    let stdin = io::stdin().lock();
    loop {
        let left = until.map_or(BEAT, |until| until.saturating_duration_since(Instant::now()).min(BEAT));
        if left.is_zero() || is_void() {
            // The next output begins on a line of its own.
            writeln!(stderr)?;
            return Ok(false);
        }
        let beat = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&beat)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    // A terminal delivers a line at a time.
    let mut line = [0; 256];
    let length = { stdin }.read(&mut line)?;
    let answer = String::from_utf8_lossy(&line[..length]).trim().to_ascii_lowercase();
    Ok(matches!(answer.as_str(), "y" | "yes"))
}
